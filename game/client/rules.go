package client

import (
	"fmt"
	"strings"
	"time"

	"tandem/env"
	"tandem/game/sim"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
)

// roomRules says what a room's host chose, in plain words, one sentence each: what everybody should
// know before the match begins. What is as usual and touches nobody is left out.
func roomRules(cfg *options.Config, m *sim.Match) []string {
	spec := m.Spec()
	_, episodes := m.Episode()
	rules := []string{lengthRule(cfg, spec, episodes)}
	rules = append(rules, optionRules(spec)...)
	add := func(format string, args ...any) { rules = append(rules, fmt.Sprintf(format, args...)) }
	if n := cfg.MinPlayers; n > 0 && n < cfg.Players {
		add("It begins with %d of %d players; others join in mid-match", n, cfg.Players)
	}
	add("Input delay %s", delayWords(cfg.Delay))
	if cfg.Late == options.LateWait {
		add("A late input is waited for, up to %d ms", cfg.Grace.Milliseconds())
	}
	if cfg.Late == options.LateHold {
		add("Every frame waits for everybody's input")
	}
	switch cfg.Population {
	case options.DefaultAction:
		add("A missing input counts as none")
	case options.PredictedAction:
		add("A missing input is guessed")
	}
	switch cfg.Disconnect {
	case options.DisconnectPause:
		add("If a connection breaks, the match waits for %d s", int(cfg.Pause/time.Second))
	case options.DisconnectEnd:
		add("If a connection breaks, the match ends")
	case options.DisconnectSubstitute:
		add("If a connection breaks, the others play on")
	case options.DisconnectBot:
		add("If a connection breaks, a bot plays on for that player")
	}
	if cfg.Authority == options.AuthorityWitness {
		add("The relay plays along, and its state holds")
	}
	if cfg.Spectators == 0 {
		add("Nobody may watch")
	}
	if cfg.AwayWait != options.DefaultConfig().AwayWait {
		add("Who looks elsewhere holds the start for at most %d s", int(cfg.AwayWait/time.Second))
	}
	if cfg.Rematch == 0 {
		add("The room closes after the match")
	}
	return rules
}

// lengthRule says how long the match is.
func lengthRule(cfg *options.Config, spec *env.Spec, episodes int) string {
	if cfg.Frames > 0 {
		return fmt.Sprintf("One match of %s", seconds(int(cfg.Frames)))
	}
	what := fmt.Sprintf("%d episodes", episodes)
	if episodes == 1 {
		what = "One episode"
	}
	if spec.MaxSteps > 0 {
		what += " of at most " + seconds(spec.MaxSteps)
	}
	return what
}

func seconds(frames int) string {
	return fmt.Sprintf("%.4g s", float64(frames)/session.FrameRate)
}

// optionRules name the environment's options that are not as usual, those apart that lengthRule tells.
func optionRules(spec *env.Spec) (rules []string) {
	reg, err := env.Lookup(spec.Name)
	if err != nil {
		return nil
	}
	usual := map[string]int{}
	for _, o := range reg.Options {
		usual[o.Name] = o.Value
	}
	for _, o := range spec.Options {
		if v, ok := usual[o.Name]; !ok || v == o.Value || o.Name == "episodes" || o.Name == "max_steps" {
			continue
		}
		name := strings.ReplaceAll(o.Name, "_", " ")
		rules = append(rules, fmt.Sprintf("%s%s: %d", strings.ToUpper(name[:1]), name[1:], o.Value))
	}
	return rules
}
