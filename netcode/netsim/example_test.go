package netsim_test

import (
	"fmt"
	"time"

	"tandem/netcode/netsim"
	"tandem/netcode/transport"
)

// A Link needs no clock and no waiting: the caller says what time it is, and goes from one arrival to the
// next.
func Example() {
	spec, err := netsim.ParseSpec("rtt=60ms,jitter=20ms")
	if err != nil {
		fmt.Println(err)
		return
	}
	link := netsim.NewScheduledLink(netsim.Schedule{{Spec: spec}}, 1)
	for frame := range 3 {
		sent := time.Duration(frame) * time.Second / 30
		if err := link.Send(sent, fmt.Appendf(nil, "input %d", frame)); err != nil {
			fmt.Println(err)
			return
		}
	}
	for now, ok := link.Next(); ok; now, ok = link.Next() {
		link.Receive(now, func(data []byte) { fmt.Printf("%v: %s\n", now.Round(time.Millisecond), data) })
	}
	// Output:
	// 39ms: input 0
	// 71ms: input 1
	// 106ms: input 2
}

// Conditions change in time: from the first second on the line is slow.
func ExampleSchedule() {
	link := netsim.NewScheduledLink(netsim.Schedule{
		{Spec: netsim.Spec{RTT: 20 * time.Millisecond}},
		{At: time.Second, Spec: netsim.Spec{RTT: 300 * time.Millisecond}},
	}, 1)
	for _, sent := range []time.Duration{0, time.Second} {
		if err := link.Send(sent, []byte("input")); err != nil {
			fmt.Println(err)
			return
		}
		now, _ := link.Next()
		fmt.Println("sent at", sent, "arrives at", now)
		link.Receive(now, func([]byte) {})
	}
	// Output:
	// sent at 0s arrives at 10ms
	// sent at 1s arrives at 1.15s
}

// A room's lines as -net describes them: one for everybody, and what differs for a seat.
func ExampleParseSpecs() {
	lines, err := netsim.ParseSpecs([]string{"wifi", "up.loss=2%,seat=1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for seat := range 2 {
		fmt.Println(seat, lines.For(seat))
	}
	_, err = netsim.ParseSpec("rtt=60")
	fmt.Println(err)
	// Output:
	// 0 rtt=20ms,jitter=6ms,tail=2ms/1.5,loss=0.3%,burst=0.2%/60ms,seat=0
	// 1 rtt=20ms,jitter=6ms,tail=2ms/1.5,loss=0.3%,burst=0.2%/60ms,seat=1,up.loss=2%
	// network "rtt=60": rtt: "60" has no unit (ms, s): write for example rtt=60ms
}

// A Shaper puts such a line before a real connection.
func ExampleShaper_Wrap() {
	shaper, err := netsim.NewShaper(netsim.Schedule{{Spec: netsim.Spec{RTT: 4 * time.Millisecond}}}, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	near, far := transport.Pipe() // or what transport.Dial returns
	if near, err = shaper.Wrap(near); err != nil {
		fmt.Println(err)
		return
	}
	began := time.Now()
	if err := near.Write([]byte("hello")); err != nil {
		fmt.Println(err)
		return
	}
	data, err := far.Read()
	fmt.Printf("%s %v, after 2 ms or more: %v\n", data, err, time.Since(began) >= 2*time.Millisecond)
	fmt.Println(near.Close(transport.CodeNormal, "done"))
	_, err = far.Read()
	fmt.Println(err)
	// Output:
	// hello <nil>, after 2 ms or more: true
	// <nil>
	// the far end closed the connection: done (code 1000 normal end)
}
