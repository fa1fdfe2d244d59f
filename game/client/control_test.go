package client_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tandem/game/client"
	"tandem/game/sim"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/transport"
)

func notice(words string) func(v *client.View) bool {
	return func(v *client.View) bool { return v.Notice == words }
}

// TestHostChangesTheDelay: everybody is told, plays with it, and still sees the same game.
func TestHostChangesTheDelay(t *testing.T) {
	at(t, "slime", []string{"--", "frames=600", "delay=3"}, func(t *testing.T, tab *table) {
		host, endHost := tab.seat(tab.config(0))
		synctest.Wait()
		guest, endGuest := tab.seat(tab.config(1))

		synctest.Wait()
		host.StepDelay(1)
		until(t, host, "told", notice("The input delay can be changed while the match is played."))
		v := until(t, host, "playing", frame(60))
		if v.Delay != "3 frames (100 ms)" || v.Notice != "" {
			t.Errorf("before: delay %q, notice %q", v.Delay, v.Notice)
		}
		host.StepDelay(1)
		host.StepDelay(1) // waits for nothing: it counts from the first
		const told = "Input delay is now 5 frames (167 ms)"
		until(t, host, "told", notice(told))
		v = until(t, guest, "told", notice(told))
		if v.Delay != "5 frames (167 ms)" {
			t.Errorf("the guest's figure of the room's delay is %q", v.Delay)
		}
		until(t, guest, "left alone again", notice(""))
		v = until(t, guest, "on", frame(200))
		if got := v.Figures[client.InputDelay]; !got.Known || got.Now < 160 || got.Now > 175 {
			t.Errorf("the guest's inputs take %v ms now, want 167", got.Now)
		}

		guest.StepDelay(-1)
		until(t, guest, "refused", notice("Only the host can change the input delay: ask p0."))
		guest.SetDelay("auto")
		if v = until(t, guest, "on", frame(260)); v.Delay != "5 frames (167 ms)" {
			t.Errorf("a guest has changed the delay to %q", v.Delay)
		}

		host.SetDelay("31")
		until(t, host, "refused", func(v *client.View) bool {
			return v.Notice == "room option delay=31: write auto, a number of frames from 0 to 30, or strict: and such a number"
		})
		host.SetDelay("30")
		until(t, guest, "told", notice("Input delay is now 30 frames (1000 ms)"))
		host.StepDelay(1)
		until(t, host, "refused", notice("The input delay is 30 frames: it cannot be longer."))
		host.SetDelay("0")
		until(t, guest, "told", notice("Input delay is now 0 frames: the least that the links allow"))
		host.StepDelay(-1)
		until(t, host, "refused", notice("The input delay is 0 frames: it cannot be shorter."))
		host.SetDelay("auto")
		until(t, guest, "told", notice("Input delay is now automatic"))
		until(t, host, "on", frame(500))
		host.StepDelay(2) // from what it has been lately: nearly nothing on this line
		v = until(t, host, "told", func(v *client.View) bool { return v.Delay != "automatic" })
		if v.Delay != "2 frames (67 ms)" && v.Delay != "3 frames (100 ms)" {
			t.Errorf("two frames more than automatic are %q", v.Delay)
		}

		for _, end := range []<-chan result{endHost, endGuest} {
			if r := <-end; r.code(t) != protocol.CodeOK {
				t.Errorf("ended with %+v", r.End)
			}
		}
		a, b := host.Report(), guest.Report()
		if a.Desyncs+b.Desyncs != 0 || a.Frames != 600 || a.FinalHash != b.FinalHash || a.FinalHash == "" {
			t.Errorf("the games differ: %+v and %+v", a, b)
		}
	})
}

// TestKeyHeldDown: however fast a key repeats, every press counts.
func TestKeyHeldDown(t *testing.T) {
	at(t, "slime", []string{"--", "frames=300", "delay=3"}, func(t *testing.T, tab *table) {
		host, endHost := tab.seat(tab.config(0))
		synctest.Wait()
		_, endGuest := tab.seat(tab.config(1))
		until(t, host, "playing", frame(30))
		var pressing sync.WaitGroup
		for range 4 {
			pressing.Go(func() {
				for range 5 {
					host.StepDelay(1)
					time.Sleep(time.Millisecond)
				}
			})
		}
		pressing.Wait()
		until(t, host, "told", notice("Input delay is now 23 frames (767 ms)"))
		if r := <-endHost; r.code(t) != protocol.CodeOK {
			t.Errorf("ended with %+v", r.End)
		}
		<-endGuest
	})
}

