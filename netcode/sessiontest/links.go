package sessiontest

import (
	"time"

	"tandem/netcode/netsim"
)

// Link is a match of two whose lines play must be good on with the delay that a room has by default. Share
// bounds the substituted inputs over all seeds and Worst those of one match; Budget is of the median input
// delay: the round trip, the jitter, and a frame and a third; 0 for none.
type Link struct {
	Name         string
	Seats        [2]Line
	Budget       [2]time.Duration
	Share, Worst float64
}

// LAN is the line of a local network.
func LAN() Line { return Line{Net: netsim.Schedule{{Spec: netsim.Spec{RTT: 2 * time.Millisecond}}}} }

// LineOf is the line of a network that stands in a test, as -net takes it.
func LineOf(spec string) Line {
	s, err := netsim.ParseSpec(spec)
	if err != nil {
		panic(err) // a test's own words
	}
	return Line{Net: netsim.Schedule{{Spec: s}}, Clock: s.Clock()}
}

// silent is a line of 3 ms that delivers nothing for 250 ms in the sixth second of the match.
func silent() netsim.Schedule {
	return append(netsim.Schedule{{Spec: netsim.Spec{RTT: 3 * time.Millisecond}}}, netsim.Step{At: 11 * time.Second, Spec: netsim.Spec{RTT: 503 * time.Millisecond}},
		netsim.Step{At: 11*time.Second + 40*time.Millisecond, Spec: netsim.Spec{RTT: 3 * time.Millisecond}})
}

// Links are the links that every change of synchronisation and of its figures is tried on.
func Links() []Link {
	lan, line := LAN, LineOf
	const ms = time.Millisecond
	return []Link{
		{"LAN", [2]Line{lan(), lan()}, [2]time.Duration{8 * ms, 8 * ms}, 0, 0},
		{"50 ms each way", [2]Line{lan(), line("rtt=100ms")}, [2]time.Duration{8 * ms, 110 * ms}, 0, 0},
		{"100 ms each way", [2]Line{lan(), line("rtt=200ms")}, [2]time.Duration{8 * ms, 210 * ms}, 0, 0},
		{"250 ms each way", [2]Line{line("rtt=500ms"), line("rtt=500ms")}, [2]time.Duration{510 * ms, 510 * ms}, 0, 0},
		{"50 and 200 ms", [2]Line{line("rtt=50ms"), line("rtt=200ms")}, [2]time.Duration{60 * ms, 210 * ms}, 0, 0},
		{"5 up, 40 down", [2]Line{line("rtt=10ms"), line("rtt=10ms,down.delay=40ms")}, [2]time.Duration{20 * ms, 55 * ms}, 0, 0},
		{"40 up, 5 down", [2]Line{line("rtt=10ms"), line("rtt=10ms,up.delay=40ms")}, [2]time.Duration{20 * ms, 55 * ms}, 0, 0},
		{"crossed", [2]Line{line("rtt=10ms,down.delay=40ms"), line("rtt=10ms,up.delay=40ms")}, [2]time.Duration{55 * ms, 55 * ms}, 0, 0},
		{"100±75 ms on one", [2]Line{line("rtt=2ms"), line("rtt=100ms,jitter=75ms")}, [2]time.Duration{8 * ms, 220 * ms}, 0.005, 0.01},
		{"heavy tail", [2]Line{line("rtt=2ms"), line("rtt=60ms,tail=5ms/1.5")}, [2]time.Duration{8 * ms, 0}, 0.005, 0.01},
		{"stalls", [2]Line{line("rtt=2ms"), line("rtt=50ms,stall=15%/200ms")}, [2]time.Duration{8 * ms, 0}, 0.01, 0.05},
		{"rare stalls", [2]Line{line("rtt=2ms"), line("rtt=60ms,jitter=20ms,stall=2%/300ms")}, [2]time.Duration{8 * ms, 0}, 0.03, 0.08},
		{"bursts", [2]Line{line("rtt=2ms"), line("rtt=40ms,stall=0.5%/120ms")}, [2]time.Duration{8 * ms, 0}, 0.015, 0.03},
		{"a full buffer down", [2]Line{lan(), line("rtt=10ms,buffer=300ms,down.load=10s/10s")}, [2]time.Duration{8 * ms, 0}, 0, 0},
		{"a full buffer up", [2]Line{lan(), line("rtt=10ms,buffer=300ms,up.load=10s/10s")}, [2]time.Duration{8 * ms, 0}, 0.05, 0.05},
		{"1 % lost, TCP", [2]Line{lan(), line("rtt=40ms,loss=1%")}, [2]time.Duration{8 * ms, 0}, 0.01, 0.03},
		{"5 % lost, TCP", [2]Line{lan(), line("rtt=40ms,loss=5%")}, [2]time.Duration{8 * ms, 0}, 0.01, 0.03},
		{"1 % lost, datagrams", [2]Line{lan(), line("rtt=40ms,loss=1%,over=datagrams")}, [2]time.Duration{8 * ms, 56 * ms}, 0.005, 0.01},
		{"2 % lost, datagrams", [2]Line{lan(), line("rtt=40ms,loss=2%,over=datagrams")}, [2]time.Duration{8 * ms, 58 * ms}, 0.005, 0.01},
		{"5 % lost, datagrams", [2]Line{lan(), line("rtt=40ms,loss=5%,over=datagrams")}, [2]time.Duration{8 * ms, 64 * ms}, 0.005, 0.01},
		{"wifi", [2]Line{lan(), line("wifi")}, [2]time.Duration{8 * ms, 0}, 0.015, 0.06},
		{"lte", [2]Line{lan(), line("lte")}, [2]time.Duration{8 * ms, 0}, 0.015, 0.06},
		{"transatlantic", [2]Line{lan(), line("transatlantic")}, [2]time.Duration{8 * ms, 0}, 0.01, 0.03},
		{"bloat", [2]Line{lan(), line("bloat")}, [2]time.Duration{8 * ms, 0}, 0.01, 0.03},
		{"an outage", [2]Line{lan(), {Net: silent()}}, [2]time.Duration{8 * ms, 9 * ms}, 0.01, 0.01},
	}
}
