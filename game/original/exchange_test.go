package original_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	_ "tandem/env/slime"
	"tandem/game/original"
	"tandem/game/sim"
	"tandem/netcode/original/peer"
	"tandem/netcode/original/wire"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
)

func slimeScene() peer.Scene {
	return peer.Scene{ID: "g", Game: true, Multiplayer: true, FPS: 30, FrameSkip: 1, Episodes: 5, MaxSteps: 3000, SyncEvery: 20, Threshold: 50,
		Seats: []peer.SceneSeat{{Key: "agent_left", Human: true}, {Key: "agent_right", Human: true}}}
}

var slimePlayers = []wire.PID{wire.StringPID("agent_left"), wire.StringPID("agent_right")}

// originalMatch is a match of an original game, and its exchange of states.
func originalMatch(t testing.TB, ours bool) (*sim.Match, *original.Exchange) {
	t.Helper()
	scene := slimeScene()
	room, err := original.Room(&scene, options.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	m, err := sim.NewMatch(&room.Config)
	if err != nil {
		t.Fatal(err)
	}
	if !ours {
		if err := original.Follow(m, 42); err != nil {
			t.Fatal(err)
		}
	}
	x, err := original.NewExchange(m, room.Players, ours, 12345)
	if err != nil {
		t.Fatal(err)
	}
	m.Reset(12345)
	return m, x
}

func play(m *sim.Match, r *rand.Rand, frames int) {
	for range frames {
		c := replica.Command{Kind: replica.CommandStep}
		c.Actions[0], c.Actions[1] = uint8(r.IntN(6)), uint8(r.IntN(6))
		m.Step(&c)
	}
}

// The original builds its environment once with seed 42, and every episode's serve follows from the
// one before: the specification names the first three.
func TestOriginalServes(t *testing.T) {
	m, _ := originalMatch(t, false)
	for i, want := range []string{"14.343916796455296 20.46052043589046", "-16.23290608449402 24.63433527455134"} {
		s := state(t, m)
		if got := fmt.Sprint(s["ball_vx"], " ", s["ball_vy"]); got != want {
			t.Errorf("episode %d serves with %s, want %s", i, got, want)
		}
		for e, _ := m.Episode(); e == i; e, _ = m.Episode() {
			m.Step(&replica.Command{Kind: replica.CommandStep})
		}
		if m.Holding() || m.EpisodeStep() != 0 {
			t.Errorf("after episode %d the match holds", i)
		}
	}
}

// state exports a match's environment.
func state(t *testing.T, m *sim.Match) map[string]any {
	t.Helper()
	x, err := original.NewExchange(m, slimePlayers, false, 12345)
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Env map[string]any `json:"env_state"`
	}
	if err := json.Unmarshal(x.Export(0, &peer.Order{}), &s); err != nil {
		t.Fatal(err)
	}
	return s.Env
}

// The state has the original's fields and no others.
func TestOriginalStateFields(t *testing.T) {
	m, x := originalMatch(t, false)
	play(m, rand.New(rand.NewPCG(1, 1)), 40)
	var s map[string]json.RawMessage
	if err := json.Unmarshal(x.Export(40, &peer.Order{}), &s); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"episode_num", "step_num", "frame_number", "cumulative_rewards", "numpy_rng_state", "env_state"} {
		if s[key] == nil {
			t.Errorf("%s is missing", key)
		}
		delete(s, key)
	}
	if len(s) > 0 {
		t.Errorf("there is more than the original has: %v", s)
	}
	env := state(t, m)
	want := strings.Fields("ball_x ball_y ball_prev_x ball_prev_y ball_vx ball_vy ball_r ball_c")
	for _, side := range []string{"agent_left_", "agent_right_"} {
		for _, f := range strings.Fields("dir x y r c vx vy desired_vx desired_vy powerups_available powered_up_timer emotion") {
			want = append(want, side+f)
		}
	}
	for _, key := range want {
		if _, ok := env[key]; !ok {
			t.Errorf("env_state lacks %s", key)
		}
	}
	if len(want) != 32 || len(env) != 32 {
		t.Errorf("env_state has %d fields, the original 32", len(env))
	}
	if fmt.Sprintf("%v %v %v %v", env["ball_c"], env["agent_left_dir"], env["agent_right_emotion"], env["agent_left_r"]) != "[217 79 0] -1 happy 1.5" {
		t.Errorf("the constants are %v", env)
	}
}

// The generator of seed 5489 is MT19937's reference: its first output is 3499211612.
func TestNumpyKey(t *testing.T) {
	m, _ := originalMatch(t, false)
	x, err := original.NewExchange(m, slimePlayers, false, 5489)
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Key []uint32 `json:"numpy_rng_state"`
	}
	if err := json.Unmarshal(x.Export(0, &peer.Order{}), &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Key) != 624 {
		t.Fatalf("the key has %d words", len(s.Key))
	}
	// One step of the recurrence, and the tempering (Matsumoto and Nishimura 1998).
	y := s.Key[0]&(1<<31) | s.Key[1]&(1<<31-1)
	y = s.Key[397] ^ y>>1 ^ (y&1)*0x9908b0df
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	if y ^= y >> 18; y != 3499211612 {
		t.Errorf("the first output is %d", y)
	}
}

