package sim_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"tandem/env"
	_ "tandem/env/all"
	"tandem/game/sim"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
)

// config makes the room options of an environment. words are options of the environment, and
// "frames=N" the room's.
func config(t testing.TB, name string, words ...string) *options.Config {
	t.Helper()
	cfg := options.DefaultConfig()
	var own []string
	for _, w := range words {
		if strings.HasPrefix(w, "frames=") {
			if err := cfg.Set(w); err != nil {
				t.Fatal(err)
			}
			continue
		}
		own = append(own, w)
	}
	opts, err := env.ParseOptions(own)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sim.Configure(&cfg, name, opts); err != nil {
		t.Fatal(err)
	}
	return &cfg
}

func newMatch(t testing.TB, name string, words ...string) *sim.Match {
	t.Helper()
	m, err := sim.NewMatch(config(t, name, words...))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// actor makes the commands of a match: a random action of every seat in every frame.
type actor struct {
	rng     *rand.Rand
	actions int
	seats   int
}

func newActor(m *sim.Match, seed uint64) *actor {
	return &actor{rand.New(rand.NewPCG(seed, 0xac7)), len(m.Spec().Actions), len(m.Spec().Agents)}
}

func (a *actor) next(frame uint32) *replica.Command {
	c := &replica.Command{Kind: replica.CommandStep, Frame: frame}
	for i := range a.seats {
		c.Actions[i] = uint8(a.rng.IntN(a.actions))
	}
	return c
}

func TestEpisodes(t *testing.T) {
	const steps, episodes, hold = 20, 3, 10 // testenv holds for 10 frames
	m := newMatch(t, "testenv", "episode_steps=20", "episodes=3")
	m.Reset(5)
	acts := newActor(m, 1)
	starts := map[string]int{} // the environment's state at the start of each episode
	for episode := range episodes {
		if e, total := m.Episode(); e != episode || total != episodes {
			t.Fatalf("frame %d: episode %d of %d, want %d of %d", m.Frame(), e, total, episode, episodes)
		}
		starts[string(m.Env().AppendState(nil))]++
		for n := range hold {
			if episode == 0 {
				break // nothing is held before the first
			}
			before := string(m.Env().AppendState(nil))
			if !m.Holding() || m.EpisodeStep() != 0 {
				t.Fatalf("frame %d: %d frames after the episode's end, holding %v, step %d", m.Frame(), n, m.Holding(), m.EpisodeStep())
			}
			m.Step(acts.next(m.Frame()))
			if string(m.Env().AppendState(nil)) != before {
				t.Fatalf("frame %d of the hold moved the environment", m.Frame())
			}
		}
		sums := make([]float64, 2)
		for n := range steps {
			if m.Holding() {
				t.Fatalf("frame %d: still holding", m.Frame())
			}
			before := append([]float64(nil), m.Scores()...)
			m.Step(acts.next(m.Frame()))
			for i := range sums {
				sums[i] += m.Scores()[i] - before[i]
			}
			if fresh, last := m.Fresh(), n == steps-1 && episode < episodes-1; fresh != last {
				t.Fatalf("frame %d: fresh %v, want %v", m.Frame(), fresh, last)
			}
		}
		if episode < episodes-1 {
			for i, s := range m.LastScores() {
				if s != sums[i] {
					t.Errorf("agent %d: last episode's score is %v, its rewards sum up to %v", i, s, sums[i])
				}
			}
		}
	}
	if len(starts) != episodes {
		t.Errorf("%d different starts in %d episodes", len(starts), episodes)
	}
	const want = episodes*steps + (episodes-1)*hold
	if frames, over := m.Over(); !over || frames != want {
		t.Errorf("over %v after %d frames, want %d", over, frames, want)
	}
	end := m.Hash()
	m.Step(acts.next(m.Frame()))
	if m.Hash() != end {
		t.Error("a frame after the end changed the state")
	}
}

func TestEpisodeSeeds(t *testing.T) {
	seen := map[uint64]bool{}
	for room := range uint64(100) {
		for episode := range 100 {
			s := sim.EpisodeSeed(room, episode)
			if seen[s] {
				t.Fatalf("room %d, episode %d: the seed %#x is another's, too", room, episode, s)
			}
			seen[s] = true
			if s != sim.EpisodeSeed(room, episode) {
				t.Fatal("the seed differs from call to call")
			}
		}
	}
}

// TestEqualRoomsPlayEqualMatches plays the same inputs from the same and from another seed.
func TestEqualRoomsPlayEqualMatches(t *testing.T) {
	play := func(name string, room, inputs uint64) replica.Hash {
		m := newMatch(t, name, "frames=400")
		m.Reset(room)
		acts := newActor(m, inputs)
		for range 400 {
			m.Step(acts.next(m.Frame()))
		}
		if _, over := m.Over(); !over {
			t.Errorf("%s: not over after its frames", name)
		}
		return m.Hash()
	}
	for _, name := range []string{"testenv", "slime", "slime/boost", "slime/doubles", "overcooked/party_3", "overcooked/party_8"} {
		first := play(name, 1, 1)
		if first != play(name, 1, 1) {
			t.Errorf("%s: equal rooms and inputs, different states", name)
		}
		if first == play(name, 2, 1) || first == play(name, 1, 2) {
			t.Errorf("%s: another seed or other inputs, the same state", name)
		}
	}
}

// TestFramesOption ends the match after exactly so many frames, wherever its episodes are.
func TestFramesOption(t *testing.T) {
	for _, name := range []string{"testenv", "slime"} {
		words := []string{"frames=75", "episodes=1"}
		if name == "testenv" {
			words = append(words, "episode_steps=20") // 75 frames are two episodes, two holds and 15 steps
		}
		m := newMatch(t, name, words...)
		m.Reset(3)
		acts := newActor(m, 2)
		for f := range 75 {
			if _, over := m.Over(); over {
				t.Fatalf("%s: over before frame %d", name, f)
			}
			m.Step(acts.next(uint32(f)))
		}
		if frames, over := m.Over(); !over || frames != 75 || m.Limit() != 75 {
			t.Errorf("%s: over %v after %d frames, limit %d", name, over, frames, m.Limit())
		}
		if e, _ := m.Episode(); name == "testenv" && e != 2 {
			t.Errorf("the match with a fixed length is in episode %d", e)
		}
	}
}

func TestResetBeginsAnew(t *testing.T) {
	m := newMatch(t, "testenv", "episode_steps=20")
	m.Reset(9)
	fresh := m.Hash()
	acts := newActor(m, 3)
	for range 45 {
		m.Step(acts.next(m.Frame()))
	}
	m.Reset(9)
	if m.Hash() != fresh || m.Frame() != 0 || m.Scores()[0] != 0 {
		t.Error("Reset after play does not begin anew")
	}
}

func TestNewMatchRefuses(t *testing.T) {
	for _, c := range []struct {
		what   string
		change func(*options.Config)
		words  string
	}{
		{"an environment this program lacks", func(c *options.Config) { c.Env = "chess" }, `no environment "chess"`},
		{"another version", func(c *options.Config) { c.EnvVersion++ }, "update the older"},
		{"an option it does not have", func(c *options.Config) { c.EnvOptions = "gravity=3" }, `no option "gravity"`},
		{"an option out of range", func(c *options.Config) { c.EnvOptions = "lives=-1" }, "lives=-1"},
		{"an option that is no option", func(c *options.Config) { c.EnvOptions = "lives" }, "NAME=VALUE"},
		{"other seats", func(c *options.Config) { c.Players = 3 }, "3 seats"},
		{"other actions", func(c *options.Config) { c.Actions = 7 }, "7 actions"},
		{"another default action", func(c *options.Config) { c.DefaultAction = 1 }, "update the older"},
	} {
		cfg := config(t, "slime")
		c.change(cfg)
		m, err := sim.NewMatch(cfg)
		if err == nil || m != nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v, want words with %q", c.what, err, c.words)
		}
	}
}