// slowWriter is a line on which everything takes 2 ms to leave.
type slowWriter struct{ transport.Conn }

func (w slowWriter) Write(data []byte) error {
	time.Sleep(2 * time.Millisecond) // of virtual time
	return w.Conn.Write(data)
}

// TestNobodyWaitsForAnAwaySeat: where its input is not there first, the default action counts. It
// plays on when it is back.
func TestNobodyWaitsForAnAwaySeat(t *testing.T) {
	at(t, "slime", []string{"--", "frames=400", "delay=3"}, func(t *testing.T, tab *table) {
		cfg := tab.config(0)
		// A seat whose inputs are always the last is the one that others would wait for.
		cfg.Dial = func(ctx context.Context) (transport.Conn, error) {
			conn, err := tab.dial(ctx)
			return slowWriter{conn}, err
		}
		c, end := tab.seat(cfg)
		_, endB := tab.seat(tab.config(1))
		until(t, c, "playing", frame(60))
		late := c.Report().Substituted
		c.SetAway(true)
		until(t, c, "on", frame(120))
		gone := c.Report().Substituted - late
		if late != 0 || gone < 50 {
			t.Errorf("the default action counted in %d of 60 frames, and in %d before", gone, late)
		}
		c.SetAway(false)
		until(t, c, "on", frame(140))
		back := c.Report().Substituted
		until(t, c, "on", frame(200))
		if n := c.Report().Substituted - back; n != 0 {
			t.Errorf("%d inputs did not count after the return", n)
		}
		if r := <-end; r.code(t) != protocol.CodeOK {
			t.Errorf("ended with %+v", r.End)
		}
		<-endB
	})
}

func TestInviteSaysHowToJoin(t *testing.T) {
	at(t, "slime", nil, func(t *testing.T, tab *table) {
		cfg := tab.config(0)
		cfg.Invite = func(code string) string { return "Come to " + code + "." }
		c, end := tab.seat(cfg)
		v := until(t, c, "waiting", func(v *client.View) bool { return v.Phase == client.Waiting })
		if v.Detail != "Come to r." {
			t.Errorf("the waiting screen says %q", v.Detail)
		}
		c.Leave()
		<-end
	})
}

// TestBatchWindowOfTheRoom: the inputs that a window covers travel together, in fewer frames.
func TestBatchWindowOfTheRoom(t *testing.T) {
	delay := func(window string) (ms float64) {
		at(t, "slime", []string{"--", "frames=90", "delay=auto", window}, func(t *testing.T, tab *table) {
			c, end := tab.seat(tab.config(0))
			_, endB := tab.seat(tab.config(1))
			if r := <-end; r.code(t) != protocol.CodeOK {
				t.Errorf("ended with %+v", r.End)
			}
			<-endB
			ms = c.Report().RTT.P50
		})
		return ms
	}
	// A ping waits for the client's window, its answer for the relay's.
	if without, with := delay("batch_window_ms=0"), delay("batch_window_ms=20"); without > 1 || with < 39 || with > 41 {
		t.Errorf("round trips of %v ms without a window and %v ms with one of 20 ms on each side", without, with)
	}
}

// TestOpponentsAreNotTogether: different rewards tell them from a team.
func TestOpponentsAreNotTogether(t *testing.T) {
	at(t, "slime", []string{"--", "frames=450", "seed=3"}, func(t *testing.T, tab *table) {
		a, end := tab.seat(tab.config(0))
		cfg := tab.config(1)
		cfg.Input = func(m *sim.Match, seat int) (session.Sampler, error) {
			return sim.NewBotInput("baseline", m, seat, 1)
		}
		_, endB := tab.seat(cfg)
		<-end
		<-endB
		var v client.View
		a.View(time.Now(), &v)
		if v.Scores[0] == 0 || v.Together || !strings.HasSuffix(v.Headline, " won") {
			t.Errorf("scores %v, together: %v, %q", v.Scores, v.Together, v.Headline)
		}
	})
}
