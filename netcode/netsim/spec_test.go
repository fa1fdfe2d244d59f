package netsim

import (
	"strings"
	"testing"
	"time"
)

const ms = time.Millisecond

func TestParseSpec(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Spec
	}{
		{"", Spec{}},
		{"  ", Spec{}},
		{"rtt=60ms", Spec{RTT: 60 * ms}},
		{"rtt=60ms,jitter=20ms,stall=2%/300ms,seat=1", Spec{RTT: 60 * ms, Jitter: 20 * ms, StallPercent: 2, StallFor: 300 * ms, Seat: 1, OneSeat: true}},
		{" rtt = 60ms , seat=0", Spec{RTT: 60 * ms, OneSeat: true}},
		{"tail=50ms/1.5", Spec{TailScale: 50 * ms, TailShape: 1.5}},
		{"stall=0.25%/1s", Spec{StallPercent: 0.25, StallFor: time.Second}},
		{"bw=64kbit", Spec{Bandwidth: 64_000}},
		{"bw=1.5Mbit", Spec{Bandwidth: 1_500_000}},
		{"bw=9600bit", Spec{Bandwidth: 9600}},
		{"bw=2gbit", Spec{Bandwidth: 2_000_000_000}},
		{"drop=10s/2s", Spec{DropAt: 10 * time.Second, DropFor: 2 * time.Second}},
		{"skew=200", Spec{Skew: 200}},
		{"skew=-200ppm", Spec{Skew: -200}},
		{Example, Spec{RTT: 60 * ms, Jitter: 20 * ms, TailScale: 50 * ms, TailShape: 1.5, StallPercent: 2, StallFor: 300 * ms,
			Bandwidth: 64_000, DropAt: 10 * time.Second, DropFor: 2 * time.Second, Skew: 200, Seat: 1, OneSeat: true}},
	} {
		got, err := ParseSpec(c.in)
		if err != nil || got != c.want {
			t.Errorf("%q: %+v, %v", c.in, got, err)
		}
		again, err := ParseSpec(got.String())
		if err != nil || again != got {
			t.Errorf("%q is written as %q, which reads as %+v, %v", c.in, got, again, err)
		}
	}
	if s, err := ParseSpec(Example); err != nil || s.String() != Example {
		t.Errorf("the example is written as %q", s)
	}
}

func TestParseSpecErrors(t *testing.T) {
	for _, c := range []struct{ in, words string }{
		{"rtt", `"rtt" is no key=value pair: write for example rtt=60ms`},
		{"rtt=60ms,", `"" is no key=value pair`},
		{"lag=60ms", `there is no key "lag": the keys are rtt, jitter, tail, stall, bw, drop, skew, seat`},
		{"rtt=60ms,rtt=70ms", "rtt is given twice"},
		{"rtt=60", `rtt: "60" has no unit (ms, s): write for example rtt=60ms`},
		{"rtt=fast", `rtt: "fast" is no duration`},
		{"rtt=", `rtt: "" is no duration`},
		{"rtt=-60ms", `rtt: "-60ms" is negative`},
		{"rtt=11s", "rtt is at most 10s, it is 11s"},
		{"jitter=-1ms", "negative"},
		{"jitter=1h", "jitter is at most 10s"},
		{"stall=2%", "has no slash between its two parts: write for example stall=2%/300ms"},
		{"stall=2/300ms", `"2" has no % sign`},
		{"stall=101%/300ms", "stall's share is 0% to 100%, it is 101%"},
		{"stall=-2%/300ms", "no number of at least 0"},
		{"stall=x%/300ms", "no number"},
		{"stall=nan%/300ms", "no number"},
		{"stall=1.2.3%/300ms", "no number"},
		{"stall=2%/-3ms", "negative"},
		{"stall=2%/2h", "stall's length is at most 1m0s"},
		{"tail=50ms", "no slash"},
		{"tail=50ms/0", "the shape is 0.5 to 100"},
		{"tail=50ms/1e9", "no number"},
		{"tail=20s/2", "tail's scale is at most 10s"},
		{"bw=64", `"64" has no unit: write for example bw=64kbit`},
		{"bw=64kb", "has no unit"},
		{"bw=0bit", "0bit is outside 1kbit to 100gbit"},
		{"bw=-1kbit", "no number of at least 0"},
		{"bw=9999gbit", "outside"},
		{"drop=10s", "no slash"},
		{"drop=-1s/2s", "negative"},
		{"drop=48h/2s", "drop's start is at most 24h"},
		{"drop=1s/2h", "drop's length is at most 1h"},
		{"skew=fast", "no whole number"},
		{"skew=20000", "skew is −10000 to 10000 ppm"},
		{"skew=99999999999", "out of range"},
		{"seat=-1", "seat is 0 to 255, it is -1"},
		{"seat=one", "no whole number"},
		{"seat=256", "seat is 0 to 255"},
	} {
		s, err := ParseSpec(c.in)
		if err == nil || !strings.Contains(err.Error(), c.words) || s != (Spec{}) {
			t.Errorf("%q: %v, %v, want %q", c.in, s, err, c.words)
		}
	}
}

