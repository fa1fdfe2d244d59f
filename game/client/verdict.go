package client

import (
	"fmt"
	"strconv"
	"strings"

	"tandem/netcode/session"
	"tandem/netcode/session/options"
)

// Level is how good play was.
type Level uint8

// The levels.
const (
	Green Level = iota // nobody could have noticed anything
	Amber              // something could be noticed
	Red                // it was not the game that the players meant to play
)

var levels = [...]string{Green: "green", Amber: "amber", Red: "red"}

// String returns the level's colour.
func (l Level) String() string { return levels[l] }

// MarshalText writes the colour.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads a colour.
func (l *Level) UnmarshalText(b []byte) error {
	for i, name := range levels {
		if name == string(b) {
			*l = Level(i)
			return nil
		}
	}
	return fmt.Errorf("%q is none of green, amber and red", b)
}

// Verdict is how good a seat's play was, why, and what to set to have it better.
type Verdict struct {
	Level   Level    `json:"level"`
	Reasons []string `json:"reasons"` // the worst first; where it is green, what was measured
	Advice  string   `json:"advice"`
}

// String says all of it in a line.
func (v Verdict) String() string {
	words := v.Level.String() + ": " + strings.Join(v.Reasons, "; ") + "."
	if v.Advice != "" {
		words += " " + v.Advice
	}
	return words
}

// From where on play is not green, and not amber any more.
const (
	lostAmber, lostRed = 0.01, 0.05 // share of inputs that were replaced: one in a hundred is seen in fast play
	runAmber, runRed   = 10, 30     // frames in a row: beyond ten the default action is taken, and a second is a pause
	// A quarter second from key to picture, as the median, is what people wait for; an eighth they notice.
	// Both are common limits of play on a screen.
	delayAmber, delayRed = 150.0, 250.0
	tailAmber, tailRed   = 250.0, 500.0   // the same at the 99th percentile
	stillAmber, stillRed = 0.01, 0.05     // share of the time that the picture stood still
	stallAmber, stallRed = 500.0, 2_000.0 // ms of the longest such time
	speedAmber, speedRed = 29.0, 27.0     // frames per second
	unevenAmber          = 67.0           // ms between two steps at the 99th percentile: every hundredth frame comes two late
	exceededAmber        = 0.01           // share of the inputs that took longer than the room has fixed
	measuredAmber        = 0.9            // share of the executed inputs whose delay is known
	comparedFrom         = 90             // frames after which states should have been compared
)

// judging collects what speaks against a seat's play.
type judging struct {
	reasons [Red + 1][]string
	advice  [Red + 1]string
}

func (j *judging) say(l Level, advice, format string, args ...any) {
	j.reasons[l] = append(j.reasons[l], fmt.Sprintf(format, args...))
	if j.advice[l] == "" {
		j.advice[l] = advice
	}
}

// over says something where v is over amber, or even over red.
func (j *judging) over(v, amber, red float64, advice, format string, args ...any) {
	switch {
	case v > red:
		j.say(Red, advice, format, args...)
	case v > amber:
		j.say(Amber, advice, format, args...)
	}
}

// Judge says how good play was. What was not measured speaks against it: a figure that nobody has is no good
// one.
func (r *Report) Judge() Verdict {
	var j judging
	if r.Frames == 0 {
		j.say(Red, "", "no frame was played")
		return j.verdict(r)
	}
	j.states(r)
	j.inputs(r)
	j.delays(r)
	j.evenness(r)
	if r.End != "" && r.End != "ok" {
		j.say(Amber, "", "the match did not come to its end: %s", strings.TrimSuffix(r.EndText, "."))
	}
	if r.Reconnects > 0 {
		j.say(Amber, "Use a cable instead of Wi-Fi.", "the connection broke %s", times(r.Reconnects))
	}
	if r.Rewinds > 0 {
		j.say(Amber, "", "the match was put back %s: what had been played last here did not reach the others", times(r.Rewinds))
	}
	return j.verdict(r)
}

