package app

import (
	"net"
	"strconv"
	"strings"

	"tandem/env"
	"tandem/game/sim"
	"tandem/netcode/session"
)

// RoomFlags are the flags that describe a room.
type RoomFlags struct {
	Env     string // "" when not given
	EnvOpts Words
	Set     Words
	Delay   string // "" when not given
	Frames  uint   // 0 when not given
	Seed    uint64 // 0 when not given
}

// Room returns the options of the room to make, if it has to be made, and those that it must have
// because the user asked for them. defaultEnv is used for making a room when no environment was
// named; with "" such a room cannot be made and create is empty.
func (f *RoomFlags) Room(defaultEnv string) (create, require []string, err error) {
	cfg := session.DefaultConfig()
	name := f.Env
	if name == "" {
		name = defaultEnv
	}
	opts, err := env.ParseOptions(f.EnvOpts)
	if err != nil {
		return nil, nil, &UsageError{err}
	}
	if name != "" {
		if _, err := sim.Configure(&cfg, name, opts); err != nil {
			return nil, nil, &UsageError{err}
		}
	} else if len(opts) > 0 {
		return nil, nil, Usagef("-env-opt needs -env: name the environment that has these options")
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
	if f.Seed != 0 {
		words = append(words, "seed="+strconv.FormatUint(f.Seed, 10))
	}
	for _, w := range words {
		key, _, ok := strings.Cut(w, "=")
		if ok && !session.SettableByHost(key) && cfg.Set(w) == nil {
			return nil, nil, Usagef("room option %s follows from the environment; choose it with -env and -env-opt", key)
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