// What is exported and imported is, but for what the original leaves out, the same; between ours all
// of it is, whole or as a difference.
func TestOriginalRoundTrip(t *testing.T) {
	for _, ours := range []bool{false, true} {
		for seed := range uint64(40) {
			r := rand.New(rand.NewPCG(seed, 5))
			a, from := originalMatch(t, ours)
			b, to := originalMatch(t, ours)
			for mark := range uint32(6) {
				play(a, r, 1+r.IntN(150))
				play(b, r, 1+r.IntN(150))
				if _, over := a.Over(); over {
					break
				}
				data := from.Export(uint32(a.EpisodeStep()), &peer.Order{Mark: mark, Delta: true})
				in := to.Import(data)
				if in.Err != nil || !in.Done || in.Frame != uint32(a.EpisodeStep()) || in.Whole != ours || (ours && in.Mark != mark) {
					t.Fatalf("seed %d: %+v from %s", seed, in, data)
				}
				if ours && a.Hash() != b.Hash() {
					t.Fatalf("seed %d, state %d: the states differ", seed, mark)
				}
				if ours && (len(data) < 3000) != (mark > 0) {
					t.Errorf("state %d has %d bytes", mark, len(data))
				}
				sa, sb := state(t, a), state(t, b)
				if fmt.Sprint(sa) != fmt.Sprint(sb) || fmt.Sprint(a.Scores()) != fmt.Sprint(b.Scores()) {
					t.Fatalf("seed %d:\n%v\n%v", seed, sa, sb)
				}
				ea, _ := a.Episode()
				eb, _ := b.Episode()
				if ea != eb || a.EpisodeStep() != b.EpisodeStep() {
					t.Errorf("seed %d: episode %d step %d became episode %d step %d", seed, ea, a.EpisodeStep(), eb, b.EpisodeStep())
				}
				again := to.Import(from.Export(uint32(a.EpisodeStep()), &peer.Order{Mark: mark, Delta: true}))
				if again.Err != nil || again.Changed {
					t.Errorf("seed %d: the same state once more: %+v", seed, again)
				}
			}
		}
	}
}

// From the hold of a serve on the two play on alike: the step tells what the original leaves out.
func TestOriginalHold(t *testing.T) {
	for step := range 35 {
		a, from := originalMatch(t, false)
		b, to := originalMatch(t, false)
		play(a, rand.New(rand.NewPCG(1, 1)), step)
		play(b, rand.New(rand.NewPCG(2, 2)), 20)
		if in := to.Import(from.Export(uint32(step), &peer.Order{})); in.Err != nil {
			t.Fatal(in.Err)
		}
		for k := range 20 {
			play(a, rand.New(rand.NewPCG(3, uint64(k))), 1)
			play(b, rand.New(rand.NewPCG(3, uint64(k))), 1)
			if fmt.Sprint(state(t, a)) != fmt.Sprint(state(t, b)) {
				t.Fatalf("taken over after step %d, the states differ %d steps later", step, k+1)
			}
		}
	}
}

// A state that is none is refused in words and changes nothing.
func TestOriginalRefuses(t *testing.T) {
	a, from := originalMatch(t, false)
	play(a, rand.New(rand.NewPCG(1, 1)), 50)
	good := string(from.Export(50, &peer.Order{}))
	ours, fromOurs := originalMatch(t, true)
	play(ours, rand.New(rand.NewPCG(1, 1)), 50)
	whole := string(fromOurs.Export(50, &peer.Order{Mark: 1, Delta: true}))
	play(ours, rand.New(rand.NewPCG(1, 2)), 5)
	delta := string(fromOurs.Export(55, &peer.Order{Mark: 2, Delta: true}))
	replace := func(text, old, with string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("%q is not in %s", old, text)
		}
		return strings.Replace(text, old, with, 1)
	}
	for name, c := range map[string]struct {
		ours bool
		text string
	}{
		"empty":               {false, ``},
		"no object":           {false, `[]`},
		"nothing in it":       {false, `{}`},
		"negative frame":      {false, replace(good, `"frame_number":50`, `"frame_number":-1`)},
		"huge frame":          {false, replace(good, `"frame_number":50`, `"frame_number":1e18`)},
		"broken frame":        {false, replace(good, `"frame_number":50`, `"frame_number":1.5`)},
		"an episode too many": {false, replace(good, `"episode_num":0`, `"episode_num":5`)},
		"a step too many":     {false, replace(good, `"step_num":50`, `"step_num":3001`)},
		"no rewards":          {false, replace(good, `"agent_left":0`, `"agent_up":0`)},
		"a missing field":     {false, replace(good, `"ball_x"`, `"ball_z"`)},
		"text for a number":   {false, replace(good, `"agent_left_vx":`, `"agent_left_vx":"x","was":`)},
		"a ball outside":      {false, replace(good, `"ball_y":`, `"ball_y":1e9,"was":`)},
		"half a power-up":     {false, replace(good, `"agent_left_powerups_available":1`, `"agent_left_powerups_available":0.5`)},
		"a power-up too many": {false, replace(good, `"agent_left_powerups_available":1`, `"agent_left_powerups_available":7`)},
		"a slime too fast":    {false, replace(good, `"agent_left_vx":`, `"agent_left_vx":21,"was":`)},
		"broken base64":       {true, replace(whole, `"state":"`, `"state":"!`)},
		"a cut snapshot":      {true, replace(whole, `"state":"`, `"state":"AAAA`)},
		"a base not here":     {true, delta},
	} {
		m, to := originalMatch(t, c.ours)
		play(m, rand.New(rand.NewPCG(9, 9)), 33)
		before := m.Hash()
		in := to.Import([]byte(c.text))
		if in.Err == nil || !in.Done || m.Hash() != before {
			t.Errorf("%s: %+v, changed %v", name, in, m.Hash() != before)
		}
		if in.NoBase != (name == "a base not here") {
			t.Errorf("%s: NoBase %v", name, in.NoBase)
		}
	}
}

