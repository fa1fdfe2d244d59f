package client

import (
	"tandem/env"
	"tandem/game/words"
)

// roomTold brings what the screen says of the room's options up to date.
func (c *Client) roomTold() {
	room := c.peer.Room()
	c.scene.delay = c.words.Delay(room.Delay)
	if c.match == nil {
		return
	}
	spec := c.match.Spec()
	_, episodes := c.match.Episode()
	c.scene.rules = c.words.Rules(words.Rules{Config: room, Episodes: episodes, MaxSteps: spec.MaxSteps, Options: chosen(spec)})
}

// chosen lists the environment's options that are not as usual, those apart that the match's length tells.
func chosen(spec *env.Spec) (list []words.Option) {
	reg, err := env.Lookup(spec.Name)
	if err != nil {
		return nil // of an environment that no registry knows, nothing is usual
	}
	usual := map[string]int{}
	for _, o := range reg.Options {
		usual[o.Name] = o.Value
	}
	for _, o := range spec.Options {
		if v, ok := usual[o.Name]; ok && v != o.Value && o.Name != "episodes" && o.Name != "max_steps" {
			list = append(list, words.Option{Name: o.Name, Value: o.Value})
		}
	}
	return list
}
