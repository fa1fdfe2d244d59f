// Package options is what a room is made with: the names, values, defaults and help of its options, the input
// delay, and what a host may change. Everybody in a room has the same; peers and the relay read them from words
// such as "delay=auto".
package options

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"tandem/netcode/protocol"
)

// DelayMode says how the input delay is chosen.
type DelayMode uint8

const (
	// DelayFixed samples every input a fixed number of frames before its frame is played out, and
	// earlier where the seat's link needs that to be in time.
	DelayFixed DelayMode = iota
	// DelayAuto samples as late as the seat's uplink allows.
	DelayAuto
	// DelayStrict samples every input a fixed number of frames before its frame is played out, whatever
	// the link does. A link that cannot hold it does not play.
	DelayStrict
)

// Delay is the room's input delay.
type Delay struct {
	Mode   DelayMode
	Frames int // DelayFixed, DelayStrict: D; 0 is as soon as everybody's input is there
	// DelayAuto: an input is sampled at least Min frames before its frame is played out, and at most Max
	// before it closes.
	Min, Max int
}

// AutoDelay is the delay that follows each seat's link.
var AutoDelay = Delay{Mode: DelayAuto, Max: MaxDelay}

// String returns the option's value: "3", "strict:3", "auto" or "auto:1-12".
func (d Delay) String() string {
	switch {
	case d.Mode == DelayFixed:
		return strconv.Itoa(d.Frames)
	case d.Mode == DelayStrict:
		return "strict:" + strconv.Itoa(d.Frames)
	case d == AutoDelay:
		return "auto"
	}
	return fmt.Sprintf("auto:%d-%d", d.Min, d.Max)
}

// Least is how many frames before its playout an input is sampled at the latest.
func (d Delay) Least() int { return d.Frames + d.Min }

// Most is how many frames before its close an input is sampled at the earliest.
func (d Delay) Most() int {
	if d.Mode == DelayAuto {
		return d.Max
	}
	return MaxDelay
}

// MaxDelay is the longest input delay in frames: one second. The relay's window of ±60 frames must
// stay well above it.
const MaxDelay = 30

