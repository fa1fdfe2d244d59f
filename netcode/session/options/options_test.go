package options_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tandem/netcode/session/options"
)

// otherwise has a value for every option that differs from its default.
var otherwise = []string{
	"env=slime", "env_version=3", "env_options=lives=9", "players=4", "actions=6", "default_action=5", "one_shot=1,4",
	"frames=900", "seed=18446744073709551615", "delay=strict:6", "late_share=7", "late_policy=wait", "grace_ms=250",
	"action_population_method=predicted", "state_sync_frequency_frames=12", "on_disconnect=bot", "pause_ms=20000",
	"away_wait_ms=0", "countdown_ms=500", "min_players=2", "spectators=3", "rematch_ms=1", "authority=witness", "batch_window_ms=40",
}

func name(word string) string { n, _, _ := strings.Cut(word, "="); return n }

// Whatever is set is written as it was, is read back, and is what differs from the defaults.
func TestEveryOptionTravels(t *testing.T) {
	c, err := options.ParseConfig(otherwise)
	if err != nil {
		t.Fatal(err)
	}
	if words := c.Words(); !slices.Equal(words, otherwise) {
		t.Errorf("written:\n%q\nset:\n%q\nan option without a row here, or in another order?", words, otherwise)
	}
	if special := c.Special(); !slices.Equal(special, otherwise) {
		t.Errorf("%q differs from the defaults, want all of %q", special, otherwise)
	}
	again, err := options.ParseConfig(c.Words())
	if err != nil || again != c {
		t.Errorf("read back: %+v, %v", again, err)
	}
	def := options.DefaultConfig()
	if special := def.Special(); len(special) != 0 {
		t.Errorf("the defaults differ from themselves in %q", special)
	}
	for _, w := range otherwise {
		if value, ok := c.Get(name(w)); !ok || name(w)+"="+value != w {
			t.Errorf("%s is %q", name(w), value)
		}
		if listed := strings.Contains(options.OptionHelp(), "  "+name(w)+" "); listed != options.SettableByHost(name(w)) {
			t.Errorf("%s: in the help %v, for a host to set %v", name(w), listed, !listed)
		}
	}
}

// What does not fit is refused in words that say what does, and changes nothing.
func TestRefusals(t *testing.T) {
	for word, says := range map[string]string{
		"delay=31":                       "0 to 30",
		"delay=auto:9-3":                 "",
		"delay=strict:x":                 "",
		"late_policy=never":              "substitute, wait, hold",
		"grace_ms=1001":                  "0 to 1000",
		"players=17":                     "1 to 16",
		"one_shot=1,x":                   "separated by commas",
		"seed=-1":                        "0 to 18446744073709551615",
		"env=" + strings.Repeat("x", 65): "64 bytes",
		"colour=red":                     "there is no room option \"colour\"",
		"players":                        "",
	} {
		c := options.DefaultConfig()
		if err := c.Set(word); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want words with %q", word, err, says)
		}
		if c != options.DefaultConfig() {
			t.Errorf("%s was refused and has changed %q", word, c.Special())
		}
	}
	for says, words := range map[string][]string{
		"a room needs an environment": nil,
		"outside the action space":    {"env=slime", "actions=3", "default_action=3"},
		"more than the 2 seats":       {"env=slime", "actions=3", "players=2", "min_players=3"},
		"must not be one-shot":        {"env=slime", "actions=3", "one_shot=0"},
	} {
		if _, err := options.ParseConfig(words); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want words with %q", words, err, says)
		}
	}
}

// What a room may be made with always has room in a seat's token, or is refused.
func TestLongestOptions(t *testing.T) {
	words := slices.Clone(otherwise)
	var all []string
	for a := range 128 {
		if a != 5 {
			all = append(all, fmt.Sprint(a))
		}
	}
	words = append(words, "actions=128", "one_shot="+strings.Join(all, ","), "env="+strings.Repeat("e", 64), "env_options="+strings.Repeat("o", 200))
	c, err := options.ParseConfig(words)
	n := len(strings.Join(c.Special(), "\n"))
	if (err == nil) != (n <= options.MaxSpecial) {
		t.Errorf("%d bytes where there is room for %d: %v", n, options.MaxSpecial, err)
	}
	if n <= options.MaxSpecial {
		t.Errorf("the longest options have %d bytes: nothing is refused, so nothing was tested", n)
	}
}

// Whoever wants something else than the room has reads the first difference.
func TestContradiction(t *testing.T) {
	c, err := options.ParseConfig(otherwise)
	if err != nil {
		t.Fatal(err)
	}
	for word, says := range map[string]string{
		"delay=strict:6": "", "players=4": "",
		"delay=auto": "chose delay=strict:6, you asked for delay=auto",
		"colour=red": "no room option \"colour\"",
	} {
		if got := c.Contradiction([]string{"seed=18446744073709551615", word}); (got == "") != (says == "") || !strings.Contains(got, says) {
			t.Errorf("%s: %q, want %q", word, got, says)
		}
	}
}
