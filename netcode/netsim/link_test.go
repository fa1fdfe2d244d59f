package netsim

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"testing"
	"time"
)

// linkOf is a link from the seat to the relay whose conditions do not change.
func linkOf(spec Spec, seed uint64) *Link { return NewScheduledLink(Schedule{{Spec: spec}}, seed) }

// delays sends n messages with so much time between them that none has to wait for another, and
// returns how long each took.
func delays(t *testing.T, s Spec, n int) []time.Duration {
	t.Helper()
	l := linkOf(s, 42)
	out := make([]time.Duration, n)
	for i := range out {
		now := time.Duration(i) * time.Hour
		if err := l.Send(now, []byte{1}); err != nil {
			t.Fatal(err)
		}
		at, ok := l.Next()
		if !ok || l.Receive(at-1, nil) != 0 {
			t.Fatal("it arrived before its time")
		}
		if l.Receive(at, func([]byte) {}) != 1 {
			t.Fatal("it did not arrive in time")
		}
		out[i] = at - now
	}
	return out
}

func mean(ds []time.Duration) time.Duration {
	var sum time.Duration
	for _, d := range ds {
		sum += d
	}
	return sum / time.Duration(len(ds))
}

func TestLinkPerfect(t *testing.T) {
	if d := slices.Max(delays(t, Spec{}, 100)); d != 0 {
		t.Errorf("a perfect line takes %v", d)
	}
}

func TestLinkJitter(t *testing.T) {
	ds := delays(t, Spec{RTT: 60 * ms, Jitter: 20 * ms}, 100_000)
	lo, hi := slices.Min(ds), slices.Max(ds)
	if lo < 20*ms || hi > 40*ms || lo > 21*ms || hi < 39*ms {
		t.Errorf("delays from %v to %v, want 20 to 40 ms", lo, hi)
	}
	// The standard error of the mean is 20/√12/√100000 = 0.018 ms.
	if m := mean(ds); m < 29900*time.Microsecond || m > 30100*time.Microsecond {
		t.Errorf("mean %v, want 30 ms", m)
	}
	slices.Sort(ds)
	if q := ds[len(ds)/4]; q < 24800*time.Microsecond || q > 25200*time.Microsecond {
		t.Errorf("first quartile %v, want 25 ms: uniform", q)
	}
	// More jitter than the round trip: nothing arrives before it was sent.
	if d := slices.Min(delays(t, Spec{RTT: 10 * ms, Jitter: 100 * ms}, 1000)); d != 0 {
		t.Errorf("the least delay is %v", d)
	}
}

func TestLinkStalls(t *testing.T) {
	const n = 200_000
	stalled := 0
	for _, d := range delays(t, Spec{RTT: 60 * ms, StallPercent: 2, StallFor: 300 * ms}, n) {
		switch d {
		case 330 * ms:
			stalled++
		case 30 * ms:
		default:
			t.Fatalf("a delay of %v", d)
		}
	}
	// 4000 expected, standard deviation 63.
	if stalled < 3700 || stalled > 4300 {
		t.Errorf("%d of %d messages stalled, want 2 %%", stalled, n)
	}
}

func TestLinkTail(t *testing.T) {
	const scale, shape = 50 * ms, 1.5
	ds := delays(t, Spec{RTT: 20 * ms, TailScale: scale, TailShape: shape}, 200_000)
	for i := range ds {
		ds[i] -= 10 * ms
	}
	slices.Sort(ds)
	if ds[0] < 0 || ds[len(ds)-1] != TailCap*scale {
		t.Errorf("from %v to %v, want 0 to the cap of %v", ds[0], ds[len(ds)-1], TailCap*scale)
	}
	for _, p := range []float64{0.1, 0.5, 0.9, 0.98} {
		want := float64(scale) * (math.Pow(1-p, -1/shape) - 1)
		got := float64(ds[int(p*float64(len(ds)))])
		if got < 0.97*want || got > 1.03*want {
			t.Errorf("quantile %v is %v, want %v", p, time.Duration(got), time.Duration(want))
		}
	}
	capped := 0
	for _, d := range ds {
		if d == TailCap*scale {
			capped++
		}
	}
	if share := float64(capped) / float64(len(ds)); share < 1.0/106 || share > 1.0/87 {
		t.Errorf("%v of the messages reach the cap, the constant's comment says 1/96", share)
	}
}

