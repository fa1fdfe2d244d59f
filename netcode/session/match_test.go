package session_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tandem/netcode/internal/race"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
)

var (
	seedFlag = flag.Uint64("seed", 0, "replay this seed alone in the virtual-time tests")
	seeds    = flag.Int("seeds", 200, "how many seeds the virtual-time tests play")
)

// matchSeeds yields the seeds to play: fewer under the race detector, which watches one goroutine
// here and costs ten times the time; the plain run plays them all.
func matchSeeds() []uint64 {
	if *seedFlag != 0 {
		return []uint64{*seedFlag}
	}
	n := *seeds
	switch {
	case race.Enabled:
		n = min(n, 2)
	case testing.Short():
		n = min(n, 10)
	}
	list := make([]uint64, n)
	for i := range list {
		list[i] = uint64(i + 1)
	}
	return list
}

func matchConfig(limit uint32) options.Config {
	cfg := options.DefaultConfig()
	cfg.Env, cfg.Actions, cfg.Frames = "fold", 7, limit
	cfg.SetOneShot(4)
	return cfg
}

// Whole matches of 2, 3 and 8 peers over random links with latency, jitter and stalls. At every
// frame each peer's state is the one that the room's bundles lead to.
func TestMatchesInVirtualTime(t *testing.T) {
	t.Parallel()
	const limit = 3000
	for _, players := range []int{2, 3, 8} {
		t.Run(fmt.Sprintf("%d players", players), func(t *testing.T) {
			t.Parallel()
			sums := newSums(t, fmt.Sprintf("match-%d", players))
			for _, seed := range matchSeeds() {
				sum := playMatch(t, seed, players, limit)
				if t.Failed() {
					t.Fatalf("replay with: go test ./netcode/session -run 'TestMatchesInVirtualTime/%d' -seed %d", players, seed)
				}
				sums.add(seed, sum)
			}
			sums.done()
		})
	}
}

func playMatch(t *testing.T, seed uint64, players int, limit uint32) (sum uint64) {
	r := rand.New(rand.NewPCG(seed, uint64(players)))
	lines := make([]sessiontest.Line, players)
	for i := range lines {
		lines[i] = sessiontest.DrawLine(r)
	}
	cfg := matchConfig(limit)
	if r.IntN(2) == 0 {
		cfg.Delay = options.AutoDelay
	} else {
		cfg.Delay = options.Delay{Frames: r.IntN(8)}
	}
	w := sessiontest.NewWorld(seed, cfg, lines, func(seat int) sessiontest.Game {
		return sessiontest.NewFold(players, cfg.Actions, limit, seed*31+uint64(seat))
	})
	states := make([][]uint64, players)
	for i, n := range w.Nodes {
		states[i] = make([]uint64, 0, limit)
		n.OnStep = func(n *sessiontest.Node, c *replica.Command) {
			if int(c.Frame) != len(states[i]) {
				t.Fatalf("seed %d: seat %d stepped frame %d where %d was due", seed, i, c.Frame, len(states[i]))
			}
			states[i] = append(states[i], n.Game.(*sessiontest.Fold).State)
		}
	}
	w.OnRoom = func(_ time.Duration, e *session.RoomEvent) {
		if e.Kind == session.RoomDesync || e.Kind == session.RoomRefused {
			t.Errorf("seed %d: room event %+v", seed, *e)
		}
	}
	stall(w, r)
	if !w.Run(time.Duration(limit)*time.Second/session.FrameRate + time.Minute) {
		t.Errorf("seed %d: the match did not end: frame %d of the room", seed, w.Room.Frames())
		return 0
	}
	ref := sessiontest.NewFold(players, cfg.Actions, limit, 0)
	ref.Reset(w.Room.Seed())
	for f := range limit {
		b, ok := w.Room.Log(f)
		if !ok {
			t.Errorf("seed %d: the room has no bundle %d", seed, f)
			return 0
		}
		ref.Step(&replica.Command{Frame: f, Actions: b.Actions})
		for i := range states {
			if int(f) >= len(states[i]) || states[i][f] != ref.State {
				t.Errorf("seed %d: seat %d differs from the room's bundles at frame %d", seed, i, f)
				return 0
			}
		}
	}
	for i, n := range w.Nodes {
		if e := n.Peer.End(); e.Code != protocol.CodeOK || e.Frames != limit {
			t.Errorf("seed %d: seat %d ended with %+v", seed, i, e)
		}
	}
	return w.Sum()
}

// stall makes up to two nodes stand still for up to 3 s in mid-game, some of them twice.
func stall(w *sessiontest.World, r *rand.Rand) {
	for range r.IntN(3) {
		n := w.Nodes[r.IntN(len(w.Nodes))]
		at := uint32(100 + r.IntN(2000))
		length := time.Duration(r.IntN(3000)) * time.Millisecond
		step := n.OnStep
		n.OnStep = func(n *sessiontest.Node, c *replica.Command) {
			step(n, c)
			if c.Frame == at {
				w.Sleep(n.Index, w.Now+length)
			}
		}
	}
}
