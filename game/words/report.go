package words

import (
	"fmt"
	"strconv"
	"strings"
)

// What a report says of a seat's play. Times are in ms; shares are so many of so many.

// Share writes n of so many, and as a percentage.
func (l *Language) Share(n, of int) string {
	return l.fill(l.share, "n", n, "of", of, "percent", l.Number(100*float64(n)/float64(of), 1))
}

func (l *Language) ms(v float64) string { return l.Number(v, 0) }

// NotEnded says why the match did not come to its end.
func (l *Language) NotEnded(why string) string {
	return l.fill(l.notEnded, "why", strings.TrimSuffix(why, "."))
}

// Broke counts breaks of the connection.
func (l *Language) Broke(n int) string { return l.fill(l.broke, "n", n) }

// PutBack counts how often frames were undone.
func (l *Language) PutBack(n int) string { return l.fill(l.putBack, "n", n) }

// StatesDiffered says in how many comparisons states differed.
func (l *Language) StatesDiffered(n, of int) string {
	return l.fill(l.statesDiffered, "n", n, "of", of)
}

// ActionsMissing says how many actions of others were missing.
func (l *Language) ActionsMissing(n, of int) string {
	return l.fill(l.actionsMissing, "n", n, "of", of)
}

// Repaired counts repairs of a state.
func (l *Language) Repaired(n int) string { return l.fill(l.repaired, "n", n) }

// NotCounted says which share of the own inputs did not count.
func (l *Language) NotCounted(n, of int) string { return l.fill(l.notCounted, "share", l.Share(n, of)) }

// NotCountedRun says how many in a row did not.
func (l *Language) NotCountedRun(n int) string { return l.fill(l.notCountedRun, "n", n) }

// OthersNotCounted is NotCounted for the others' inputs.
func (l *Language) OthersNotCounted(n, of int) string {
	return l.fill(l.othersNotCounted, "share", l.Share(n, of))
}

// DelayKnown says of how many inputs the delay is known.
func (l *Language) DelayKnown(n, of int) string { return l.fill(l.delayKnown, "share", l.Share(n, of)) }

// HalfTook says what half of the own inputs took.
func (l *Language) HalfTook(ms float64) string { return l.fill(l.halfTook, "ms", l.ms(ms)) }

// HundredthTook says what one in a hundred took.
func (l *Language) HundredthTook(ms float64) string { return l.fill(l.hundredthTook, "ms", l.ms(ms)) }

// OthersTook says what half of the others' took.
func (l *Language) OthersTook(ms float64) string { return l.fill(l.othersTook, "ms", l.ms(ms)) }

// Exceeded says how many inputs took longer than the room's delay.
func (l *Language) Exceeded(n, of int, delay string) string {
	return l.fill(l.exceeded, "share", l.Share(n, of), "delay", delay)
}

// Stalls says how often and for how long the picture stood still.
func (l *Language) Stalls(n int, ms float64) string { return l.fill(l.stalls, "n", n, "ms", l.ms(ms)) }

// LongestStall is the longest of those times.
func (l *Language) LongestStall(ms float64) string { return l.fill(l.longestStall, "ms", l.ms(ms)) }

// SlowSteps says how many frames a second were played.
func (l *Language) SlowSteps(perSecond float64) string {
	return l.fill(l.slowSteps, "speed", l.Number(perSecond, 1))
}

// Uneven says how long one in a hundred frames took.
func (l *Language) Uneven(ms float64) string { return l.fill(l.uneven, "ms", l.ms(ms)) }

// ProgramStill counts how often this program did not run.
func (l *Language) ProgramStill(n int) string { return l.fill(l.programStill, "n", n) }

// BusyTimes counts how often this computer was too busy.
func (l *Language) BusyTimes(n int) string { return l.fill(l.busyTimes, "n", n) }

// InputsCounted says how many inputs counted, and what half of them took.
func (l *Language) InputsCounted(n, of int, ms float64) string {
	return l.fill(l.inputsCounted, "share", l.Share(n, of), "ms", l.ms(ms))
}

// StoodStillFor is for how long the picture stood still.
func (l *Language) StoodStillFor(ms float64) string { return l.fill(l.stoodStillFor, "ms", l.ms(ms)) }

// Compared says that so many comparisons found no difference.
func (l *Language) Compared(n int) string { return l.fill(l.compared, "n", n) }

// InputsReplaced says how many inputs came too late.
func (l *Language) InputsReplaced(n, of int) string {
	return l.fill(l.inputsReplaced, "n", n, "of", of)
}

// StatesSent counts queue mode's repairs.
func (l *Language) StatesSent(n int) string { return l.fill(l.statesSent, "n", n) }

// StatesRefused counts states that could not be used.
func (l *Language) StatesRefused(n int) string { return l.fill(l.statesRefused, "n", n) }

