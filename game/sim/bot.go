package sim

import "tandem/env"

// BotInput lets a bot play a seat. It decides on the state as it is when the input is sampled, and its
// draws belong to the frame that the input is for.
type BotInput struct {
	Bot   env.Bot
	Match *Match
	Agent int
	// Exact makes it wait for the state right before the frame. Where frames wait for all inputs
	// (late_policy=hold), a match of such bots is the same every time, however slow the computer is.
	Exact bool
}

// NewBotInput returns the named bot as the input device of a seat. The bot's own randomness comes
// from seed.
func NewBotInput(name string, m *Match, agent int, seed uint64) (*BotInput, error) {
	b, err := env.NewBot(name, m.spec.Name)
	if err != nil {
		return nil, err
	}
	b.Reset(seed)
	return &BotInput{Bot: b, Match: m, Agent: agent}, nil
}

// Reset lets the bot forget everything, and draw from seed.
func (b *BotInput) Reset(seed uint64) { b.Bot.Reset(seed) }

// Sample returns the bot's action for the frame that the match steps next.
func (b *BotInput) Sample() int {
	a, _ := b.SampleFrame(b.Match.frame)
	return a
}

// SampleFrame returns the bot's action for a frame; the default one before the match begins and between
// episodes. ok is false while the bot waits for the frame's state.
func (b *BotInput) SampleFrame(frame uint32) (action int, ok bool) {
	m := b.Match
	switch {
	case b.Exact && !m.over && (!m.begun || m.frame < frame):
		return m.spec.Default, false
	case !m.begun || m.over || m.hold > 0:
		return m.spec.Default, true
	}
	return b.Bot.Act(m.env, b.Agent, frame), true
}
