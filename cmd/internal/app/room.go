package app

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"

	"tandem/env"
	"tandem/game/sim"
	"tandem/netcode/session/options"
)

// RoomFlags are the flags that describe a room.
type RoomFlags struct {
	Env     string // "" when not given
	EnvOpts Words
	People  bool // a room that is made without EnvOpts has those that people play with
	Set     Words
	Delay   string // "" when not given
	Frames  uint   // 0 when not given
	Seed    SeedFlag
}

// SeedFlag is a flag that names a seed. Every number is one, 0 too.
type SeedFlag struct {
	N     uint64
	Given bool // by the user
	Drawn bool // by Draw
}

// String returns the seed, "" where there is none.
func (s *SeedFlag) String() string {
	if !s.Given {
		return ""
	}
	return strconv.FormatUint(s.N, 10)
}

// Set takes the user's seed.
func (s *SeedFlag) Set(text string) error {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return errors.New("a seed is a whole number from 0 to 18446744073709551615")
	}
	s.N, s.Given = n, true
	return nil
}

// Draw draws a seed unless the user has given one, so that there is always one to name.
func (s *SeedFlag) Draw() {
	if !s.Given {
		s.N, s.Drawn = rand.Uint64(), true
	}
}

// Room is the seed as a room has it: there 0 stands for none, so another number stands for 0.
func (s *SeedFlag) Room() uint64 { return cmp.Or(s.N, 0x9e3779b97f4a7c15) }

// TakeSeed makes -set seed=N the same as -seed N, for programs that have both: a report names the seed that was
// given, however it was.
func (f *RoomFlags) TakeSeed() error {
	var rest Words
	for _, w := range f.Set {
		text, ok := strings.CutPrefix(w, "seed=")
		if !ok {
			rest = append(rest, w)
			continue
		}
		var s SeedFlag
		if err := s.Set(text); err != nil {
			return Usagef("-set %s: %w", w, err)
		}
		if f.Seed.Given && f.Seed.N != s.N {
			return Usagef("-set %s: another seed was given before it, %d; give one, by -seed", w, f.Seed.N)
		}
		f.Seed = s
	}
	f.Set = rest
	return nil
}

// Room returns the options of the room to make, if it has to be made, and those that it must have
// because the user asked for them. defaultEnv is used for making a room when no environment was
// named; with "" such a room cannot be made and create is empty.
func (f *RoomFlags) Room(defaultEnv string) (create, require []string, err error) {
	cfg := options.DefaultConfig()
	name := f.Env
	if name == "" {
		name = defaultEnv
	}
	opts, err := env.ParseOptions(f.EnvOpts)
	if err != nil {
		return nil, nil, &UsageError{err}
	}
	if name != "" {
		made := opts
		if r, err := env.Lookup(name); err == nil && f.People && len(opts) == 0 {
			made = r.Play
		}
		if _, err := sim.Configure(&cfg, name, made); err != nil {
			return nil, nil, &UsageError{err}
		}
	} else if len(opts) > 0 {
		return nil, nil, Usagef("env-opt needs env: name the environment that has these options")
	}
	if f.Env != "" {
		require = append(require, "env="+cfg.Env)
	}
	if len(opts) > 0 {
		require = append(require, "env="+cfg.Env, "env_options="+cfg.EnvOptions)
	}
	words := append([]string(nil), f.Set...)
	if f.Delay != "" {
		words = append(words, "delay="+f.Delay)
	}
	if f.Frames != 0 {
		words = append(words, "frames="+strconv.FormatUint(uint64(f.Frames), 10))
	}
	seed := "seed=" + strconv.FormatUint(f.Seed.Room(), 10)
	if f.Seed.Given {
		words = append(words, seed)
	}
	for _, w := range words {
		key, _, ok := strings.Cut(w, "=")
		if ok && !options.SettableByHost(key) && cfg.Set(w) == nil {
			return nil, nil, Usagef("room option %s follows from the environment; choose it with env and env-opt", key)
		}
		if err := cfg.Set(w); err != nil {
			return nil, nil, &UsageError{err}
		}
		v, _ := cfg.Get(key)
		require = append(require, key+"="+v) // as the room will write it
	}
	if name == "" {
		return nil, require, nil
	}
	if f.Seed.Drawn && cfg.Seed == 0 { // a room that is there already may have another
		if err := cfg.Set(seed); err != nil {
			return nil, nil, err
		}
	}
	if err := cfg.Validate(); err != nil {
		return nil, nil, &UsageError{err}
	}
	return cfg.Words(), require, nil
}

// Loopback is a listening address as a program on the same machine dials it.
func Loopback(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