// states judges whether all saw the same game.
func (j *judging) states(r *Report) {
	if r.Desyncs > 0 {
		j.say(Red, "Send the desync report beside the recording to whoever made the environment.", "the states differed in %d of %d comparisons", r.Desyncs, r.Verified)
	}
	for _, f := range r.Faults() {
		j.say(Red, "Play sequenced, on a relay of Tandem: there a late input is the same for everybody.", "%s", f)
	}
	if q := r.QueueMode; q != nil && r.Others() > 0 && len(j.reasons[Red]) == 0 {
		j.over(float64(q.Missing)/float64(r.Others()), lostAmber, mostMissing, r.longer(), "%d of the other players' %d actions were not there when they were due", q.Missing, r.Others())
	}
	if r.Verified == 0 && r.Frames > comparedFrom && (r.QueueMode == nil || !r.QueueMode.Original) {
		j.say(Amber, "", "the players' states were never compared")
	}
	if r.QueueMode == nil && r.Resyncs > 0 && r.Desyncs == 0 {
		j.say(Amber, "", "a state was repaired %s", times(r.Resyncs))
	}
}

// inputs judges how many inputs counted, the own and the others'.
func (j *judging) inputs(r *Report) {
	if n := r.Inputs(); n > 0 {
		lost := r.Substituted + r.Absent
		j.over(share(lost, n), lostAmber, lostRed, r.lostAdvice(), "%s of the own inputs did not count", per(lost, n))
		j.over(float64(r.LongestRun), runAmber, runRed, r.lostAdvice(), "%d own inputs in a row did not count", r.LongestRun)
	} else if r.Seat >= 0 {
		j.say(Red, "", "none of the own inputs was ever due")
	}
	if n := r.OthersInputs; n > 0 && r.QueueMode == nil {
		j.over(share(r.OthersLost, n), lostAmber, lostRed, "See the other players' reports.", "%s of the other players' inputs did not count", per(r.OthersLost, n))
	}
}

// delays judges how long inputs take.
func (j *judging) delays(r *Report) {
	d := r.InputDelay
	if r.Executed > 0 && float64(d.N) < measuredAmber*float64(r.Executed) {
		j.say(Amber, "", "the delay of %s of the own inputs is known", per(int(d.N), r.Executed))
	}
	if d.N > 0 {
		j.over(d.P50, delayAmber, delayRed, r.shorter(), "half of the own inputs took more than %.0f ms", d.P50)
		j.over(d.P99, tailAmber, tailRed, r.shorter(), "one in a hundred own inputs took more than %.0f ms", d.P99)
	}
	if l := r.Latency; l.N > 0 {
		j.over(l.P50, delayAmber, delayRed, "See the other players' reports.", "half of the other players' inputs took more than %.0f ms until they were seen here", l.P50)
	}
	if d.N > 0 && share(r.Exceeded, int(d.N)) > exceededAmber {
		j.say(Amber, "Set the input delay to "+strconv.Itoa(frames(d.P99))+" frames (-delay "+strconv.Itoa(frames(d.P99))+"), or to automatic (-delay auto).",
			"%s of the own inputs took longer than the room's fixed delay (%s)", per(r.Exceeded, int(d.N)), r.Delay)
	}
}

// evenness judges how even the picture was.
func (j *judging) evenness(r *Report) {
	if r.Interval.N == 0 {
		return
	}
	advice := r.busyAdvice("Use a cable instead of Wi-Fi, and stop downloads.")
	j.over(r.Stalls.MS/r.played(), stillAmber, stillRed, advice, "the picture stood still %s, for %.0f ms in all", times(r.Stalls.Count), r.Stalls.MS)
	j.over(r.Stalls.Longest, stallAmber, stallRed, advice, "the picture stood still for %.0f ms at once", r.Stalls.Longest)
	j.over(-r.StepsPerS, -speedAmber, -speedRed, advice, "%.1f frames a second were played instead of 30", r.StepsPerS)
	if r.Interval.P99 > unevenAmber {
		j.say(Amber, advice, "one in a hundred frames came %.0f ms after the one before", r.Interval.P99)
	}
	if r.StoodStill > 0 {
		j.say(Amber, awake, "this program stood still %s: the computer slept, or its window or page was hidden", times(r.StoodStill))
	}
	if r.BusyWarnings > 0 {
		j.say(Amber, closeOthers, "this computer was too busy %s", times(r.BusyWarnings))
	}
}

