package client_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tandem/game/client"
	"tandem/netcode/protocol"
	"tandem/netcode/transport"
)

// TestComesBackAfterABreak: a broken line pauses the match for both, in words; the player comes back
// to the seat by itself, and both end with the same state.
func TestComesBackAfterABreak(t *testing.T) {
	at(t, "slime", []string{"--", "frames=900", "seed=2"}, func(t *testing.T, tab *table) {
		a, endA := tab.seat(tab.config(0))
		synctest.Wait()
		b, endB := tab.seat(tab.config(1))
		until(t, a, "playing", frame(300))
		tab.mu.Lock()
		tab.dead = true
		tab.mu.Unlock()
		tab.cut(1)
		// For three seconds there is no way back.
		time.Sleep(3 * time.Second) // virtual
		var va, vb client.View
		a.View(time.Now(), &va)
		b.View(time.Now(), &vb)
		if va.Phase != client.Paused || !strings.Contains(va.Detail, "connection of p1 is gone") || !strings.Contains(va.Detail, "s are left") {
			t.Errorf("who stayed sees %v, %q, %q", va.Phase, va.Headline, va.Detail)
		}
		if vb.Phase != client.Paused || vb.Headline != "Connection lost" {
			t.Errorf("who is cut off sees %v, %q, %q", vb.Phase, vb.Headline, vb.Detail)
		}
		tab.mu.Lock()
		tab.dead = false
		tab.mu.Unlock()
		ra, rb := <-endA, <-endB
		if ra.code(t) != protocol.CodeOK || rb.code(t) != protocol.CodeOK {
			t.Fatalf("ended with %+v and %+v", ra.End, rb.End)
		}
		pa, pb := a.Report(), b.Report()
		if pa.FinalHash != pb.FinalHash || pa.Frames != 900 || pb.Frames != 900 || pa.Desyncs+pb.Desyncs != 0 {
			t.Errorf("frames %d and %d, hashes %s and %s", pa.Frames, pb.Frames, pa.FinalHash, pb.FinalHash)
		}
		if pb.Reconnects != 1 || pa.Reconnects != 0 || pa.Pauses != 1 {
			t.Errorf("reconnects %d and %d, pauses %d", pa.Reconnects, pb.Reconnects, pa.Pauses)
		}
		if pa.Interval.P99 > 45 || pa.StepsPerS < 29.5 || pa.StepsPerS > 30.5 {
			t.Errorf("who stayed had intervals of %v ms and %v steps a second outside the pause", pa.Interval.P99, pa.StepsPerS)
		}
	})
}

// TestTriesAgainWhenTheRelayHadNoPatience: a page that compiles itself on a slow device may be too slow
// for the relay, which waits ten seconds for a join. It tries again, but not for ever.
func TestTriesAgainWhenTheRelayHadNoPatience(t *testing.T) {
	for _, vain := range []int{2, 9} {
		at(t, "slime", []string{"--", "frames=60", "seed=2"}, func(t *testing.T, tab *table) {
			_, endA := tab.seat(tab.config(0))
			synctest.Wait()
			cfg := tab.config(1)
			dial, tries := cfg.Dial, 0
			cfg.Dial = func(ctx context.Context) (transport.Conn, error) {
				if tries++; tries > vain {
					return dial(ctx)
				}
				near, far := transport.Pipe()
				go func() {
					_, _ = far.Read() // hello, which it does not answer
					time.Sleep(9 * time.Second)
					_ = far.Close(protocol.CloseBase+transport.Code(protocol.CodeSilent), "nobody joined")
				}()
				return near, nil
			}
			b, endB := tab.seat(cfg)
			time.Sleep(9*time.Second + 20*time.Millisecond) // virtual
			var v client.View
			if b.View(time.Now(), &v); v.Phase != client.Connecting || v.Headline != "Connecting to the relay" {
				t.Errorf("between two attempts: %v, %q, %q", v.Phase, v.Headline, v.Detail)
			}
			if vain > 3 {
				if r := <-endB; r.code(t) != protocol.CodeSilent || tries != 4 {
					t.Errorf("ended with %+v after %d attempts, want 4", r.End, tries)
				}
				tab.server.Close()
				<-endA
				return
			}
			if ra, rb := <-endA, <-endB; ra.code(t) != protocol.CodeOK || rb.code(t) != protocol.CodeOK {
				t.Fatalf("ended with %+v and %+v", ra.End, rb.End)
			}
			if r := b.Report(); r.Frames != 60 || r.Reconnects != 0 {
				t.Errorf("%d frames, %d reconnects: it never had a seat to come back to", r.Frames, r.Reconnects)
			}
		})
	}
}
