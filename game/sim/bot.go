package sim

import "tandem/env"

// BotInput lets a bot play a seat: it decides on the state as it is when the input is sampled.
type BotInput struct {
	Bot   env.Bot
	Match *Match
	Agent int
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

// Sample returns the bot's action; the default one before the match begins and between episodes.
func (b *BotInput) Sample() int {
	if !b.Match.begun || b.Match.over || b.Match.hold > 0 {
		return b.Match.spec.Default
	}
	return b.Bot.Act(b.Match.env, b.Agent)
}
