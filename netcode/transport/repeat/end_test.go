package repeat

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestStory lets two ends talk over lines that lose, double and reorder, while ways come and go and hang:
// everything arrives once and in order, and in the end everything is acknowledged.
func TestStory(t *testing.T) {
	seeds := uint64(300)
	if testing.Short() {
		seeds = 30
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) { tell(t, seed) })
	}
}

func tell(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 2))
	cfg := func() Config { return Config{MaxMessage: 9000, Always: rng.IntN(3) == 0} }
	w := newWorld(t, seed, cfg(), cfg())
	w.lines[Datagram] = line{delay: time.Duration(rng.IntN(100)) * time.Millisecond, jitter: time.Duration(rng.IntN(60)) * time.Millisecond,
		loss: rng.Float64() * 0.4, double: rng.Float64() * 0.2}
	var stories [2]*story
	for i := range stories {
		stories[i] = &story{t: t}
		w.got[1-i] = stories[i].hear
	}
	w.open(Socket)
	open := map[Way]bool{Socket: true}
	for range 400 {
		switch rng.IntN(12) {
		case 0:
			if open[Datagram] && open[Socket] {
				w.shut(Datagram, Stream)
				open[Datagram] = false
			} else if !open[Datagram] {
				w.open(Datagram, Stream)
				open[Datagram] = true
			}
		case 1:
			if open[Socket] && open[Datagram] {
				w.shut(Socket)
				open[Socket] = false
			} else if !open[Socket] {
				w.open(Socket)
				open[Socket] = true
			}
		case 2:
			w.lines[Datagram].dead = open[Socket] && rng.IntN(2) == 0
		case 3:
			w.lines[Socket].stuck = w.now + time.Duration(rng.IntN(800))*time.Millisecond
		default:
			from, inBulk, size := rng.IntN(2), rng.IntN(6) == 0, rng.IntN(60)
			if rng.IntN(10) == 0 {
				size = rng.IntN(8000)
			}
			if w.ends[from].Room(inBulk, max(17, size)) {
				w.write(from, inBulk, stories[from].say(inBulk, size))
			}
		}
		w.lines[Datagram].dead = w.lines[Datagram].dead && open[Socket]
		for i := range w.ends {
			w.flush(i)
		}
		w.step(w.now + time.Duration(rng.IntN(60))*time.Millisecond)
	}
	w.lines[Datagram].dead = false
	w.ends[0].Goodbye(w.now, 4001, "done")
	w.flush(0)
	w.step(w.now + 10*time.Second)
	if s := stories[0]; s.got != s.said || !s.over {
		t.Fatalf("of %v %v arrived, the end: %v", s.said, s.got, s.over)
	}
	if s := stories[1]; s.got != s.said {
		t.Fatalf("of %v %v arrived", s.said, s.got)
	}
	if code, reason, ok := w.ends[1].Ended(); !ok || code != 4001 || reason != "done" {
		t.Fatal(code, reason, ok)
	}
	for i, e := range w.ends {
		if !e.Empty() || e.out[ordered].bytes != 0 || e.out[ordered].load != 0 || e.out[ordered].flying != 0 {
			q := &e.out[ordered]
			t.Fatalf("end %d: from %d to %d, %d bytes, load %d, flying %d", i, q.base, q.next, q.bytes, q.load, q.flying)
		}
	}
}

// play writes small messages on both ends at 30 Hz for so long, and answers how late each of end 1's came.
func play(w *world, d time.Duration) (late []time.Duration) {
	var at []time.Duration
	w.got[0] = func([]byte, Kind) {}
	w.got[1] = func([]byte, Kind) { late = append(late, w.now-at[len(late)]) }
	const frame = time.Second / 30
	for end := w.now + d; w.now < end; {
		at = append(at, w.now)
		w.write(0, false, make([]byte, 12))
		w.step(w.now + frame/2)
		w.write(1, false, make([]byte, 12))
		w.step(w.now + frame/2)
	}
	return late
}

func quantile(d []time.Duration, q float64) time.Duration {
	s := slices.Clone(d)
	slices.Sort(s)
	return s[min(len(s)-1, int(q*float64(len(s))))]
}

