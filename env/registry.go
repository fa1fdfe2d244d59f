package env

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Factory makes an environment from resolved options (every registered option is present).
type Factory func(opts []Option) (Env, error)

// Registration is what an environment says about itself at start-up.
type Registration struct {
	Name    string   // "slime", "overcooked/cramped_room"
	Title   string   // for people
	Hidden  bool     // for tests and tools: it can be played, and is not offered to people
	Options []Option // with defaults; "episodes" is added by Register and handled by the match
	Play    Options  // what people play with who choose no option: "first to five"; nil for the defaults
	New     Factory
}

// The registry is filled by init functions and only read afterwards.
var registry = map[string]Registration{}

// EpisodesOption is the option that every environment has: how many episodes a match lasts.
const EpisodesOption = "episodes"

// Register adds an environment. It is called from init functions; a name that is taken is a
// programming error and panics.
func Register(r Registration, episodes int) {
	if r.Name == "" || r.New == nil {
		panic("env: Register needs a name and a factory")
	}
	if _, dup := registry[r.Name]; dup {
		panic("env: " + r.Name + " is registered twice")
	}
	r.Options = append(append([]Option(nil), r.Options...), Option{
		Name: EpisodesOption, Help: "episodes of a match", Min: 1, Max: 1000, Value: episodes,
	})
	registry[r.Name] = r
}

// Names returns the registered names, sorted.
func Names() []string {
	names := make([]string, 0, len(registry))
	for n := range registry {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Offered returns the names of the environments that people are offered, sorted.
func Offered() []string {
	return slices.DeleteFunc(Names(), func(name string) bool { return registry[name].Hidden })
}

// Lookup returns the registration of name.
func Lookup(name string) (Registration, error) {
	r, ok := registry[name]
	if !ok {
		return r, fmt.Errorf("there is no environment %q; choose one of: %s", name, strings.Join(Offered(), ", "))
	}
	return r, nil
}

// New makes the named environment. Unknown names and options are refused in words that say what
// there is. The environment has not been Reset yet.
func New(name string, o Options) (Env, error) {
	r, err := Lookup(name)
	if err != nil {
		return nil, err
	}
	opts, err := o.Resolve(name, r.Options)
	if err != nil {
		return nil, err
	}
	e, err := r.New(opts)
	if err != nil {
		return nil, err
	}
	if err := e.Spec().Validate(); err != nil {
		return nil, err
	}
	return e, nil
}
