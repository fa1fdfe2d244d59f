package netsim

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"
)

// game sends a message of 12 bytes at each of n frames over a link and returns how long each took. Every
// message must arrive, once, in order, and never before its time.
func game(t *testing.T, l *Link, n int) []time.Duration {
	t.Helper()
	const frame = time.Second / 30
	var sent, took []time.Duration
	now := time.Duration(0)
	receive := func(until time.Duration) {
		for at, ok := l.Next(); ok && at <= until; at, ok = l.Next() {
			if at < now {
				t.Fatalf("Next goes back from %v to %v", now, at)
			}
			now = at
			l.Receive(now, func(b []byte) {
				if i := binary.BigEndian.Uint32(b); int(i) != len(took) || len(b) != 12 {
					t.Fatalf("message %d of %d bytes arrived in place of %d", i, len(b), len(took))
				}
				took = append(took, now-sent[len(took)])
			})
		}
	}
	for i := range n {
		at := time.Duration(i) * frame
		receive(at)
		now = at
		if err := l.Send(now, append(binary.BigEndian.AppendUint32(nil, uint32(i)), make([]byte, 8)...)); err != nil {
			t.Fatal(err)
		}
		sent = append(sent, now)
	}
	receive(now + time.Hour)
	if len(took) != n || l.Len() != 0 || l.Bytes() != 0 {
		t.Fatalf("%d of %d messages arrived, %d are under way", len(took), n, l.Len())
	}
	return took
}

// share is how many of a list are above a limit.
func share(ds []time.Duration, above time.Duration) float64 {
	n := 0
	for _, d := range ds {
		if d > above {
			n++
		}
	}
	return float64(n) / float64(len(ds))
}

// TestLossOverTCP: a lost segment comes a round trip and a frame later, with everything behind it; a lost
// retransmission costs the timer.
func TestLossOverTCP(t *testing.T) {
	const n = 30_000
	for _, percent := range []float64{1, 5} {
		took := game(t, linkOf(Spec{RTT: 40 * ms, LossPercent: percent}, 3), n)
		if d := slices.Min(took); d != 20*ms {
			t.Errorf("%v %%: the fastest message takes %v", percent, d)
		}
		late := share(took, 20*ms)
		// Each loss delays itself and the two or three messages of the 73 ms after it.
		if low, high := 1.8*percent/100, 4.5*percent/100; late < low || late > high {
			t.Errorf("%v %% of the segments lost: %.2f %% of the messages late, want %.1f to %.1f %%", percent, 100*late, 100*low, 100*high)
		}
		if d := slices.Max(took); d < 93*ms {
			t.Errorf("%v %%: the slowest message takes %v", percent, d)
		}
	}
	// Of one loss alone: found by the acknowledgement of the next segment, 33 + 40 ms after it left, and
	// there 20 ms later; what followed meanwhile comes with it.
	l := NewScheduledLink(Schedule{{0, Spec{RTT: 40 * ms}}, {299 * ms, Spec{RTT: 40 * ms, LossPercent: 90}}, {301 * ms, Spec{RTT: 40 * ms}}}, 2)
	took := game(t, l, 30)
	const frame = time.Second / 30
	if want := []time.Duration{20 * ms, frame + 60*ms, 60 * ms, 60*ms - frame, 20 * ms}; !slices.Equal(took[8:13], want) {
		t.Errorf("around a loss messages take %v, want %v", took[8:13], want)
	}
}

// TestLossOverDatagrams: a lost packet costs 6 ms until the second copy, which leaves once more
// where many are lost.
func TestLossOverDatagrams(t *testing.T) {
	const n = 30_000
	for _, percent := range []float64{1, 5} {
		took := game(t, linkOf(Spec{RTT: 40 * ms, LossPercent: percent, Over: OverDatagrams}, 3), n)
		once, twice, thrice := share(took, 20*ms), share(took, 26*ms), share(took, 32*ms)
		p := percent / 100
		if once < 0.8*p || once > 1.3*p || twice < 0.5*p*p || twice > 2*p*p+0.001 || percent > 2 && thrice > 2*p*p*p+0.001 {
			t.Errorf("%v %% of the packets lost: %.3f %% of the messages take longer, %.4f %% longer than the second copy, %.4f %% than the third",
				percent, 100*once, 100*twice, 100*thrice)
		}
		if d := slices.Max(took); d > 150*ms {
			t.Errorf("%v %%: the slowest message takes %v", percent, d)
		}
	}
}

