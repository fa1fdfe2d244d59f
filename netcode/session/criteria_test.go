package session_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tandem/netcode/netsim"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
)

// The acceptance criteria that need no browser, in virtual time: episodes of 450 frames, whose
// records are the same for all participants in every column that is not about their own line, without
// a row of tolerance. Each is played with 100 seeds, none of which may fail.

// episode is the length of an episode here, in frames; most matches are one.
const episode = 450

func criterionSeeds() []uint64 {
	runs := matchSeeds()
	return runs[:min(len(runs), 100)]
}

// row is what a participant's record says of a frame, but for what is measured on its own line.
type row struct {
	frame       uint32
	episode     int
	actions     [protocol.MaxSeats]uint8
	substituted uint16
	state       uint64
}

// trial is one match of a criterion and what each of its participants recorded.
type trial struct {
	t    *testing.T
	seed uint64
	r    *rand.Rand
	w    *sessiontest.World
	rows [][]row
}

// criterion plays a match per seed. prepare may set options and lines; during may do things.
func criterion(t *testing.T, options []string, lines func(r *rand.Rand) []sessiontest.Line, during func(c *trial), check func(c *trial)) {
	for _, seed := range criterionSeeds() {
		c := &trial{t: t, seed: seed, r: rand.New(rand.NewPCG(seed, 0xacce))}
		cfg := matchConfig(episode)
		for _, o := range append([]string{"delay=auto"}, options...) {
			if err := cfg.Set(o); err != nil {
				t.Fatal(err)
			}
		}
		c.w = foldWorld(seed, cfg, lines(c.r)...)
		c.w.OnRoom = func(_ time.Duration, e *session.RoomEvent) {
			if e.Kind == session.RoomDesync {
				t.Errorf("seed %d: states differ: %+v", seed, *e)
			}
		}
		c.record()
		if during != nil {
			during(c)
		}
		if c.w.Run(3 * time.Minute); check == nil {
			c.same(episode)
		} else {
			check(c)
		}
		if t.Failed() {
			t.Fatal(replay(t.Name(), seed))
		}
	}
}

// record keeps everybody's rows.
func (c *trial) record() {
	c.rows = make([][]row, len(c.w.Nodes))
	for i, n := range c.w.Nodes {
		n.OnCommand = func(_ *sessiontest.Node, cmd *replica.Command) {
			if cmd.Kind == replica.CommandReset {
				c.rows[i] = c.rows[i][:0]
			}
		}
		n.OnStep = func(n *sessiontest.Node, cmd *replica.Command) {
			r := row{frame: cmd.Frame, actions: cmd.Actions, substituted: cmd.Substituted, state: n.Exec.Game.Hash().Total}
			if e, ok := n.Exec.Game.(*episodes); ok {
				r.episode = e.n
			}
			c.rows[i] = append(c.rows[i], r)
		}
	}
}

// same compares the records of everybody with the first one's, and wants them whole.
func (c *trial) same(frames int) {
	c.t.Helper()
	for i, n := range c.w.Nodes {
		if e := n.Peer.End(); e.Code != protocol.CodeOK || len(c.rows[i]) != frames {
			c.t.Errorf("seed %d: seat %d ended with %+v after %d rows", c.seed, i, e, len(c.rows[i]))
			return
		}
		for k, r := range c.rows[i] {
			if r.frame != uint32(k) || r != c.rows[0][k] {
				c.t.Errorf("seed %d: row %d is %+v at seat %d and %+v at seat 0", c.seed, k, r, i, c.rows[0][k])
				return
			}
		}
	}
}

func both(specs ...string) func(*rand.Rand) []sessiontest.Line {
	return func(*rand.Rand) []sessiontest.Line {
		list := make([]sessiontest.Line, len(specs))
		for i, s := range specs {
			list[i] = line(s)
		}
		return list
	}
}

// keys is a player who takes another key every so many milliseconds of samples.
type keys struct {
	*sessiontest.Fold
	r       *rand.Rand
	every   float64 // samples
	samples float64
	held    int
}

func (k *keys) Sample() int {
	if k.samples++; k.samples >= k.every {
		k.samples -= k.every
		k.held = k.r.IntN(k.Actions)
	}
	return k.held
}

// episodes is a match of several episodes, each of which begins from a seed of its own as an environment's
// do.
type episodes struct {
	*sessiontest.Fold
	seed   uint64
	n, all int // of them that are over, and in all
}

