package client_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tandem/game/client"
	"tandem/game/sim"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/transport"
)

// spectator is a config without a seat. Its Input must never be asked for.
func (tab *table) spectator(name string) client.Config {
	cfg := tab.config(0)
	cfg.Screen = true
	cfg.Peer.Name, cfg.Peer.Seat, cfg.Peer.Watch, cfg.Peer.Create = name, -1, true, nil
	cfg.Input = func(*sim.Match, int) (session.Sampler, error) {
		tab.t.Error("a spectator was asked to play")
		return nil, nil
	}
	return cfg
}

// TestSpectators: one from the beginning, one from mid-match on, one that leaves. All see the same
// match, the players are told who watches, and nothing that a spectator wants reaches the room.
func TestSpectators(t *testing.T) {
	at(t, "slime", []string{"--", "frames=200", "spectators=2"}, func(t *testing.T, tab *table) {
		a, endA := tab.seat(tab.config(0))
		synctest.Wait()
		eve, endEve := tab.seat(tab.spectator("Eve"))
		synctest.Wait()
		v := until(t, eve, "waiting", func(v *client.View) bool { return v.Phase == client.Waiting && v.Watchers != "" })
		if !v.Watching || v.Seat != -1 || !strings.Contains(v.Detail, "You are watching") || v.Watchers != "Eve watches" || len(v.Rules) == 0 {
			t.Errorf("the spectator sees %q, %q, %q, %q", v.Headline, v.Detail, v.Watchers, v.Rules)
		}
		b, endB := tab.seat(tab.config(1))
		until(t, a, "playing", frame(40))
		eve.SetDelay("9")
		eve.Again()
		eve.SetAway(true)
		mallory, endMallory := tab.seat(tab.spectator("Mallory"))
		if v := until(t, a, "watched by two", func(v *client.View) bool { return v.Watchers == "Eve and Mallory watch" }); v.Watching {
			t.Error("a player is told to watch")
		}
		_, endThird := tab.seat(tab.spectator("Trent"))
		if r := <-endThird; r.code(t) != protocol.CodeRoomFull || !strings.Contains(r.Text, "spectators") {
			t.Errorf("one too many ended with %+v", r)
		}
		until(t, eve, "told that only players change the delay", func(v *client.View) bool { return strings.Contains(v.Notice, "Only the host") })
		until(t, eve, "far", frame(100))
		mallory.Leave()
		if r := <-endMallory; r.code(t) != protocol.CodeLeft {
			t.Errorf("who leaves ended with %+v", r)
		}
		until(t, a, "watched by one", func(v *client.View) bool { return v.Watchers == "Eve watches" })
		for i, rep := range together(t, 200, []*client.Client{a, b, eve}, []<-chan result{endA, endB, endEve}) {
			if rep.Substituted != 0 || (rep.Agent == "spectator") != (i == 2) || (rep.Seat < 0) != (i == 2) {
				t.Errorf("%d reports %+v", i, rep)
			}
		}
	})
}

// TestPlayAgain plays two matches in one room, between which each hears what the others want, and
// leaves after the second: which is no fault.
func TestPlayAgain(t *testing.T) {
	at(t, "slime", []string{"--", "frames=60", "rematch_ms=20000"}, func(t *testing.T, tab *table) {
		var seats []*client.Client
		var ends []<-chan result
		for i := range 2 {
			cfg := tab.config(i)
			cfg.Peer.Again = true
			c, end := tab.seat(cfg)
			seats, ends = append(seats, c), append(ends, end)
			synctest.Wait()
		}
		watch := tab.spectator("Eve")
		watch.Peer.Again = true
		eve, endEve := tab.seat(watch)
		over := func(v *client.View) bool { return v.Phase == client.Finished && v.Again > 0 }
		v := until(t, seats[0], "over", over)
		first := seats[0].Report()
		if v.AgainAsked || v.Again > 20*time.Second || v.Frame != 60 || first.End != "ok" {
			t.Errorf("after the match: %+v, %+v", v, first)
		}
		until(t, seats[1], "over", over)
		until(t, eve, "over", over)
		seats[0].Again()
		until(t, seats[0], "heard", func(v *client.View) bool {
			return v.AgainAsked && strings.HasPrefix(v.Detail, "You want another match; the others have not answered yet.")
		})
		until(t, seats[1], "told", func(v *client.View) bool { return strings.HasPrefix(v.Detail, "p0 wants another match.") })
		seats[1].Again()
		until(t, seats[0], "in the second match", func(v *client.View) bool { return v.Phase == client.Playing && v.Frame == 30 })
		until(t, eve, "in the second match", func(v *client.View) bool { return v.Phase == client.Playing && v.Frame >= 30 })
		var hashes []string
		for i, c := range append(slices.Clone(seats), eve) {
			v := until(t, c, "over again", func(v *client.View) bool { return over(v) && v.Frame == 60 })
			if v.AgainAsked {
				t.Errorf("%d: the wish for the second match is still on", i)
			}
			r := c.Report()
			if hashes = append(hashes, r.FinalHash); r.Matches != 2 || r.Desyncs != 0 || r.FinalHash != hashes[0] || r.FinalHash == first.FinalHash {
				t.Errorf("%d: the second match is reported as %+v", i, r)
			}
		}
		seats[1].Leave()
		if r := <-ends[1]; r.code(t) != protocol.CodeOK || r.Frames != 60 {
			t.Errorf("who leaves after the match ended with %+v", r)
		}
		until(t, seats[0], "told", func(v *client.View) bool { return strings.Contains(v.Detail, "Somebody has left") })
		seats[0].Again()
		if r := <-ends[0]; r.code(t) != protocol.CodeOK { // nobody came
			t.Errorf("who stayed ended with %+v", r)
		}
		<-endEve
	})
}

