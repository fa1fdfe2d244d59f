package scene

import (
	"math"
	"strconv"
	"time"

	"tandem/game/client"
	"tandem/game/words"
)

// wayOut is the button that Esc stands for.
func (u *ui) wayOut(v *client.View) string {
	if v.Alone {
		return u.l.Pause
	}
	return u.l.Leave
}

// dot separates remarks on one line.
const dot = " · "

// remark is what is to be said about a seat besides its name and agent.
func remark(p *client.Player, l *words.Language) string {
	switch {
	case p.Name == "":
		return l.RemarkFree
	case !p.Present:
		return l.RemarkAway
	case p.You && p.Host:
		return l.RemarkYouHost
	case p.You:
		return l.RemarkYou
	case p.Host:
		return l.RemarkHost
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

// timeLeft returns the tenths of a second until the episode is cut off. ok is false when it is not.
func timeLeft(v *client.View) (tenths int64, ok bool) {
	if v.Spec == nil || v.Spec.MaxSteps <= 0 || v.Spec.FPS <= 0 {
		return 0, false
	}
	return int64(max(v.Spec.MaxSteps-v.Step, 0)) * 10 / int64(v.Spec.FPS), true
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

func plain(v int64) string { return strconv.FormatInt(v, 10) }
