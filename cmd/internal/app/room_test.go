package app

import (
	"slices"
	"strings"
	"testing"

	_ "tandem/env/slime"
)

// TestPeoplePlayToFive makes rooms as the programs do: people's own options are for whoever chose none,
// and bind nobody who joins.
func TestPeoplePlayToFive(t *testing.T) {
	for _, c := range []struct {
		flags RoomFlags
		want  string // in the room's env_options
		binds bool
	}{
		{RoomFlags{Env: "slime", People: true}, "lives=5 max_steps=9000 survival_reward=0 human_inputs=1 episodes=1", false},
		{RoomFlags{Env: "slime"}, "lives=1 max_steps=3000 survival_reward=0 human_inputs=1 episodes=5", false},
		{RoomFlags{Env: "slime", People: true, EnvOpts: Words{"lives=9"}}, "lives=9 max_steps=3000 survival_reward=0 human_inputs=1 episodes=5", true},
	} {
		create, require, err := c.flags.Room("")
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(create, "env_options="+c.want) {
			t.Errorf("%+v: made with %v, want %s", c.flags, create, c.want)
		}
		if binds := strings.Contains(strings.Join(require, " "), "env_options="); binds != c.binds {
			t.Errorf("%+v: who joins must have %v", c.flags, require)
		}
	}
}