// TestLinkOrder: a lively sender on a bad line; everything arrives, in order, never early.
func TestLinkOrder(t *testing.T) {
	l := linkOf(Spec{RTT: 40 * ms, Jitter: 40 * ms, StallPercent: 3, StallFor: 200 * ms, TailScale: 10 * ms, TailShape: 1.2}, 7)
	const n = 50_000
	var next uint64
	var last time.Duration
	for i := range uint64(n) {
		now := time.Duration(i) * 5 * ms
		if err := l.Send(now, binary.BigEndian.AppendUint64(nil, i)); err != nil {
			t.Fatal(err)
		}
		at, _ := l.Next()
		if at < last {
			t.Fatalf("the next delivery went from %v back to %v", last, at)
		}
		last = at
		l.Receive(now, func(b []byte) {
			if got := binary.BigEndian.Uint64(b); got != next {
				t.Fatalf("message %d arrived in place of %d", got, next)
			}
			next++
		})
	}
	l.Receive(time.Hour, func(b []byte) { next++ })
	if next != n || l.Len() != 0 || l.Bytes() != 0 || l.lost != 0 {
		t.Errorf("%d of %d arrived, %d wait, %d bytes, %d lost", next, n, l.Len(), l.Bytes(), l.lost)
	}
}

// TestLinkNoOvertaking: what follows a stalled message waits for it, and no longer.
func TestLinkNoOvertaking(t *testing.T) {
	l := NewScheduledLink(Schedule{
		{0, Spec{RTT: 20 * ms, StallPercent: 100, StallFor: 300 * ms}},
		{1, Spec{RTT: 20 * ms}},
	}, 1)
	var got []time.Duration
	for _, now := range []time.Duration{0, 5 * ms, 299 * ms, 301 * ms} {
		if err := l.Send(now, nil); err != nil {
			t.Fatal(err)
		}
	}
	for {
		at, ok := l.Next()
		if !ok {
			break
		}
		for range l.Receive(at, func([]byte) {}) {
			got = append(got, at)
		}
	}
	if want := []time.Duration{310 * ms, 310 * ms, 310 * ms, 311 * ms}; !slices.Equal(got, want) {
		t.Errorf("arrivals %v, want %v", got, want)
	}
}

func TestLinkBandwidth(t *testing.T) {
	l := linkOf(Spec{RTT: 20 * ms, Bandwidth: 80_000}, 1) // 10 bytes a millisecond
	var got []time.Duration
	for _, c := range []struct {
		now  time.Duration
		size int
	}{{0, 100}, {0, 50}, {0, 200}, {100 * ms, 10}} {
		if err := l.Send(c.now, make([]byte, c.size)); err != nil {
			t.Fatal(err)
		}
	}
	for at, ok := l.Next(); ok; at, ok = l.Next() {
		got = append(got, at)
		l.Receive(at, func([]byte) {})
	}
	if want := []time.Duration{20 * ms, 25 * ms, 45 * ms, 111 * ms}; !slices.Equal(got, want) {
		t.Errorf("arrivals %v, want %v", got, want)
	}
}

func TestLinkSchedule(t *testing.T) {
	sc := Schedule{{time.Second, Spec{RTT: 50 * ms}}, {2 * time.Second, Spec{RTT: 200 * ms}}}
	for now, want := range map[time.Duration]time.Duration{0: 0, 1500 * ms: 25 * ms, 2 * time.Second: 100 * ms, time.Hour: 100 * ms} {
		l := NewScheduledLink(sc, 1)
		if err := l.Send(now, []byte{1}); err != nil {
			t.Fatal(err)
		}
		if at, _ := l.Next(); at != now+want {
			t.Errorf("at %v a message takes %v, want %v", now, at-now, want)
		}
	}
}

