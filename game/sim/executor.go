package sim

import (
	"tandem/netcode/session"
	"tandem/netcode/session/options"
)

// NewExecutor returns what executes a session's commands on a match of the room that cfg describes.
func NewExecutor(m *Match, cfg *options.Config) *session.Executor {
	room := *cfg
	return &session.Executor{Game: m, Packer: packer, Fresh: func() (session.Game, error) { return NewMatch(&room) }}
}

// Zstd reports whether executors of this build read packed snapshots.
func Zstd() bool { return packer != nil }
