package sessiontest

import (
	"math/rand/v2"
	"tandem/netcode/netsim"
	"time"
)

// DrawLine draws a line between a LAN and a bad link, with a clock of its own.
func DrawLine(r *rand.Rand) Line {
	spec := netsim.Spec{RTT: time.Duration(r.IntN(300)) * time.Millisecond}
	spec.Jitter = time.Duration(r.Int64N(int64(spec.RTT)/2 + 1))
	if r.IntN(3) == 0 {
		spec.StallPercent, spec.StallFor = float64(r.IntN(10)), time.Duration(r.IntN(400))*time.Millisecond
	}
	if r.IntN(4) == 0 {
		spec.TailScale, spec.TailShape = time.Duration(1+r.IntN(20))*time.Millisecond, 1.5
	}
	line := Line{Net: netsim.Schedule{{Spec: spec}},
		Clock: netsim.Clock{Offset: time.Duration(r.Int64N(int64(time.Hour))), Skew: r.IntN(401) - 200}}
	if r.IntN(3) == 0 {
		line.Tick = time.Second / 60 // a window's loop rather than an event-driven one
	}
	return line
}