func FuzzParseSpec(f *testing.F) {
	for _, s := range []string{Example, "", "rtt=60", "bw=1.5mbit", "stall=0.1%/5us", "tail=1ns/100", "drop=0s/1ns", "skew=-1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSpec(text)
		if err != nil {
			if s != (Spec{}) {
				t.Fatalf("%q: an error and %+v", text, s)
			}
			return
		}
		if err := s.Validate(); err != nil {
			t.Fatalf("%q: accepted but not valid: %v", text, err)
		}
		again, err := ParseSpec(s.String())
		if err != nil || again != s {
			t.Fatalf("%q gives %+v, written as %q, read as %+v, %v", text, s, s, again, err)
		}
		l := NewLink(s, 1)
		for now := time.Duration(0); now < 10*time.Second; now += time.Second {
			if err := l.Send(now, []byte(text)); err == nil {
				if at, ok := l.Next(); ok && at < 0 {
					t.Fatalf("%q: delivery at %v", text, at)
				}
			}
		}
	})
}

func TestParseSpecs(t *testing.T) {
	sp, err := ParseSpecs([]string{"rtt=60ms,jitter=10ms", "stall=2%/300ms,seat=1", "rtt=200ms,seat=2", "bw=1mbit"})
	if err != nil {
		t.Fatal(err)
	}
	for seat, want := range []string{
		"rtt=60ms,jitter=10ms,bw=1mbit,seat=0",
		"rtt=60ms,jitter=10ms,stall=2%/300ms,bw=1mbit,seat=1",
		"rtt=200ms,jitter=10ms,bw=1mbit,seat=2",
	} {
		if got := sp.For(seat).String(); got != want {
			t.Errorf("seat %d: %s, want %s", seat, got, want)
		}
	}
	// A seat's own zero counts as said.
	sp, err = ParseSpecs([]string{"rtt=0ms,seat=0", "rtt=60ms,drop=1s/1s,tail=1ms/2,skew=5,stall=1%/1s"})
	if err != nil || sp.For(0).RTT != 0 || sp.For(1).RTT != 60*ms || sp.For(0).Skew != 5 {
		t.Errorf("%v %v %v", sp.For(0), sp.For(1), err)
	}
	var none Specs
	if s := none.For(3); !s.Perfect() || s.Seat != 3 {
		t.Errorf("nothing said: %v", s)
	}
	for _, c := range []struct {
		in    []string
		words string
	}{
		{[]string{"rtt=1ms", "rtt=2ms"}, "rtt is given a second time: add seat=N"},
		{[]string{"rtt=1ms,seat=1", "jitter=2ms,rtt=2ms,seat=1"}, "rtt is given a second time for seat 1"},
		{[]string{"rtt=1ms", "nonsense"}, "no key=value pair"},
	} {
		if _, err := ParseSpecs(c.in); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%q: %v", c.in, err)
		}
	}
}

func TestScheduleValidate(t *testing.T) {
	good := Schedule{{0, Spec{RTT: 50 * ms}}, {time.Second, Spec{RTT: 200 * ms}}}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		sc    Schedule
		words string
	}{
		{Schedule{{time.Second, Spec{}}, {time.Second, Spec{}}}, "step 2 of the schedule starts at 1s"},
		{Schedule{{-1, Spec{}}}, "must ascend from 0"},
		{Schedule{{0, Spec{RTT: -1}}}, "step 1 of the schedule: rtt cannot be negative"},
	} {
		if err := c.sc.Validate(); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%v: %v", c.sc, err)
		}
	}
}

func TestClock(t *testing.T) {
	for _, c := range []Clock{{}, {Offset: time.Hour}, {Skew: 200}, {Offset: -3 * time.Second, Skew: -200}, {Skew: 10_000}, {Skew: -10_000}} {
		for _, g := range []time.Duration{0, 1, 999, time.Millisecond, time.Second, 12345678901, 24 * time.Hour, 365 * 24 * time.Hour, -time.Hour} {
			if d := c.Global(c.Local(g)) - g; d < -2 || d > 2 {
				t.Errorf("%+v: %v comes back %v off", c, g, d)
			}
		}
	}
	if got := (Clock{Offset: time.Second, Skew: 200}).Local(10 * time.Second); got != 11*time.Second+2*time.Millisecond {
		t.Error(got)
	}
	if got := (Spec{Skew: -100}).Clock().Local(10 * time.Second); got != 9999*time.Millisecond {
		t.Error(got)
	}
	if got := (Clock{Skew: -2_000_000}).Local(time.Second); got != time.Second {
		t.Error("a clock that cannot be:", got)
	}
}
