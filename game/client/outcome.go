package client

import (
	"math"

	"tandem/game/words"
)

// Name returns what to call a seat: the player's name, or the agent's title.
func (v *View) Name(seat int, l *words.Language) string {
	if seat < 0 || seat >= len(v.Players) {
		return ""
	}
	p := &v.Players[seat]
	switch {
	case p.Name != "":
		return p.Name
	case p.Agent != "":
		return p.Agent
	}
	return l.Player(seat)
}

// Result is how the match went.
func (v *View) Result(l *words.Language) words.Outcome {
	seat := v.Spec.Leader(v.Scores)
	switch {
	case len(v.Scores) == 0:
		return words.Outcome{}
	case v.Together:
		return words.Outcome{Kind: words.ScoredTogether, Points: points(v.Scores[0])}
	case len(v.Scores) == 1:
		return words.Outcome{Kind: words.ScoredAlone, Points: points(v.Scores[0])}
	case seat < 0:
		return words.Outcome{Kind: words.NobodyWins}
	case v.Spec.Team(seat) != "" && v.Spec.SameTeam(seat, v.Seat):
		return words.Outcome{Kind: words.YourSideWins}
	case v.Spec.Team(seat) == "" && seat == v.Seat:
		return words.Outcome{Kind: words.YouWin}
	}
	return v.wonBy(seat, l)
}

// EpisodeResult is how the episode went that has just ended.
func (v *View) EpisodeResult(l *words.Language) words.Outcome {
	seat := v.Spec.Leader(v.LastScore)
	switch {
	case len(v.LastScore) == 0:
		return words.Outcome{}
	case seat >= 0 && len(v.LastScore) > 1:
		o := v.wonBy(seat, l)
		o.Points = points(v.LastScore[seat])
		return o
	case equal(v.LastScore) && (v.Together || points(v.LastScore[0]) != 0):
		return words.Outcome{Kind: words.ScoredTogether, Points: points(v.LastScore[0])}
	}
	return words.Outcome{Kind: words.NobodyWins}
}

func (v *View) wonBy(seat int, l *words.Language) words.Outcome {
	if team := v.Spec.Team(seat); team != "" {
		return words.Outcome{Kind: words.TeamWins, Who: team}
	}
	return words.Outcome{Kind: words.PlayerWins, Who: v.Name(seat, l)}
}

// points turns a sum of rewards into what a score shows: a whole number, as the original does.
func points(v float64) int { return int(math.Round(v)) }
