package netsim

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Spec describes a connection's line. The same conditions hold in each direction, drawn for each
// by itself, but for what Up and Down say. The zero value is a perfect line for every seat.
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

	// LossPercent is how many packets in a hundred are lost, each by itself. BurstPercent of the time besides
	// everything is, in bursts of BurstFor on average (Gilbert's model). What a loss comes to depends on
	// what carries the messages: see Over.
	LossPercent  float64
	BurstPercent float64
	BurstFor     time.Duration

	// Bandwidth in bits per second; 0 means no limit. It counts the messages' own bytes. A message
	// leaves when those before it have left.
	Bandwidth int64
	// Buffer is how long a packet may wait for those before it; one that would wait longer is lost. 0 means
	// that nothing is.
	Buffer time.Duration
	// LoadFor is how long, from LoadAt on, somebody else's transfer keeps Buffer between 70 % and 100 % full;
	// it fills it within half a second.
	LoadAt, LoadFor time.Duration

	// Over is what carries the messages. It makes a difference only where packets are lost.
	Over Carrier

	// Up and Down are what differs in the direction from the seat to the relay, and in that from the relay,
	// as ParseSpec reads it, with delay= for the time that it takes: "delay=5ms,loss=1%".
	Up, Down string

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
	maxBuffer  = time.Minute
	maxDropAt  = 24 * time.Hour
	maxDropFor = time.Hour
	minBits    = 1000 // a message of 9 KiB takes more than a minute at this rate
	maxBits    = 100_000_000_000
	minShape   = 0.5
	maxShape   = 100
	maxSkew    = 10_000 // 1 %: quartz clocks stay below 200 ppm
	maxSeat    = 255
	maxLoss    = 90 // a line that loses everything is a cut: drop
)

// Direction is one of the two of a line.
type Direction int

// The directions.
const (
	Upwards   Direction = iota // from the seat to the relay
	Downwards                  // from the relay to the seat
)

// Way is a Spec whose conditions are those of one direction.
func (s Spec) Way(d Direction) Spec {
	text := s.Up
	if d == Downwards {
		text = s.Down
	}
	s.Up, s.Down = "", ""
	if text != "" {
		own, given, err := parseWay(text)
		if err != nil {
			return s // Validate tells
		}
		s.take(&own, given)
	}
	return s
}

// lossy tells that packets may be lost in a direction.
func (s *Spec) lossy() bool {
	return s.LossPercent > 0 || s.BurstPercent > 0 && s.BurstFor > 0 || s.Buffer > 0 && (s.Bandwidth > 0 || s.LoadFor > 0)
}

// Perfect tells that the line adds nothing: no delay, no limit, no cut. The clock may be skewed.
func (s Spec) Perfect() bool {
	for _, d := range []Direction{Upwards, Downwards} {
		if w := s.Way(d); w.RTT != 0 || w.Jitter != 0 || w.TailScale != 0 || w.StallPercent != 0 && w.StallFor != 0 || w.Bandwidth != 0 || w.lossy() {
			return false
		}
	}
	return s.DropFor == 0
}

// Clock is the clock of a node with this line: running Skew ppm fast, right at time zero.
func (s Spec) Clock() Clock { return Clock{Skew: s.Skew} }

// Validate tells in words what is out of range. What ParseSpec returns is valid.
func (s Spec) Validate() error {
	for _, d := range []struct {
		name, text string
		way        Direction
	}{{"up", s.Up, Upwards}, {"down", s.Down, Downwards}} {
		if d.text == "" {
			continue
		}
		if _, _, err := parseWay(d.text); err != nil {
			return err
		}
		if err := s.Way(d.way).validate(); err != nil {
			return fmt.Errorf("%s: %w", d.name, err)
		}
	}
	return s.validate()
}

// validate checks what holds in both directions.
func (s Spec) validate() error {
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
		{"burst's length", s.BurstFor, maxStall}, {"buffer", s.Buffer, maxBuffer}, {"load's start", s.LoadAt, maxDropAt}, {"load's length", s.LoadFor, maxDropFor},
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
	case !(s.LossPercent >= 0 && s.LossPercent <= maxLoss):
		return fmt.Errorf("loss is 0%% to %d%%, it is %v%%; drop=AT/FOR cuts the line", maxLoss, s.LossPercent)
	case !(s.BurstPercent >= 0 && s.BurstPercent <= maxLoss):
		return fmt.Errorf("burst's share is 0%% to %d%%, it is %v%%; drop=AT/FOR cuts the line", maxLoss, s.BurstPercent)
	case s.LoadFor > 0 && s.Buffer == 0:
		return fmt.Errorf("load needs a buffer that it fills: add for example buffer=300ms")
	case s.Bandwidth != 0 && (s.Bandwidth < minBits || s.Bandwidth > maxBits):
		return fmt.Errorf("bw is %s to %s, it is %s", formatBits(minBits), formatBits(maxBits), formatBits(s.Bandwidth))
	case s.Skew < -maxSkew || s.Skew > maxSkew:
		return fmt.Errorf("skew is −%d to %d ppm, it is %d", maxSkew, maxSkew, s.Skew)
	case s.OneSeat && (s.Seat < 0 || s.Seat > maxSeat):
		return fmt.Errorf("seat is 0 to %d, it is %d", maxSeat, s.Seat)
	}
	return nil
}

// String writes the Spec as ParseSpec reads it, keys in a fixed order, nothing for what is zero. A
// preset is written as what it stands for.
func (s Spec) String() string {
	var parts []string
	for i := range keys {
		if text := keys[i].text(&s); text != "" {
			parts = append(parts, keys[i].name+"="+text)
		}
	}
	for _, d := range ways {
		if text := d.of(&s); *text != "" {
			for pair := range strings.SplitSeq(*text, ",") {
				parts = append(parts, d.prefix+pair)
			}
		}
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

// Carrier is what carries messages over a line that loses packets.
type Carrier string

const (
	// OverDefault is what the connection travels by that is shaped; TCP where there is none.
	OverDefault Carrier = ""
	// OverTCP is a TCP connection: a loss holds up everything behind it.
	OverTCP Carrier = "tcp"
	// OverDatagrams are datagrams that repeat what is not acknowledged.
	OverDatagrams Carrier = "datagrams"
)

// datagrams reports whether messages travel as datagrams, where by is what they travel by unless a step of the
// schedule says something else.
func (sc Schedule) datagrams(by Carrier) bool {
	for _, st := range sc {
		if st.Spec.Over != OverDefault {
			by = st.Spec.Over
		}
	}
	return by == OverDatagrams
}

// way is the schedule of one direction, and whether packets are lost in it.
func (sc Schedule) way(d Direction) (own, back Schedule, lossy bool) {
	other := Upwards + Downwards - d
	for _, st := range sc {
		w := st.Spec.Way(d)
		lossy = lossy || w.lossy()
		own, back = append(own, Step{st.At, w}), append(back, Step{st.At, st.Spec.Way(other)})
	}
	return own, back, lossy
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
