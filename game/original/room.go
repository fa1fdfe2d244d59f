package original

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"tandem/env"
	"tandem/game/sim"
	"tandem/netcode/original/peer"
	"tandem/netcode/original/wire"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
)

// Room says what the metadata of an original game's scene mean here. want holds this player's
// own options: the delay, what a late action does, and the length. What this program cannot play as
// the others would is refused in words.
func Room(s *peer.Scene, want options.Config) (room peer.Room, err error) {
	name := s.Env
	if name == "" {
		name = "slime" // the one that clients of the original can play with this program
	}
	if originalStates[name] == nil {
		return room, fmt.Errorf("the relay's game is %q, which has no state in the original's field names: queue mode plays slime", name)
	}
	switch {
	case s.FPS != session.FrameRate:
		return room, fmt.Errorf("the relay's game runs at %d frames per second, this program plays %d", s.FPS, session.FrameRate)
	case s.FrameSkip > 1:
		return room, fmt.Errorf("the relay's game repeats every action for %d frames (frame_skip), this program plays without", s.FrameSkip)
	}
	cfg := want
	words := strings.Fields(s.EnvOptions)
	if s.EnvOptions == "" {
		words = []string{env.EpisodesOption + "=" + strconv.Itoa(max(1, s.Episodes))}
		if s.MaxSteps > 0 {
			words = append(words, "max_steps="+strconv.Itoa(s.MaxSteps))
		}
	}
	opts, err := env.ParseOptions(words)
	if err != nil {
		return room, fmt.Errorf("the relay's game: %w", err)
	}
	spec, err := sim.Configure(&cfg, name, opts)
	if err != nil {
		return room, fmt.Errorf("the relay's game: %w", err)
	}
	seats := map[string]bool{}
	for _, seat := range s.Seats {
		if !seat.Human {
			return room, fmt.Errorf("the relay's game lets a policy of the page's play %q; this program plays with people and with bots that connect by themselves", seat.Key)
		}
		seats[seat.Key] = true
	}
	for _, agent := range spec.Agents {
		if !seats[agent] {
			return room, fmt.Errorf("the relay's game has no seat %q: it is another game than %s", agent, spec.Title)
		}
		room.Players = append(room.Players, wire.StringPID(agent))
	}
	if len(s.Seats) != len(spec.Agents) || s.Default != spec.Default {
		return room, fmt.Errorf("the relay's game has %d seats and default action %d, %s has %d and %d", len(s.Seats), s.Default, spec.Title, len(spec.Agents), spec.Default)
	}
	if cfg.Population, err = s.Fallback(); err != nil {
		return room, err
	}
	if s.SyncEvery > 0 { // else the scene wants no hashes; those of our own stay as they are
		cfg.HashEvery = s.SyncEvery
	}
	room.Config = cfg
	return room, nil
}

// seedInCode finds the seed in the program that builds the environment in a page.
var seedInCode = regexp.MustCompile(`(?i)["']?\bseed["']?\s*[:=]\s*(\d{1,19})\b`)

// defaultOriginalSeed is that of the original's scene.
const defaultOriginalSeed = 42

// Seed reads from a scene's program with which seed the original's environment is built: that
// seed, and no game's, decides the serves.
func Seed(code string) uint64 {
	if m := seedInCode.FindStringSubmatch(code); m != nil {
		if n, err := strconv.ParseUint(m[1], 10, 64); err == nil {
			return n
		}
	}
	return defaultOriginalSeed
}
