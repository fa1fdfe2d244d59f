package client_test

import (
	"strings"
	"sync"
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

// A match waits to begin for a player whose page is hidden. The others read whom they wait for, and the
// page is told what a screen would say although it draws nothing.
func TestHiddenHostIsToldToComeBack(t *testing.T) {
	at(t, "slime", []string{"--", "frames=90"}, func(t *testing.T, tab *table) {
		var mu sync.Mutex
		var said []string
		host := tab.config(0)
		host.Peer.Name = "Ann"
		host.Unseen = func(headline, detail string) {
			mu.Lock()
			defer mu.Unlock()
			said = append(said, headline+". "+detail)
		}
		last := func() string {
			mu.Lock()
			defer mu.Unlock()
			if len(said) == 0 {
				return ""
			}
			return said[len(said)-1]
		}
		a, endA := tab.seat(host)
		until(t, a, "waiting", func(v *client.View) bool { return v.Phase == client.Waiting })
		a.SetAway(true)
		time.Sleep(time.Second) // virtual
		if s := last(); !strings.HasPrefix(s, "Waiting for one more player.") {
			t.Errorf("hidden and alone it says %q", s)
		}
		guest := tab.config(1)
		guest.Peer.Name = "Bo"
		b, endB := tab.seat(guest)
		v := until(t, b, "told whom it waits for", func(v *client.View) bool { return v.Headline == "Waiting for Ann to come back" })
		if want := "Ann has another window in front. The match begins without them in 2 minutes."; v.Detail != want {
			t.Errorf("the friend reads %q, want %q", v.Detail, want)
		}
		time.Sleep(73 * time.Second)
		if s := last(); s != "Bo is here: come back to begin. The match begins without you in 50 s." {
			t.Errorf("hidden it says %q", s)
		}
		if v := until(t, b, "still waiting", func(v *client.View) bool { return v.Phase == client.Waiting }); v.Frame != 0 {
			t.Errorf("it began without the host: %+v", v)
		}
		heard := len(said)
		a.SetAway(false)
		until(t, b, "playing", frame(1))
		if len(said) != heard {
			t.Errorf("seen again it says %q", said[heard:])
		}
		if ra, rb := <-endA, <-endB; ra.code(t) != protocol.CodeOK || rb.code(t) != protocol.CodeOK {
			t.Errorf("ended with %+v and %+v", ra.End, rb.End)
		}
	})
}

// At the limit it begins without who is away, and says so to all; the end is told as well.
func TestMatchBeginsWithoutWhoIsAway(t *testing.T) {
	at(t, "slime", []string{"--", "frames=90", "away_wait_ms=5000"}, func(t *testing.T, tab *table) {
		said := map[string]bool{}
		host := tab.config(0)
		host.Unseen = func(headline, _ string) { said[headline] = true }
		a, endA := tab.seat(host)
		a.SetAway(true)
		b, endB := tab.seat(tab.config(1))
		v := until(t, b, "about to begin", func(v *client.View) bool { return v.Phase == client.Countdown })
		if want := "p0 has another window in front: the match begins without them."; v.Detail != want {
			t.Errorf("the other reads %q, want %q", v.Detail, want)
		}
		<-endA
		<-endB
		for _, want := range []string{"p1 is here: come back to begin", "The match begins without you", "The match goes on without you"} {
			if !said[want] {
				t.Errorf("it never says %q; it said %v", want, said)
			}
		}
		if len(said) < 5 { // what it waited for before, and how it ended
			t.Errorf("it said only %v", said)
		}
	})
}
