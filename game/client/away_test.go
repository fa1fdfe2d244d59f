package client_test

import (
	"strings"
	"testing"
	"time"

	"tandem/game/client"
	"tandem/netcode/protocol"
)

// TestAbsenceIsTold: who comes back to a page that was hidden, or to a device that slept, is told for
// how long, and is where the others are within two seconds.
func TestAbsenceIsTold(t *testing.T) {
	for _, c := range []struct {
		name  string
		leave func(c *client.Client)
		want  string
	}{
		{"hidden for 10 s", func(c *client.Client) {
			c.SetAway(true)
			time.Sleep(10 * time.Second) // virtual
			c.SetAway(false)
		}, "You were away for 10 s."},
		{"a glance at another tab", func(c *client.Client) {
			c.SetAway(true)
			time.Sleep(500 * time.Millisecond)
			c.SetAway(false)
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			at(t, "slime", []string{"--", "frames=600"}, func(t *testing.T, tab *table) {
				a, endA := tab.seat(tab.config(0))
				b, endB := tab.seat(tab.config(1))
				until(t, a, "playing", frame(60))
				c.leave(a)
				told := ""
				for range 2000 {
					var v client.View
					a.View(time.Now(), &v)
					if v.Notice != "" {
						told = v.Notice
					}
					time.Sleep(time.Millisecond)
				}
				if (c.want == "") != (told == "") || !strings.HasPrefix(told, c.want) {
					t.Errorf("told %q, want %q", told, c.want)
				}
				if d := int(b.Report().Frames) - int(a.Report().Frames); d < -2 || d > 2 {
					t.Errorf("two seconds after the return %d frames lie between the two", d)
				}
				if r := <-endA; r.code(t) != protocol.CodeOK {
					t.Errorf("ended with %+v", r.End)
				}
				<-endB
				if a, b := a.Report().FinalHash, b.Report().FinalHash; a != b {
					t.Errorf("they end at %s and %s", a, b)
				}
			})
		})
	}
}

func TestSleepIsTold(t *testing.T) {
	at(t, "slime", []string{"--", "frames=400"}, func(t *testing.T, tab *table) {
		slept := tab.config(1)
		awake := make(chan struct{})
		wrap(&slept, func(n, a int) int {
			if n == stallAt {
				time.Sleep(4 * time.Second) // virtual
				close(awake)
			}
			return a
		})
		_, endA := tab.seat(tab.config(0))
		b, endB := tab.seat(slept)
		<-awake
		until(t, b, "told", func(v *client.View) bool { return strings.HasPrefix(v.Notice, "This device stood still for 4 s.") })
		<-endA
		if r := <-endB; r.code(t) != protocol.CodeOK {
			t.Errorf("ended with %+v", r.End)
		}
	})
}

// The token of a seat takes it again for a program that starts anew; the first is told that it was
// taken over, and does not come back.
func TestTokenTakesTheSeatOver(t *testing.T) {
	at(t, "slime", []string{"--", "frames=300"}, func(t *testing.T, tab *table) {
		a, endA := tab.seat(tab.config(0))
		first := tab.config(1)
		var token []byte
		first.Keep = func(_ string, now []byte) {
			if len(now) > 0 {
				token = append([]byte(nil), now...)
			}
		}
		b, endB := tab.seat(first)
		until(t, b, "playing", frame(60))
		again := tab.config(-1)
		again.Peer.Token, again.Peer.Create = token, nil
		c, endC := tab.seat(again)
		if r := <-endB; r.code(t) != protocol.CodeTakenOver || !strings.Contains(r.Text, "taken over") {
			t.Errorf("the first ended with %+v", r.End)
		}
		if b.Report().Reconnects != 0 {
			t.Error("the first tried to come back")
		}
		ra, rc := <-endA, <-endC
		if ra.code(t) != protocol.CodeOK || rc.code(t) != protocol.CodeOK {
			t.Errorf("ended with %+v and %+v", ra.End, rc.End)
		}
		if a, c := a.Report(), c.Report(); a.FinalHash != c.FinalHash || c.Seat != 1 || c.Frames != 300 {
			t.Errorf("ended at %+v and %+v", a, c)
		}
	})
}
