package client_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tandem/game/client"
	"tandem/game/sim"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/transport"
)

func TestViewThroughAMatch(t *testing.T) {
	at(t, "slime", []string{"--", "frames=60", "countdown_ms=2000", "delay=3"}, func(t *testing.T, tab *table) {
		cfg := tab.config(0)
		cfg.Screen = true
		c := client.New(cfg)
		var v client.View
		c.View(time.Now(), &v)
		if v.Phase != client.Connecting || v.Headline != "Connecting to the relay" || v.Seat != -1 || v.Spec != nil {
			t.Errorf("before Run: %+v", v)
		}
		end := make(chan result, 1)
		go func() {
			e, err := c.Run(t.Context())
			end <- result{e, err}
		}()
		time.Sleep(time.Second)
		c.View(time.Now(), &v)
		if v.Phase != client.Waiting || v.Headline != "Waiting for one more player" || !strings.Contains(v.Detail, "code: r") || v.Room != "r" {
			t.Errorf("alone: %v, %q, %q", v.Phase, v.Headline, v.Detail)
		}
		if len(v.Players) != 2 || !v.Players[0].You || !v.Players[0].Host || v.Players[0].Name != "p0" || v.Players[0].Agent != "left" || v.Players[1].Present {
			t.Errorf("alone: players %+v", v.Players)
		}
		_, endB := tab.seat(tab.config(1))
		time.Sleep(100 * time.Millisecond) // fewer than the three pings that make a peer ready
		c.View(time.Now(), &v)
		if v.Phase != client.Waiting || v.Headline != "Waiting for the others to be ready" || v.Detail != "" || v.Players[1].Name != "p1" || v.Players[1].You {
			t.Errorf("both there: %v, %q, %q, %+v", v.Phase, v.Headline, v.Detail, v.Players)
		}
		count := until(t, c, "counting down", func(v *client.View) bool { return v.Phase == client.Countdown })
		if count.Starting < time.Second || count.Starting > 3*time.Second || count.Headline == "" {
			t.Errorf("counting down: %v until the start, %q", count.Starting, count.Headline)
		}
		if n := len(count.Cur.Items); n == 0 || len(count.Prev.Items) != 0 {
			t.Errorf("counting down: pictures of %d and %d items, want the first alone", len(count.Prev.Items), n)
		}
		play := until(t, c, "playing", frame(30))
		if play.Phase != client.Playing || play.Headline != "" || play.Frames != 60 || play.Step != 30 || play.Spec.Name != "slime" {
			t.Errorf("playing: %v, %q, frame %d of %d, step %d", play.Phase, play.Headline, play.Frame, play.Frames, play.Step)
		}
		if play.Alpha < 0 || play.Alpha > 1 || len(play.Prev.Items) == 0 || play.Figures[client.InputDelay].Now < 90 || play.Figures[client.InputDelay].Now > 110 {
			t.Errorf("playing: alpha %v, %d items before, input delay %v", play.Alpha, len(play.Prev.Items), play.Figures[client.InputDelay].Now)
		}
		if r := <-end; r.code(t) != protocol.CodeOK {
			t.Errorf("ended with %+v", r.End)
		}
		<-endB
		c.View(time.Now(), &v)
		if v.Phase != client.Finished || v.Headline == "" || v.Detail == "" || v.Frame != 60 {
			t.Errorf("at the end: %v, %q, %q after frame %d", v.Phase, v.Headline, v.Detail, v.Frame)
		}
	})
}

// TestViewCountsMissingPlayers fills a room of many seats.
func TestViewCountsMissingPlayers(t *testing.T) {
	at(t, "testenv", []string{"seats=4"}, func(t *testing.T, tab *table) {
		a, endA := tab.seat(tab.config(0))
		synctest.Wait()
		var v client.View
		a.View(time.Now(), &v)
		if v.Headline != "Waiting for 3 more players" {
			t.Errorf("one of four: %q", v.Headline)
		}
		b, endB := tab.seat(tab.config(3))
		synctest.Wait()
		a.View(time.Now(), &v)
		if v.Headline != "Waiting for 2 more players" || a.Seats() != 4 {
			t.Errorf("two of four: %q, %d seats", v.Headline, a.Seats())
		}
		b.Leave()
		<-endB
		synctest.Wait()
		a.View(time.Now(), &v)
		if v.Headline != "Waiting for 3 more players" {
			t.Errorf("one has left: %q", v.Headline)
		}
		a.Leave()
		<-endA
	})
}