// TestAgreeableBot plays a second match as soon as the person wants one.
func TestAgreeableBot(t *testing.T) {
	at(t, "slime", []string{"--", "frames=30"}, func(t *testing.T, tab *table) {
		person, bot := tab.config(0), tab.config(1)
		person.Peer.Again, bot.Peer.Again, bot.Agrees = true, true, true
		a, endA := tab.seat(person)
		b, endB := tab.seat(bot)
		until(t, a, "asked", func(v *client.View) bool { return strings.Contains(v.Detail, "p1 wants another match.") })
		a.Again()
		until(t, a, "over again", func(*client.View) bool { return a.Report().Matches == 2 })
		a.Leave()
		b.Leave()
		<-endA
		<-endB
	})
}

// TestStandIn loses a player's line: the host's program brings a bot, which goes when the player is
// back, and everybody is told.
func TestStandIn(t *testing.T) {
	at(t, "slime", []string{"--", "frames=500", "on_disconnect=bot"}, func(t *testing.T, tab *table) {
		asked := 0
		host := tab.config(0)
		host.StandIn = func(m *sim.Match, seat int) (session.Sampler, error) {
			if asked++; seat != 1 {
				t.Errorf("a bot is wanted for seat %d", seat)
			}
			return sim.NewBotInput("ace", m, seat, 1)
		}
		a, endA := tab.seat(host)
		synctest.Wait()
		var down atomic.Bool
		guest := tab.config(1)
		guest.Dial = func(ctx context.Context) (transport.Conn, error) {
			if down.Load() {
				return nil, errors.New("the guest's network is down")
			}
			return tab.dial(ctx)
		}
		b, endB := tab.seat(guest)
		if v := until(t, a, "playing", frame(60)); v.Notice != "" {
			t.Errorf("told at the beginning: %q", v.Notice)
		}
		down.Store(true)
		tab.cut(1)
		until(t, a, "told of the bot", notice("A bot plays for p1 until they are back."))
		until(t, a, "with the bot", func(v *client.View) bool { return v.Players[1].Present && v.Players[1].Name == "p1 (bot)" })
		until(t, a, "on", frame(200))
		down.Store(false)
		until(t, a, "told of the player", notice("p1 is back."))
		until(t, a, "together again", func(v *client.View) bool { return v.Players[1].Present && v.Players[1].Name == "p1" })
		if r := together(t, 500, []*client.Client{a, b}, []<-chan result{endA, endB}); r[1].Reconnects != 1 || asked != 1 {
			t.Errorf("%d returns, %d bots wanted", r[1].Reconnects, asked)
		}
	})
}

// kept is what Config.Keep was called with.
type kept struct {
	token []byte
	calls int
}

func (k *kept) keep(_ string, token []byte) { k.token, k.calls = slices.Clone(token), k.calls+1 }

