package slime

import (
	"fmt"

	"tandem/env"
)

// Registered names.
const (
	Name      = "slime"
	NameBoost = "slime/boost"
)

// Options.
const (
	optLives          = "lives"
	optMaxSteps       = "max_steps"
	optSurvivalReward = "survival_reward"
	optHumanInputs    = "human_inputs"
)

// goal is what people read of an episode of so many points.
func goal(points int) string {
	const drop = "Let the ball drop on the other side of the net."
	if points == 1 {
		return drop
	}
	return fmt.Sprintf("%s Who has %d first wins.", drop, points)
}

var (
	score = [2]string{"point", "points"}

	// firstToFive is how people play: one game until a side has five points, or until five minutes have
	// passed.
	firstToFive = env.Options{optLives: "5", optMaxSteps: "9000", env.EpisodesOption: "1"}
)

const (
	version         = 1 // of the rules and of the state's layout
	defaultEpisodes = 5
)

func init() {
	options := []env.Option{
		{Name: optLives, Help: "points that a side can lose before the episode ends", Min: 1, Max: 1000, Value: 1},
		{Name: optMaxSteps, Help: "longest episode, in steps of 1/30 s", Min: 1, Max: 1_000_000, Value: 3000},
		{Name: optSurvivalReward, Help: "give each side 0.01 for every step", Min: 0, Max: 1, Value: 0},
		{Name: optHumanInputs, Help: "left and right are those of the screen for both sides", Min: 0, Max: 1, Value: 1},
	}
	env.Register(env.Registration{
		Name: Name, Title: "Slime Volleyball", Options: options, Play: firstToFive,
		New: func(opts []env.Option) (env.Env, error) { return newEnv(false, opts), nil },
	}, defaultEpisodes)
	env.Register(env.Registration{
		Name: NameBoost, Title: "Slime Volleyball with boost", Options: options, Play: firstToFive,
		New: func(opts []env.Option) (env.Env, error) { return newEnv(true, opts), nil },
	}, defaultEpisodes)
}

func makeSpec(boost bool, opts []env.Option) env.Spec {
	s := env.Spec{
		Name: Name, Title: "Slime Volleyball", Version: version, FPS: 30, Goal: goal(env.Get(opts, optLives)), Score: score,
		Agents:      []string{AgentLeft, AgentRight},
		AgentTitles: []string{"left", "right"},
		Actions:     actionNames[:baseActions],
		Default:     0,
		MaxSteps:    env.Get(opts, optMaxSteps),
		Episodes:    env.Get(opts, env.EpisodesOption),
		HoldFrames:  30, // one second to see how the point was made
		Input:       env.Held,
		Keys:        baseKeys,
		Observation: []env.Array{{Name: "obs", Shape: []int{baseObservation}}},
		Sections:    sections,
		Options:     opts,
		Aspect:      pictureWidth / pictureHeight,
	}
	if boost {
		s.Name, s.Title = NameBoost, "Slime Volleyball with boost"
		s.Actions = actionNames
		s.Keys = append(append([]env.Chord(nil), baseKeys...), boostKeys...)
		s.Observation = []env.Array{{Name: "obs", Shape: []int{boostObservation}}}
	}
	return s
}

// No action is one-shot. A boost that the relay repeats does nothing while there is no stock, and a
// boost that came late is better had a few frames later than lost.
var actionNames = []env.Action{
	{Name: "noop"}, {Name: "left", Verb: "run"}, {Name: "up-left"}, {Name: "up", Verb: "jump"}, {Name: "up-right"}, {Name: "right", Verb: "run"},
	{Name: "boost", Verb: "boost"}, {Name: "boost left"}, {Name: "boost up-left"}, {Name: "boost up"},
	{Name: "boost up-right"}, {Name: "boost right"}, {Name: "boost (alias)"},
}

var baseKeys = []env.Chord{
	{Keys: []env.Key{env.KeyLeft}, Action: 1},
	{Keys: []env.Key{env.KeyLeft, env.KeyUp}, Action: 2},
	{Keys: []env.Key{env.KeyUp}, Action: 3},
	{Keys: []env.Key{env.KeyRight, env.KeyUp}, Action: 4},
	{Keys: []env.Key{env.KeyRight}, Action: 5},
}

var boostKeys = []env.Chord{
	{Keys: []env.Key{env.KeyA}, Action: 6},
	{Keys: []env.Key{env.KeyLeft, env.KeyA}, Action: 7},
	{Keys: []env.Key{env.KeyLeft, env.KeyUp, env.KeyA}, Action: 8},
	{Keys: []env.Key{env.KeyUp, env.KeyA}, Action: 9},
	{Keys: []env.Key{env.KeyRight, env.KeyUp, env.KeyA}, Action: 10},
	{Keys: []env.Key{env.KeyRight, env.KeyA}, Action: 11},
}