// TestLostPacketsCostLittle: of a hundred messages ninety-nine lose no more than the time to the next copy, of a
// thousand all but one no more than that to the third where many are lost.
func TestLostPacketsCostLittle(t *testing.T) {
	const once, twice = 20*time.Millisecond + OnceMore, 20*time.Millisecond + 2*OnceMore
	for _, c := range []struct {
		loss      float64
		p99, p999 time.Duration
		copies    int
	}{{0, 20 * time.Millisecond, 20 * time.Millisecond, 2}, {0.01, once, never, 3}, {0.05, once, twice, 3}, {0.07, once, twice, 3}} {
		var all []time.Duration
		for seed := range uint64(20) {
			w := newWorld(t, seed, Config{MaxMessage: 9000, Always: true}, Config{MaxMessage: 9000})
			w.lines[Datagram].loss = c.loss
			w.open(Datagram, Stream)
			late := play(w, 60*time.Second)
			if len(late) < 1795 {
				t.Fatalf("seed %d: %d messages", seed, len(late))
			}
			if p := quantile(late, 0.99); p > c.p99 {
				t.Errorf("seed %d, loss %v: p99 is %v, want %v", seed, c.loss, p, c.p99)
			}
			all = append(all, late...)
			// A message and its copies, no more: acknowledgements ride on them. Until enough have left there are
			// three.
			if n := w.sent[0][Datagram]; n > c.copies*1800+1800/10+300 {
				t.Errorf("seed %d, loss %v: %d datagrams for 1800 messages", seed, c.loss, n)
			}
			if n := w.sent[0][Stream] + w.sent[1][Stream]; n > 0 && c.loss == 0 {
				t.Errorf("seed %d: %d packets on the stream", seed, n)
			}
		}
		if p := quantile(all, 0.999); p > c.p999 {
			t.Errorf("loss %v: p99.9 is %v, want %v", c.loss, p, c.p999)
		}
	}
}

// TestCleanSocketIsKept: where nothing is lost no datagram leaves; a socket that hangs brings them into use
// before the next but three frames, for both directions, and peace ends that.
func TestCleanSocketIsKept(t *testing.T) {
	w := newWorld(t, 1, Config{MaxMessage: 9000}, Config{MaxMessage: 9000})
	w.open(Socket, Datagram, Stream)
	play(w, 20*time.Second)
	if w.sent[0][Datagram]+w.sent[1][Datagram] > 0 {
		t.Fatalf("%v", w.sent)
	}
	w.lines[Socket].stuck = w.now + time.Second
	late := play(w, 2*time.Second)
	if worst := slices.Max(late); worst > 200*time.Millisecond {
		t.Errorf("a socket that hangs costs %v", worst)
	}
	if !w.ends[0].Uses(w.now) || !w.ends[1].Uses(w.now) {
		t.Error("one end does not use datagrams")
	}
	play(w, Peace+5*time.Second)
	if w.ends[0].Uses(w.now) || w.ends[1].Uses(w.now) {
		t.Error("datagrams are in use after the peace")
	}
	w.lines[Datagram].loss = 0.02
	w.lines[Socket].stuck = w.now + time.Second
	play(w, 3*Peace)
	if !w.ends[0].Uses(w.now) || !w.ends[1].Uses(w.now) {
		t.Error("one end has left the datagrams while they are lost")
	}
}

// TestShortStall: a socket that waits for one retransmission, shorter than an acknowledgement takes to be
// late, brings datagrams into use for both directions; that one message comes late does not.
func TestShortStall(t *testing.T) {
	for _, c := range []struct {
		stuck time.Duration
		want  bool
	}{{110 * time.Millisecond, true}, {30 * time.Millisecond, false}} {
		w := newWorld(t, 1, Config{MaxMessage: 9000}, Config{MaxMessage: 9000})
		w.open(Socket, Datagram, Stream)
		play(w, 5*time.Second)
		w.lines[Socket].stuck = w.now + c.stuck
		play(w, time.Second)
		if w.ends[0].Uses(w.now) != c.want || w.ends[1].Uses(w.now) != c.want {
			t.Errorf("stuck for %v: datagrams are in use: %v, %v", c.stuck, w.ends[0].Uses(w.now), w.ends[1].Uses(w.now))
		}
	}
}

// TestSilentDatagrams: where datagrams stop arriving, in both directions or one, messages go on by the
// socket, and go back when a probe is answered.
func TestSilentDatagrams(t *testing.T) {
	w := newWorld(t, 1, Config{MaxMessage: 9000, Always: true}, Config{MaxMessage: 9000})
	w.open(Socket, Datagram, Stream)
	play(w, 5*time.Second)
	if w.sent[1][Datagram] < 200 {
		t.Fatalf("%v", w.sent)
	}
	w.lines[Datagram].dead = true
	late := play(w, 20*time.Second)
	if worst := slices.Max(late); worst > 250*time.Millisecond {
		t.Errorf("that datagrams stop costs %v", worst)
	}
	if p := quantile(late, 0.98); p > 25*time.Millisecond {
		t.Errorf("on the socket p98 is %v", p)
	}
	w.lines[Datagram].dead = false
	play(w, 3*time.Second)
	before := w.sent
	play(w, 3*time.Second)
	if w.sent[0][Socket]-before[0][Socket] > 2 || w.sent[1][Datagram]-before[1][Datagram] < 90 {
		t.Errorf("datagrams are not in use again: %v %v", before, w.sent)
	}
}

