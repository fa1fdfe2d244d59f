package session_test

import (
	"slices"
	"testing"
	"time"

	"tandem/netcode/netsim"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/sessiontest"
)

// soon is within how many frames of something suspicious states must be hashed; by themselves they are
// every 30 frames.
const soon = 5

// A substituted input has states hashed within five frames of it.
func TestSubstitutedInputIsHashedSoon(t *testing.T) {
	d := newDriver(t, 2).start()
	flagged := map[uint32]bool{}
	d.onBundle = func(_ session.ConnID, b *protocol.Bundle) {
		if b.Flags&protocol.FlagHash != 0 {
			flagged[b.Frame] = true
		}
	}
	const missed = 35
	for f := range uint32(missed + soon + 1) {
		d.at(f, -20*ms)
		d.action(1, f, 1)
		if f != missed {
			d.action(2, f, 1)
		}
		d.at(f, 0)
	}
	if b, _ := d.room.Log(missed); b.Substituted != 2 {
		t.Fatalf("substituted in frame %d: %b", missed, b.Substituted)
	}
	if len(flagged) != 2 || !flagged[29] || !flagged[missed+soon] {
		t.Errorf("hashed are %v, want 29 and %d", flagged, missed+soon)
	}
}

// So have a spike of the round trip and an Update that comes late, at any seat: the seat asks.
func TestTroubleIsHashedSoon(t *testing.T) {
	const rtt, begins = 20 * ms, 8 * time.Second
	calm := netsim.Spec{RTT: rtt}
	for _, c := range []struct {
		name  string
		net   netsim.Schedule
		sleep time.Duration
	}{
		{"nothing", netsim.Schedule{{Spec: calm}}, 0},
		{"a spike", netsim.Schedule{{Spec: calm}, {At: begins, Spec: netsim.Spec{RTT: rtt + 80*ms}}, {At: begins + time.Second, Spec: calm}}, 0},
		{"a late Update", netsim.Schedule{{Spec: calm}}, 150 * ms},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := matchConfig(300)
			cfg.Delay = options.Delay{Mode: options.DelayFixed, Frames: 15} // no input is ever late
			w := foldWorld(1, cfg, lan(), sessiontest.Line{Net: c.net})
			var asked []uint32 // the frames that were open then
			asks := 0
			w.OnRoom = func(_ time.Duration, e *session.RoomEvent) {
				switch {
				case e.Kind == session.RoomReceived && e.Type == protocol.TypeRequestHash:
					asks++
				case e.Kind == session.RoomClosed && asks > len(asked):
					asked = append(asked, e.Frame)
				}
			}
			if c.sleep > 0 {
				at(w, 0, 85, func() { w.Sleep(1, w.Now+c.sleep) })
			}
			if !w.Run(time.Minute) {
				t.Fatal("the match did not end")
			}
			ended(t, w, 0, 1)
			var flagged []uint32
			for f := range w.Room.Frames() {
				b, _ := w.Room.Log(f)
				if b.Substituted != 0 {
					t.Fatalf("an input of frame %d was substituted: that has it hashed soon, too", f)
				}
				if b.Flags&protocol.FlagHash != 0 {
					flagged = append(flagged, f)
				}
			}
			if want := c.name != "nothing"; (len(asked) > 0) != want || asks != len(asked) {
				t.Fatalf("a hash was asked for %d times, at %v", asks, asked)
			}
			for _, f := range asked {
				if !slices.ContainsFunc(flagged, func(h uint32) bool { return h >= f && h <= f+soon }) {
					t.Errorf("asked at frame %d, hashed are %v", f, flagged)
				}
				if f%session.FrameRate >= session.FrameRate-1-soon {
					t.Errorf("at frame %d the next hash would be near anyway: this tests nothing", f)
				}
			}
		})
	}
}
