package sim

import (
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
)

// NewExecutor returns what executes a session's commands on a match of the room that cfg describes.
func NewExecutor(m *Match, cfg *options.Config) *replica.Executor {
	room := *cfg
	return &replica.Executor{Game: m, Packer: packer, Fresh: func() (replica.Game, error) { return NewMatch(&room) }}
}

// Zstd reports whether executors of this build read packed snapshots.
func Zstd() bool { return packer != nil }