// TestLargeMessages leave on the stream, and small bulk ones too; ordered ones behind a large one wait for
// it, behind a bulk one not.
func TestLargeMessages(t *testing.T) {
	w := newWorld(t, 1, Config{Always: true, MaxMessage: 9000}, Config{MaxMessage: 9000})
	w.open(Datagram, Stream)
	w.lines[Stream].stuck = 500 * time.Millisecond
	var got []int
	w.got[0] = func([]byte, Kind) {}
	w.got[1] = func(msg []byte, _ Kind) { got = append(got, len(msg)) }
	w.write(0, true, make([]byte, 100))
	w.write(0, false, make([]byte, 10))
	w.step(300 * time.Millisecond)
	if !slices.Equal(got, []int{10}) {
		t.Fatal(got)
	}
	w.write(0, false, make([]byte, 4000))
	w.write(0, false, make([]byte, 20))
	w.step(450 * time.Millisecond)
	if !slices.Equal(got, []int{10}) {
		t.Fatal(got)
	}
	w.step(2 * time.Second)
	slices.Sort(got[1:])
	if !slices.Equal(got, []int{10, 20, 100, 4000}) || !w.ends[0].Empty() {
		t.Fatal(got)
	}
}

// TestMovedMessages: a full window that moves to another way although everything has arrived takes few
// packets, so that nobody is taken for one who floods.
func TestMovedMessages(t *testing.T) {
	a, b := New(Config{MaxMessage: 9000}), New(Config{MaxMessage: 9000})
	for _, e := range []*End{a, b} {
		e.Open(0, Socket)
	}
	carry := func(w Way) (n int) {
		for {
			p, ok := a.Packet(0, w, nil)
			if !ok {
				return n
			}
			n++
			if err := b.Receive(0, w, p); err != nil {
				t.Fatal(err)
			}
		}
	}
	for a.Room(false, 12) {
		a.Write(0, false, make([]byte, 12))
	}
	for a.Room(true, 1000) {
		a.Write(0, true, make([]byte, 1000))
	}
	carry(Socket)
	for range 5 {
		for _, e := range []*End{a, b} {
			e.Open(0, Datagram)
			e.Open(0, Stream)
			e.Shut(0, Socket)
		}
		if n := carry(Stream) + carry(Datagram); n > 70 {
			t.Fatalf("%d packets", n)
		}
		for _, e := range []*End{a, b} {
			e.Open(0, Socket)
			e.Shut(0, Datagram)
			e.Shut(0, Stream)
		}
		carry(Socket)
	}
}