// verdict puts the worst first.
func (j *judging) verdict(r *Report) Verdict {
	var v Verdict
	for l := Red; l > Green; l-- {
		if len(j.reasons[l]) > 0 {
			v.Level = max(v.Level, l)
			if v.Advice == "" {
				v.Advice = j.advice[l]
			}
		}
		v.Reasons = append(v.Reasons, j.reasons[l]...)
	}
	if v.Level > Green {
		return v
	}
	if n := r.Inputs(); n > 0 {
		v.Reasons = append(v.Reasons, fmt.Sprintf("%s of the own inputs counted, %.0f ms after they were given (median)", per(r.Executed, n), r.InputDelay.P50))
	}
	v.Reasons = append(v.Reasons, fmt.Sprintf("the picture stood still for %.0f ms", r.Stalls.MS), fmt.Sprintf("%d comparisons of the states found no difference", r.Verified))
	v.Advice = "Nothing needs to be changed."
	return v
}

const (
	closeOthers = "Close other programs on this computer."
	awake       = "Keep the computer awake, and the game's window or page in sight."
)

// busyAdvice is about this computer where that was too slow, else about the link.
func (r *Report) busyAdvice(link string) string {
	if r.StoodStill > 0 {
		return awake
	}
	if r.BusyWarnings > 0 || r.Overslept.N > 0 && r.Overslept.P99 > 1000.0/session.FrameRate {
		return closeOthers
	}
	return link
}

// fixed is the room's delay; automatic where nobody knows.
func (r *Report) fixed() options.Delay {
	cfg := options.DefaultConfig()
	if cfg.Set("delay="+r.Delay) != nil {
		return options.AutoDelay // of no room
	}
	return cfg.Delay
}

// lostAdvice says what to do about inputs that come too late.
func (r *Report) lostAdvice() string {
	d := r.fixed()
	switch {
	case r.QueueMode != nil:
		return r.longer()
	case d.Mode == options.DelayStrict:
		return "Set the input delay to automatic (-delay auto): exactly " + strconv.Itoa(d.Frames) + " frames are too few for this link."
	case d.Mode == options.DelayAuto && d.Max < options.MaxDelay:
		return "Let the input delay be longer than " + strconv.Itoa(d.Max) + " frames (-delay auto)."
	}
	return r.busyAdvice("Use a cable instead of Wi-Fi, and stop downloads; -set late_policy=wait lets everybody wait for late inputs instead.")
}

// shorter says what to do about a long delay.
func (r *Report) shorter() string {
	d := r.fixed()
	if need := frames(r.RTT.P99) + 1; d.Mode != options.DelayAuto && r.RTT.N > 0 && d.Frames > need {
		return fmt.Sprintf("Set the input delay to automatic (-delay auto), or to %d frames: %d are more than this link needs.", need, d.Frames)
	}
	return r.busyAdvice("Use a relay that is nearer to the players, and a cable instead of Wi-Fi.")
}

// longer says what to do about actions that are missing in queue mode.
func (r *Report) longer() string {
	return fmt.Sprintf("Set a longer input delay: -delay %d.", frames(max(r.Latency.P99, r.InputDelay.P99))+1)
}

// frames is how many whole frames cover so many ms.
func frames(ms float64) int {
	return max(1, min(int(ms*session.FrameRate/1000+0.999), options.MaxDelay))
}

func share(n, of int) float64 { return float64(n) / float64(of) }

// per is a share in words.
func per(n, of int) string {
	return fmt.Sprintf("%d of %d (%.1f %%)", n, of, 100*share(n, of))
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return strconv.Itoa(n) + " times"
}
