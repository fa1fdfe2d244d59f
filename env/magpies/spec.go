package magpies

import (
	"strconv"

	"tandem/env"
)

// Registered names.
const (
	Name     = "magpies"
	NameFour = "magpies/four"
)

const (
	optSeats    = "seats"
	optMaxSteps = "max_steps"
)

const (
	version         = 1 // of the rules and of the state's layout
	defaultEpisodes = 3
)

func init() {
	for _, v := range []struct {
		name, title string
		seats       int
	}{{Name, "Magpies", 2}, {NameFour, "Magpies for four", 4}} {
		env.Register(env.Registration{
			Name: v.name, Title: v.title,
			Options: []env.Option{
				{Name: optSeats, Help: "number of players", Min: 2, Max: maxSeats, Value: v.seats},
				{Name: optMaxSteps, Help: "length of an episode, in steps of 1/30 s", Min: 1, Max: 1_000_000, Value: 1800},
			},
			New: func(opts []env.Option) (env.Env, error) { return newEnv(v.name, v.title, opts), nil },
		}, defaultEpisodes)
	}
}

// Actions.
const (
	stay = iota
	up
	down
	left
	right
	numActions
)

const hop = "hop"

var actions = []env.Action{
	stay: {Name: "stay"}, up: {Name: "up", Verb: hop}, down: {Name: "down", Verb: hop}, left: {Name: "left", Verb: hop}, right: {Name: "right", Verb: hop},
}

var keys = []env.Chord{
	{Keys: []env.Key{env.KeyUp}, Action: up},
	{Keys: []env.Key{env.KeyDown}, Action: down},
	{Keys: []env.Key{env.KeyLeft}, Action: left},
	{Keys: []env.Key{env.KeyRight}, Action: right},
}

// Places in the infos.
const (
	infoCarried = iota
	infoStolen
	infoRobbed
)

var infos = []string{infoCarried: "carried", infoStolen: "stolen", infoRobbed: "robbed"}

func makeSpec(name, title string, opts []env.Option) env.Spec {
	seats := env.Get(opts, optSeats)
	coins := seats + extraCoins
	s := env.Spec{
		Name: name, Title: title, Version: version, FPS: 30,
		Goal: "Carry coins to your nest: one is worth 1, two are worth 3, three 6. Bump into others to rob them.", Score: [2]string{"point", "points"},
		Actions: actions, Default: stay,
		MaxSteps:   env.Get(opts, optMaxSteps),
		Episodes:   env.Get(opts, env.EpisodesOption),
		HoldFrames: 45,
		Input:      env.Keystroke, // a press is a hop, a held key hops on
		Keys:       keys,
		Observation: []env.Array{
			{Name: "magpies", Shape: []int{seats, 5}},
			{Name: "nest", Shape: []int{2}},
			{Name: "coins", Shape: []int{coins, 2}},
		},
		Infos: infos,
		Sections: []env.Section{
			{Name: "clock", Fields: []env.Field{{Name: "frame", Kind: env.U32}}},
			{Name: "magpies", Fields: []env.Field{
				{Name: "cell", Kind: env.U8, Count: seats},
				{Name: "facing", Kind: env.U8, Count: seats, Words: words},
				{Name: "next", Kind: env.U8, Count: seats, Words: words},
				{Name: "carried", Kind: env.U8, Count: seats},
				{Name: "tired", Kind: env.U8, Count: seats},
				{Name: "safe", Kind: env.U8, Count: seats},
			}},
			{Name: "coins", Fields: []env.Field{{Name: "cell", Kind: env.U8, Count: coins}}},
			{Name: "rng", Fields: []env.Field{
				{Name: "state", Kind: env.U64, Count: 2},
				{Name: "inc", Kind: env.U64, Count: 2},
				{Name: "has_half", Kind: env.U8},
				{Name: "half", Kind: env.U32},
			}},
		},
		Options: opts,
		Aspect:  float64(cols) / rows,
	}
	for i := range seats {
		s.Agents = append(s.Agents, "magpie_"+strconv.Itoa(i))
		s.AgentTitles = append(s.AgentTitles, "magpie "+strconv.Itoa(i+1))
	}
	return s
}

// words are the actions by name, for people who read a state.
var words = []string{"stay", "up", "down", "left", "right"}