// TestBursts: share and mean length come out, however often somebody sends.
func TestBursts(t *testing.T) {
	for _, every := range []time.Duration{2 * ms, 10 * ms} {
		p := newPath(Schedule{{Spec: Spec{BurstPercent: 2, BurstFor: 50 * ms}}}, Schedule{{}}, 9)
		const n = 1_000_000
		lost, bursts, last := 0, 0, false
		for i := range n {
			_, ok := p.packet(time.Duration(i)*every, 1)
			if !ok {
				lost++
				if !last {
					bursts++
				}
			}
			last = !ok
		}
		// Short bursts fall between two packets, so that those that are seen are longer.
		mean := time.Duration(lost/bursts) * every
		if s := float64(lost) / n; s < 0.018 || s > 0.022 || mean < 44*ms || mean > 62*ms {
			t.Errorf("every %v: %.2f %% lost in bursts of %v, want 2 %% in bursts of 50 ms", every, 100*s, mean)
		}
	}
}

// TestBuffer: what does not fit is lost, and what waits waits no longer than the buffer.
func TestBuffer(t *testing.T) {
	p := newPath(Schedule{{Spec: Spec{Bandwidth: 80_000, Buffer: 50 * ms}}}, Schedule{{}}, 1) // 10 bytes a ms
	var got []time.Duration
	for range 10 {
		at, ok := p.packet(0, 100)
		if !ok {
			at = -1
		}
		got = append(got, at)
	}
	if want := []time.Duration{10 * ms, 20 * ms, 30 * ms, 40 * ms, 50 * ms, 60 * ms, -1, -1, -1, -1}; !slices.Equal(got, want) {
		t.Errorf("arrivals %v, want %v", got, want)
	}
}

// TestLoad: another's transfer fills the buffer, keeps it, and leaves it.
func TestLoad(t *testing.T) {
	for _, over := range []string{"tcp", "datagrams"} {
		s, err := ParseSpec("rtt=10ms,buffer=300ms,down.load=10s/10s,over=" + over)
		if err != nil {
			t.Fatal(err)
		}
		down := game(t, NewDownLink(Schedule{{Spec: s}}, 1), 30*30)
		for i, d := range down {
			at := time.Duration(i) * time.Second / 30
			switch {
			case at < 10*time.Second || at > 20500*ms:
				if d != 5*ms {
					t.Errorf("%s: at %v a message takes %v", over, at, d)
				}
			case at > 10600*ms && at < 19900*ms:
				if d < 200*ms || d > 400*ms {
					t.Errorf("%s: under load, at %v, a message takes %v", over, at, d)
				}
			}
		}
		if up := game(t, NewScheduledLink(Schedule{{Spec: s}}, 1), 900); slices.Max(up) != 5*ms {
			t.Errorf("%s: the other direction takes up to %v", over, slices.Max(up))
		}
	}
}

