package repeat

import (
	"testing"
	"time"
)

// TestLargeMessagesLeaveNothing: the memory of large messages is not kept when they are done with, in whatever
// places of the rings they were; and that of small ones is used again.
func TestLargeMessagesLeaveNothing(t *testing.T) {
	for _, inBulk := range []bool{false, true} {
		a, b := New(Config{MaxMessage: 9000}), New(Config{MaxMessage: 9000})
		a.Open(0, Stream)
		b.Open(0, Stream)
		var packets [][]byte
		carry := func() {
			for i := range packets { // the last comes first
				if err := b.Receive(0, Stream, packets[len(packets)-1-i]); err != nil {
					t.Fatal(err)
				}
			}
			packets = packets[:0]
			for kind := Message; kind == Message; {
				_, kind = b.Next(0, nil)
			}
			back, _ := b.Packet(AckDelay, Stream, nil)
			if err := a.Receive(0, Stream, back); err != nil {
				t.Fatal(err)
			}
		}
		write := func(n, size int) {
			for range n {
				a.Write(0, inBulk, make([]byte, size))
				packet, _ := a.Packet(0, Stream, nil)
				packets = append(packets, packet)
			}
			carry()
		}
		write(windowMessages-1, 12) // the rings are as long as they get
		for range windowMessages / 16 {
			write(16, 4<<10)
		}
		c, sum := class(inBulk), 0
		if n, m := len(a.out[c].ring), len(b.in[c].ring); n != windowMessages || m != windowMessages {
			t.Fatalf("the rings have %d and %d places", n, m)
		}
		for i := range windowMessages {
			sum += cap(a.out[c].ring[i].data) + cap(b.in[c].ring[i].data)
		}
		if sum > 512<<10 {
			t.Errorf("%d bytes are kept", sum)
		}
		for range windowMessages / 16 {
			write(16, 12)
		}
		now := time.Duration(0)
		small, buf, out := make([]byte, 12), make([]byte, 0, 100), make([]byte, 0, 100)
		if n := testing.AllocsPerRun(1000, func() {
			now += time.Second // not to be a flood
			a.Write(now, inBulk, small)
			packet, _ := a.Packet(now, Stream, out)
			err := b.Receive(now, Stream, packet)
			_, kind := b.Next(now, buf)
			back, _ := b.Packet(now+AckDelay, Stream, out)
			if err != nil || kind != Message || a.Receive(now, Stream, back) != nil {
				t.Fatal(err, kind)
			}
		}); n > 0 {
			t.Errorf("%v allocations for a small message", n)
		}
	}
}
