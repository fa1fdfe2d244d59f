package client_test

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tandem/game/client"
	"tandem/game/sim"
	"tandem/netcode/protocol"
	"tandem/netcode/relay"
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

// TestNobodyComes waits for half an hour: what becomes of the room is told before, and is old news once
// somebody has come.
func TestNobodyComes(t *testing.T) {
	at(t, "testenv", []string{"seats=3"}, func(t *testing.T, tab *table) {
		a, end := tab.seat(tab.config(0))
		if v := until(t, a, "waiting", func(v *client.View) bool { return v.Phase == client.Waiting }); strings.Contains(v.Detail, "in 5 minutes") {
			t.Errorf("at the beginning: %q", v.Detail)
		}
		time.Sleep(26 * time.Minute)
		until(t, a, "told", func(v *client.View) bool {
			return v.Phase == client.Waiting && strings.Contains(v.Detail, "the room ends in 5 minutes")
		})
		b, gone := tab.seat(tab.config(1))
		until(t, a, "no longer alone", func(v *client.View) bool { return v.Headline == "Waiting for one more player" })
		b.Leave()
		<-gone
		if v := until(t, a, "alone again", func(v *client.View) bool { return v.Headline == "Waiting for 2 more players" }); strings.Contains(v.Detail, "in 5 minutes") {
			t.Errorf("after a visit: %q", v.Detail)
		}
		if r := <-end; r.code(t) != protocol.CodeRoomOver || !strings.Contains(r.Text, "within 30 minutes") {
			t.Errorf("the room ended with %+v", r)
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
		for i, c := range seats {
			r := c.Report()
			if r.Frames != 120 || r.Executed+r.Substituted < 118 || r.Interval.N != 118 || math.Abs(r.StepsPerS-30) > 0.1 || math.Abs(r.SyncsPerMin) > 0 {
				t.Errorf("%d: both matches are reported as %+v", i, r)
			}
		}
		seats[1].Leave()
		if r := <-ends[1]; r.code(t) != protocol.CodeOK || r.Frames != 60 {
			t.Errorf("who leaves after the match ended with %+v", r)
		}
		until(t, seats[0], "told", func(v *client.View) bool { return strings.Contains(v.Detail, "A player has left") })
		seats[0].Again()
		if r := <-ends[0]; r.code(t) != protocol.CodeOK { // nobody came
			t.Errorf("who stayed ended with %+v", r)
		}
		<-endEve
	})
}

// TestReportOfTwoMatches: every figure of a report is of all matches. A second one that ends before its first
// frame takes nothing from the first.
func TestReportOfTwoMatches(t *testing.T) {
	at(t, "slime", []string{"lives=1", "--", "frames=300", "rematch_ms=20000"}, func(t *testing.T, tab *table) {
		var seats []*client.Client
		var ends []<-chan result
		for i := range 2 {
			cfg := tab.config(i)
			cfg.Peer.Again, cfg.Agrees = true, i == 0
			c, end := tab.seat(cfg)
			seats, ends = append(seats, c), append(ends, end)
			synctest.Wait()
		}
		sums := map[string]float64{}
		for match := range 2 {
			until(t, seats[1], "over", func(v *client.View) bool { return v.Again > 0 && seats[1].Report().Matches == match+1 })
			var v client.View
			seats[1].View(time.Now(), &v)
			for i, a := range v.Spec.Agents {
				sums[a] += v.Scores[i]
			}
			seats[1].Again()
			until(t, seats[1], "in the next match", func(v *client.View) bool { return v.Phase == client.Countdown || v.Phase == client.Playing })
		}
		if sums["agent_left"] == 0 {
			t.Error("nobody has scored, so nothing is seen")
		}
		seats[1].Leave() // in the countdown to the third
		<-ends[1]
		<-ends[0]
		for i, c := range seats {
			r := c.Report()
			if r.Frames != 600 || r.Matches != 2 || r.Verdict.Level != client.Green || r.End != "ok" || r.FinalHash == "" || !maps.Equal(r.Rewards, sums) {
				t.Errorf("seat %d has played two matches, whose rewards were %v, and reports %+v", i, sums, r)
			}
		}
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
		guest.Dial = tab.dialUnless(&down)
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

// TestWhatTheBotPlayed: what a bot has played for somebody who was away is none of that player's inputs. The
// line is gone for twenty seconds, and what was missed comes as history.
func TestWhatTheBotPlayed(t *testing.T) {
	at(t, "slime", []string{"lives=9", "--", "frames=1200", "on_disconnect=bot"}, func(t *testing.T, tab *table) {
		a, b, endA, endB := tab.away(t, 100, 700)
		reports := together(t, 1200, []*client.Client{a, b}, []<-chan result{endA, endB})
		r := reports[1]
		if r.Absent < 590 || r.Absent > 700 || r.Executed > 1200-r.Absent || r.Reconnects != 1 || r.Rewinds != 0 || r.Resyncs != 0 {
			t.Errorf("who was away for 20 s reports %d inputs executed, %d absent, %d returns, %d rewinds, %d repairs", r.Executed, r.Absent, r.Reconnects, r.Rewinds, r.Resyncs)
		}
		if n := r.Inputs(); n < 1150 || n > 1200 {
			t.Errorf("%d inputs of 1200 frames are reported", n)
		}
		c, err := client.ParseCondition("absent>1%")
		if err != nil {
			t.Fatal(err)
		}
		if c.Check(&r) == "" {
			t.Error("-fail-if 'absent>1%' does not fail")
		}
		if r := reports[0]; r.Absent != 0 || r.Executed+r.Substituted < 1190 {
			t.Errorf("who was there all the time reports %d executed, %d absent", r.Executed, r.Absent)
		}
	})
}

// away seats two players, the first with a bot to offer, and takes the line of the second away from one frame
// to another.
func (tab *table) away(t *testing.T, from, to uint32) (a, b *client.Client, endA, endB <-chan result) {
	t.Helper()
	host := tab.config(0)
	host.StandIn = func(m *sim.Match, seat int) (session.Sampler, error) { return sim.NewBotInput("random", m, seat, 1) }
	a, endA = tab.seat(host)
	synctest.Wait()
	var down atomic.Bool
	guest := tab.config(1)
	guest.Dial = tab.dialUnless(&down)
	b, endB = tab.seat(guest)
	until(t, a, "playing", frame(from))
	down.Store(true)
	tab.cut(1)
	until(t, a, "on", frame(to))
	down.Store(false)
	return a, b, endA, endB
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
// back has taken that back. Where the browser left it no time to say anything, the browser's own goodbye
// tells.
func TestUnloadingPage(t *testing.T) {
	for _, c := range []struct {
		name string
		goes func(c *client.Client)
		bye  transport.Code // how its line ends; CodeAbnormal: it breaks
		want string
	}{
		{"closed", func(c *client.Client) { c.SetUnloads(true) }, transport.CodeAbnormal, "p1 has closed the game"},
		{"closed and then hidden", func(c *client.Client) { c.SetUnloads(true); synctest.Wait(); c.SetAway(true) }, transport.CodeAbnormal, "p1 has closed the game"},
		{"hidden and then closed", func(c *client.Client) { c.SetAway(true); synctest.Wait(); c.SetUnloads(true) }, transport.CodeAbnormal, "p1 has closed the game"},
		{"kept", func(c *client.Client) { c.SetUnloads(true); synctest.Wait(); c.SetUnloads(false) }, transport.CodeAbnormal, "The connection of p1 is gone"},
		{"hidden", func(c *client.Client) { c.SetAway(true) }, transport.CodeAbnormal, "The connection of p1 is gone"},
		{"closed without a word", func(*client.Client) {}, transport.CodeGoingAway, "p1 has closed the game"},
		{"hung up without a word", func(*client.Client) {}, transport.CodeNormal, "The connection of p1 is gone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			at(t, "slime", []string{"--", "frames=200", "on_disconnect=pause"}, func(t *testing.T, tab *table) {
				a, endA := tab.seat(tab.config(0))
				synctest.Wait()
				b, endB := tab.seat(tab.config(1))
				until(t, a, "playing", frame(60))
				c.goes(b)
				time.Sleep(100 * time.Millisecond) // virtual: the line breaks after what was said
				if c.bye == transport.CodeAbnormal {
					tab.cutForGood(1)
				} else {
					tab.closeForGood(1, c.bye)
				}
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
			return v.Phase == client.Paused && v.Headline == "The relay is being restarted" && v.Detail == "The match goes on when it is back. Your seat is kept for a while."
		})
		a.Leave()
		b.Leave()
		<-endA
		<-endB
	})
}

// A name decides nothing: who is called as a bot is announced comes, goes and comes back as anybody does.
func TestNameThatEndsAsABots(t *testing.T) {
	at(t, "slime", []string{"--", "frames=300", "on_disconnect=substitute"}, func(t *testing.T, tab *table) {
		a, endA := tab.seat(tab.config(0))
		synctest.Wait()
		var down atomic.Bool
		guest := tab.config(1)
		guest.Peer.Name = "Ann (bot)"
		guest.Dial = tab.dialUnless(&down)
		b, endB := tab.seat(guest)
		if v := until(t, a, "playing", frame(60)); v.Players[1].Name != "Ann (bot)" {
			t.Errorf("the player is shown as %q", v.Players[1].Name)
		}
		down.Store(true)
		tab.cut(1)
		until(t, a, "told of the loss", notice("Ann (bot) has disconnected; the match goes on without them."))
		down.Store(false)
		until(t, a, "told of the return", notice("Ann (bot) is back."))
		together(t, 300, []*client.Client{a, b}, []<-chan result{endA, endB})
	})
}

// Whether a room ends with its host's program is what the relay says, whatever it calls itself.
func TestRoomInsideAProgram(t *testing.T) {
	for _, c := range []struct {
		program  string
		embedded bool
	}{{"tandem 1.0", false}, {"tandem-relay 1.0", true}} {
		at(t, "testenv", []string{"seats=2"}, func(t *testing.T, tab *table) {
			tab.restart(func(o *relay.Options) { o.Program, o.Embedded = c.program, c.embedded })
			_, endA := tab.seat(tab.config(0))
			b, endB := tab.seat(tab.config(1))
			until(t, b, "playing", frame(3))
			tab.mu.Lock()
			lines := slices.Clone(tab.lines)
			tab.dead = true
			tab.mu.Unlock()
			for _, l := range lines {
				l.Abort()
			}
			v := until(t, b, "cut off", func(v *client.View) bool { return strings.Contains(v.Detail, "reach the relay again") })
			if strings.Contains(v.Detail, "inside the host's program") != c.embedded {
				t.Errorf("of %+v it says: %s", c, v.Detail)
			}
			<-endA
			<-endB
			b.View(time.Now(), v)
			if strings.Contains(v.Detail, "The room lived inside") != c.embedded {
				t.Errorf("of %+v it says at the end: %s", c, v.Detail)
			}
		})
	}
}

// dialUnless dials while the network is not down.
func (tab *table) dialUnless(down *atomic.Bool) func(context.Context) (transport.Conn, error) {
	return func(ctx context.Context) (transport.Conn, error) {
		if down.Load() {
			return nil, errors.New("the guest's network is down")
		}
		return tab.dial(ctx)
	}
}
