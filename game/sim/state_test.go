package sim_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"tandem/game/sim"
)

// matches are the environments and options that the state tests play.
var matches = map[string][]string{
	"testenv":     {"testenv", "seats=3", "episode_steps=25", "episodes=4"},
	"slime":       {"slime", "lives=2", "episodes=3"},
	"slime/boost": {"slime/boost", "max_steps=60", "episodes=5"},
	"doubles":     {"slime/doubles", "max_steps=60", "lives=2", "episodes=5"},
	"party":       {"overcooked/party_4", "max_steps=60", "episodes=5"},
	"fixed":       {"testenv", "episode_steps=25", "frames=130"},
}

func makeMatch(t testing.TB, words []string) *sim.Match { return newMatch(t, words[0], words[1:]...) }

// TestStateContinues takes the state at every frame of a match, in holds and at the end too, gives
// it to a match that has played something else, and plays both on with the same inputs.
func TestStateContinues(t *testing.T) {
	for name, words := range matches {
		t.Run(name, func(t *testing.T) {
			const seed = 11
			a, b := makeMatch(t, words), makeMatch(t, words)
			a.Reset(seed)
			acts, other := newActor(a, seed), newActor(a, seed+1)
			held := 0
			for f := range 400 {
				b.Reset(uint64(f))
				for range 1 + f%40 {
					b.Step(other.next(b.Frame()))
				}
				state := a.AppendState(nil)
				if err := b.SetState(state); err != nil {
					t.Fatalf("frame %d: %v", f, err)
				}
				if !bytes.Equal(b.AppendState(nil), state) {
					t.Fatalf("frame %d: the state reads back differently", f)
				}
				if a.Holding() {
					held++
				}
				c := acts.next(uint32(f))
				a.Step(c)
				b.Step(c)
				if a.Hash() != b.Hash() {
					t.Fatalf("frame %d: the matches part after loading a state", f)
				}
			}
			if held == 0 {
				t.Error("no state was taken in a hold")
			}
		})
	}
}

// TestStatePlaysOn loads a state once in each phase and plays to the end of the match.
func TestStatePlaysOn(t *testing.T) {
	for name, words := range matches {
		for _, at := range []int{0, 10, 30, 62} {
			a, b := makeMatch(t, words), makeMatch(t, words)
			a.Reset(3)
			acts := newActor(a, 5)
			for range at {
				a.Step(acts.next(a.Frame()))
			}
			if err := b.SetState(a.AppendState(nil)); err != nil {
				t.Fatal(err)
			}
			for range 5000 {
				c := acts.next(a.Frame())
				a.Step(c)
				b.Step(c)
			}
			if a.Hash() != b.Hash() {
				t.Errorf("%s: a state taken after %d frames leads elsewhere", name, at)
			}
			if _, over := a.Over(); !over {
				t.Errorf("%s: not over", name)
			}
		}
	}
}

// TestSetStateRefusesDamage changes, cuts and lengthens states. What is refused must leave the
// match as it was; what is accepted must be a state: it reads back as the same bytes.
func TestSetStateRefusesDamage(t *testing.T) {
	const seed = 21
	rng := rand.New(rand.NewPCG(seed, 1))
	for name, words := range matches {
		t.Run(name, func(t *testing.T) {
			m := makeMatch(t, words)
			m.Reset(1)
			acts := newActor(m, 1)
			for range 40 {
				m.Step(acts.next(m.Frame()))
			}
			state := m.AppendState(nil)
			other := makeMatch(t, words)
			other.Reset(2)
			before := other.AppendState(nil)
			refused := 0
			try := func(data []byte) {
				if err := other.SetState(data); err != nil {
					refused++
					if !bytes.Equal(other.AppendState(nil), before) {
						t.Fatalf("seed %d: a refused state (%v) changed the match", seed, err)
					}
					return
				}
				if got := other.AppendState(nil); !bytes.Equal(got, data) {
					t.Fatalf("seed %d: an accepted state reads back differently:\n%x\n%x", seed, data, got)
				}
				if err := other.SetState(before); err != nil {
					t.Fatal(err)
				}
			}
			for n := range state {
				try(state[:n])
			}
			try(append(bytes.Clone(state), 0))
			try(nil)
			if want := len(state) + 2; refused != want {
				t.Errorf("%d of %d states of another length were refused", refused, want)
			}
			for range 3000 {
				bad := bytes.Clone(state)
				bad[rng.IntN(len(bad))] ^= 1 << rng.IntN(8)
				if rng.IntN(4) == 0 {
					bad[rng.IntN(len(bad))] = byte(rng.Uint32())
				}
				try(bad)
			}
		})
	}
}