// TestLimits: what a far end may not do ends the conversation, and what it may does not.
func TestLimits(t *testing.T) {
	head := []byte{0, 1, 0, 0, 0}
	for _, c := range []struct {
		name    string
		packets func(n int) []byte
		want    error
	}{
		{"copies", func(n int) []byte { return append([]byte{0, byte(n%100 + 1), 0, 0, 0}, 0, 0, 1, 'a') }, ErrFlood},
		{"nothing", func(int) []byte { return head }, ErrFlood},
		{"beyond the window", func(n int) []byte { return append(bytes.Clone(head), 0, 0xff, byte(1+n%100), 1, 'a') }, ErrWindow},
		{"memory", func(n int) []byte {
			return append(append(bytes.Clone(head), 0, byte(n%100+1), 0xff, 0x3f), make([]byte, 8191)...)
		}, ErrWindow},
		{"behind the end", func(n int) []byte {
			return append(bytes.Clone(head), []byte{2, byte(n), 0, 2, 0, 0, 0, byte(n + 1), 1, 'a'}...)
		}, ErrMalformed},
		{"acknowledges what was never said", func(int) []byte { return []byte{0, 1, 0, 9, 0} }, ErrMalformed},
		{"has seen what was never sent", func(int) []byte { return []byte{0, 1, 9, 0, 0} }, ErrMalformed},
		{"empty", func(int) []byte { return nil }, ErrMalformed},
	} {
		e := New(Config{MaxMessage: 9000})
		e.Open(0, Datagram)
		var err error
		for n := 0; n < 2*idleBurst && err == nil; n++ {
			err = e.Receive(time.Second, Datagram, c.packets(n))
		}
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	e := New(Config{MaxMessage: 3})
	e.Open(0, Datagram)
	if err := e.Receive(0, Datagram, append(bytes.Clone(head), 0, 0, 3, 1, 2, 3, 0, 1, 4, 1, 2, 3, 4)); err != nil {
		t.Fatal(err)
	}
	if b, k := e.Next(0, nil); k != Message || len(b) != 3 {
		t.Fatal(b, k)
	}
	for range 2 {
		if b, k := e.Next(0, nil); k != TooBig {
			t.Fatal(b, k)
		}
	}
}

// TestPacketOnTheWire pins the layout.
func TestPacketOnTheWire(t *testing.T) {
	e := New(Config{MaxMessage: 9000, Always: true})
	e.Open(0, Datagram)
	e.Open(0, Stream)
	e.Write(0, false, []byte{0xaa})
	e.Write(0, true, []byte{0xbb, 0xbc})
	e.Goodbye(0, 4001, "x")
	for _, c := range []struct {
		way  Way
		want []byte
	}{
		{Datagram, []byte{1, 1, 0, 0, 0, 0, 0, 1, 0xaa, 2, 1, 1, 3, 0x0f, 0xa1, 'x'}},
		{Stream, []byte{1, 0, 0, 0, 0, 1, 0, 1, 2, 0xbb, 0xbc}},
	} {
		if got, ok := e.Packet(0, c.way, nil); !ok || !bytes.Equal(got, c.want) {
			t.Errorf("way %d: %x, want %x", c.way, got, c.want)
		}
	}
}

// TestSteadyPlayAllocatesNothing.
func TestSteadyPlayAllocatesNothing(t *testing.T) {
	a, b := New(Config{MaxMessage: 9000, Always: true}), New(Config{MaxMessage: 9000, Always: true})
	for _, e := range []*End{a, b} {
		e.Open(0, Datagram)
		e.Open(0, Stream)
	}
	now, msg := time.Duration(0), make([]byte, 12)
	packet, out := make([]byte, 0, 2*MaxPacket), make([]byte, 0, 100)
	if n := testing.AllocsPerRun(2000, func() {
		now += time.Second / 30
		for _, ends := range [][2]*End{{a, b}, {b, a}} {
			ends[0].Write(now, false, msg)
			ends[0].Look(now)
			p, ok := ends[0].Packet(now, Datagram, packet[:0])
			if !ok || ends[1].Receive(now, Datagram, p) != nil {
				t.Fatal("no packet")
			}
			if _, kind := ends[1].Next(now, out[:0]); kind != Message {
				t.Fatal(kind)
			}
		}
	}); n > 0 {
		t.Errorf("%v allocations per frame", n)
	}
}

// FuzzReceive gives an end any packets on any ways: it answers an error or takes them, and what it keeps
// is bounded.
func FuzzReceive(f *testing.F) {
	f.Add([]byte{0, 5, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{0, 9, 1, 1, 0, 0, 0, 0, 0, 1, 'a'})
	f.Add([]byte{2, 11, 0, 0, 0, 0, 0, 1, 0, 0, 2, 'a', 'b'})
	f.Add([]byte{0, 16, 1, 1, 0, 0, 0, 0, 0, 1, 0xaa, 2, 1, 1, 3, 0x0f, 0xa1, 'x'})
	f.Fuzz(func(t *testing.T, script []byte) {
		e := New(Config{MaxMessage: 100})
		for w := range ways {
			e.Open(0, w)
		}
		now := time.Duration(0)
		for len(script) > 2 {
			w, n := Way(script[0]%3), min(int(script[1]), len(script)-2)
			packet := script[2 : 2+n]
			script = script[2+n:]
			now += 5 * time.Millisecond
			if script != nil && n%4 == 0 && e.Room(n%8 == 0, n) {
				e.Write(now, n%8 == 0, packet)
			}
			if e.Receive(now, w, packet) != nil {
				return
			}
			for {
				if _, kind := e.Next(now, nil); kind != Message {
					break
				}
			}
			e.Ended()
			e.Look(now)
			for w := range ways {
				for {
					b, ok := e.Packet(now, w, nil)
					if !ok {
						break
					}
					if w == Datagram && len(b) > MaxPacket {
						t.Fatalf("a datagram of %d bytes", len(b))
					}
				}
			}
			for c := range e.in {
				if q := &e.in[c]; len(q.ring) > windowMessages || q.bytes > windowBytes || q.next > q.whole {
					t.Fatalf("%+v", q)
				}
			}
			if e.Deadline(now, Busy{}) < now-time.Hour {
				t.Fatal("a deadline long ago")
			}
		}
	})
}