func parseDelay(s string) (Delay, error) {
	if s == "auto" {
		return AutoDelay, nil
	}
	if rest, ok := strings.CutPrefix(s, "auto:"); ok {
		lo, hi, ok := strings.Cut(rest, "-")
		a, err1 := strconv.Atoi(lo)
		b, err2 := strconv.Atoi(hi)
		if !ok || err1 != nil || err2 != nil || a < 0 || b < a || b > MaxDelay {
			return Delay{}, fmt.Errorf("write auto:MIN-MAX with 0 ≤ MIN ≤ MAX ≤ %d frames", MaxDelay)
		}
		if b == 0 {
			return Delay{}, nil // it leaves nothing to choose
		}
		return Delay{Mode: DelayAuto, Min: a, Max: b}, nil
	}
	d := Delay{Mode: DelayFixed}
	number, ok := strings.CutPrefix(s, "strict:")
	if ok {
		d.Mode = DelayStrict
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || n > MaxDelay {
		return Delay{}, fmt.Errorf("write auto, a number of frames from 0 to %d, or strict: and such a number", MaxDelay)
	}
	d.Frames = n
	return d, nil
}

// Population says what takes the place of a missing input. The names are those of the original.
type Population uint8

const (
	PreviousAction  Population = iota // previous_submitted_action
	DefaultAction                     // default_action
	PredictedAction                   // predicted
)

// LatePolicy says what the relay does with a frame whose time has come while an input is missing.
type LatePolicy uint8

const (
	LateSubstitute LatePolicy = iota // close it, the missing action substituted
	LateWait                         // hold it by up to Grace
	LateHold                         // hold it until everybody's input is there
)

// Disconnect says what a room does when a player's connection is gone.
type Disconnect uint8

const (
	DisconnectPause      Disconnect = iota // wait for the player, then end the match
	DisconnectEnd                          // end the match and say why
	DisconnectSubstitute                   // play on, the seat takes the default action until its player is back
	DisconnectBot                          // play on, a bot that the host runs takes the seat until its player is back
)

// Config is a room's options: fixed by the host, known to everybody.
type Config struct {
	Env           string // registry name of the environment
	EnvVersion    int    // of its rules; peers with another version cannot play
	EnvOptions    string // canonical text of its options
	Players       int    // seats
	Actions       int    // size of the action space
	DefaultAction uint8
	OneShot       [(protocol.MaxAction + 1) / 8]byte // bit a is set when action a is never repeated

	Frames      uint32 // length of the match in frames; 0: until the episodes are played
	Seed        uint64 // room seed; 0: the relay draws one
	Delay       Delay
	LateShare   int // DelayAuto: on a bad link, the share of the inputs in % that another frame of delay must save; 0: any
	Late        LatePolicy
	Grace       time.Duration // LateWait: the longest hold of one frame
	Population  Population
	HashEvery   int           // frames between hashes of the full state
	Disconnect  Disconnect    // when a player's connection is gone
	Pause       time.Duration // DisconnectPause: the longest wait for one seat
	Countdown   time.Duration // from "everybody is ready" to the first frame
	AwayWait    time.Duration // how long a ready player whose page is hidden holds the start
	BatchWindow time.Duration // how long a message may wait for company; 0: not at all
	MinPlayers  int           // players with whom the match begins; who comes later takes a free seat in mid-match; 0: all
	Spectators  int           // most people who may watch
	Rematch     time.Duration // how long the room waits for another match after one; 0: it closes
	Authority   Authority     // whether the witness's state overrules the peers' every second
}

// Authority says who holds the truth.
type Authority uint8

const (
	AuthorityPeers   Authority = iota // the peers' simulations, compared by hash
	AuthorityWitness                  // the relay's own: it sends its state every second, and who differs loads it
)

// DefaultConfig returns the options of a room whose host chose none. Env, Players and Actions are
// the host's to fill in.
func DefaultConfig() Config {
	return Config{
		Players:    2,
		Actions:    1,
		Delay:      AutoDelay,
		LateShare:  1,
		Grace:      100 * time.Millisecond,
		HashEvery:  30,
		Pause:      10 * time.Second,
		Countdown:  3 * time.Second,
		AwayWait:   2 * time.Minute,
		Spectators: 16,
		Rematch:    time.Minute,
	}
}

// IsOneShot reports whether action a is one that is never repeated.
func (c *Config) IsOneShot(a uint8) bool { return c.OneShot[a/8]&(1<<(a%8)) != 0 }

// SetOneShot marks action a as one that is never repeated.
func (c *Config) SetOneShot(a uint8) { c.OneShot[a/8] |= 1 << (a % 8) }

// option is one named setting and how it reads and writes.
type option struct {
	name string
	help string
	get  func(*Config) string
	set  func(*Config, string) error
}

func number[T int | uint8 | uint32 | uint64](name, help string, lo, hi T, field func(*Config) *T) option {
	return option{name, fmt.Sprintf("%s (%d to %d)", help, lo, hi),
		func(c *Config) string { return strconv.FormatUint(uint64(*field(c)), 10) },
		func(c *Config, s string) error {
			v, err := strconv.ParseUint(s, 10, 64)
			if err != nil || v < uint64(lo) || v > uint64(hi) {
				return fmt.Errorf("write a whole number from %d to %d", lo, hi)
			}
			*field(c) = T(v)
			return nil
		}}
}

func millis(name, help string, limit time.Duration, field func(*Config) *time.Duration) option {
	return option{name, fmt.Sprintf("%s (0 to %d ms)", help, limit.Milliseconds()),
		func(c *Config) string { return strconv.FormatInt(field(c).Milliseconds(), 10) },
		func(c *Config, s string) error {
			v, err := strconv.ParseInt(s, 10, 64)
			if err != nil || v < 0 || v > limit.Milliseconds() {
				return fmt.Errorf("write milliseconds from 0 to %d", limit.Milliseconds())
			}
			*field(c) = time.Duration(v) * time.Millisecond
			return nil
		}}
}

func choice[T ~uint8](name, help string, words []string, field func(*Config) *T) option {
	return option{name, help + " (" + strings.Join(words, ", ") + ")",
		func(c *Config) string { return words[*field(c)] },
		func(c *Config, s string) error {
			for i, w := range words {
				if w == s {
					*field(c) = T(i)
					return nil
				}
			}
			return fmt.Errorf("write one of: %s", strings.Join(words, ", "))
		}}
}

func text(name, help string, limit int, field func(*Config) *string) option {
	return option{name, help,
		func(c *Config) string { return *field(c) },
		func(c *Config, s string) error {
			if len(s) > limit {
				return fmt.Errorf("must not be longer than %d bytes", limit)
			}
			*field(c) = s
			return nil
		}}
}

// options lists every room option in the order in which they are written.
var options = []option{
	text("env", "environment", 64, func(c *Config) *string { return &c.Env }),
	number("env_version", "version of its rules", 0, 1<<30, func(c *Config) *int { return &c.EnvVersion }),
	text("env_options", "its options", 200, func(c *Config) *string { return &c.EnvOptions }),
	number("players", "seats", 1, protocol.MaxSeats, func(c *Config) *int { return &c.Players }),
	number("actions", "size of the action space", 1, protocol.MaxAction+1, func(c *Config) *int { return &c.Actions }),
	number("default_action", "action of a seat that sends nothing", 0, protocol.MaxAction, func(c *Config) *uint8 { return &c.DefaultAction }),
	{"one_shot", "actions that are never repeated, separated by commas", getOneShot, setOneShot},
	number("frames", "length of the match in frames, 0 for its episodes", 0, 100_000_000, func(c *Config) *uint32 { return &c.Frames }),
	number("seed", "room seed, 0 to draw one", 0, 1<<64-1, func(c *Config) *uint64 { return &c.Seed }),
	{"delay", fmt.Sprintf("input delay: auto, auto:MIN-MAX, frames (0 to %d; more where a link needs it) or strict:FRAMES", MaxDelay),
		func(c *Config) string { return c.Delay.String() },
		func(c *Config, s string) (err error) { c.Delay, err = parseDelay(s); return err }},
	number("late_share", "on a bad link, what share of the inputs in % another frame of automatic delay must save, 0 for any", 0, 100, func(c *Config) *int { return &c.LateShare }),
	choice("late_policy", "a frame's time has come and an input is missing",
		[]string{"substitute", "wait", "hold"}, func(c *Config) *LatePolicy { return &c.Late }),
	millis("grace_ms", "how long late_policy=wait holds a frame", time.Second, func(c *Config) *time.Duration { return &c.Grace }),
	choice("action_population_method", "what replaces a missing input",
		[]string{"previous_submitted_action", "default_action", "predicted"}, func(c *Config) *Population { return &c.Population }),
	number("state_sync_frequency_frames", "frames between state hashes", 1, 10_000, func(c *Config) *int { return &c.HashEvery }),
	choice("on_disconnect", "when a player's connection is gone",
		[]string{"pause", "end", "substitute", "bot"}, func(c *Config) *Disconnect { return &c.Disconnect }),
	millis("pause_ms", "how long on_disconnect=pause waits", MaxPause, func(c *Config) *time.Duration { return &c.Pause }),
	millis("away_wait_ms", "how long the match waits to begin for a player whose page is hidden or whose window is minimised",
		10*time.Minute, func(c *Config) *time.Duration { return &c.AwayWait }),
	millis("countdown_ms", "from ready to the first frame", time.Minute, func(c *Config) *time.Duration { return &c.Countdown }),
	number("min_players", "players with whom the match begins, 0 for all; others join in mid-match", 0, protocol.MaxSeats, func(c *Config) *int { return &c.MinPlayers }),
	number("spectators", "most people who may watch", 0, protocol.MaxSpectators, func(c *Config) *int { return &c.Spectators }),
	millis("rematch_ms", "how long the room stays open for another match", 10*time.Minute, func(c *Config) *time.Duration { return &c.Rematch }),
	choice("authority", "whose state holds; witness needs a relay with -witness",
		[]string{"peers", "witness"}, func(c *Config) *Authority { return &c.Authority }),
	millis("batch_window_ms", "how long a message may wait for company", 100*time.Millisecond, func(c *Config) *time.Duration { return &c.BatchWindow }),
}

func getOneShot(c *Config) string {
	var list []string
	for a := 0; a <= protocol.MaxAction; a++ {
		if c.IsOneShot(uint8(a)) {
			list = append(list, strconv.Itoa(a))
		}
	}
	return strings.Join(list, ",")
}

func setOneShot(c *Config, s string) error {
	clear(c.OneShot[:])
	if s == "" {
		return nil
	}
	for _, w := range strings.Split(s, ",") {
		a, err := strconv.Atoi(w)
		if err != nil || a < 0 || a > protocol.MaxAction {
			return fmt.Errorf("write actions from 0 to %d, separated by commas", protocol.MaxAction)
		}
		c.SetOneShot(uint8(a))
	}
	return nil
}

// derived are the options that follow from the environment; -set refuses them.
var derived = map[string]bool{
	"env": true, "env_version": true, "env_options": true, "actions": true,
	"default_action": true, "one_shot": true,
}

// OptionHelp lists the options a host may set, one "name  help" per line.
func OptionHelp() string {
	var b strings.Builder
	for _, o := range options {
		if !derived[o.name] {
			fmt.Fprintf(&b, "  %-28s %s\n", o.name, o.help)
		}
	}
	return b.String()
}

// SettableByHost reports whether a person may set the option by name.
func SettableByHost(name string) bool {
	for _, o := range options {
		if o.name == name {
			return !derived[name]
		}
	}
	return false
}

// Set applies one "name=value". What is refused changes nothing.
func (c *Config) Set(word string) error {
	name, value, ok := strings.Cut(word, "=")
	if !ok {
		return fmt.Errorf("room option %q: write NAME=VALUE, for example delay=auto", word)
	}
	for _, o := range options {
		if o.name == name {
			next := *c
			if err := o.set(&next, value); err != nil {
				return fmt.Errorf("room option %s=%s: %w", name, value, err)
			}
			*c = next
			return nil
		}
	}
	known := make([]string, 0, len(options))
	for _, o := range options {
		if !derived[o.name] {
			known = append(known, o.name)
		}
	}
	sort.Strings(known)
	return fmt.Errorf("there is no room option %q; there are: %s", name, strings.Join(known, ", "))
}

// Get returns the value of the named option as Set would take it.
func (c *Config) Get(name string) (string, bool) {
	for _, o := range options {
		if o.name == name {
			return o.get(c), true
		}
	}
	return "", false
}

// Words writes all options as "name=value", the form in which they travel.
func (c *Config) Words() []string {
	words := make([]string, len(options))
	for i, o := range options {
		words[i] = o.name + "=" + o.get(c)
	}
	return words
}

// Special writes the options that differ from the default ones: what a token has room for.
func (c *Config) Special() []string {
	def := DefaultConfig()
	var words []string
	for _, o := range options {
		if v := o.get(c); v != o.get(&def) {
			words = append(words, o.name+"="+v)
		}
	}
	return words
}

// ParseConfig reads options and checks that they fit together.
func ParseConfig(words []string) (Config, error) {
	c := DefaultConfig()
	for _, w := range words {
		if err := c.Set(w); err != nil {
			return c, err
		}
	}
	return c, c.Validate()
}

// Validate reports what does not fit together.
func (c *Config) Validate() error {
	if c.Env == "" {
		return fmt.Errorf("a room needs an environment")
	}
	if int(c.DefaultAction) >= c.Actions {
		return fmt.Errorf("the default action %d is outside the action space of %d", c.DefaultAction, c.Actions)
	}
	if c.MinPlayers > c.Players {
		return fmt.Errorf("min_players=%d is more than the %d seats", c.MinPlayers, c.Players)
	}
	if n := len(strings.Join(c.Special(), "\n")); n > MaxSpecial {
		return fmt.Errorf("the options are too long: %d bytes where a seat's token has room for %d", n, MaxSpecial)
	}
	if c.IsOneShot(c.DefaultAction) {
		return fmt.Errorf("the default action %d must not be one-shot", c.DefaultAction)
	}
	return nil
}

// MaxSpecial is how many bytes Special may have: what a seat's token has room for.
const MaxSpecial = 929

// MaxPause is the longest pause there is; a seat may cost it once per match in total.
const MaxPause = 20 * time.Second

// Contradiction compares what a joiner requires with the room: it returns words for the first
// difference, or "".
func (c *Config) Contradiction(require []string) string {
	for _, w := range require {
		name, value, _ := strings.Cut(w, "=")
		have, ok := c.Get(name)
		if !ok {
			return fmt.Sprintf("this relay knows no room option %q", name)
		}
		if have != value {
			return fmt.Sprintf("the room's host chose %s=%s, you asked for %s=%s; the host's options bind: leave yours out or host a room of your own", name, have, name, value)
		}
	}
	return ""
}