// TestSetStateRefusesImpossibleCounters sets fields of the match's own section.
func TestSetStateRefusesImpossibleCounters(t *testing.T) {
	// The section: length, frame, episode, step (4 bytes each), hold (2), over (1), seed, scores.
	const frame, episode, step, hold, over, seed, score = 2, 6, 10, 14, 16, 17, 25
	episodes := []string{"testenv", "episode_steps=25", "episodes=4"}
	fixed := []string{"testenv", "episode_steps=25", "frames=130"}
	for _, c := range []struct {
		name  string
		words []string
		at    int
		set   []byte
	}{
		{"an episode too many", episodes, episode, []byte{4}},
		{"more steps than frames", episodes, step, []byte{11}},
		{"more steps than an episode has", episodes, step, []byte{26}},
		{"a hold longer than there are", episodes, hold, []byte{11}},
		{"a hold in the middle of an episode", episodes, hold, []byte{1}},
		{"over is neither", episodes, over, []byte{2}},
		{"over in the first of four episodes", episodes, over, []byte{1}},
		{"over before the last frame", fixed, over, []byte{1}},
		{"frames beyond the end", fixed, frame, []byte{131}},
		{"the last frame, but not over", fixed, frame, []byte{130}},
		{"a score that is no number", episodes, score, []byte{0, 0, 0, 0, 0, 0, 0xf8, 0x7f}},
		{"a negative zero", episodes, score, []byte{0, 0, 0, 0, 0, 0, 0, 0x80}},
		{"an infinite score", episodes, score, []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x7f}},
	} {
		m := makeMatch(t, c.words)
		m.Reset(1)
		acts := newActor(m, 1)
		for range 10 {
			m.Step(acts.next(m.Frame()))
		}
		state := m.AppendState(nil)
		bad := bytes.Clone(state)
		copy(bad[c.at:], c.set)
		if err := m.SetState(bad); err == nil {
			t.Errorf("%s: accepted", c.name)
		}
		if !bytes.Equal(m.AppendState(nil), state) {
			t.Errorf("%s: the refusal changed the match", c.name)
		}
		// The seed is free: any value is a state.
		good := bytes.Clone(state)
		good[seed]++
		if err := m.SetState(good); err != nil {
			t.Errorf("another seed is refused: %v", err)
		}
	}
}

// TestHashNamesTheSection changes one section at a time.
func TestHashNamesTheSection(t *testing.T) {
	m := newMatch(t, "testenv", "seats=3")
	m.Reset(1)
	state := m.AppendState(nil)
	want := sim.HashState(state)
	sections := m.Sections()
	if want.Count != len(sections) || sections[0].Name != "match" || len(sections) != 1+len(m.Spec().Sections) {
		t.Fatalf("%d hashes for the sections %+v", want.Count, sections)
	}
	if m.Hash() != want {
		t.Error("Hash and HashState disagree")
	}
	at := 0
	for i, s := range sections {
		changed := bytes.Clone(state)
		changed[at+2+s.Size()-1] ^= 0x40 // the last byte, behind the two of the length
		at += 2 + s.Size()
		got := sim.HashState(changed)
		if got.Total == want.Total {
			t.Errorf("section %s: the total does not tell", s.Name)
		}
		for k := range sections {
			if differs := got.Sections[k] != want.Sections[k]; differs != (k == i) {
				t.Errorf("section %s changed: the hash of %s differs: %v", s.Name, sections[k].Name, differs)
			}
		}
	}
	if at != len(state) {
		t.Errorf("the sections have %d bytes, the state %d", at, len(state))
	}
}
