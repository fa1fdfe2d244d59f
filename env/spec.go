package env

import "fmt"

// Limits of what a Spec may say. They keep an action in one byte on the wire and a seat mask in
// one small integer.
const (
	MaxAgents  = 16
	MaxActions = 128
)

// Spec describes an environment as configured.
type Spec struct {
	Name    string // registry name: "slime", "overcooked/cramped_room"
	Title   string // for people: "Slime Volleyball"
	Version int    // raised with every change of the rules or of the state's layout; peers whose versions differ must not play together
	FPS     int    // steps per second in play; 30 everywhere so far

	Goal  string    // what the players are after, in one sentence: "Let the ball drop on the other side."
	Score [2]string // what people count, one and several of it: "soup", "soups"

	Agents      []string // agent ids in the order of seats
	AgentTitles []string // the same for people: "left (blue)"

	Actions []Action // the integer of an action is its index
	Default int      // the action of a seat that sends nothing

	MaxSteps   int // truncation limit of one episode, in steps; 0 for none
	Episodes   int // episodes of a match unless the room says otherwise
	HoldFrames int // frames between the end of an episode and the first step of the next

	Cooperative bool // every agent always gets the same reward: the players win or lose together

	// Teams is the team of each agent, numbered from 0, where agents play in teams against each
	// other; all of a team always get the same reward. Nil where everybody plays alone or all
	// together. TeamTitles names the teams for people.
	Teams      []int
	TeamTitles []string

	Input InputMode // how keys become actions
	Keys  []Chord   // a person's keys

	Observation []Array   // of one agent, in the order Observe writes them
	Infos       []string  // names of the info values of every agent
	Sections    []Section // of the state, in order
	Options     []Option  // what Configure accepts, with the values in force

	Aspect float64 // width ÷ height of the picture that Render draws

	// SeatIcon names square sprites that are drawn over each other in a seat's colour wherever its
	// player is shown: "chef_south", "hat_south". Nil gives a plain shape of that colour.
	SeatIcon []string
}

// Action is one entry of the discrete action space.
type Action struct {
	Name string
	// Verb is what a player does by it, for a list of keys: "jump"; "pick up, put down, serve". Actions of
	// one verb are listed together. Empty for what several keys at once do.
	Verb string
	// OneShot marks an action that means something each time it is taken (pick up, drop), not for
	// as long as it is held. The relay never repeats it in place of a missing input.
	OneShot bool
}

// InputMode says how keys become actions.
type InputMode uint8

const (
	// Held reads the set of keys held down at each sample: movement games.
	Held InputMode = iota
	// Keystroke turns each key press into one action, repeated at a person's rate while the key
	// stays down: grid games.
	Keystroke
)

// Key is a key of a person, by function rather than by position; the game maps it to arrow keys,
// WASD, touch buttons and whatever else there is.
type Key uint8

const (
	KeyLeft Key = iota
	KeyRight
	KeyUp
	KeyDown
	KeyA // the environment's first extra button (space)
	KeyB // its second (Q, or X)
	NumKeys
)

// String returns the key's name.
func (k Key) String() string {
	names := [...]string{"Left", "Right", "Up", "Down", "A", "B"}
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("Key(%d)", uint8(k))
}

// Chord is one or several keys held together and the action they mean. When more keys are held
// than any single chord names, the largest chord that is held wins; among those of equal size, the
// one that holds the earliest-pressed key.
type Chord struct {
	Keys   []Key
	Action int
}

// Array is one array of an observation.
type Array struct {
	Name  string
	Shape []int
}

// Size returns the number of values in the array.
func (a Array) Size() int {
	n := 1
	for _, d := range a.Shape {
		n *= d
	}
	return n
}

// ObservationSize returns how many values Observe appends.
func (s *Spec) ObservationSize() int {
	n := 0
	for _, a := range s.Observation {
		n += a.Size()
	}
	return n
}

// Validate reports what is wrong with the Spec, or nil.
func (s *Spec) Validate() error {
	n := len(s.Agents)
	switch {
	case s.Name == "" || s.Title == "":
		return fmt.Errorf("env %q: name and title must be set", s.Name)
	case n == 0 || n > MaxAgents:
		return fmt.Errorf("env %q: %d agents, want 1 to %d", s.Name, n, MaxAgents)
	case len(s.AgentTitles) != n:
		return fmt.Errorf("env %q: %d agent titles for %d agents", s.Name, len(s.AgentTitles), n)
	case len(s.Actions) == 0 || len(s.Actions) > MaxActions:
		return fmt.Errorf("env %q: %d actions, want 1 to %d", s.Name, len(s.Actions), MaxActions)
	case s.Default < 0 || s.Default >= len(s.Actions):
		return fmt.Errorf("env %q: default action %d of %d", s.Name, s.Default, len(s.Actions))
	case s.Actions[s.Default].OneShot:
		return fmt.Errorf("env %q: the default action must be holdable", s.Name)
	case s.FPS <= 0 || s.Episodes <= 0 || s.HoldFrames < 0 || s.MaxSteps < 0:
		return fmt.Errorf("env %q: fps, episodes, hold or step limit out of range", s.Name)
	case s.Aspect <= 0:
		return fmt.Errorf("env %q: the picture's aspect must be positive", s.Name)
	case s.Teams != nil && (len(s.Teams) != n || s.Cooperative || len(s.TeamTitles) < 2):
		return fmt.Errorf("env %q: %d team numbers for %d agents and %d team titles, cooperative %v", s.Name, len(s.Teams), n, len(s.TeamTitles), s.Cooperative)
	case len(s.Sections) == 0:
		return fmt.Errorf("env %q: the state needs at least one section", s.Name)
	}
	for i, team := range s.Teams {
		if team < 0 || team >= len(s.TeamTitles) {
			return fmt.Errorf("env %q: %s is in team %d of %d", s.Name, s.Agents[i], team, len(s.TeamTitles))
		}
	}
	for _, c := range s.Keys {
		if len(c.Keys) == 0 || c.Action < 0 || c.Action >= len(s.Actions) {
			return fmt.Errorf("env %q: bad key chord %v", s.Name, c)
		}
	}
	return nil
}

// CheckActions reports the first action that is missing or outside the action space.
func (s *Spec) CheckActions(actions []int) error {
	if len(actions) != len(s.Agents) {
		return fmt.Errorf("env %q: %d actions for %d agents", s.Name, len(actions), len(s.Agents))
	}
	for i, a := range actions {
		if a < 0 || a >= len(s.Actions) {
			return fmt.Errorf("env %q: action %d of %s is outside 0..%d", s.Name, a, s.Agents[i], len(s.Actions)-1)
		}
	}
	return nil
}
