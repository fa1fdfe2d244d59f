package words

import (
	"fmt"
	"time"

	"tandem/netcode/session"
	"tandem/netcode/session/options"
)

// Delay says an input delay.
func (l *Language) Delay(d options.Delay) string {
	switch {
	case d == options.AutoDelay:
		return l.Automatic
	case d.Mode == options.DelayAuto:
		return l.fill(l.automatic, "min", d.Min, "n", d.Max)
	case d.Frames == 0:
		return l.LeastDelay
	}
	words := l.fill(l.framesMS, "n", d.Frames, "ms", int(session.FrameTime(int64(d.Frames)).Round(time.Millisecond).Milliseconds()))
	if d.Mode == options.DelayStrict {
		return l.fill(l.exactly, "delay", words)
	}
	return words
}

// RoomsDelay says the room's input delay.
func (l *Language) RoomsDelay(delay string) string { return l.fill(l.roomsDelay, "delay", delay) }

// DelayNow says that the input delay has changed.
func (l *Language) DelayNow(d options.Delay) string {
	return l.fill(l.delayNow, "delay", l.Delay(d))
}

// DelayMost says that the input delay cannot be longer.
func (l *Language) DelayMost() string { return l.fill(l.delayMost, "n", options.MaxDelay) }

// DelayIsHosts says that only the host changes the input delay; "" where the host has no name.
func (l *Language) DelayIsHosts(host string) string {
	if host == "" {
		return l.DelayHost
	}
	return l.fill(l.delayHost, "host", host)
}

// Rules are what a room's host has chosen.
type Rules struct {
	*options.Config
	Episodes int
	MaxSteps int      // frames of an episode at most; 0: no limit
	Options  []Option // of the environment, where they are not as usual
}

// Option is one of an environment's.
type Option struct {
	Name  string
	Value int
}

// Rules says what everybody should know before a match begins, a sentence each. What is as usual and touches
// nobody is left out.
func (l *Language) Rules(r Rules) []string {
	list := []string{l.matchLength(&r)}
	add := func(s string) { list = append(list, s) }
	for _, o := range r.Options {
		add(l.fill(l.option, "name", Title(o.Name), "n", o.Value))
	}
	if n := r.MinPlayers; n > 0 && n < r.Players {
		add(l.fill(l.minPlayers, "min", n, "n", r.Players))
	}
	add(l.fill(l.ruleDelay, "delay", l.Delay(r.Delay)))
	switch r.Late {
	case options.LateWait:
		add(l.fill(l.ruleWait, "ms", int(r.Grace.Milliseconds())))
	case options.LateHold:
		add(l.RuleHold)
	}
	switch r.Population {
	case options.DefaultAction:
		add(l.RuleDefault)
	case options.PredictedAction:
		add(l.RulePredicted)
	}
	switch r.Disconnect {
	case options.DisconnectPause:
		add(l.fill(l.rulePause, "s", int(r.Pause/time.Second)))
	case options.DisconnectEnd:
		add(l.RuleEnd)
	case options.DisconnectSubstitute:
		add(l.RuleSubstitute)
	case options.DisconnectBot:
		add(l.RuleBot)
	}
	if r.Authority == options.AuthorityWitness {
		add(l.RuleWitness)
	}
	if r.Spectators == 0 {
		add(l.RuleNobody)
	}
	if r.AwayWait != options.DefaultConfig().AwayWait {
		add(l.fill(l.ruleAway, "s", int(r.AwayWait/time.Second)))
	}
	if r.Rematch == 0 {
		add(l.RuleCloses)
	}
	return list
}

func (l *Language) matchLength(r *Rules) string {
	seconds := func(frames int) string { return fmt.Sprintf("%.4g", float64(frames)/session.FrameRate) }
	switch {
	case r.Frames > 0:
		return l.fill(l.oneMatch, "seconds", seconds(int(r.Frames)))
	case r.MaxSteps > 0:
		return l.fill(l.episodesOf, "n", r.Episodes, "seconds", seconds(r.MaxSteps))
	}
	return l.fill(l.episodes, "n", r.Episodes)
}
