//go:build !js

package relay

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
	"tandem/netcode/transport"
)

// simulates makes a relay's own simulation of fold rooms, out of what f makes of the game.
func simulates(f func(*sessiontest.Fold) replica.Game) func(*options.Config) (*replica.Executor, error) {
	return func(cfg *options.Config) (*replica.Executor, error) {
		g := sessiontest.NewFold(cfg.Players, cfg.Actions, cfg.Frames, 0)
		return &replica.Executor{Game: f(g), Fresh: func() (replica.Game, error) { return g.Fresh(), nil }}, nil
	}
}

func sound(g *sessiontest.Fold) replica.Game { return g }

// logged is a log to read.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *logged) log() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// finish waits for players who are to end well and equal after so many frames.
func finish(t *testing.T, frames uint32, players []*player, ends []<-chan session.End) {
	t.Helper()
	for i, c := range ends {
		if end := <-c; end.Code != protocol.CodeOK || end.Frames != frames {
			t.Errorf("player %d ended with %+v", i, end)
		}
		if players[i].game.State != players[0].game.State {
			t.Errorf("player %d has state %x, the first %x", i, players[i].game.State, players[0].game.State)
		}
	}
}

// TestWitnessJudges damages the state of one of two players: the witness says whose it is, and supplies
// the right one.
func TestWitnessJudges(t *testing.T) {
	var said logged
	virtual(t, Options{Witness: simulates(sound), Log: said.log()}, func(t *testing.T, s *Server) {
		opts := roomOptions("frames=150")
		var players []*player
		var ends []<-chan session.End
		var judged [2][]session.Event
		var loaded [2]int
		for i := range 2 {
			p := newPlayer(session.PeerConfig{Room: "r", Seat: i, Create: opts}, uint64(i))
			p.onEvent = func(e *session.Event) {
				switch {
				case e.Kind == session.EventVerified && e.Mask != 0:
					judged[i] = append(judged[i], *e)
				case e.Kind == session.EventLoaded:
					loaded[i]++
				}
			}
			players = append(players, p)
		}
		players[1].onStep = func(frame uint32) {
			if frame == 40 {
				players[1].game.State ^= 1 << 40
			}
		}
		for _, p := range players {
			ends = append(ends, start(p, dial(s)))
		}
		finish(t, 150, players, ends)
		for i := range judged {
			if len(judged[i]) == 0 || loaded[i] != i {
				t.Fatalf("player %d heard of %d differences and loaded %d states", i, len(judged[i]), loaded[i])
			}
			for _, e := range judged[i] {
				if e.Mask != 1<<1 || e.Judge != protocol.JudgeWitness {
					t.Errorf("player %d heard %+v", i, e)
				}
			}
		}
		// Once seat 1 was asked, for what it had instead, which the other's report shows.
		counts(t, s, `tandem_messages_total{direction="out",type="request_full_state"} 1`+"\n")
		counts(t, s, `tandem_messages_total{direction="in",type="snapshot_chunk"} 1`+"\n")
		counts(t, s, `tandem_messages_total{direction="out",type="snapshot_chunk"} 2`+"\n")
	})
	if log := said.String(); !strings.Contains(log, "msg=desync") || !strings.Contains(log, `by="the witness"`) {
		t.Errorf("the log does not say who judged:\n%s", log)
	}
}

// late plays a match of 900 frames in which a third player comes so late that a state is shorter than
// what was played.
func late(t *testing.T, s *Server) {
	t.Helper()
	opts := roomOptions("frames=900", "players=16", "min_players=2")
	var players []*player
	var ends []<-chan session.End
	for i := range 3 {
		players = append(players, newPlayer(session.PeerConfig{Room: "r", Seat: i, Create: opts, Zstd: true}, uint64(i)))
	}
	now := make(chan struct{})
	players[0].onStep = func(frame uint32) {
		if frame == comes {
			close(now)
		}
	}
	for _, p := range players[:2] {
		ends = append(ends, start(p, dial(s)))
	}
	<-now
	ends = append(ends, start(players[2], dial(s)))
	finish(t, 900, players, ends)
}

const comes = 800 // the frame at which the late one comes

