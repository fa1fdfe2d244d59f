package scene

import (
	"math"
	"strconv"
	"time"

	"tandem/env"
	"tandem/game/client"
)

// dot separates remarks on one line.
const dot = " · "

// name returns what to call a seat: the player's name, or the agent's title.
func name(v *client.View, seat int) string {
	if seat < 0 || seat >= len(v.Players) {
		return ""
	}
	if p := &v.Players[seat]; p.Name != "" {
		return p.Name
	} else if p.Agent != "" {
		return p.Agent
	}
	return "Player " + strconv.Itoa(seat+1)
}

// remark is what is to be said about a seat besides its name and agent.
func remark(p *client.Player) string {
	switch {
	case p.Name == "":
		return "free"
	case !p.Present:
		return "away"
	case p.You && p.Host:
		return "you, host"
	case p.You:
		return "you"
	case p.Host:
		return "host"
	}
	return ""
}

// seatIcon is the environment's picture of a seat, or nil.
func seatIcon(v *client.View) []string {
	if v.Spec == nil {
		return nil
	}
	return v.Spec.SeatIcon
}

// points turns a sum of rewards into what a score shows: a whole number, as the original does.
func points(v float64) int64 { return int64(math.Round(v)) }

func scoreOf(scores []float64, seat int) float64 {
	if seat < len(scores) {
		return scores[seat]
	}
	return 0
}

// side is who a seat plays for: its team, or itself.
func side(v *client.View, seat int) string {
	if team := v.Spec.Team(seat); team != "" {
		return "the " + team
	}
	return name(v, seat)
}

// allEqual reports whether everybody has the same score: a draw, or a team's result.
func allEqual(scores []float64) bool {
	for _, s := range scores {
		if s != scores[0] {
			return false
		}
	}
	return true
}

// pointTo says how the episode that just ended went.
func pointTo(v *client.View) string {
	switch seat := v.Spec.Leader(v.LastScore); {
	case len(v.LastScore) == 0:
		return "Next episode"
	case seat >= 0 && len(v.LastScore) > 1:
		if points(v.LastScore[seat]) == 1 {
			return "Point to " + side(v, seat)
		}
		return "Episode to " + side(v, seat)
	case allEqual(v.LastScore) && (v.Together || points(v.LastScore[0]) != 0):
		return "Episode score " + strconv.FormatInt(points(v.LastScore[0]), 10)
	}
	return "No point"
}

// result says who won the match.
func result(v *client.View) string {
	seat := v.Spec.Leader(v.Scores)
	switch {
	case len(v.Scores) == 0:
		return "The match is over"
	case v.Together:
		return "Together you scored " + strconv.FormatInt(points(v.Scores[0]), 10)
	case len(v.Scores) == 1:
		return "Score " + strconv.FormatInt(points(v.Scores[0]), 10)
	case seat < 0:
		return "A draw"
	case seat < len(v.Players) && v.Players[seat].You && v.Spec.Team(seat) == "":
		return "You win!"
	case v.Spec.Team(seat) == "":
		return name(v, seat) + " wins"
	case v.Spec.SameTeam(seat, v.Seat):
		return "Your side wins!"
	}
	return "The " + v.Spec.Team(seat) + " wins"
}

// timeLeft returns the tenths of a second until the episode is cut off. ok is false when it is not.
func timeLeft(v *client.View) (tenths int64, ok bool) {
	if v.Spec == nil || v.Spec.MaxSteps <= 0 || v.Spec.FPS <= 0 {
		return 0, false
	}
	return int64(max(v.Spec.MaxSteps-v.Step, 0)) * 10 / int64(v.Spec.FPS), true
}

// keyHint names the keys an environment uses.
func keyHint(spec *env.Spec) string {
	var used [env.NumKeys]bool
	for _, c := range spec.Keys {
		for _, k := range c.Keys {
			if k < env.NumKeys {
				used[k] = true
			}
		}
	}
	s := ""
	add := func(words string) {
		if s != "" {
			s += dot
		}
		s += words
	}
	if used[env.KeyLeft] || used[env.KeyRight] || used[env.KeyUp] || used[env.KeyDown] {
		add("Arrow keys or WASD")
	}
	if used[env.KeyA] {
		add("Space")
	}
	if used[env.KeyB] {
		add("Q")
	}
	return s
}

// secondsUp rounds a time up to whole seconds: 3 for all of the last third second of a countdown.
func secondsUp(d time.Duration) int64 {
	return int64((max(d, 0) + time.Second - 1) / time.Second)
}

// shown keeps the text of a number, so that it is written anew only when the number changes.
type shown struct {
	value int64
	text  string
}

func (s *shown) get(v int64, write func(int64) string) string {
	if s.text == "" || s.value != v {
		s.value, s.text = v, write(v)
	}
	return s.text
}

func together(v int64) string { return "Together " + strconv.FormatInt(v, 10) }

func plain(v int64) string { return strconv.FormatInt(v, 10) }

func tenthsLeft(v int64) string {
	return "Time left " + strconv.FormatFloat(float64(v)/10, 'f', 1, 64) + " s"
}

func tenthsOfMS(v int64) string { return strconv.FormatFloat(float64(v)/10, 'f', 1, 64) + " ms" }

func perSecond(v int64) string { return strconv.FormatInt(v, 10) + " /s" }

// episodeOf gets episode·2^32 + episodes.
func episodeOf(v int64) string {
	return "Episode " + strconv.FormatInt(v>>32, 10) + " of " + strconv.FormatInt(v&(1<<32-1), 10)
}

func lateInputs(v int64) string { return counted(v, "late input", "late inputs") }

func desyncs(v int64) string { return counted(v, "desync", "desyncs") }

func counted(v int64, one, many string) string {
	if v == 1 {
		return "1 " + one
	}
	return strconv.FormatInt(v, 10) + " " + many
}