func newEpisodes(all int, seed uint64) *episodes {
	return &episodes{Fold: sessiontest.NewFold(2, 7, episode, seed), all: all}
}

func (e *episodes) Reset(seed uint64) {
	e.seed, e.n = seed, 0
	e.Fold.Reset(session.MatchSeed(seed, 0))
}

func (e *episodes) Step(c *replica.Command) {
	if e.Frames == episode { // the last one's end was seen
		e.n++
		e.Fold.Reset(session.MatchSeed(e.seed, e.n))
	}
	e.Fold.Step(c)
}

func (e *episodes) AppendState(buf []byte) []byte {
	return e.Fold.AppendState(append(buf, byte(e.n)))
}

func (e *episodes) SetState(data []byte) error {
	if len(data) == 0 {
		return errors.New("no state")
	}
	if err := e.Fold.SetState(data[1:]); err != nil {
		return err
	}
	e.n = int(data[0])
	return nil
}

func (e *episodes) Fresh() replica.Game {
	return &episodes{Fold: e.Fold.Fresh().(*sessiontest.Fold), all: e.all}
}

func (e *episodes) Over() (uint32, bool) {
	frames := uint32(e.n)*episode + e.Frames
	return frames, frames == uint32(e.all)*episode
}

// play lets everybody play a match of so many episodes, which ends by its own rules.
func (c *trial) play(all int) {
	for i := range c.w.Nodes {
		c.w.SetGame(i, newEpisodes(all, c.seed+uint64(i)))
	}
}

func TestCriterion1Idle(t *testing.T) {
	criterion(t, []string{"one_shot=", "actions=1"}, both("rtt=10ms", "rtt=10ms"), nil, nil)
}

func TestCriterion1RandomActions(t *testing.T) {
	criterion(t, nil, both("rtt=10ms", "rtt=10ms"), func(c *trial) {
		for i := range c.w.Nodes {
			every := []time.Duration{150 * ms, 200 * ms}[i]
			c.w.SetGame(i, &keys{Fold: sessiontest.NewFold(2, 7, episode, c.seed), r: rand.New(rand.NewPCG(c.seed, uint64(i))),
				every: every.Seconds() * session.FrameRate})
		}
	}, nil)
}

func TestCriterion2Latency(t *testing.T) {
	for name, specs := range map[string][]string{
		"100 ms": {"rtt=100ms", "rtt=100ms"}, "200 ms": {"rtt=200ms", "rtt=200ms"},
		"50 and 200 ms": {"rtt=50ms", "rtt=200ms"}, "500 ms": {"rtt=500ms", "rtt=500ms"},
	} {
		t.Run(name, func(t *testing.T) { criterion(t, nil, both(specs...), nil, nil) })
	}
}

// One player's round trip is drawn anew from 100 ± 75 ms every 200 ms.
func TestCriterion2Jitter(t *testing.T) {
	criterion(t, nil, func(r *rand.Rand) []sessiontest.Line {
		var shaky netsim.Schedule
		for at := time.Duration(0); at < time.Minute; at += 200 * ms {
			shaky = append(shaky, netsim.Step{At: at, Spec: netsim.Spec{RTT: 25*ms + time.Duration(r.IntN(151))*ms}})
		}
		return []sessiontest.Line{lan(), {Net: shaky}}
	}, nil, nil)
}

func TestCriterion3Stalls(t *testing.T) {
	criterion(t, nil, both("rtt=2ms", "rtt=50ms,stall=15%/200ms"), nil, nil)
}

// hide stops a player's page for so long when it steps a frame: nobody is at the controls, and its
// process does not run.
func (c *trial) hide(seat int, frame uint32, length time.Duration) (back *time.Duration) {
	back = new(time.Duration)
	at(c.w, seat, frame, func() {
		*back = c.w.Now + length
		c.w.Sleep(seat, *back)
	})
	return back
}

// hiddenOver checks that a hidden page was back in the episode, of 0 and 1, that it was to be back in, and
// that everybody has played both.
func (c *trial) hiddenOver(back, hidden uint32, want int) {
	c.t.Helper()
	if c.same(2 * episode); c.t.Failed() {
		return
	}
	if a, b := c.rows[0][hidden].episode, c.rows[0][back].episode; a != 0 || b != want || c.rows[0][2*episode-1].episode != 1 {
		c.t.Errorf("seed %d: hidden at frame %d in episode %d, seen again at frame %d in episode %d, want 0 and %d", c.seed, hidden, a, back, b, want)
	}
}