// TestPicturesAcrossAReset: after a reset there is nothing to move from, until the next state.
func TestPicturesAcrossAReset(t *testing.T) {
	at(t, "testenv", []string{"episode_steps=20", "episodes=3"}, func(t *testing.T, tab *table) {
		cfg := tab.config(0)
		cfg.Screen = true
		c, end := tab.seat(cfg)
		blind, endB := tab.seat(tab.config(1))
		var v client.View
		resets, moves := 0, 0
		var last uint32
		for c.View(time.Now(), &v); v.Phase != client.Finished; c.View(time.Now(), &v) {
			if v.Frame != last {
				last = v.Frame
				fresh := v.Frame == 20 || v.Frame == 50 // the last frame of an episode shows the next one's start
				if (len(v.Prev.Items) == 0) != fresh {
					t.Errorf("frame %d: %d items to move from", v.Frame, len(v.Prev.Items))
				}
				if fresh {
					resets++
				} else {
					moves++
				}
				if v.Holding != (v.Frame >= 20 && v.Frame < 30 || v.Frame >= 50 && v.Frame < 60) {
					t.Errorf("frame %d: holding %v", v.Frame, v.Holding)
				}
			}
			time.Sleep(time.Millisecond)
		}
		if resets != 2 || moves < 70 {
			t.Errorf("%d resets and %d other frames were seen", resets, moves)
		}
		<-end
		<-endB
		blind.View(time.Now(), &v)
		if len(v.Cur.Items) != 0 {
			t.Error("pictures are made for a client without a screen")
		}
	})
}

// TestEndsInWords ends matches in every way there is.
func TestEndsInWords(t *testing.T) {
	refuse := errors.New("no relay answers at here:7777: start one")
	for _, c := range []struct {
		name     string
		change   func(tab *table, cfg *client.Config)
		during   func(tab *table, c, other *client.Client)
		code     protocol.Code
		headline string
		detail   string
	}{
		{name: "relay unreachable", change: func(_ *table, cfg *client.Config) {
			cfg.Dial = func(context.Context) (transport.Conn, error) { return nil, refuse }
		}, code: protocol.CodeGone, headline: "Could not connect", detail: refuse.Error()},
		{name: "no answer", change: func(_ *table, cfg *client.Config) {
			cfg.Dial = func(context.Context) (transport.Conn, error) {
				near, far := transport.Pipe()
				go func() { // takes everything and says nothing
					for {
						if _, err := far.Read(); err != nil {
							return
						}
					}
				}()
				return near, nil
			}
		}, code: protocol.CodeSilent, headline: "Could not connect", detail: "did not answer"},
		{name: "no such room", change: func(_ *table, cfg *client.Config) { cfg.Peer.Room, cfg.Peer.Create = "elsewhere", nil },
			code: protocol.CodeNoRoom, headline: "Could not join", detail: `no room "elsewhere"`},
		{name: "contrary option", change: func(_ *table, cfg *client.Config) { cfg.Peer.Require = []string{"delay=9"} },
			code: protocol.CodeOptions, headline: "Could not join", detail: "delay=auto"},
		{name: "seat taken", change: func(_ *table, cfg *client.Config) { cfg.Peer.Seat = 1 },
			code: protocol.CodeSeat, headline: "Could not join", detail: "taken"},
		{name: "no such environment", change: func(_ *table, cfg *client.Config) {
			cfg.Peer.Room, cfg.Peer.Create = "", []string{"env=chess", "actions=3", "players=2"}
		}, code: protocol.CodeEnvironment, headline: "Could not join", detail: `no environment "chess"`},
		{name: "no such bot", change: func(_ *table, cfg *client.Config) {
			cfg.Input = func(m *sim.Match, seat int) (session.Sampler, error) { return sim.NewBotInput("deep", m, seat, 1) }
		}, code: protocol.CodeEnvironment, headline: "Could not join", detail: `no bot "deep"`},
		{name: "line breaks", during: func(tab *table, _, _ *client.Client) { tab.cutForGood(1) },
			code: protocol.CodeGone, headline: "Disconnected", detail: "could not be made again within 30 s"},
		{name: "own leave", during: func(_ *table, c, _ *client.Client) { c.Leave(); c.Leave() },
			code: protocol.CodeLeft, headline: "You left", detail: "You left"},
		{name: "other leaves", during: func(_ *table, _, other *client.Client) { other.Leave() },
			code: protocol.CodeLeft, headline: "A player left", detail: "p1 left the match"},
		{name: "other's line breaks", during: func(tab *table, _, _ *client.Client) { tab.cutForGood(0) },
			code: protocol.CodeGone, headline: "A player has disconnected", detail: "p1 did not come back"},
		{name: "relay stops", during: func(tab *table, _, _ *client.Client) { tab.server.Close() },
			code: protocol.CodeShutdown, headline: "The relay is shutting down", detail: "The match ends here."},
	} {
		t.Run(c.name, func(t *testing.T) {
			at(t, "slime", []string{"--", "frames=3000"}, func(t *testing.T, tab *table) {
				cfg, otherCfg := tab.config(0), tab.config(1)
				if c.change != nil {
					c.change(tab, &cfg)
				}
				other, endOther := tab.seat(otherCfg)
				synctest.Wait()
				player, end := tab.seat(cfg)
				if c.during != nil {
					until(t, player, "playing", frame(20))
					c.during(tab, player, other)
				}
				r := <-end
				if r.code(t) != c.code {
					t.Errorf("ended with %+v, want %s", r.End, c.code)
				}
				var v client.View
				player.View(time.Now(), &v)
				if v.Phase != client.Closed || v.Headline != c.headline || !strings.Contains(v.Detail, c.detail) {
					t.Errorf("the screen says %v, %q, %q; want %q with %q", v.Phase, v.Headline, v.Detail, c.headline, c.detail)
				}
				if rep := player.Report(); rep.End != c.code.String() || !strings.Contains(strings.ToLower(rep.EndText), strings.ToLower(v.Detail)) {
					t.Errorf("the report says %q, %q", rep.End, rep.EndText)
				}
				other.Leave()
				<-endOther
			})
		})
	}
}