func FuzzOriginalImport(f *testing.F) {
	m, x := originalMatch(f, true)
	play(m, rand.New(rand.NewPCG(1, 1)), 50)
	f.Add(x.Export(50, &peer.Order{}))
	f.Add(x.Export(50, &peer.Order{Mark: 1, Delta: true}))
	f.Add([]byte(`{"episode_num":0,"step_num":1,"frame_number":1,"env_state":{},"tandem":{"mark":1,"base":0,"diff":"AAAA"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, ours := range []bool{true, false} {
			m, x := originalMatch(t, ours)
			before := m.Hash()
			in := x.Import(data)
			if in.Err != nil && m.Hash() != before {
				t.Errorf("refused (%v), and changed", in.Err)
			}
			play(m, rand.New(rand.NewPCG(1, 1)), 3) // whatever was taken over can be played
		}
	})
}

// Without state_sync_frequency_frames our own hashes keep the own interval.
func TestOriginalRoomWithoutHashes(t *testing.T) {
	scene := slimeScene()
	scene.SyncEvery = 0
	room, err := original.Room(&scene, options.DefaultConfig())
	if err != nil || room.Config.HashEvery != options.DefaultConfig().HashEvery {
		t.Errorf("a hash every %d frames, %v", room.Config.HashEvery, err)
	}
}

func TestOriginalRoom(t *testing.T) {
	scene := slimeScene()
	scene.Population = "default_action"
	room, err := original.Room(&scene, options.DefaultConfig())
	if err != nil || room.Config.Env != "slime" || room.Config.HashEvery != 20 || room.Config.Population != options.DefaultAction ||
		!strings.Contains(room.Config.EnvOptions, "episodes=5") || fmt.Sprint(room.Players) != fmt.Sprint(slimePlayers) {
		t.Errorf("%+v, %v", room, err)
	}
	for words, change := range map[string]func(*peer.Scene){
		"25 frames":      func(s *peer.Scene) { s.FPS = 25 },
		"frame_skip":     func(s *peer.Scene) { s.FrameSkip = 4 },
		"policy":         func(s *peer.Scene) { s.Seats[1].Human = false },
		"no seat":        func(s *peer.Scene) { s.Seats[1].Key = "agent_up" },
		"another game":   func(s *peer.Scene) { s.Seats = s.Seats[:1] },
		"overcooked":     func(s *peer.Scene) { s.Env = "overcooked/cramped_room" },
		"default action": func(s *peer.Scene) { s.Default = 3 },
		"magic":          func(s *peer.Scene) { s.Population = "magic" },
		"max_steps":      func(s *peer.Scene) { s.MaxSteps = 1 << 30 },
		"3 seats": func(s *peer.Scene) {
			s.Seats = append(s.Seats, peer.SceneSeat{Key: "agent_up", Human: true})
		},
	} {
		scene := slimeScene()
		change(&scene)
		if _, err := original.Room(&scene, options.DefaultConfig()); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", words, err)
		}
	}
}

func TestOriginalSeed(t *testing.T) {
	for code, want := range map[string]uint64{
		"": 42, `env = SlimeVB(config={"human_inputs": True, "seed": 7})`: 7, "make(seed=123)": 123, "SEED = 43\n\nclass Generator:": 43, "'seed' : 9": 9, "seed=99999999999999999999999": 42,
	} {
		if got := original.Seed(code); got != want {
			t.Errorf("%q: %d, want %d", code, got, want)
		}
	}
}
