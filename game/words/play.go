package words

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Outcome is how an episode or a match went.
type Outcome struct {
	Kind   OutcomeKind
	Points int    // Together, Alone, Team's and Nobody's sums
	Who    string // PlayerWins: the player; TeamWins: the team
}

// OutcomeKind is who has won, if anybody.
type OutcomeKind uint8

const (
	NothingScored  OutcomeKind = iota // there are no scores
	ScoredTogether                    // a team of all has Points
	ScoredAlone                       // the only player has Points
	NobodyWins
	YouWin
	YourSideWins
	PlayerWins
	TeamWins
)

// Result says how the match went.
func (l *Language) Result(o Outcome) string {
	switch o.Kind {
	case ScoredTogether:
		return l.fill(l.together, "points", o.Points)
	case ScoredAlone:
		return l.fill(l.alone, "points", o.Points)
	case NobodyWins:
		return l.Draw
	case YouWin:
		return l.YouWon
	case YourSideWins:
		return l.YourSideWon
	case PlayerWins:
		return l.fill(l.won, "who", o.Who)
	case TeamWins:
		return l.fill(l.teamWon, "team", o.Who)
	}
	return l.MatchOver
}

// Episode says how the episode went that has just ended.
func (l *Language) Episode(o Outcome) string {
	who := o.Who
	switch o.Kind {
	case ScoredTogether:
		return l.fill(l.episodeSum, "points", o.Points)
	case NobodyWins, ScoredAlone:
		return l.NoPoint
	case TeamWins:
		who = l.fill(l.theTeam, "team", who)
	case PlayerWins:
	default:
		return l.NextEpisode
	}
	if o.Points == 1 {
		return l.fill(l.pointTo, "who", who)
	}
	return l.fill(l.episodeTo, "who", who)
}

// YouPlay says which agent a player plays.
func (l *Language) YouPlay(agent string) string { return l.fill(l.youPlay, "agent", agent) }

// TogetherScore is the score of a team of all.
func (l *Language) TogetherScore(points int64) string {
	return l.fill(l.togetherScore, "n", int(points))
}

// TimeLeft is how long the episode goes on, given in tenths of a second.
func (l *Language) TimeLeft(tenths int64) string {
	return l.fill(l.timeLeft, "seconds", l.Number(float64(tenths)/10, 1))
}

// EpisodeOf is which episode this is, from 1.
func (l *Language) EpisodeOf(n, all int64) string {
	return l.fill(l.episodeOf, "n", int(n), "all", int(all))
}

// LateInputs counts inputs that came too late.
func (l *Language) LateInputs(n int64) string { return l.fill(l.lateInputs, "n", int(n)) }

// Desyncs counts comparisons that found a difference.
func (l *Language) Desyncs(n int64) string { return l.fill(l.desyncs, "n", int(n)) }

// Frames counts frames.
func (l *Language) Frames(n int64) string { return l.fill(l.frames, "n", int(n)) }

// FrameNumber names a frame.
func (l *Language) FrameNumber(n int64) string { return l.fill(l.frameNumber, "n", int(n)) }

// Equal counts comparisons of states that found no difference.
func (l *Language) Equal(n int64) string { return l.fill(l.equal, "n", int(n)) }

// Differ counts those that found a difference.
func (l *Language) Differ(n int64) string { return l.fill(l.differ, "n", int(n)) }

// Updates counts a window's updates per second.
func (l *Language) Updates(n int64) string { return l.fill(l.updates, "n", int(n)) }

// Transport is what people call what messages travel by.
func (l *Language) Transport(carrier string) string {
	switch carrier {
	case "websocket":
		return "WebSocket"
	case "quic", "webtransport":
		return l.Datagrams
	}
	return "–"
}

// upper begins a text with a capital letter.
func upper(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// Title writes an identifier as people do: "max_steps" becomes "Max steps".
func Title(identifier string) string { return upper(strings.ReplaceAll(identifier, "_", " ")) }

// PadKeys says what a gamepad's parts do.
func (l *Language) PadKeys(pad string) string { return l.fill(l.padKeys, "pad", pad) }

// Shares says which keys each of two players at one window has.
func (l *Language) Shares(first, second string) string {
	return l.fill(l.shares, "first", first, "second", second)
}

// Players says for how many a game is, and whether they play together, each against the others or in the teams
// of those names.
func (l *Language) Players(n int, together, inTeams bool, teams []string) string {
	players := l.fill(l.players, "n", n)
	switch {
	case n == 1:
		return players
	case together:
		return l.fill(l.playersTogether, "players", players)
	case !inTeams:
		return l.fill(l.playersAgainst, "players", players)
	}
	list := teams[0]
	for _, t := range teams[1:] {
		list = l.fill(l.against, "one", list, "other", t)
	}
	return l.fill(l.playersInTeams, "players", players, "teams", list)
}
