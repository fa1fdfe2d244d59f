package sim_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tandem/env"
	"tandem/game/sim"
	"tandem/netcode/netsim"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
)

// seat joins a match and a bot to what a session drives.
type seat struct {
	*sim.Match
	session.FrameSampler
}

// badLine draws a line that nobody would choose to play over, and a clock of its own.
func badLine(r *rand.Rand) sessiontest.Line {
	spec := netsim.Spec{RTT: time.Duration(40+r.IntN(260)) * time.Millisecond, StallPercent: 2, StallFor: 250 * time.Millisecond,
		TailScale: 5 * time.Millisecond, TailShape: 1.5}
	spec.Jitter = spec.RTT / 2
	return sessiontest.Line{Net: netsim.Schedule{{Spec: spec}},
		Clock: netsim.Clock{Offset: time.Duration(r.Int64N(int64(time.Hour))), Skew: r.IntN(401) - 200}}
}

// world seats bots at a match over bad lines.
func world(t *testing.T, seed uint64, cfg *options.Config, bots []string) *sessiontest.World {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0x11e))
	lines := make([]sessiontest.Line, cfg.Players)
	for i := range lines {
		lines[i] = badLine(r)
	}
	return sessiontest.NewWorld(seed, *cfg, lines, func(i int) sessiontest.Game {
		m, err := sim.NewMatch(cfg)
		if err != nil {
			t.Fatal(err)
		}
		b, err := sim.NewBotInput(bots[i%len(bots)], m, i, seed+uint64(i))
		if err != nil {
			t.Fatal(err)
		}
		return &seat{m, b}
	})
}

// reference plays the room's log of bundles by itself: the hash after every frame.
func reference(t *testing.T, cfg *options.Config, room *session.Room) []uint64 {
	t.Helper()
	m, err := sim.NewMatch(cfg)
	if err != nil {
		t.Fatal(err)
	}
	m.Reset(room.Seed())
	var hashes []uint64
	for f := range room.Frames() {
		b, ok := room.Log(f)
		if _, over := m.Over(); !ok || over {
			break
		}
		m.Step(&replica.Command{Kind: replica.CommandStep, Frame: f, Actions: b.Actions})
		hashes = append(hashes, m.Hash().Total)
	}
	if _, over := m.Over(); !over {
		t.Errorf("the room's log of %d frames does not reach the match's end", room.Frames())
	}
	return hashes
}

// TestWholeMatches plays real environments through the real session in virtual time.
func TestWholeMatches(t *testing.T) {
	for _, c := range []struct {
		env   string
		words []string
		bots  []string
		seeds int
	}{
		{"testenv", []string{"episode_steps=200", "episodes=3"}, []string{"random", "sticky"}, 5},
		{"testenv", []string{"seats=3", "frames=700"}, []string{"sticky", "random", "idle"}, 4},
		{"testenv", []string{"seats=8", "frames=600"}, []string{"random"}, 2},
		{"slime", []string{"episodes=3"}, []string{"baseline", "baseline"}, 3},
		{"slime", []string{"lives=3", "episodes=2"}, []string{"baseline", "random"}, 3},
		{"slime/boost", []string{"episodes=3"}, []string{"random", "sticky"}, 3},
		{"slime/doubles", []string{"lives=2", "episodes=2"}, []string{"baseline", "random", "sticky"}, 3},
		{"overcooked/cramped_room", []string{"max_steps=500", "episodes=2"}, []string{"cook", "random"}, 2},
		{"overcooked/party_3", []string{"max_steps=600"}, []string{"cook", "cook_hard", "sticky"}, 2},
		{"overcooked/party_4", []string{"max_steps=500"}, []string{"cook", "random"}, 2},
		{"overcooked/party_8", []string{"max_steps=300"}, []string{"sticky", "random", "cook_easy"}, 2},
	} {
		cfg := config(t, c.env, c.words...)
		for seed := range uint64(c.seeds) {
			t.Run(fmt.Sprintf("%s/%d seats/%v/seed %d", c.env, cfg.Players, c.bots, seed), func(t *testing.T) {
				playThrough(t, seed, cfg, c.bots)
			})
		}
	}
}

