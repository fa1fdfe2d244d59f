package env

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Bot plays one seat. It is run by that seat's owner alone, so it is not simulation code: only the
// actions it chooses travel.
//
// What it draws for a frame depends on its seed and that frame alone, never on how often it was asked
// before: an input that comes late, or a frame that is passed over, must not change all that follow.
type Bot interface {
	// Reset forgets everything and begins anew with seed.
	Reset(seed uint64)
	// Act chooses the agent's action for a frame of the match from the environment's current state, which
	// it must not change. numpyrand's SeedFrame makes a generator for the frame.
	Act(e Env, agent int, frame uint32) int
}

// BotRegistration makes a bot known by name.
type BotRegistration struct {
	Name string
	Help string // one sentence for people
	// Envs lists the environments the bot can play; empty means all. An entry that ends in "/"
	// stands for every name with that prefix.
	Envs []string
	// StandIn says that this is the one to take the seat of a player who is gone, in the environments
	// that Envs lists: strong, and good company. There is one at most for each.
	StandIn bool
	New     func() Bot
}

var bots = map[string]BotRegistration{}

// RegisterBot adds a bot. A name that is taken is a programming error and panics.
func RegisterBot(r BotRegistration) {
	if _, dup := bots[r.Name]; dup || r.Name == "" || r.New == nil {
		panic("env: bad or repeated bot " + r.Name)
	}
	bots[r.Name] = r
}

func (r BotRegistration) plays(name string) bool {
	if len(r.Envs) == 0 {
		return true
	}
	for _, e := range r.Envs {
		if e == name || (strings.HasSuffix(e, "/") && strings.HasPrefix(name, e)) {
			return true
		}
	}
	return false
}

// BotNames returns the bots that play the named environment: first those made for it, then those that
// play anything, each sorted.
func BotNames(envName string) []string {
	names := make([]string, 0, len(bots))
	for n := range bots {
		names = append(names, n)
	}
	sort.Strings(names)
	var made, general []string
	for _, n := range names {
		switch r := bots[n]; {
		case !r.plays(envName):
		case len(r.Envs) > 0:
			made = append(made, n)
		default:
			general = append(general, n)
		}
	}
	return append(made, general...)
}

// DefaultBot returns the bot that plays the named environment unless somebody chooses another: the one
// that was registered as its stand-in, else the first one made for it, else idle, which plays
// everything and nothing; "" where not even that is registered.
func DefaultBot(envName string) string {
	names := BotNames(envName)
	made := ""
	for _, n := range names {
		switch r := bots[n]; {
		case len(r.Envs) == 0:
		case r.StandIn:
			return n
		case made == "":
			made = n
		}
	}
	if made == "" && slices.Contains(names, "idle") {
		return "idle"
	}
	return made
}

// NewBot makes the named bot for the named environment.
func NewBot(name, envName string) (Bot, error) {
	r, ok := bots[name]
	if !ok || !r.plays(envName) {
		return nil, fmt.Errorf("%s has no bot %q; choose one of: %s", envName, name, strings.Join(BotNames(envName), ", "))
	}
	return r.New(), nil
}
