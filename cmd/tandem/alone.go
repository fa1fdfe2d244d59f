package main

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"

	"tandem/cmd/internal/app"
	"tandem/game/solo"
	"tandem/netcode/session/options"
)

// aloneOptions are the room options that mean something to who plays alone.
var aloneOptions = []string{"frames", "seed", "countdown_ms", "state_sync_frequency_frames"}

// checkAlone refuses what asks for a network where there is none.
func checkAlone(f *app.RoomFlags) error {
	if f.Delay != "" {
		return app.Usagef("delay: who plays alone has no input delay; leave it out, or add host to play over a relay")
	}
	if rest := slices.DeleteFunc(slices.Clone(f.Set), setsAlone); len(rest) > 0 {
		return app.Usagef("set %s: this is about matches with others; leave it out, or add host to play over a relay (alone there are %s)",
			rest[0], strings.Join(aloneOptions, ", "))
	}
	return nil
}

// keptAlone leaves out what is about matches with others.
func keptAlone(set app.Words) (kept app.Words) {
	for _, w := range set {
		if setsAlone(w) {
			kept = append(kept, w)
		}
	}
	return kept
}

func setsAlone(word string) bool {
	name, _, _ := strings.Cut(word, "=")
	return slices.Contains(aloneOptions, name)
}

// playedAlone is the match of a room that would be created with these options.
func (o *request) playedAlone(create []string) (*solo.Config, error) {
	room, err := options.ParseConfig(create)
	if err != nil {
		return nil, err
	}
	room.Seed = cmp.Or(room.Seed, rand.Uint64(), 1)
	return &solo.Config{Room: room, Name: o.called(), Bot: o.bot}, nil
}
