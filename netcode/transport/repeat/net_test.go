package repeat

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// line is what one way does to the packets of one direction.
type line struct {
	delay, jitter time.Duration
	loss, double  float64
	dead          bool // everything is lost
	stuck         time.Duration
}

// flight is a packet under way.
type flight struct {
	at     time.Duration
	n      int // keeps those of one time in order
	to     int
	way    Way
	packet []byte
}

// world is two ends with lines between them, in virtual time.
type world struct {
	t     *testing.T
	rng   *rand.Rand
	now   time.Duration
	ends  [2]*End
	lines [ways]line
	last  [2][ways]time.Duration // when the last packet of a reliable way arrives
	air   []flight
	n     int
	sent  [2][ways]int // packets
	left  [2]uint64    // bytes of datagrams
	lost  [2]uint64
	got   [2]func(msg []byte, kind Kind)
}

func newWorld(t *testing.T, seed uint64, a, b Config) *world {
	w := &world{t: t, rng: rand.New(rand.NewPCG(seed, 1)), ends: [2]*End{New(a), New(b)}}
	for i := range w.lines {
		w.lines[i] = line{delay: 20 * time.Millisecond}
	}
	return w
}

func (w *world) open(ways ...Way) {
	for _, e := range w.ends {
		for _, way := range ways {
			e.Open(w.now, way)
		}
	}
}

// shut takes a way from both ends, with what is under way on it.
func (w *world) shut(ways ...Way) {
	for _, e := range w.ends {
		for _, way := range ways {
			e.Shut(w.now, way)
		}
	}
	w.air = slices.DeleteFunc(w.air, func(f flight) bool { return slices.Contains(ways, f.way) })
}

// flush takes all packets out of an end.
func (w *world) flush(from int) {
	e := w.ends[from]
	e.Look(w.now)
	for way := range ways {
		for {
			packet, ok := e.Packet(w.now, way, nil)
			if !ok {
				break
			}
			w.sent[from][way]++
			l := &w.lines[way]
			if way == Datagram && len(packet) > MaxPacket {
				w.t.Fatalf("a datagram of %d bytes", len(packet))
			}
			copies := 1
			if way == Datagram && w.rng.Float64() < l.double {
				copies = 2
			}
			for range copies {
				if l.dead || way == Datagram && w.rng.Float64() < l.loss {
					if way == Datagram {
						w.lost[from] += uint64(len(packet))
					}
					continue
				}
				at := w.now + l.delay + time.Duration(w.rng.Float64()*float64(l.jitter))
				if way != Datagram {
					at = max(at, w.last[from][way], l.stuck)
					w.last[from][way] = at
				}
				w.n++
				w.air = append(w.air, flight{at, w.n, 1 - from, way, packet})
			}
			if way == Datagram {
				w.left[from] += uint64(len(packet))
				e.Count(w.left[from], w.lost[from])
			}
		}
	}
}

// next is when something happens.
func (w *world) next() time.Duration {
	at := never
	for _, e := range w.ends {
		at = min(at, e.Deadline(w.now, Busy{}))
	}
	for _, f := range w.air {
		at = min(at, f.at)
	}
	return at
}

// step lets what happens until a time happen.
func (w *world) step(until time.Duration) {
	for {
		at := max(w.next(), w.now)
		if at > until {
			w.now = until
			return
		}
		w.now = at
		slices.SortFunc(w.air, func(a, b flight) int {
			if a.at != b.at {
				return int(a.at - b.at)
			}
			return a.n - b.n
		})
		for len(w.air) > 0 && w.air[0].at <= w.now {
			f := w.air[0]
			w.air = w.air[1:]
			e := w.ends[f.to]
			if !e.open[f.way] {
				continue
			}
			if err := e.Receive(w.now, f.way, f.packet); err != nil {
				w.t.Fatalf("%v: end %d, packet %x: %v", w.now, f.to, f.packet, err)
			}
			for {
				msg, kind := e.Next(w.now, nil)
				if kind == None {
					break
				}
				w.got[f.to](msg, kind)
				if kind != Message {
					break
				}
			}
		}
		before := w.sent
		for i := range w.ends {
			w.flush(i)
		}
		if before == w.sent && w.next() <= w.now {
			w.t.Fatalf("at %v there is something to do, and nothing is done", w.now)
		}
	}
}

// write writes a message and takes the packets out.
func (w *world) write(from int, inBulk bool, msg []byte) {
	w.ends[from].Write(w.now, inBulk, msg)
	w.flush(from)
}

// story checks that what one end says arrives at the other once, in order, and bulk behind what was said
// before it.
type story struct {
	t         *testing.T
	said, got [2]uint64 // ordered, bulk
	over      bool
}

func (s *story) say(inBulk bool, size int) []byte {
	c := class(inBulk)
	b := make([]byte, 17, max(17, size))
	b[0] = byte(c)
	binary.BigEndian.PutUint64(b[1:], s.said[c])
	binary.BigEndian.PutUint64(b[9:], s.said[ordered])
	s.said[c]++
	return append(b, bytes.Repeat([]byte{b[8]}, max(0, size-17))...)
}

func (s *story) hear(msg []byte, kind Kind) {
	if kind == Goodbye {
		s.over = true
		return
	}
	if kind != Message || s.over {
		s.t.Fatalf("%d after the end: %v", kind, s.over)
	}
	c := int(msg[0])
	n, before := binary.BigEndian.Uint64(msg[1:]), binary.BigEndian.Uint64(msg[9:])
	if n != s.got[c] {
		s.t.Fatalf("message %d of class %d in place of %d", n, c, s.got[c])
	}
	if c == bulk && before > s.got[ordered] {
		s.t.Fatalf("a bulk message has overtaken %d ordered ones", before-s.got[ordered])
	}
	for _, b := range msg[17:] {
		if b != msg[8] {
			s.t.Fatal("a message is not what was said")
		}
	}
	s.got[c]++
}
