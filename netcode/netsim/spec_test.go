package netsim

import (
	"strings"
	"testing"
	"time"
)

const ms = time.Millisecond

// example is a value of -net that uses every key.
const example = "rtt=60ms,jitter=20ms,tail=50ms/1.5,stall=2%/300ms,loss=1%,burst=0.5%/80ms,bw=64kbit,buffer=300ms,load=5s/10s,over=datagrams," +
	"drop=10s/2s,skew=200,seat=1,up.loss=2%,down.delay=40ms"

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
		{"loss=0.5%", Spec{LossPercent: 0.5}},
		{"burst=1%/90ms", Spec{BurstPercent: 1, BurstFor: 90 * ms}},
		{"bw=1mbit,buffer=300ms", Spec{Bandwidth: 1_000_000, Buffer: 300 * ms}},
		{"load=10s/5s,buffer=300ms", Spec{Buffer: 300 * ms, LoadAt: 10 * time.Second, LoadFor: 5 * time.Second}},
		{"over=datagrams", Spec{Over: OverDatagrams}},
		{"over=tcp", Spec{Over: OverTCP}},
		{"rtt=20ms,down.delay=40ms", Spec{RTT: 20 * ms, Down: "delay=40ms"}},
		{"up.loss=2%,up.delay=5ms, down.bw=1mbit", Spec{Up: "delay=5ms,loss=2%", Down: "bw=1mbit"}},
		{"jitter=5ms,up.jitter=0s", Spec{Jitter: 5 * ms, Up: "jitter=0s"}},
		{"transatlantic", Spec{RTT: 90 * ms, Jitter: 4 * ms, LossPercent: 0.2}},
		{"transatlantic,loss=3%,seat=1", Spec{RTT: 90 * ms, Jitter: 4 * ms, LossPercent: 3, Seat: 1, OneSeat: true}},
		{"loss=0%,transatlantic", Spec{RTT: 90 * ms, Jitter: 4 * ms}},
		{"bloat,bw=2mbit,down.load=1s/2s", Spec{RTT: 20 * ms, Jitter: 2 * ms, Buffer: 300 * ms, Bandwidth: 2_000_000, Down: "load=1s/2s"}},
		{example, Spec{RTT: 60 * ms, Jitter: 20 * ms, TailScale: 50 * ms, TailShape: 1.5, StallPercent: 2, StallFor: 300 * ms,
			LossPercent: 1, BurstPercent: 0.5, BurstFor: 80 * ms, Buffer: 300 * ms, LoadAt: 5 * time.Second, LoadFor: 10 * time.Second, Over: OverDatagrams,
			Up: "loss=2%", Down: "delay=40ms",
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
	if s, err := ParseSpec(example); err != nil || s.String() != example {
		t.Errorf("the example is written as %q", s)
	}
}

func TestParseSpecErrors(t *testing.T) {
	for _, c := range []struct{ in, words string }{
		{"rtt", `"rtt" is not a key=value pair and no preset (wifi, lte, transatlantic, bloat): write for example rtt=60ms`},
		{"rtt=60ms,", `"" is not a key=value pair`},
		{"lag=60ms", `there is no key "lag": the keys are rtt, jitter, tail, stall, loss, burst, bw, buffer, load, over, drop, skew, seat`},
		{"rtt=60ms,rtt=70ms", "rtt is given twice"},
		{"rtt=60", `rtt: "60" has no unit (ms, s): write for example rtt=60ms`},
		{"rtt=fast", `rtt: "fast" is not a duration`},
		{"rtt=", `rtt: "" is not a duration`},
		{"rtt=-60ms", `rtt: "-60ms" is negative`},
		{"rtt=11s", "rtt is at most 10s, it is 11s"},
		{"jitter=-1ms", "negative"},
		{"jitter=1h", "jitter is at most 10s"},
		{"stall=2%", "has no slash between its two parts: write for example stall=2%/300ms"},
		{"stall=2/300ms", `"2" has no % sign`},
		{"stall=101%/300ms", "stall's share is 0% to 100%, it is 101%"},
		{"stall=-2%/300ms", "not a number of at least 0"},
		{"stall=x%/300ms", "not a number"},
		{"stall=nan%/300ms", "not a number"},
		{"stall=1.2.3%/300ms", "not a number"},
		{"stall=2%/-3ms", "negative"},
		{"stall=2%/2h", "stall's length is at most 1m0s"},
		{"tail=50ms", "no slash"},
		{"tail=50ms/0", "the shape is 0.5 to 100"},
		{"tail=50ms/1e9", "not a number"},
		{"tail=20s/2", "tail's scale is at most 10s"},
		{"loss=1", `"1" has no % sign: write for example loss=1%`},
		{"loss=95%", "loss is 0% to 90%, it is 95%; drop=AT/FOR cuts the line"},
		{"burst=1%", "no slash"},
		{"burst=1%/4", "has no unit (ms, s): write for example burst=0.5%/80ms"},
		{"burst=99%/5ms", "burst's share is 0% to 90%"},
		{"buffer=300", "has no unit"},
		{"buffer=1h", "buffer is at most 1m0s"},
		{"load=10s/5s", "load needs a buffer that it fills"},
		{"down.load=10s/5s", "down: load needs a buffer"},
		{"over=pigeons", `over: there is no "pigeons": write for example over=datagrams`},
		{"delay=5ms", "the line has a round trip: write rtt=60ms, or up.delay="},
		{"up.rtt=5ms", "a direction has no round trip: write up.delay=30ms"},
		{"up.delay=fast", `up.delay: "fast" is not a duration: write for example up.delay=5ms`},
		{"up.delay=6s", "up.delay is at most 5s"},
		{"down.lag=5ms", `no key "down.lag": the keys of a direction are delay, jitter, tail, stall, loss, burst, bw, buffer, load`},
		{"up.seat=1", "seat is the same in both directions"},
		{"up.over=tcp", "over is the same in both directions"},
		{"up.loss=1%,up.loss=2%", "up.loss is given twice"},
		{"up.loss=95%", "up: loss is 0% to 90%"},
		{"sideways.loss=1%", `there is no key "sideways.loss"`},
		{"wifi,lte", "wifi and lte are two presets: choose one"},
		{"wifi,", `"" is not a key=value pair`},
		{"wifi,loss=1%,loss=2%", "loss is given twice"},
		{"dsl", `"dsl" is not a key=value pair and no preset`},
		{"bw=64", `"64" has no unit: write for example bw=64kbit`},
		{"bw=64kb", "has no unit"},
		{"bw=0bit", "0bit is outside 1kbit to 100gbit"},
		{"bw=-1kbit", "not a number of at least 0"},
		{"bw=9999gbit", "outside"},
		{"drop=10s", "no slash"},
		{"drop=-1s/2s", "negative"},
		{"drop=48h/2s", "drop's start is at most 24h"},
		{"drop=1s/2h", "drop's length is at most 1h"},
		{"skew=fast", "not a whole number"},
		{"skew=20000", "skew is −10000 to 10000 ppm"},
		{"skew=99999999999", "out of range"},
		{"seat=-1", "seat is 0 to 255, it is -1"},
		{"seat=one", "not a whole number"},
		{"seat=256", "seat is 0 to 255"},
	} {
		s, err := ParseSpec(c.in)
		if err == nil || !strings.Contains(err.Error(), c.words) || s != (Spec{}) {
			t.Errorf("%q: %v, %v, want %q", c.in, s, err, c.words)
		}
	}
}

// TestHelp: every key and preset is explained, and what is written there can be read.
func TestHelp(t *testing.T) {
	words := Help()
	for i := range keys {
		if !strings.Contains(words, "\n  "+keys[i].name+"=") {
			t.Errorf("%s is not explained", keys[i].name)
		}
	}
	for _, p := range presets {
		if s, err := ParseSpec(p.name); err != nil || s.Perfect() || !strings.Contains(words, p.name) {
			t.Errorf("the preset %s: %v, %v", p.name, s, err)
		}
	}
	n := 0
	for line := range strings.Lines(words) {
		f := strings.Fields(line)
		if !strings.HasPrefix(line, "  ") || !strings.Contains(f[0], "=") {
			continue
		}
		n++
		if _, err := ParseSpec("buffer=1s," + f[0]); err != nil && !strings.HasPrefix(f[0], "buffer=") {
			t.Errorf("the help's %s: %v", f[0], err)
		}
	}
	if n < len(keys) {
		t.Errorf("the help explains %d keys of %d", n, len(keys))
	}
}

func FuzzParseSpec(f *testing.F) {
	for _, s := range []string{example, "", "rtt=60", "bw=1.5mbit", "stall=0.1%/5us", "tail=1ns/100", "drop=0s/1ns", "skew=-1",
		"wifi", "lte,up.loss=3%", "loss=0%,bloat,down.delay=1ms", "up.burst=1%/3ms,down.jitter=0s,jitter=1s", "over=datagrams,loss=90%", "load=0s/1s,buffer=1ns", "up.delay=1ns"} {
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
		many, err := ParseSpecs([]string{text})
		want := s
		want.OneSeat = true
		if got := many.For(s.Seat); err != nil || got != want {
			t.Fatalf("%q gives %+v, and %+v, %v among others", text, want, got, err)
		}
		l := linkOf(s, 1)
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
	// What is said outright goes before a preset, a seat before all, a direction before the line.
	sp, err = ParseSpecs([]string{"lte", "loss=2%,up.loss=3%", "bw=1mbit,down.loss=4%,seat=1"})
	if err != nil {
		t.Fatal(err)
	}
	const lte = "rtt=60ms,jitter=20ms,tail=5ms/1.5,stall=0.3%/150ms,loss=2%,burst=0.1%/100ms,"
	for seat, want := range []string{
		lte + "buffer=500ms,seat=0,up.loss=3%,up.bw=10mbit,down.bw=40mbit",
		lte + "bw=1mbit,buffer=500ms,seat=1,up.loss=3%,down.loss=4%",
	} {
		if got := sp.For(seat).String(); got != want {
			t.Errorf("seat %d: %s, want %s", seat, got, want)
		}
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
		{[]string{"rtt=1ms", "nonsense"}, "not a key=value pair"},
		{[]string{"wifi", "lte"}, "a preset is given a second time"},
		{[]string{"up.delay=1ms", "up.delay=2ms"}, "up.delay is given a second time"},
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