// SetDelay advises an input delay.
func (l *Language) SetDelay(frames int) string { return l.fill(l.setDelay, "frames", frames) }

// StrictTooShort advises an automatic delay where an exact one is too short.
func (l *Language) StrictTooShort(frames int) string { return l.fill(l.strictTooShort, "n", frames) }

// LetBeLonger advises a higher limit than that.
func (l *Language) LetBeLonger(than int) string { return l.fill(l.letBeLonger, "n", than) }

// SetShorter advises a shorter delay than the room has.
func (l *Language) SetShorter(frames, has int) string {
	return l.fill(l.setShorter, "n", frames, "has", has)
}

// SetLonger advises a longer one.
func (l *Language) SetLonger(frames int) string { return l.fill(l.setLonger, "frames", frames) }

// Seat names a seat; below 0 a spectator.
func (l *Language) Seat(seat int, agent string) string {
	if seat < 0 {
		return l.Spectator
	}
	return l.fill(l.seatOf, "seat", seat, "agent", agent)
}

// ReportOf is the title of a match's report.
func (l *Language) ReportOf(env, room string) string {
	return l.fill(l.reportOf, "env", env, "room", room)
}

// WithOriginal says what is promised to a seat that has played with programs of the original.
func (l *Language) WithOriginal(seat string) string { return l.fill(l.withOriginal, "seat", seat) }

// Defect says which defect of the original a seat has met.
func (l *Language) Defect(seat, defect string) string {
	return l.fill(l.defect, "seat", seat, "defect", defect)
}

// Sameness is whether all states of a match were the same.
type Sameness struct {
	Frames  int
	Seconds string
	Differ  int // comparisons that found a difference
	Of      int // comparisons
	Hashes  int // different final states
	Seats   int // that the report is of
	Hash    string
}

// Same reports whether they were, as far as anybody has compared them.
func (s *Sameness) Same() bool { return s.Differ == 0 && s.Hashes <= 1 }

// Sameness says it.
func (l *Language) Sameness(s Sameness) string {
	length := l.fill(l.playedFor, "n", s.Frames, "seconds", s.Seconds)
	switch {
	case s.Frames == 0:
		return l.NoFramePlayed
	case !s.Same():
		return l.fill(l.notTheSame, "differ", s.Differ, "n", s.Of, "length", length, "hashes", s.Hashes)
	case s.Of == 0:
		return l.fill(l.neverCompared, "length", length)
	case s.Hashes == 0:
		return l.fill(l.noEnd, "length", length, "n", s.Of)
	case s.Seats == 1:
		return l.fill(l.sameAsOthers, "length", length, "n", s.Of, "hash", s.Hash)
	}
	return l.fill(l.allSame, "n", s.Of, "length", length, "hash", s.Hash)
}

// Recommended gives a verdict's advice.
func (l *Language) Recommended(advice string) string { return l.fill(l.recommended, "advice", advice) }

// MeasuredAt says where a report was measured, and what repeats it.
func (l *Language) MeasuredAt(relay, machine string, seed uint64) string {
	return l.fill(l.measuredAt, "relay", relay, "machine", machine, "seed", strconv.FormatUint(seed, 10))
}

// InputsOf says of how many inputs a figure is.
func (l *Language) InputsOf(n, of int64) string {
	return l.fill(l.inputsOf, "n", int(n), "of", int(of))
}

// HowEnded says how the match ended.
func (l *Language) HowEnded(how string) string { return l.fill(l.matchEnded, "how", how) }

// DesyncsSeen counts desyncs, for the end of a command.
func (l *Language) DesyncsSeen(n int) string { return l.fill(l.desyncsSeen, "n", n) }

// Holds says that a condition is true, and by which value; "" as the value: it was not measured.
func (l *Language) Holds(condition, value string) string {
	if value == "" {
		return l.fill(l.notMeasured, "condition", condition)
	}
	return l.fill(l.conditionHolds, "condition", condition, "value", value)
}

// Desync is a report of states that differ.
type Desync struct {
	Frame     uint32
	Differing []int // seats
	Seats     int
	Judge     string // who has judged it, or ""
	Sections  []string
}

// Desync says what it is about.
func (l *Language) Desync(d Desync) string {
	which, judged, what := l.NoMajority, "", ""
	if len(d.Differing) != d.Seats {
		t := l.differsMore
		if len(d.Differing) == 1 {
			t = l.differsOne
		}
		which = l.fill(t, "seats", strings.Trim(fmt.Sprint(d.Differing), "[]"))
	}
	if d.Judge != "" {
		judged = l.fill(l.judgedBy, "judge", d.Judge)
	}
	if len(d.Sections) > 0 {
		what = l.fill(l.whatDiffers, "sections", strings.Join(d.Sections, ", "))
	}
	return l.fill(l.desync, "frame", int(d.Frame), "which", which, "judged", judged, "what", what)
}
