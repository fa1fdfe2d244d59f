package sim

import (
	"tandem/netcode/session"
	"tandem/netcode/session/options"
)

// NewWitness returns the relay's own simulation of a room.
func NewWitness(cfg *options.Config) (*session.Executor, error) {
	m, err := NewMatch(cfg)
	if err != nil {
		return nil, err
	}
	return NewExecutor(m, cfg), nil
}