// whileHidden plays two episodes, of which seat 1 sees nothing for so long from a frame on.
func whileHidden(t *testing.T, options []string, spec string, from, spread uint32, length time.Duration, want int) {
	var hidden, back uint32
	var wakes, caughtUp time.Duration
	criterion(t, append(options, "frames=0"), both(spec, spec), func(c *trial) {
		c.play(2)
		hidden = from + uint32(c.r.IntN(int(spread)))
		p := c.hide(1, hidden, length)
		back, wakes, caughtUp = 0, 0, 0
		for !c.w.Run(c.w.Now+20*ms) && caughtUp == 0 && c.w.Now < time.Minute {
			here, there := c.w.Nodes[1].Peer, c.w.Nodes[0].Peer
			if here.State() == session.PeerCutOff {
				c.w.Reconnect(1) // the relay took the seat for gone after five seconds
			}
			if wakes = *p; wakes == 0 || c.w.Now <= wakes {
				continue
			}
			if back == 0 {
				back = there.Frame()
			}
			if here.State() == session.PeerPlaying && here.Frame()+3 >= there.Frame() {
				caughtUp = c.w.Now
			}
		}
	}, func(c *trial) {
		c.hiddenOver(back, hidden, want)
		if caughtUp == 0 || caughtUp-wakes > 30*time.Second {
			t.Errorf("seed %d: back at %v, caught up at %v", c.seed, wakes, caughtUp)
		}
	})
}

func TestCriterion4TabHiddenFor5s(t *testing.T) {
	whileHidden(t, nil, "rtt=50ms", 100, 100, 5*time.Second, 0)
}

func TestCriterion4EpisodeEndsWhileHidden(t *testing.T) {
	whileHidden(t, nil, "rtt=50ms", 360, 60, 4500*ms, 1)
}

func TestCriterion4HiddenFor6sUnder300ms(t *testing.T) {
	whileHidden(t, []string{"on_disconnect=substitute"}, "rtt=300ms", 100, 100, 6*time.Second, 0)
}

// And the match ends meanwhile: whoever was hidden plays what is left of it on coming back.
func TestCriterion4MatchEndsWhileHidden(t *testing.T) {
	criterion(t, nil, both("rtt=50ms", "rtt=50ms"), func(c *trial) { c.hide(1, uint32(360+c.r.IntN(60)), 4500*ms) }, nil)
}

// The partner of somebody whose connection breaks is told in words within 15 s, and keeps what was
// played.
func TestCriterion5Disconnect(t *testing.T) {
	for _, policy := range []string{"pause", "end"} {
		t.Run(policy, func(t *testing.T) {
			var cut, told time.Duration
			criterion(t, []string{"on_disconnect=" + policy}, both("rtt=100ms", "rtt=100ms"), func(c *trial) {
				cut, told = 0, 0
				at(c.w, 0, uint32(100+c.r.IntN(250)), func() { cut = c.w.Now; c.w.HalfOpen(1) })
				c.w.Nodes[0].OnEvent = func(_ *sessiontest.Node, now time.Duration, e *session.Event) {
					if told == 0 && (e.Kind == session.EventPaused || e.Kind == session.EventEnd) && e.Text != "" {
						told = now
					}
				}
			}, func(c *trial) {
				e := c.w.Nodes[0].Peer.End()
				if cut == 0 || told == 0 || told-cut > 15*time.Second || e.Code != protocol.CodeGone || e.Text == "" {
					t.Errorf("seed %d: cut at %v, told at %v, ended with %+v", c.seed, cut, told, e)
				}
				if n := len(c.rows[0]); n < 100 || uint32(n) != e.Frames {
					t.Errorf("seed %d: %d rows are kept of %d frames", c.seed, n, e.Frames)
				}
			})
		})
	}
}