// TestFullRoom comes to a room whose seats are taken by players who are not ready yet.
func TestFullRoom(t *testing.T) {
	for _, c := range []struct {
		spectators string
		code       protocol.Code
	}{{"spectators=16", protocol.CodeRoomFull}, {"spectators=0", protocol.CodeCrowded}} {
		t.Run(c.spectators, func(t *testing.T) { fullRoom(t, c.spectators, c.code) })
	}
}

func fullRoom(t *testing.T, spectators string, code protocol.Code) {
	at(t, "slime", []string{"--", spectators}, func(t *testing.T, tab *table) {
		_, end0 := tab.seat(tab.config(0))
		_, end1 := tab.seat(tab.config(1))
		synctest.Wait() // both are seated; time, and with it their pings, has not moved
		cfg := tab.config(-1)
		late, end := tab.seat(cfg)
		if r := <-end; r.code(t) != code {
			t.Errorf("ended with %+v", r.End)
		}
		var v client.View
		late.View(time.Now(), &v)
		if may := code == protocol.CodeRoomFull; v.MayWatch != may || strings.Contains(v.Detail, "You can watch") != may {
			t.Errorf("the screen offers to watch: %v, and says %q", v.MayWatch, v.Detail)
		}
		if v.Phase != client.Closed || v.Headline != "Could not join" || !strings.Contains(v.Detail, "full") {
			t.Errorf("the screen says %v, %q, %q", v.Phase, v.Headline, v.Detail)
		}
		tab.server.Close()
		<-end0
		<-end1
	})
}

// TestLeaveWhileDialling must not wait for the relay.
func TestLeaveWhileDialling(t *testing.T) {
	for _, cancel := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			c := client.New(client.Config{Dial: func(ctx context.Context) (transport.Conn, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}})
			end := make(chan result, 1)
			go func() {
				e, err := c.Run(ctx)
				end <- result{e, err}
			}()
			synctest.Wait()
			if cancel {
				stop()
			} else {
				c.Leave()
			}
			if r := <-end; r.code(t) != protocol.CodeLeft {
				t.Errorf("ended with %+v", r.End)
			}
		})
	}
}

// TestCloseAloneIsNoGoodEnd: only end_game says that a match went well.
func TestCloseAloneIsNoGoodEnd(t *testing.T) {
	for _, code := range []transport.Code{transport.CodeNormal, protocol.CloseBase, transport.CodeGoingAway, 4999} {
		synctest.Test(t, func(t *testing.T) {
			near, far := transport.Pipe()
			c := client.New(client.Config{Dial: func(context.Context) (transport.Conn, error) { return near, nil }})
			go func() {
				if _, err := far.Read(); err != nil {
					t.Error(err)
				}
				if err := far.Close(code, ""); err != nil {
					t.Error(err)
				}
			}()
			if end, err := c.Run(t.Context()); end.Code == protocol.CodeOK || err == nil || end.Text == "" {
				t.Errorf("closed with %d: ended with %+v, %v", code, end, err)
			}
		})
	}
}

// TestCloseCodeSpeaks: a refusal whose message was lost still arrives with the close.
func TestCloseCodeSpeaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := transport.Pipe()
		c := client.New(client.Config{Dial: func(context.Context) (transport.Conn, error) { return near, nil }})
		go func() {
			if err := far.Close(protocol.CloseBase+transport.Code(protocol.CodeServerFull), "the relay is full"); err != nil {
				t.Error(err)
			}
		}()
		if end, _ := c.Run(t.Context()); end.Code != protocol.CodeServerFull || end.Text != "the relay is full" {
			t.Errorf("ended with %+v", end)
		}
	})
}
