package app

import (
	"slices"
	"strings"

	"tandem/env"
)

// BotWords names the bots there are, for a flag's explanation: those that play anything, then those made
// for some environments.
func BotWords() string {
	general := env.BotNames("")
	var groups []string // of bots that are made for the same environments
	for _, name := range env.Offered() {
		var made []string
		for _, bot := range env.BotNames(name) {
			if !slices.Contains(general, bot) {
				made = append(made, bot)
			}
		}
		if len(made) == 0 {
			continue
		}
		family, _, _ := strings.Cut(name, "/")
		if words := family + ": " + strings.Join(made, ", "); !slices.Contains(groups, words) {
			groups = append(groups, words)
		}
	}
	return strings.Join(append([]string{strings.Join(general, ", ")}, groups...), "; ")
}