// TestClosedWindow: a window that is closed in mid-match leaves a token behind, with which the next
// program has the seat again; the other hears why it waits. A leave leaves nothing.
func TestClosedWindow(t *testing.T) {
	at(t, "slime", []string{"--", "frames=200", "on_disconnect=pause"}, func(t *testing.T, tab *table) {
		var first, second kept
		cfg := tab.config(1)
		cfg.Keep = first.keep
		a, endA := tab.seat(tab.config(0))
		b, endB := tab.seat(cfg)
		until(t, a, "playing", frame(60))
		b.HangUp()
		if r := <-endB; r.code(t) != protocol.CodeGone || !strings.Contains(r.Text, "join the room again") {
			t.Errorf("a closed window ended with %+v", r)
		}
		until(t, a, "waiting", func(v *client.View) bool {
			return v.Phase == client.Paused && strings.HasPrefix(v.Detail, "p1 has closed the game; the match waits")
		})
		if first.token == nil {
			t.Fatal("the token is not kept")
		}
		cfg.Keep, cfg.Peer.Seat, cfg.Peer.Token = second.keep, -1, first.token
		b, endB = tab.seat(cfg)
		reports := together(t, 200, []*client.Client{a, b}, []<-chan result{endA, endB})
		if reports[0].Pauses != 1 || reports[1].Seat != 1 || second.token != nil || second.calls < 2 {
			t.Errorf("%d pauses, seat %d, and the token after the match: %x", reports[0].Pauses, reports[1].Seat, second.token)
		}
	})
	at(t, "slime", nil, func(t *testing.T, tab *table) {
		var k kept
		cfg := tab.config(1)
		cfg.Keep = k.keep
		a, endA := tab.seat(tab.config(0))
		b, endB := tab.seat(cfg)
		until(t, a, "playing", frame(60))
		b.Leave()
		if <-endB; k.token != nil || k.calls < 2 {
			t.Errorf("who has left keeps the token %x", k.token)
		}
		if r := <-endA; r.code(t) != protocol.CodeLeft || !strings.HasPrefix(r.Text, "p1 left the match") {
			t.Errorf("the other ended with %+v", r)
		}
	})
}

// A page that unloads says so before its line is gone, hidden or not; one that was put aside and is
// back has taken that back.
func TestUnloadingPage(t *testing.T) {
	for _, c := range []struct {
		name string
		goes func(c *client.Client)
		want string
	}{
		{"closed", func(c *client.Client) { c.SetUnloads(true) }, "p1 has closed the game"},
		{"closed and then hidden", func(c *client.Client) { c.SetUnloads(true); synctest.Wait(); c.SetAway(true) }, "p1 has closed the game"},
		{"hidden and then closed", func(c *client.Client) { c.SetAway(true); synctest.Wait(); c.SetUnloads(true) }, "p1 has closed the game"},
		{"kept", func(c *client.Client) { c.SetUnloads(true); synctest.Wait(); c.SetUnloads(false) }, "The connection of p1 is gone"},
		{"hidden", func(c *client.Client) { c.SetAway(true) }, "The connection of p1 is gone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			at(t, "slime", []string{"--", "frames=200", "on_disconnect=pause"}, func(t *testing.T, tab *table) {
				a, endA := tab.seat(tab.config(0))
				synctest.Wait()
				b, endB := tab.seat(tab.config(1))
				until(t, a, "playing", frame(60))
				c.goes(b)
				time.Sleep(100 * time.Millisecond) // virtual: the line breaks after what was said
				tab.cutForGood(1)
				until(t, a, "waiting", func(v *client.View) bool {
					return v.Phase == client.Paused && strings.HasPrefix(v.Detail, c.want+"; the match waits")
				})
				b.Leave()
				<-endB
				a.Leave()
				<-endA
			})
		})
	}
}

// TestShortBreakIsNoStall breaks a line for a moment, so that the news that play goes on overtakes
// frames of before the pause: the pause must not count as a stall of play.
func TestShortBreakIsNoStall(t *testing.T) {
	at(t, "slime", []string{"--", "frames=200", "on_disconnect=pause"}, func(t *testing.T, tab *table) {
		a, endA := tab.seat(tab.config(0))
		synctest.Wait()
		b, endB := tab.seat(tab.config(1))
		until(t, a, "playing", frame(60))
		tab.cut(1)
		for i, r := range together(t, 200, []*client.Client{a, b}, []<-chan result{endA, endB}) {
			if r.Pauses+r.Reconnects == 0 || i == 0 && (r.Stalls.Count != 0 || r.Interval.P99 > 36) {
				t.Errorf("seat %d reports %+v", i, r)
			}
		}
	})
}

// TestRelayWords: who was cut off by a relay that will be back is told so, and where the relay was a
// friend's program, that it took the room along.
func TestRelayWords(t *testing.T) {
	at(t, "slime", nil, func(t *testing.T, tab *table) {
		a, endA := tab.seat(tab.config(0))
		b, endB := tab.seat(tab.config(1))
		until(t, a, "playing", frame(30))
		go tab.server.Restart()
		until(t, a, "told", func(v *client.View) bool {
			return v.Phase == client.Paused && v.Headline == "The relay is being restarted" && strings.Contains(v.Detail, "Your seat is kept")
		})
		a.Leave()
		b.Leave()
		<-endA
		<-endB
	})
}