// TestCarriersDeliver sends messages of all sizes over very bad lines, both carriers, many seeds.
func TestCarriersDeliver(t *testing.T) {
	for seed := range uint64(60) {
		for _, text := range []string{
			"rtt=40ms,loss=30%", "rtt=40ms,loss=60%,over=datagrams", "rtt=200ms,jitter=80ms,burst=10%/90ms", "rtt=200ms,jitter=80ms,burst=10%/90ms,over=datagrams",
			"rtt=20ms,loss=2%,bw=1mbit,buffer=200ms", "rtt=20ms,loss=2%,bw=1mbit,buffer=200ms,over=datagrams", "loss=5%", "loss=5%,over=datagrams", "wifi", "lte", "transatlantic", "bloat",
		} {
			s, err := ParseSpec(text)
			if err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprintf("%s, seed %d", text, seed)
			l := linkOf(s, seed)
			var sent, got int
			now := time.Duration(0)
			check := func(b []byte) {
				if binary.BigEndian.Uint32(b) != uint32(got) || len(b) != size(got) {
					t.Fatalf("%s: message %d of %d bytes in place of %d of %d", name, binary.BigEndian.Uint32(b), len(b), got, size(got))
				}
				got++
			}
			for sent < 120 {
				b := make([]byte, size(sent))
				binary.BigEndian.PutUint32(b, uint32(sent))
				if err := l.Send(now, b); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				sent++
				for end := now + 33*ms; now < end; now += 3 * ms {
					l.Receive(now, check)
				}
			}
			for at, ok := l.Next(); ok; at, ok = l.Next() {
				if at < now-3*ms || at > now+time.Minute {
					t.Fatalf("%s: at %v something is due at %v", name, now, at)
				}
				now = max(now, at)
				l.Receive(now, check)
			}
			if got != sent || l.lost != 0 {
				t.Fatalf("%s: %d of %d arrived", name, got, sent)
			}
		}
	}
}

// size is the size of message i: mostly small, some above a packet, some far above it.
func size(i int) int {
	switch {
	case i%37 == 36:
		return 9000
	case i%10 == 9:
		return 700
	}
	return 12
}

// TestCutTakesAll: a cut loses what a carrier has under way, and it begins afresh.
func TestCutTakesAll(t *testing.T) {
	for _, over := range []string{"tcp", "datagrams"} {
		s, err := ParseSpec("rtt=100ms,loss=1%,drop=1s/1s,over=" + over)
		if err != nil {
			t.Fatal(err)
		}
		l := linkOf(s, 1)
		got := 0
		for _, now := range []time.Duration{900 * ms, 960 * ms, 990 * ms, 1500 * ms, 2 * time.Second, 2100 * ms} {
			l.Receive(now, func([]byte) { got++ })
			if err := l.Send(now, []byte{1, 2, 3}); (err != nil) != (now == 1500*ms) {
				t.Errorf("%s: at %v: %v", over, now, err)
			}
		}
		l.Receive(time.Minute, func([]byte) { got++ })
		if got != 3 || l.lost != 2 || l.Len() != 0 {
			t.Errorf("%s: %d arrived, %d are lost, %d under way", over, got, l.lost, l.Len())
		}
	}
}

// TestLossDeterminism: the same seed gives the same deliveries, and losses leave the delays alone.
func TestLossDeterminism(t *testing.T) {
	for _, over := range []Carrier{OverTCP, OverDatagrams} {
		s := Spec{RTT: 60 * ms, Jitter: 30 * ms, LossPercent: 3, Over: over}
		a, b, c := game(t, linkOf(s, 1), 1000), game(t, linkOf(s, 1), 1000), game(t, linkOf(s, 2), 1000)
		if !slices.Equal(a, b) || slices.Equal(a, c) {
			t.Error("the same seed differs, or another does not")
		}
	}
}

func TestLossAllocatesNothing(t *testing.T) {
	for _, over := range []Carrier{OverTCP, OverDatagrams} {
		l := linkOf(Spec{RTT: 60 * ms, Jitter: 20 * ms, LossPercent: 2, BurstPercent: 1, BurstFor: 90 * ms, Over: over}, 1)
		msg, now, count := make([]byte, 12), time.Duration(0), 0
		f := func([]byte) { count++ }
		turn := func() {
			now += 33 * ms
			if err := l.Send(now, msg); err != nil {
				t.Fatal(err)
			}
			l.Receive(now, f)
		}
		for range 20_000 {
			turn()
		}
		if n := testing.AllocsPerRun(10_000, turn); n != 0 {
			t.Errorf("over %v: %v allocations a message", over, n)
		}
	}
}