func TestConfigure(t *testing.T) {
	cfg := options.DefaultConfig()
	spec, err := sim.Configure(&cfg, "testenv", env.Options{"seats": "5"})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Players != 5 || cfg.Actions != len(spec.Actions) || cfg.Env != "testenv" || cfg.EnvVersion != spec.Version || int(cfg.DefaultAction) != spec.Default {
		t.Errorf("configured %+v for %+v", cfg, spec)
	}
	for a, act := range spec.Actions {
		if cfg.IsOneShot(uint8(a)) != act.OneShot {
			t.Errorf("action %s: one-shot %v in the room", act.Name, cfg.IsOneShot(uint8(a)))
		}
	}
	if !strings.Contains(cfg.EnvOptions, "seats=5") || !strings.Contains(cfg.EnvOptions, "episodes=") {
		t.Errorf("options %q do not say everything", cfg.EnvOptions)
	}
	// Another environment leaves nothing of the one before.
	if _, err := sim.Configure(&cfg, "slime", nil); err != nil {
		t.Fatal(err)
	}
	if cfg.Players != 2 || strings.Contains(cfg.EnvOptions, "seats") || cfg.OneShot != (options.Config{}).OneShot {
		t.Errorf("after another environment: %+v", cfg)
	}
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
	parsed, err := options.ParseConfig(cfg.Words())
	if err != nil || parsed != cfg {
		t.Errorf("travelling changes the options: %+v, %v", parsed, err)
	}
	if _, err := sim.Configure(&cfg, "slime", env.Options{"seats": "5"}); err == nil {
		t.Error("slime took the option seats")
	}
}

func TestBotInput(t *testing.T) {
	m := newMatch(t, "testenv", "episode_steps=20")
	b, err := sim.NewBotInput("random", m, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	sample := func(n int) map[int]bool {
		seen := map[int]bool{}
		for f := range n {
			a, ok := b.SampleFrame(uint32(f))
			if again, _ := b.SampleFrame(uint32(f)); !ok || a != again {
				t.Errorf("frame %d: %d, known: %v, the second time %d", f, a, ok, again)
			}
			seen[a] = true
		}
		return seen
	}
	if s := sample(50); len(s) != 1 || !s[m.Spec().Default] {
		t.Errorf("before the match a random bot acts: %v", s)
	}
	m.Reset(1)
	if s := sample(200); len(s) != len(m.Spec().Actions) {
		t.Errorf("in play a random bot takes %d actions of %d", len(s), len(m.Spec().Actions))
	}
	acts := newActor(m, 4)
	for range 20 {
		m.Step(acts.next(m.Frame()))
	}
	if s := sample(50); len(s) != 1 || !s[m.Spec().Default] {
		t.Errorf("between two episodes a random bot acts: %v", s)
	}
	if _, err := sim.NewBotInput("baseline", m, 0, 1); err == nil || !strings.Contains(err.Error(), "choose one of") {
		t.Errorf("a bot that does not play testenv: %v", err)
	}
}
