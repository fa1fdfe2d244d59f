package lobby

import (
	_ "embed"
	"fmt"
	"time"

	"tandem/netcode/original/wire"
)

// Scene is one of the scenes that every visitor goes through.
type Scene struct {
	ID       string
	Type     string        // "StartScene", "GymScene", "EndScene" …
	Seats    []wire.PID    // of a game; empty where the scene has none
	Wait     time.Duration // how long a waiting room waits; a game's
	Episodes int           // of a game; 0 means one
	Extra    []wire.Field  // the scene's own fields, in order
}

// DefaultWait is the original's waiting time.
const DefaultWait = 120 * time.Second

// slimeScene holds the fields of the game scene that a stock page acts on, in the original's names.
//
//go:embed scenes/slime.json
var slimeScene []byte

// slimeCode builds the environment inside a stock page.
//
//go:embed scenes/slime.py
var slimeCode string

// SlimeScenes are a start, Slime Volleyball for two and an end.
func SlimeScenes() ([]Scene, error) {
	v, err := wire.JSONValue(slimeScene)
	if err != nil {
		return nil, fmt.Errorf("the scene of Slime Volleyball: %w", err)
	}
	game := Scene{ID: "slime_volleyball", Type: "GymScene", Wait: DefaultWait}
	for key, field := range v.Fields {
		switch key {
		case "policy_mapping":
			for seat := range field.Fields {
				game.Seats = append(game.Seats, wire.StringPID(seat))
			}
		case "num_episodes":
			if n, ok := field.Int(); ok {
				game.Episodes = int(n)
			}
		case "waitroom_timeout":
			if ms, ok := field.Int(); ok {
				game.Wait = time.Duration(ms) * time.Millisecond
			}
		case "environment_initialization_code":
			field = wire.StringValue(slimeCode)
		}
		game.Extra = append(game.Extra, wire.Field{Key: key, Value: field})
	}
	words := func(header, body string) []wire.Field {
		return []wire.Field{
			{Key: "scene_header", Value: wire.StringValue(header)},
			{Key: "scene_body", Value: wire.StringValue(body)},
		}
	}
	return []Scene{
		{ID: "start", Type: "StartScene", Extra: words("Welcome", "Press continue when you are ready to play.")},
		game,
		{ID: "end", Type: "EndScene", Extra: words("Thank you", "You have finished. You may close this page.")},
	}, nil
}

// Scene states, as the original numbers them.
const (
	sceneInactive = 0
	sceneActive   = 1
	sceneDone     = 2
)

// describe writes a scene as its events carry it.
func (s *Scene) describe(now time.Time, room string, status int64) wire.Scene {
	return wire.Scene{
		ID: s.ID, Type: s.Type, Timestamp: now.UTC().Format(time.DateTime),
		Room: room, Status: status, Extra: s.Extra,
	}
}
