package testenv

import (
	"strconv"

	"tandem/env"
)

// Options.
const (
	optSeats        = "seats"
	optEpisodeSteps = "episode_steps"
	optFlaw         = "flaw"
	optDrift        = "drift"
)

const (
	version         = 1
	defaultEpisodes = 3
	observation     = 1 + numFloats + 1
)

var infos = []string{"phase"}

func init() {
	env.Register(env.Registration{
		Name: Name, Title: "Test Field", Hidden: true,
		Options: []env.Option{
			{Name: optSeats, Help: "number of players", Min: 1, Max: env.MaxAgents, Value: 2},
			{Name: optEpisodeSteps, Help: "longest episode, in steps of 1/30 s", Min: 1, Max: 1_000_000, Value: 300},
			{Name: optFlaw, Help: "be nondeterministic on purpose, to see desyncs noticed", Min: 0, Max: 1, Value: 0},
			{Name: optDrift, Help: "from this step of an episode on, let one number of the state depend on the process; 0 for never", Min: 0, Max: 1_000_000, Value: 0},
		},
		New: func(opts []env.Option) (env.Env, error) { return newEnv(opts), nil },
	}, defaultEpisodes)
}

// The last two actions are one-shot.
var actions = []env.Action{
	{Name: "noop"}, {Name: "left"}, {Name: "right"}, {Name: "up"}, {Name: "down"}, {Name: "hold"},
	{Name: "tap", OneShot: true}, {Name: "flip", OneShot: true},
}

var keys = []env.Chord{
	{Keys: []env.Key{env.KeyLeft}, Action: 1},
	{Keys: []env.Key{env.KeyRight}, Action: 2},
	{Keys: []env.Key{env.KeyUp}, Action: 3},
	{Keys: []env.Key{env.KeyDown}, Action: 4},
	{Keys: []env.Key{env.KeyLeft, env.KeyRight}, Action: 5},
	{Keys: []env.Key{env.KeyA}, Action: 6},
	{Keys: []env.Key{env.KeyB}, Action: 7},
}

func makeSpec(opts []env.Option) env.Spec {
	seats := env.Get(opts, optSeats)
	s := env.Spec{
		Name: Name, Title: "Test Field", Version: version, FPS: 30,
		Actions: actions, Default: 0,
		MaxSteps:    env.Get(opts, optEpisodeSteps),
		Episodes:    env.Get(opts, env.EpisodesOption),
		HoldFrames:  10,
		Input:       env.Held,
		Keys:        keys,
		Observation: []env.Array{{Name: "word", Shape: []int{1}}, {Name: "floats", Shape: []int{numFloats}}, {Name: "elapsed", Shape: []int{1}}},
		Infos:       infos,
		Sections: []env.Section{
			{Name: "clock", Fields: []env.Field{{Name: "frame", Kind: env.U32}}},
			{Name: "words", Fields: []env.Field{{Name: "word", Kind: env.U64, Count: seats}}},
			{Name: "floats", Fields: []env.Field{{Name: "float", Kind: env.F64, Count: numFloats}}},
			{Name: "rng", Fields: []env.Field{
				{Name: "state", Kind: env.U64, Count: 2},
				{Name: "inc", Kind: env.U64, Count: 2},
				{Name: "has_half", Kind: env.U8},
				{Name: "half", Kind: env.U32},
			}},
		},
		Options: opts,
		Aspect:  16.0 / 9,
	}
	for i := range seats {
		s.Agents = append(s.Agents, "agent_"+strconv.Itoa(i))
		s.AgentTitles = append(s.AgentTitles, "player "+strconv.Itoa(i+1))
	}
	return s
}