// TestEveryEnvironmentPlaysThroughASession plays whatever is registered, as it comes.
func TestEveryEnvironmentPlaysThroughASession(t *testing.T) {
	for _, name := range env.Names() {
		t.Run(name, func(t *testing.T) {
			playThrough(t, 1, config(t, name, "frames=240"), []string{"sticky", "random"})
		})
	}
}

func playThrough(t *testing.T, seed uint64, cfg *options.Config, bots []string) {
	w := world(t, seed, cfg, bots)
	hashes := make([]map[uint32]uint64, len(w.Nodes)) // by seat and frame
	substituted := 0
	for i, n := range w.Nodes {
		hashes[i] = map[uint32]uint64{}
		n.OnStep = func(n *sessiontest.Node, c *replica.Command) {
			_, over := n.Game.Over()
			if (c.Frame+1)%30 == 0 || over {
				hashes[i][c.Frame] = n.Game.Hash().Total
			}
			if c.Substituted != 0 {
				substituted++
			}
		}
	}
	w.OnRoom = func(_ time.Duration, e *session.RoomEvent) {
		if e.Kind == session.RoomDesync {
			t.Errorf("seed %d: the room saw a desync in frame %d: seats %b, sections %b", seed, e.Frame, e.Mask, e.Sections)
		}
	}
	if !w.Run(time.Hour) {
		t.Fatalf("seed %d: the match does not end", seed)
	}
	want := reference(t, cfg, w.Room)
	for i, n := range w.Nodes {
		if end := n.Peer.End(); end.Code != protocol.CodeOK || int(end.Frames) != len(want) {
			t.Errorf("seed %d, seat %d: ended with %+v, the reference has %d frames", seed, i, end, len(want))
		}
		if len(hashes[i]) < len(want)/30 {
			t.Errorf("seed %d, seat %d: only %d frames were hashed", seed, i, len(hashes[i]))
		}
		for f, h := range hashes[i] {
			if int(f) >= len(want) || h != want[f] {
				t.Fatalf("seed %d, seat %d: the state after frame %d is not the reference's", seed, i, f)
			}
		}
		if _, ok := hashes[i][uint32(len(want)-1)]; !ok {
			t.Errorf("seed %d, seat %d: the last frame was not played", seed, i)
		}
	}
	if substituted == 0 {
		t.Errorf("seed %d: no input was late: the lines are too good to show anything", seed)
	}
}

// TestFlawIsCaught plays the environment that is nondeterministic on purpose.
func TestFlawIsCaught(t *testing.T) {
	cfg := config(t, "testenv", "flaw=1", "frames=120")
	names := newMatch(t, "testenv", "flaw=1").Sections()
	w := world(t, 1, cfg, []string{"random"})
	var seen []session.RoomEvent
	told := 0
	w.OnRoom = func(_ time.Duration, e *session.RoomEvent) {
		if e.Kind == session.RoomDesync {
			seen = append(seen, *e)
		}
	}
	for _, n := range w.Nodes {
		n.OnEvent = func(_ *sessiontest.Node, _ time.Duration, e *session.Event) {
			if e.Kind == session.EventVerified && e.Mask != 0 {
				told++
			}
		}
	}
	if !w.Run(time.Hour) {
		t.Fatal("the match does not end")
	}
	if len(seen) == 0 || seen[0].Frame > 29 || seen[0].Mask != 3 {
		t.Fatalf("the room saw %+v, want a desync of both seats up to frame 29", seen)
	}
	for i, s := range names {
		named := seen[0].Sections&(1<<i) != 0
		// The words and floats part at once. The clock counts alike whatever happens.
		if (s.Name == "words" || s.Name == "floats") && !named || s.Name == "clock" && named {
			t.Errorf("section %s: named %v", s.Name, named)
		}
	}
	if told == 0 {
		t.Error("no peer was told")
	}
	for i, n := range w.Nodes {
		if end := n.Peer.End(); end.Code != protocol.CodeDesync {
			t.Errorf("seat %d ended with %+v", i, end)
		}
	}
}
