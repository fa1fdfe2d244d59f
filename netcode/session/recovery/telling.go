package recovery

import (
	"time"

	"tandem/netcode/session/replica"
)

// burst and burstEvery pace the log that a peer tells a restarted relay: below the rate that the relay allows,
// its burst first.
const (
	burst      = 150
	burstEvery = 25 * time.Millisecond
)

// Telling is a peer's telling of its log to a relay that has forgotten it. The zero value tells nothing.
type Telling struct {
	on    bool
	epoch uint8
	next  uint32
	end   uint32
	at    time.Duration
	burst int
}

// Begin begins to tell the bundles before frame end.
func (t *Telling) Begin(now time.Duration, epoch uint8, log *replica.Log, end uint32) {
	*t = Telling{on: true, epoch: epoch, next: log.Base(), end: end, at: now, burst: burst}
}

// Stop tells no more: the connection is gone.
func (t *Telling) Stop() { t.on = false }

// Due is when the next part is to be told; w where nothing is before.
func (t *Telling) Due(w time.Duration) time.Duration {
	if t.on {
		return min(w, t.at)
	}
	return w
}

// Next returns the next part to tell, from a frame on, and of which epoch it is; false where nothing is due now.
func (t *Telling) Next(now time.Duration, log *replica.Log) (epoch uint8, frame uint32, run []byte, ok bool) {
	if !t.on || now < t.at {
		return 0, 0, nil, false
	}
	if t.next >= t.end {
		t.on = false
		return 0, 0, nil, false
	}
	frame, run = t.next, log.Run(t.next, t.end)
	t.next += uint32(len(run) / log.Stride())
	if t.burst > 0 {
		t.burst--
	} else {
		t.at = now + burstEvery
	}
	return t.epoch, frame, run, true
}
