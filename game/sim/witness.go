package sim

import (
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
)

// NewWitness returns the relay's own simulation of a room.
func NewWitness(cfg *options.Config) (*replica.Executor, error) {
	m, err := NewMatch(cfg)
	if err != nil {
		return nil, err
	}
	return NewExecutor(m, cfg), nil
}