func TestLinkDrop(t *testing.T) {
	l := linkOf(Spec{RTT: 100 * ms, Bandwidth: 80_000, DropAt: 10 * time.Second, DropFor: 2 * time.Second}, 1)
	sends := []struct {
		now     time.Duration
		size    int
		err     error
		arrives bool
	}{
		{9900 * ms, 10, nil, true},
		{9940 * ms, 500, nil, false}, // takes 50 ms to leave and 50 to arrive
		{9945 * ms, 1, nil, false},   // could arrive in time, but not before that one
		{10 * time.Second, 1, ErrLinkDown, false},
		{11999 * ms, 1, ErrLinkDown, false},
		{12 * time.Second, 1, nil, true},
	}
	want, lost := 0, uint64(0)
	for _, s := range sends {
		if err := l.Send(s.now, make([]byte, s.size)); !errors.Is(err, s.err) {
			t.Errorf("at %v: %v", s.now, err)
		}
		if s.arrives {
			want++
		} else if s.err == nil {
			lost++
		}
	}
	if got := l.Receive(time.Minute, func([]byte) {}); got != want || l.lost != lost {
		t.Errorf("%d arrived and %d were lost, want %d and %d", got, l.lost, want, lost)
	}
	l.Send(time.Minute, []byte{1})
	l.Reset()
	if _, ok := l.Next(); ok || l.lost != lost+1 {
		t.Error("Reset leaves messages")
	}
	// A drop belongs to the step during which it begins.
	sc := Schedule{{0, Spec{DropAt: 5 * time.Second, DropFor: 1}}, {time.Second, Spec{DropAt: 500 * ms, DropFor: 1}},
		{2 * time.Second, Spec{DropAt: 3 * time.Second, DropFor: 4}}}
	if got := sc.outages(); len(got) != 1 || got[0] != (outage{3 * time.Second, 3*time.Second + 4}) {
		t.Errorf("outages %v", got)
	}
}

func TestLinkFull(t *testing.T) {
	l := linkOf(Spec{RTT: time.Second}, 1)
	n := 0
	for l.Send(0, make([]byte, 1000)) == nil {
		n++
	}
	if err := l.Send(0, make([]byte, 1000)); !errors.Is(err, ErrLinkFull) || n != MaxQueueBytes/1000 {
		t.Errorf("%d messages, then %v", n, err)
	}
	l.Reset()
	for n = 0; l.Send(0, nil) == nil; n++ {
	}
	if n != MaxQueueMessages {
		t.Errorf("%d messages", n)
	}
}

// TestLinkDeterminism: the same seed gives the same deliveries, another seed gives others.
func TestLinkDeterminism(t *testing.T) {
	run := func(seed uint64) (out []time.Duration) {
		l := linkOf(Spec{RTT: 60 * ms, Jitter: 30 * ms, StallPercent: 5, StallFor: 100 * ms}, seed)
		for i := range 1000 {
			now := time.Duration(i) * 33 * ms
			l.Send(now, []byte{1})
			for at, ok := l.Next(); ok && at <= now; at, ok = l.Next() {
				out = append(out, at)
				l.Receive(at, func([]byte) {})
			}
		}
		return out
	}
	if a, b := run(1), run(1); !slices.Equal(a, b) {
		t.Error("the same seed differs")
	}
	if a, b := run(1), run(2); slices.Equal(a, b) {
		t.Error("another seed does not differ")
	}
}

// TestLinkSendWhileReceiving: the slice that Receive hands out stays intact when its receiver
// sends on the same link.
func TestLinkSendWhileReceiving(t *testing.T) {
	l := linkOf(Spec{RTT: 10 * ms}, 1)
	for i := range 100 {
		l.Send(0, []byte{byte(i), byte(i)})
	}
	i := 0
	l.Receive(5*ms, func(b []byte) {
		for range 20 {
			l.Send(5*ms, []byte{255, 255})
		}
		if b[0] != byte(i) || b[1] != byte(i) {
			t.Fatalf("message %d became %v", i, b)
		}
		i++
	})
	if n := l.Receive(time.Second, func(b []byte) {
		if b[0] != 255 {
			t.Fatal(b)
		}
	}); n != 2000 {
		t.Errorf("%d replies", n)
	}
}

func steadyLink() (*Link, func()) {
	l := linkOf(Spec{RTT: 60 * ms, Jitter: 20 * ms, StallPercent: 2, StallFor: 300 * ms}, 1)
	msg := make([]byte, 12)
	now := time.Duration(0)
	count := 0
	f := func([]byte) { count++ }
	return l, func() {
		now += 33 * ms
		if err := l.Send(now, msg); err != nil {
			panic(err)
		}
		l.Receive(now, f)
	}
}

func TestLinkAllocatesNothing(t *testing.T) {
	_, turn := steadyLink()
	for range 10_000 {
		turn()
	}
	if n := testing.AllocsPerRun(10_000, turn); n != 0 {
		t.Errorf("%v allocations a message", n)
	}
}

func BenchmarkLink(b *testing.B) {
	_, turn := steadyLink()
	b.ReportAllocs()
	for b.Loop() {
		turn()
	}
}
