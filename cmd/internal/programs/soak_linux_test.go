package programs

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// TestSoak has 25 rooms play for half an hour, with an attack each minute: nobody loses anything, both
// players of each room have the same data, and the relay holds no more memory in the end than after its
// first minutes, but for what it keeps of every frame.
//
//	go test ./cmd/internal/programs -run 'TestSoak$' -long -timeout 2h -v
func TestSoak(t *testing.T) {
	if !*long {
		t.Skip("half an hour, for -long; TestForeignRooms is much the same in half a minute")
	}
	const (
		rooms, minutes = 25, 30
		frames         = minutes * 60 * 30
		attacked       = 15 * time.Second // of each minute
		settled        = 5                // minutes
		// A frame of two seats is 5 bytes in the log of its room. The log grows by a quarter at a time, and
		// the collector lets garbage grow to as much as what is in use.
		most = 2 * (rooms*frames*5*5/4 + 4<<20) >> 10
	)
	dir := t.TempDir()
	record := dir + "/record"
	server, addr := relayServer(t, "-key", dir+"/relay.key", "-record", record, "-trusted-proxies", proxy)
	f := &foe{t: t, orders: orders{Addr: addr, Record: record, Frames: frames, At: "127.66.0.1"}}
	for i := range rooms {
		f.Rooms = append(f.Rooms, fmt.Sprintf("crowd%d", i))
	}
	f.remembers()
	c := gather(t, addr, rooms, frames)
	began := time.Now()
	var held []int
	for minute := range minutes - 1 {
		a := &attacks[minute%len(attacks)]
		f.At = fmt.Sprintf("127.66.%d.1", minute+1)
		if err := f.on(a, attacked); err != nil {
			t.Fatal(err)
		}
		held = append(held, status(t, server, "VmRSS:"))
		r := c.readings()
		t.Logf("minute %2d: %6d KiB; %-30s %d tries, refused with %s; %v", minute, held[minute], a.name, f.Tries, f.told(), &r)
		time.Sleep(time.Until(began.Add(time.Duration(minute+1) * time.Minute)))
	}
	c.finish()
	if first, last := slices.Max(held[:settled]), slices.Max(held[settled:]); last > first+most {
		t.Errorf("the relay has grown from %d to %d KiB, want at most %d more", first, last, most)
	} else {
		t.Logf("the relay held at most %d KiB in the first %d minutes, and %d later; it may grow by %d", first, settled, last, most)
	}
}