// TestWitnessSuppliesTheLate: who comes in mid-match has its state from the witness, and the players are
// left alone.
func TestWitnessSuppliesTheLate(t *testing.T) {
	for name, c := range map[string]struct {
		witness func(*options.Config) (*replica.Executor, error)
		asked   string
	}{"witness": {simulates(sound), "0"}, "none": {nil, "1"}} {
		t.Run(name, func(t *testing.T) {
			virtual(t, Options{Witness: c.witness}, func(t *testing.T, s *Server) {
				late(t, s)
				counts(t, s, `tandem_messages_total{direction="out",type="request_full_state"} `+c.asked+"\n")
				counts(t, s, `tandem_messages_total{direction="out",type="snapshot_chunk"} 1`+"\n")
			})
		})
	}
}

// faulty is a game that breaks: where it is asked, as an environment with a mistake in it does.
type faulty struct {
	*sessiontest.Fold
	reset, save, pack bool
	step              uint32
}

func (f *faulty) Reset(seed uint64) {
	if f.reset {
		panic("the reset is broken")
	}
	f.Fold.Reset(seed)
}

func (f *faulty) Step(c *replica.Command) {
	if f.step > 0 && c.Frame == f.step {
		panic("the step is broken")
	}
	f.Fold.Step(c)
}

func (f *faulty) AppendState(b []byte) []byte {
	if f.save && f.Frames > comes/2 {
		panic("saving is broken")
	}
	return f.Fold.AppendState(b)
}

func (f *faulty) Pack(_, _ []byte) ([]byte, bool) { panic("packing is broken") }

func (f *faulty) Unpack(_, _ []byte, _ int) ([]byte, error) { return nil, errors.New("not packed") }

// TestWitnessFails has a witness that cannot be made, or whose environment breaks: the log says so, and
// the match goes on without it, with somebody who comes late and has the state from a player.
func TestWitnessFails(t *testing.T) {
	breaks := func(f faulty) func(*options.Config) (*replica.Executor, error) {
		return func(cfg *options.Config) (*replica.Executor, error) {
			f := f
			x, err := simulates(func(g *sessiontest.Fold) replica.Game { f.Fold = g; return &f })(cfg)
			if f.pack {
				x.Packer = &f
			}
			return x, err
		}
	}
	for name, c := range map[string]struct {
		witness func(*options.Config) (*replica.Executor, error)
		words   []string
	}{
		"no such environment": {func(*options.Config) (*replica.Executor, error) { return nil, errors.New("no environment called fold") },
			[]string{"the room has no witness", "no environment called fold"}},
		"reset":      {breaks(faulty{reset: true}), []string{"the witness failed", "the reset is broken"}},
		"step":       {breaks(faulty{step: 20}), []string{"the witness failed", "the step is broken"}},
		"while late": {breaks(faulty{step: comes + 2}), []string{"the witness failed", "the step is broken"}},
		"last step":  {breaks(faulty{step: 899}), []string{"the witness failed", "the step is broken"}},
		"save":       {breaks(faulty{save: true}), []string{"the witness failed", "saving is broken"}},
		// It has been asked for the late one's state: a player is asked instead.
		"pack": {breaks(faulty{pack: true}), []string{"the witness failed", "packing is broken"}},
	} {
		t.Run(name, func(t *testing.T) {
			var said logged
			virtual(t, Options{Witness: c.witness, Log: said.log()}, func(t *testing.T, s *Server) {
				late(t, s)
				pair(t, "after", 3, func() transport.Conn { return dial(s) })
				counts(t, s, "tandem_desyncs_total 0\n")
			})
			for _, words := range c.words {
				if !strings.Contains(said.String(), words) {
					t.Errorf("the log does not say %q:\n%s", words, said.String())
				}
			}
			if strings.Contains(said.String(), "room failed") {
				t.Errorf("the room failed with its witness:\n%s", said.String())
			}
		})
	}
}

// TestAuthorityNeedsAWitness: a relay without one refuses a room that wants it to decide.
func TestAuthorityNeedsAWitness(t *testing.T) {
	opts := roomOptions("authority=witness")
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		p := newPlayer(session.PeerConfig{Room: "r", Seat: -1, Create: opts}, 1)
		if end := p.play(dial(s)); end.Code != protocol.CodeOptions || !strings.Contains(end.Text, "needs a relay with a witness") {
			t.Errorf("ended with %+v", end)
		}
	})
	virtual(t, Options{Witness: simulates(sound)}, func(t *testing.T, s *Server) {
		players := []*player{
			newPlayer(session.PeerConfig{Room: "r", Seat: 0, Create: opts}, 1),
			newPlayer(session.PeerConfig{Room: "r", Seat: 1, Create: opts}, 2),
		}
		finish(t, 60, players, []<-chan session.End{start(players[0], dial(s)), start(players[1], dial(s))})
	})
}
