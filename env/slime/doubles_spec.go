package slime

import "tandem/env"

// NameDoubles is the registered name of the game of two against two.
const NameDoubles = "slime/doubles"

const optDoubleTouch = "double_touch"

const (
	doublesVersion  = 1 // of the rules and of the state's layout
	doublesEpisodes = 3
	doublesTitle    = "Slime Volleyball doubles"
)

// infoTouch is 1 for who touched the ball in this step.
const infoTouch = 0

var doublesInfos = []string{infoTouch: "touch"}

func init() {
	env.Register(env.Registration{
		Name: NameDoubles, Title: doublesTitle, Play: firstToFive,
		Options: []env.Option{
			{Name: optLives, Help: "points that a side can lose before the episode ends", Min: 1, Max: 1000, Value: 5},
			{Name: optMaxSteps, Help: "longest episode, in steps of 1/30 s", Min: 1, Max: 1_000_000, Value: 5400},
			{Name: optHumanInputs, Help: "left and right are those of the screen for both sides", Min: 0, Max: 1, Value: 1},
			{Name: optDoubleTouch, Help: "a slime may touch the ball twice in a row", Min: 0, Max: 1, Value: 0},
		},
		New: func(opts []env.Option) (env.Env, error) { return newDoubles(opts), nil },
	}, doublesEpisodes)
}

func makeDoublesSpec(opts []env.Option) env.Spec {
	return env.Spec{
		Name: NameDoubles, Title: doublesTitle, Version: doublesVersion, FPS: 30, Score: score,
		Goal:        goal(env.Get(opts, optLives)) + " Nobody may touch it twice in a row.",
		Agents:      []string{AgentLeftBack, AgentRightBack, AgentLeftFront, AgentRightFront},
		AgentTitles: []string{"left, back", "right, back", "left, front", "right, front"},
		Teams:       []int{0, 1, 0, 1},
		TeamTitles:  []string{"left side", "right side"},
		Actions:     actionNames[:baseActions],
		Default:     0,
		MaxSteps:    env.Get(opts, optMaxSteps),
		Episodes:    env.Get(opts, env.EpisodesOption),
		HoldFrames:  30, // one second to see how the point was made
		Input:       env.Held,
		Keys:        baseKeys,
		Observation: []env.Array{{Name: "obs", Shape: []int{doublesObservation}}},
		Infos:       doublesInfos,
		Sections:    doublesSections,
		Options:     opts,
		Aspect:      pictureWidth / pictureHeight,
	}
}

// doublesSections is the state's layout.
var doublesSections = []env.Section{
	{Name: "clock", Fields: []env.Field{
		{Name: "frame", Kind: env.U32},
		{Name: "hold", Kind: env.U8},
	}},
	ballSection,
	{Name: "left_back", Fields: bodyFields},
	{Name: "right_back", Fields: bodyFields},
	{Name: "left_front", Fields: bodyFields},
	{Name: "right_front", Fields: bodyFields},
	{Name: "score", Fields: []env.Field{
		{Name: "left_lives", Kind: env.I32},
		{Name: "right_lives", Kind: env.I32},
		{Name: "last_touch", Kind: env.U8, Words: []string{"nobody", "left back", "right back", "left front", "right front"}},
		{Name: "since_touch", Kind: env.U8},
	}},
	{Name: "rng", Fields: generatorFields},
}
