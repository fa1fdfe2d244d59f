package session_test

import (
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
)

// A state that is damaged in one place (a bit that a computer's memory lost) is found, whose it is is
// known even where there are only two, and it is repaired, whoever judges.
func TestDamagedStateIsRepaired(t *testing.T) {
	for _, c := range []struct {
		name    string
		players int
		witness bool
		judge   protocol.Judge
	}{
		{"recheck", 2, false, protocol.JudgeRecheck},
		{"majority", 3, false, protocol.JudgeMajority},
		{"witness", 2, true, protocol.JudgeWitness},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := matchConfig(900)
			lines := make([]sessiontest.Line, c.players)
			for i := range lines {
				lines[i] = lan()
			}
			w := foldWorld(6, cfg, lines...)
			if c.witness {
				w.AddWitness(newFold(w, 900, 0))
			}
			var named []session.RoomEvent
			w.OnRoom = func(_ time.Duration, e *session.RoomEvent) {
				if e.Kind == session.RoomDesync {
					named = append(named, *e)
				}
			}
			loaded := make([]int, c.players)
			evidence := 0
			for i, n := range w.Nodes {
				n.OnEvent = func(_ *sessiontest.Node, _ time.Duration, e *session.Event) {
					if e.Kind == session.EventLoaded {
						loaded[i]++
					}
				}
				n.OnCommand = func(_ *sessiontest.Node, c *replica.Command) {
					if c.Kind == replica.CommandEvidence {
						evidence++
					}
				}
			}
			at(w, 1, 200, func() { w.Nodes[1].Game.(*sessiontest.Fold).State ^= 1 << 40 })
			if !w.Run(5 * time.Minute) {
				t.Fatal("the match did not end")
			}
			all := []int{0, 1, 2}[:c.players]
			ended(t, w, all...)
			last := named[len(named)-1]
			if last.Mask != 2 || last.Text != c.judge.String() {
				t.Errorf("the verdicts are %+v; want seat 1 named by %s", named, c.judge)
			}
			for i, n := range loaded {
				if (n == 1) != (i == 1) {
					t.Errorf("seat %d loaded %d states", i, n)
				}
			}
			if !c.witness && evidence == 0 {
				t.Error("nobody saw what the other had")
			}
		})
	}
}

// Where both are sure of what they have, the environment is not deterministic: the host's state holds.
func TestNondeterminismIsTheHostsToDecide(t *testing.T) {
	cfg := matchConfig(600)
	w := foldWorld(7, cfg, lan(), lan())
	for i := range 2 {
		w.SetGame(i, &biased{newFold(w, 600, uint64(i)), uint64(i)})
	}
	var named []session.RoomEvent
	w.OnRoom = func(_ time.Duration, e *session.RoomEvent) {
		if e.Kind == session.RoomDesync {
			named = append(named, *e)
		}
	}
	if !w.Run(5 * time.Minute) {
		t.Fatal("the match did not end")
	}
	if len(named) < 2 || named[0].Mask != 3 || named[1].Mask != 2 || named[1].Text != protocol.JudgeHost.String() {
		t.Errorf("the verdicts are %+v", named)
	}
}

// biased is a game that comes out differently on every machine.
type biased struct {
	*sessiontest.Fold
	bias uint64
}

func (b *biased) Step(c *replica.Command) {
	b.Fold.Step(c)
	if c.Frame%100 == 50 {
		b.State ^= b.bias
	}
}

func (b *biased) Fresh() replica.Game { return &biased{b.Fold.Fresh().(*sessiontest.Fold), b.bias} }

// With authority=witness the relay's state is sent every second. Whose state was damaged loads it, once;
// who has the same state ignores it.
func TestAuthority(t *testing.T) {
	for _, c := range []struct {
		name    string
		damaged int // node; -1 for none
		lines   []sessiontest.Line
	}{
		{"nothing wrong", -1, []sessiontest.Line{lan(), line("rtt=150ms,jitter=30ms"), {Net: lan().Net, Tick: time.Second / 60}}},
		{"a damaged state", 0, []sessiontest.Line{lan(), lan()}},
		{"a damaged state far away", 1, []sessiontest.Line{lan(), line("rtt=300ms,jitter=50ms"), lan()}},
		{"a damaged state on a window's loop", 1, []sessiontest.Line{lan(), {Net: lan().Net, Tick: time.Second / 60}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := matchConfig(600)
			cfg.Authority = options.AuthorityWitness
			w := foldWorld(8, cfg, c.lines...)
			w.AddWitness(newFold(w, 600, 0))
			snapshots := 0
			w.OnRoom = func(_ time.Duration, e *session.RoomEvent) {
				if e.Kind == session.RoomSnapshot {
					snapshots++
				}
			}
			loaded := make([]int, len(c.lines))
			all := make([]int, len(c.lines))
			for i, n := range w.Nodes {
				all[i] = i
				n.OnEvent = func(_ *sessiontest.Node, _ time.Duration, e *session.Event) {
					if e.Kind == session.EventLoaded {
						loaded[i]++
					}
				}
			}
			if c.damaged >= 0 {
				at(w, c.damaged, 200, func() { w.Nodes[c.damaged].Game.(*sessiontest.Fold).State++ })
			}
			if !w.Run(5 * time.Minute) {
				t.Fatal("the match did not end")
			}
			ended(t, w, all...)
			if snapshots < 15*len(c.lines) {
				t.Errorf("%d states were sent in 20 s to %d seats", snapshots, len(c.lines))
			}
			for i, n := range loaded {
				if i == c.damaged && n != 1 || i != c.damaged && n != 0 {
					t.Errorf("seat %d loaded %d states", i, n)
				}
			}
		})
	}
}

// The interval between hashes is 30 frames, 5 after states have differed, and 30 again once they were
// equal for five seconds.
func TestHashInterval(t *testing.T) {
	cfg := matchConfig(900)
	w := foldWorld(9, cfg, lan(), lan())
	at(w, 1, 200, func() { w.Nodes[1].Game.(*sessiontest.Fold).State++ })
	if !w.Run(5 * time.Minute) {
		t.Fatal("the match did not end")
	}
	var flagged []uint32
	for f := range w.Room.Frames() {
		if b, _ := w.Room.Log(f); b.Flags&protocol.FlagHash != 0 {
			flagged = append(flagged, f)
		}
	}
	counts := map[uint32]int{}
	for i := 1; i < len(flagged); i++ {
		counts[flagged[i]-flagged[i-1]]++
	}
	if counts[5] < 25 || counts[30] < 15 || flagged[0] != 29 {
		t.Errorf("the intervals are %v, the first hash is of frame %d", counts, flagged[0])
	}
}
