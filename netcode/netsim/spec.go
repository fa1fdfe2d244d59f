package netsim

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Spec describes a connection's line. The same conditions hold in each direction, drawn for each
// by itself. The zero value is a perfect line for every seat.
type Spec struct {
	// RTT is the round trip time; a message takes half of it.
	RTT time.Duration

	// Jitter is the width of a uniform addition: Jitter·U(−½, ½) for each message. The sum with
	// RTT/2 is never less than zero.
	Jitter time.Duration

	// TailScale and TailShape add a heavy-tailed delay (Pareto II, also called Lomax) to each
	// message: scale·(U^(−1/shape) − 1), at most TailCap·scale. Its median is
	// scale·(2^(1/shape) − 1); the smaller the shape, the heavier the tail.
	TailScale time.Duration
	TailShape float64

	// StallPercent is how many messages in a hundred take StallFor longer.
	StallPercent float64
	StallFor     time.Duration

	// Bandwidth in bits per second; 0 means no limit. It counts the messages' own bytes. A message
	// leaves when those before it have left.
	Bandwidth int64

	// DropFor is how long the line is cut, DropAt after the connection's start. The connection
	// breaks, what is under way is lost, new connections are refused meanwhile.
	DropAt, DropFor time.Duration

	// Skew is how much faster the seat's clock runs, in parts per million; see Clock.
	Skew int

	// Seat is the one seat whose line this is, if OneSeat is set; else it is everybody's.
	Seat    int
	OneSeat bool
}

// TailCap bounds the heavy-tailed addition, in multiples of its scale. At shape 1.5 one message in
// 96 reaches it; without a bound a single draw could stop a game for hours.
const TailCap = 20

// Limits of what a Spec may say: far beyond what a game survives, small enough that sums of them
// stay in range.
const (
	maxDelay   = 10 * time.Second // rtt, jitter, tail
	maxStall   = time.Minute
	maxDropAt  = 24 * time.Hour
	maxDropFor = time.Hour
	minBits    = 1000 // a message of 9 KiB takes more than a minute at this rate
	maxBits    = 100_000_000_000
	minShape   = 0.5
	maxShape   = 100
	maxSkew    = 10_000 // 1 %: quartz clocks stay below 200 ppm
	maxSeat    = 255
)

// Perfect tells that the line adds nothing: no delay, no limit, no cut. The clock may be skewed.
func (s Spec) Perfect() bool {
	return s.RTT == 0 && s.Jitter == 0 && s.TailScale == 0 && (s.StallPercent == 0 || s.StallFor == 0) &&
		s.Bandwidth == 0 && s.DropFor == 0
}

// Clock is the clock of a node with this line: running Skew ppm fast, right at time zero.
func (s Spec) Clock() Clock { return Clock{Skew: s.Skew} }

// Validate tells in words what is out of range. What ParseSpec returns is valid.
func (s Spec) Validate() error {
	check := func(key string, d, max time.Duration) error {
		if d < 0 {
			return fmt.Errorf("%s cannot be negative, it is %v", key, d)
		}
		if d > max {
			return fmt.Errorf("%s is at most %v, it is %v", key, max, d)
		}
		return nil
	}
	for _, c := range []struct {
		key    string
		d, max time.Duration
	}{
		{"rtt", s.RTT, maxDelay}, {"jitter", s.Jitter, maxDelay}, {"tail's scale", s.TailScale, maxDelay},
		{"stall's length", s.StallFor, maxStall}, {"drop's start", s.DropAt, maxDropAt},
		{"drop's length", s.DropFor, maxDropFor},
	} {
		if err := check(c.key, c.d, c.max); err != nil {
			return err
		}
	}
	switch {
	// Written so that NaN is refused too.
	case s.TailScale > 0 && !(s.TailShape >= minShape && s.TailShape <= maxShape):
		return fmt.Errorf("tail's shape is %v to %v, it is %v", minShape, maxShape, s.TailShape)
	case !(s.StallPercent >= 0 && s.StallPercent <= 100):
		return fmt.Errorf("stall's share is 0%% to 100%%, it is %v%%", s.StallPercent)
	case s.Bandwidth != 0 && (s.Bandwidth < minBits || s.Bandwidth > maxBits):
		return fmt.Errorf("bw is %s to %s, it is %s", formatBits(minBits), formatBits(maxBits), formatBits(s.Bandwidth))
	case s.Skew < -maxSkew || s.Skew > maxSkew:
		return fmt.Errorf("skew is −%d to %d ppm, it is %d", maxSkew, maxSkew, s.Skew)
	case s.OneSeat && (s.Seat < 0 || s.Seat > maxSeat):
		return fmt.Errorf("seat is 0 to %d, it is %d", maxSeat, s.Seat)
	}
	return nil
}

// String writes the Spec as ParseSpec reads it, keys in a fixed order, nothing for what is zero.
func (s Spec) String() string {
	var parts []string
	add := func(key, value string) { parts = append(parts, key+"="+value) }
	if s.RTT != 0 {
		add("rtt", s.RTT.String())
	}
	if s.Jitter != 0 {
		add("jitter", s.Jitter.String())
	}
	if s.TailScale != 0 || s.TailShape != 0 {
		add("tail", s.TailScale.String()+"/"+formatFloat(s.TailShape))
	}
	if s.StallPercent != 0 || s.StallFor != 0 {
		add("stall", formatFloat(s.StallPercent)+"%/"+s.StallFor.String())
	}
	if s.Bandwidth != 0 {
		add("bw", formatBits(s.Bandwidth))
	}
	if s.DropAt != 0 || s.DropFor != 0 {
		add("drop", s.DropAt.String()+"/"+s.DropFor.String())
	}
	if s.Skew != 0 {
		add("skew", strconv.Itoa(s.Skew))
	}
	if s.OneSeat {
		add("seat", strconv.Itoa(s.Seat))
	}
	return strings.Join(parts, ",")
}

func formatFloat(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// bitUnits are decimal, as everywhere where networks are sold; the largest comes first.
var bitUnits = []struct {
	name string
	bits int64
}{{"gbit", 1_000_000_000}, {"mbit", 1_000_000}, {"kbit", 1000}, {"bit", 1}}

func formatBits(n int64) string {
	for _, u := range bitUnits {
		if n%u.bits == 0 {
			return strconv.FormatInt(n/u.bits, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10) + "bit"
}

// Schedule changes conditions in time: each Step holds from its At on, until the next one's.
// Times count from the link's start and ascend; before the first step the line is perfect.
type Schedule []Step

// Step is one entry of a Schedule.
type Step struct {
	At   time.Duration
	Spec Spec
}

// Validate tells in words what is wrong with the order or with a step's Spec.
func (sc Schedule) Validate() error {
	for i, st := range sc {
		if st.At < 0 || i > 0 && st.At <= sc[i-1].At {
			return fmt.Errorf("step %d of the schedule starts at %v: times must ascend from 0", i+1, st.At)
		}
		if err := st.Spec.Validate(); err != nil {
			return fmt.Errorf("step %d of the schedule: %w", i+1, err)
		}
	}
	return nil
}

// outage is a time during which the line is cut: from ≤ t < to.
type outage struct{ from, to time.Duration }

// outages lists the cuts: a step's drop counts if it begins while the step holds.
func (sc Schedule) outages() []outage {
	var out []outage
	for i, st := range sc {
		s := st.Spec
		if s.DropFor <= 0 || s.DropAt < st.At || i+1 < len(sc) && s.DropAt >= sc[i+1].At {
			continue
		}
		out = append(out, outage{s.DropAt, s.DropAt + s.DropFor})
	}
	return out
}
