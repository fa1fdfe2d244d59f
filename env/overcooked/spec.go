package overcooked

import (
	"strconv"

	"tandem/env"
)

// Family is the first part of every registered name: "overcooked/cramped_room".
const Family = "overcooked/"

const optMaxSteps = "max_steps"

const (
	version         = 1 // of the rules and of the state's layout
	defaultEpisodes = 1
	defaultMaxSteps = 1350 // 45 s
)

func init() {
	for _, l := range layouts {
		env.Register(env.Registration{
			Name: Family + l.name, Title: "Overcooked: " + l.title,
			Options: []env.Option{
				{Name: optMaxSteps, Help: "length of an episode, in steps of 1/30 s", Min: 1, Max: 1_000_000, Value: defaultMaxSteps},
			},
			New: func(opts []env.Option) (env.Env, error) { return newEnv(l, opts), nil },
		}, defaultEpisodes)
	}
}

// Actions. The first four turn the cook and, where the cell in front is free, move it.
const (
	moveUp = iota
	moveDown
	moveLeft
	moveRight
	pickupDrop
	toggle // no object of this game reacts
	noop
	numActions
)

const walk = "walk"

// actionNames are the reference's cardinal action set.
var actionNames = []env.Action{
	moveUp: {Name: "MoveUp", Verb: walk}, moveDown: {Name: "MoveDown", Verb: walk},
	moveLeft: {Name: "MoveLeft", Verb: walk}, moveRight: {Name: "MoveRight", Verb: walk},
	// Repeating it would put back what it took.
	pickupDrop: {Name: "PickupDrop", Verb: "pick up, put down, serve", OneShot: true},
	toggle:     {Name: "Toggle"},
	noop:       {Name: "Noop"},
}

// heading is the direction that a move turns to.
var heading = [4]uint8{moveUp: up, moveDown: down, moveLeft: left, moveRight: right}

// keys has none for Toggle, which would be a button that does nothing.
var keys = []env.Chord{
	{Keys: []env.Key{env.KeyUp}, Action: moveUp},
	{Keys: []env.Key{env.KeyDown}, Action: moveDown},
	{Keys: []env.Key{env.KeyLeft}, Action: moveLeft},
	{Keys: []env.Key{env.KeyRight}, Action: moveRight},
	{Keys: []env.Key{env.KeyA}, Action: pickupDrop},
}

// Places in the infos.
const (
	infoDelivery = iota
	infoDeliveryAct
	infoOnionInPot
	infoSoupInDish
	infoRow
	infoCol
	infoDirection
	infoLayout
)

var infoNames = []string{
	infoDelivery: "delivery_reward", infoDeliveryAct: "delivery_act_reward",
	infoOnionInPot: "onion_in_pot_reward", infoSoupInDish: "soup_in_dish_reward",
	infoRow: "row", infoCol: "col", infoDirection: "direction", infoLayout: "layout_id",
}

func makeSpec(l *layout, opts []env.Option) env.Spec {
	s := env.Spec{
		Name: Family + l.name, Title: "Overcooked: " + l.title, Version: version, FPS: 30, Cooperative: true,
		Goal:       "Cook soups of three onions each, dish them up and serve them.",
		Score:      [2]string{"soup", "soups"},
		Actions:    actionNames,
		Default:    noop,
		MaxSteps:   env.Get(opts, optMaxSteps),
		Episodes:   env.Get(opts, env.EpisodesOption),
		HoldFrames: 30, // one second to see what was cooked
		Input:      env.Keystroke,
		Keys:       keys,
		Observation: []env.Array{
			{Name: "full_map_encoding", Shape: []int{l.view.rows, l.view.cols, 3}},
			{Name: "overcooked_behavior_features", Shape: []int{l.view.features}},
		},
		Infos:    infoNames,
		Sections: sections(l),
		Options:  opts,
		Aspect:   float64(l.cols) / float64(l.rows),
		SeatIcon: []string{"chef_south", "hat_south"},
	}
	for i := range l.seats {
		s.Agents = append(s.Agents, strconv.Itoa(i)) // the reference's ids
		s.AgentTitles = append(s.AgentTitles, "chef "+strconv.Itoa(i+1))
	}
	return s
}