// Somebody who leaves the lobby is nobody's partner: the seat goes to who comes next.
func TestCriterion6LeaverInTheLobby(t *testing.T) {
	for _, seed := range criterionSeeds() {
		r := rand.New(rand.NewPCG(seed, 0x1ea7))
		cfg := matchConfig(episode)
		cfg.Players = 2
		w := sessiontest.NewWorld(seed, cfg, nil, nil)
		join := func() *sessiontest.Node {
			return w.Add(session.PeerConfig{Program: "test", Room: "test", Seat: -1}, line("rtt=40ms"), sessiontest.NewFold(2, 7, episode, seed))
		}
		first := join()
		w.Run(w.Now + time.Duration(50+r.IntN(3000))*ms)
		w.Send(0, first.Peer.Leave(w.Now))
		w.Stay = true
		w.Run(w.Now + time.Duration(r.IntN(40))*ms)
		second, third := join(), join()
		w.Run(w.Now + 2*time.Minute)
		if first.Steps != 0 || first.Peer.End().Code != protocol.CodeLeft {
			t.Errorf("seed %d: the leaver stepped %d frames and ended with %+v", seed, first.Steps, first.Peer.End())
		}
		// The room may be gone with its only player; whoever comes is told so, and makes another.
		a, b := second.Peer.End(), third.Peer.End()
		gone := a.Code == protocol.CodeRoomOver && b.Code == protocol.CodeRoomOver
		if !gone && (a.Code != protocol.CodeOK || b.Code != protocol.CodeOK || second.Game.Hash() != third.Game.Hash()) {
			t.Errorf("seed %d: the others ended with %+v and %+v", seed, a, b)
		}
		if t.Failed() {
			t.Fatal(replay(t.Name(), seed))
		}
	}
}

// Three games at once, begun one after the other, of two matches each.
func TestCriterion7ThreeGamesAtOnce(t *testing.T) {
	t.Parallel()
	for _, seed := range criterionSeeds() {
		r := rand.New(rand.NewPCG(seed, 0x3))
		scripts := make([]*sessiontest.Script, 3)
		for i := range scripts {
			scripts[i] = &sessiontest.Script{Seed: seed*3 + uint64(i), Again: 2, Lines: both("rtt=40ms", fmt.Sprintf("rtt=%dms", 20+r.IntN(200)))(r),
				Options: []string{"env=fold", "actions=7", "players=2", "frames=450", "delay=auto", "rematch_ms=20000"}}
			scripts[i].Lines[1].Clock.Offset = time.Duration(i) * 10 * time.Second
		}
		for _, s := range scripts {
			out := sessiontest.Play(s)
			if out.Err != nil || out.Seen["start"] != 2 || out.Seen["match over"] < 1 || out.Frames != 2*episode || out.Steps != 4*episode {
				t.Fatalf("seed %d: %v, %d frames, %d steps, %v; %s", seed, out.Err, out.Frames, out.Steps, out.Seen, replay(t.Name(), seed))
			}
		}
	}
}

func TestCriterion8ThreeToEightPlayers(t *testing.T) {
	t.Parallel()
	criterion(t, nil, func(r *rand.Rand) []sessiontest.Line {
		list := make([]sessiontest.Line, 3+r.IntN(6))
		for i := range list {
			list[i] = sessiontest.DrawLine(r)
		}
		return list
	}, nil, nil)
}

func TestCriterion8ClockSkew(t *testing.T) {
	t.Parallel()
	criterion(t, []string{"frames=1800"}, both("rtt=40ms,jitter=10ms,skew=500", "rtt=60ms,skew=-500"), nil, func(c *trial) { c.same(1800) })
}

// A computer that sleeps and resumes, its clock with it or not.
func TestCriterion8SleepAndResume(t *testing.T) {
	for _, still := range []bool{false, true} {
		t.Run(fmt.Sprintf("clock stands still %v", still), func(t *testing.T) {
			criterion(t, []string{"frames=900"}, both("rtt=40ms", "rtt=40ms"), func(c *trial) {
				length := time.Duration(500+c.r.IntN(4000)) * ms
				at(c.w, 1, uint32(100+c.r.IntN(300)), func() {
					c.w.Sleep(1, c.w.Now+length)
					if still {
						c.w.Nodes[1].Clock.Offset -= length
					}
				})
			}, func(c *trial) { c.same(900) })
		})
	}
}

func TestCriterion8RelayRestart(t *testing.T) {
	criterion(t, nil, both("rtt=40ms", "rtt=140ms"), func(c *trial) {
		stop := c.w.Now + 5*time.Second + time.Duration(c.r.IntN(8000))*ms
		c.w.Run(stop)
		c.w.StopRelay()
		c.w.Run(stop + time.Duration(c.r.IntN(3000))*ms)
		c.w.StartRelay()
		for i := range c.w.Nodes {
			c.w.Run(c.w.Now + time.Duration(c.r.IntN(1000))*ms)
			c.w.Reconnect(i)
		}
	}, nil)
}
