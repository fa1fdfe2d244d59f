package client

import (
	"fmt"
	"strings"

	"tandem/game/words"
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
	text := v.Level.String() + ": " + strings.Join(v.Reasons, "; ") + "."
	if v.Advice != "" {
		text += " " + v.Advice
	}
	return text
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
	*words.Language
	reasons [Red + 1][]string
	advice  [Red + 1]string
}

func (j *judging) say(l Level, advice, reason string) {
	j.reasons[l] = append(j.reasons[l], reason)
	if j.advice[l] == "" {
		j.advice[l] = advice
	}
}

// over says something where v is over amber, or even over red.
func (j *judging) over(v, amber, red float64, advice, reason string) {
	switch {
	case v > red:
		j.say(Red, advice, reason)
	case v > amber:
		j.say(Amber, advice, reason)
	}
}

// Judge says how good play was. What was not measured speaks against it: a figure that nobody has is no good
// one.
func (r *Report) Judge() Verdict {
	j := judging{Language: r.language()}
	if r.Frames == 0 {
		j.say(Red, "", j.NoFrame)
		return j.verdict(r)
	}
	j.states(r)
	j.inputs(r)
	j.delays(r)
	j.evenness(r)
	if r.End != "" && r.End != "ok" {
		j.say(Amber, "", j.NotEnded(r.EndText))
	}
	if r.Reconnects > 0 {
		j.say(Amber, j.UseCable, j.Broke(r.Reconnects))
	}
	if r.Rewinds > 0 {
		j.say(Amber, "", j.PutBack(r.Rewinds))
	}
	return j.verdict(r)
}

// states judges whether all saw the same game.
func (j *judging) states(r *Report) {
	if r.Desyncs > 0 {
		j.say(Red, j.SendDesync, j.StatesDiffered(r.Desyncs, r.Verified))
	}
	for _, f := range r.Faults() {
		j.say(Red, j.PlaySequenced, f)
	}
	if q := r.QueueMode; q != nil && r.Others() > 0 && len(j.reasons[Red]) == 0 {
		j.over(float64(q.Missing)/float64(r.Others()), lostAmber, mostMissing, r.longer(), j.ActionsMissing(q.Missing, r.Others()))
	}
	if r.Verified == 0 && r.Frames > comparedFrom && !r.Alone && (r.QueueMode == nil || !r.QueueMode.Original) {
		j.say(Amber, "", j.NeverCompared)
	}
	if r.QueueMode == nil && r.Resyncs > 0 && r.Desyncs == 0 {
		j.say(Amber, "", j.Repaired(r.Resyncs))
	}
}

// inputs judges how many inputs counted, the own and the others'.
func (j *judging) inputs(r *Report) {
	if n := r.Inputs(); n > 0 {
		lost := r.Substituted + r.Absent
		j.over(share(lost, n), lostAmber, lostRed, r.lostAdvice(), j.NotCounted(lost, n))
		j.over(float64(r.LongestRun), runAmber, runRed, r.lostAdvice(), j.NotCountedRun(r.LongestRun))
	} else if r.Seat >= 0 {
		j.say(Red, "", j.NoneDue)
	}
	if n := r.OthersInputs; n > 0 && r.QueueMode == nil {
		j.over(share(r.OthersLost, n), lostAmber, lostRed, j.SeeOthers, j.OthersNotCounted(r.OthersLost, n))
	}
}

// delays judges how long inputs take.
func (j *judging) delays(r *Report) {
	d := r.InputDelay
	if r.Executed > 0 && float64(d.N) < measuredAmber*float64(r.Executed) {
		j.say(Amber, "", j.DelayKnown(int(d.N), r.Executed))
	}
	if d.N > 0 {
		j.over(d.P50, delayAmber, delayRed, r.shorter(), j.HalfTook(d.P50))
		j.over(d.P99, tailAmber, tailRed, r.shorter(), j.HundredthTook(d.P99))
	}
	if l := r.Latency; l.N > 0 {
		j.over(l.P50, delayAmber, delayRed, j.SeeOthers, j.OthersTook(l.P50))
	}
	if d.N > 0 && share(r.Exceeded, int(d.N)) > exceededAmber {
		j.say(Amber, j.SetDelay(frames(d.P99)), j.Exceeded(r.Exceeded, int(d.N), r.Delay))
	}
}

// evenness judges how even the picture was.
func (j *judging) evenness(r *Report) {
	if r.Interval.N == 0 {
		return
	}
	advice := r.busyAdvice(j.UseCableStop)
	j.over(r.Stalls.MS/r.played(), stillAmber, stillRed, advice, j.Stalls(r.Stalls.Count, r.Stalls.MS))
	j.over(r.Stalls.Longest, stallAmber, stallRed, advice, j.LongestStall(r.Stalls.Longest))
	j.over(-r.StepsPerS, -speedAmber, -speedRed, advice, j.SlowSteps(r.StepsPerS))
	if r.Interval.P99 > unevenAmber {
		j.say(Amber, advice, j.Uneven(r.Interval.P99))
	}
	if r.StoodStill > 0 {
		j.say(Amber, j.KeepAwake, j.ProgramStill(r.StoodStill))
	}
	if r.BusyWarnings > 0 {
		j.say(Amber, j.CloseOthers, j.BusyTimes(r.BusyWarnings))
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
		v.Reasons = append(v.Reasons, j.InputsCounted(r.Executed, n, r.InputDelay.P50))
	}
	v.Reasons = append(v.Reasons, j.StoodStillFor(r.Stalls.MS))
	if !r.Alone {
		v.Reasons = append(v.Reasons, j.Compared(r.Verified))
	}
	v.Advice = j.NothingToChange
	return v
}

// busyAdvice is about this computer where that was too slow, else about the link.
func (r *Report) busyAdvice(link string) string {
	if r.StoodStill > 0 {
		return r.language().KeepAwake
	}
	if r.Alone || r.BusyWarnings > 0 || r.Overslept.N > 0 && r.Overslept.P99 > 1000.0/session.FrameRate {
		return r.language().CloseOthers
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
	d, l := r.fixed(), r.language()
	switch {
	case r.QueueMode != nil:
		return r.longer()
	case d.Mode == options.DelayStrict:
		return l.StrictTooShort(d.Frames)
	case d.Mode == options.DelayAuto && d.Max < options.MaxDelay:
		return l.LetBeLonger(d.Max)
	}
	return r.busyAdvice(l.UseCableOrWait)
}

// shorter says what to do about a long delay.
func (r *Report) shorter() string {
	d := r.fixed()
	if need := frames(r.RTT.P99) + 1; d.Mode != options.DelayAuto && r.RTT.N > 0 && d.Frames > need {
		return r.language().SetShorter(need, d.Frames)
	}
	return r.busyAdvice(r.language().UseNearerRelay)
}

// longer says what to do about actions that are missing in queue mode.
func (r *Report) longer() string {
	return r.language().SetLonger(frames(max(r.Latency.P99, r.InputDelay.P99)) + 1)
}

// frames is how many whole frames cover so many ms.
func frames(ms float64) int {
	return max(1, min(int(ms*session.FrameRate/1000+0.999), options.MaxDelay))
}

func share(n, of int) float64 { return float64(n) / float64(of) }
