package client

import (
	"fmt"
	"math"
	"time"

	"tandem/game/sim"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/replica"
)

// stallLimit is the interval from which a player sees that the picture stood still: three frames.
const stallLimit = 100 * time.Millisecond

// stats collects.
type stats struct {
	report              Report
	in, out             [protocol.NumTypes]int
	events              map[string]int // bytes by event of the original
	eventsIn, eventsOut int
	delay               dist
	latency             dist
	rtt                 dist
	slack               dist
	interval            dist
	overslept           dist
	bound               time.Duration // the most by which a latency may be off
	unbounded           bool          // one of them has none
	pings               int64
	path                session.Path // sums
	paths               int64
	pathBound           time.Duration

	seats         int
	there         uint16 // seats that somebody has
	run           int    // of replaced inputs, up to the frame runEnd
	runEnd        uint32
	ahead         int // replaced inputs of frames that are not stepped yet, from the frame aheadFrom on
	aheadFrom     uint32
	last          time.Duration // when a frame was stepped last
	intervals     int
	elapsed       time.Duration // all intervals, without pauses and frames that were missed
	sum, squares  float64       // of intervals, ms
	queue, queued int
	warning       string
	meters        meters

	begun   bool   // a match has
	seed    uint64 // of this match
	playing bool   // a frame of it was stepped in time
	over    bool   // a match has ended, and no other has begun
	next    uint32 // frame of this match that is counted next; those before it were
	missed  bool   // frames before next were never stepped here
	resumes uint32 // frame + 1 with which play goes on after a pause; 0 for none
	before  counts // of the matches before this one
	frames  uint32 // of those
	rewards []float64
}

func (s *stats) init() {
	for _, d := range []*dist{&s.delay, &s.latency, &s.rtt, &s.slack, &s.interval, &s.overslept} {
		d.init()
	}
	s.there = math.MaxUint16
	s.report.Seat = -1
	s.events = map[string]int{}
	s.meters.init()
}

func (s *stats) seat(m *sim.Match, seat int) {
	s.seats = len(m.Spec().Agents)
	s.report.Seat, s.report.Agent = seat, "spectator"
	if seat >= 0 {
		s.report.Agent = m.Spec().Agents[seat]
	}
	s.report.Env = m.Spec().Name
}

// roster notes which seats somebody has.
func (s *stats) roster(seats []protocol.RosterEntry) {
	if len(seats) == 0 {
		return
	}
	s.there = 0
	for i := range seats {
		if seats[i].Taken {
			s.there |= 1 << i
		}
	}
}

// counts are what a player is shown of a match, and a report of all matches of a room.
type counts struct{ substituted, desyncs, stalls, verified int }

func (s *stats) counts() counts {
	return counts{s.report.Substituted, s.report.Desyncs, s.report.Stalls.Count, s.report.Verified}
}

// begin begins a match, or the same one again, which counts on: after the relay was restarted, or from a
// snapshot behind what was missed. frames and scores are what the match before has come to.
func (s *stats) begin(c *replica.Command, frames uint32, scores []float64) {
	s.run = 0
	if s.begun && !s.over && c.Seed == s.seed {
		if s.playing && c.Frame > s.next {
			s.missing(c.Frame)
		}
		return
	}
	s.begun, s.over, s.seed = true, false, c.Seed
	s.before = s.counts()
	s.frames += frames
	for i, v := range scores {
		if i == len(s.rewards) {
			s.rewards = append(s.rewards, 0)
		}
		s.rewards[i] += v
	}
	s.playing, s.next, s.missed, s.resumes, s.ahead = false, 0, false, 0, 0
}

// missing notes that the match goes on with a frame beyond those that were played here: its player was not
// there for what lies between.
func (s *stats) missing(next uint32) {
	if s.report.Seat >= 0 {
		s.report.Absent += max(0, int(next-s.next)-s.ahead)
	}
	s.next, s.missed, s.ahead = next, true, 0
}

// counted reports whether a frame counts: a match that is caught up with is not being played yet, and what
// is stepped anew was counted before.
func (s *stats) counted(c *replica.Command) bool {
	return !c.Again && (!c.Past || s.playing && c.Frame >= s.next)
}

// ofMatch returns what has been counted in this match.
func (s *stats) ofMatch() counts {
	c, b := s.counts(), s.before
	return counts{c.substituted - b.substituted, c.desyncs - b.desyncs, c.stalls - b.stalls, c.verified - b.verified}
}

// resumed notes that an announced pause is over and with which frame play goes on: the interval before
// it is the pause's length, not play's. Frames of before the pause may still be waiting then.
func (s *stats) resumed(frame uint32) { s.resumes = frame + 1 }

// step notes that a frame was stepped.
func (s *stats) step(now time.Duration, cmd *replica.Command) {
	frame := cmd.Frame
	s.inputs(cmd)
	if s.resumes != 0 && frame+1 >= s.resumes && s.playing {
		s.resumes = 0
		s.last = now - session.FrameTime(1) // pauses do not count
	}
	if s.playing {
		d := now - s.last
		s.intervals++
		if s.elapsed += d; s.missed {
			s.elapsed += session.FrameTime(1) - d // a frame for a long time is no slow one
		}
		s.interval.record(d)
		s.meters.step(d)
		ms := float64(d) / float64(time.Millisecond)
		s.sum += ms
		s.squares += ms * ms
		if d > stallLimit {
			s.report.Stalls.Count++
			s.report.Stalls.MS += ms - 1000.0/session.FrameRate
			s.report.Stalls.Longest = max(s.report.Stalls.Longest, round(ms))
		}
	}
	s.last, s.next = now, frame+1
	s.playing, s.missed = true, false
}

// inputs counts what became of the inputs of a frame. Own ones that were replaced are told by events, when
// their frames come: not always as early as they are stepped, where the connection breaks in between.
func (s *stats) inputs(cmd *replica.Command) {
	r := &s.report
	for i := range s.seats {
		replaced := cmd.Substituted&(1<<i) != 0
		switch {
		case i == r.Seat && replaced && s.ahead > 0 && cmd.Frame >= s.aheadFrom:
			s.ahead--
		case i == r.Seat && cmd.Past && !cmd.Own: // also where somebody else has played the seat
			r.Absent++
		case i == r.Seat && !replaced:
			r.Executed++
		case i != r.Seat && s.there&(1<<i) != 0:
			r.OthersInputs++
			if replaced {
				r.OthersLost++
			}
		}
	}
}

// replaced counts an own input that something else took the place of.
func (s *stats) replaced(frame uint32) {
	s.report.Substituted++
	if frame >= s.next {
		if s.ahead == 0 {
			s.aheadFrom = frame
		}
		s.ahead++
	}
	if s.run == 0 || frame != s.runEnd+1 {
		s.run = 0
	}
	s.run, s.runEnd = s.run+1, frame
	s.report.LongestRun = max(s.report.LongestRun, s.run)
}

// sent counts a message of a type of ours, or of an event of the original.
func (s *stats) sent(t protocol.Type, name string, n int) {
	if name == "" {
		s.out[t] += n
		if t == protocol.TypePing {
			s.pings++
		}
	} else {
		s.events[name] += n
		s.eventsOut += n
	}
	s.meters.add(BytesOut, float64(n))
}

func (s *stats) event(e *session.Event) {
	s.meters.event(e)
	switch e.Kind {
	case session.EventReceived:
		if e.Text == "" {
			s.in[e.Type] += e.N
		} else {
			s.events[s.eventName(e.Text)] += e.N
			s.eventsIn += e.N
		}
	case session.EventRTT:
		s.rtt.record(e.Dur)
	case session.EventInputDelay:
		s.delay.record(e.Dur)
		s.report.Exceeded += e.N
	case session.EventLatency:
		s.latency.record(e.Dur)
		s.bound = max(s.bound, e.Bound)
		s.unbounded = s.unbounded || e.Bound == 0
	case session.EventPath:
		s.path.Add(&e.Path)
		s.pathBound += e.Bound
		s.paths++
	case session.EventSlack:
		s.slack.record(e.Dur)
	case session.EventSubstituted:
		s.replaced(e.Frame)
	case session.EventQueue:
		s.queue += e.N
		s.queued++
		s.report.Queue.Max = max(s.report.Queue.Max, e.N)
	case session.EventVerified:
		s.report.Verified++
		if e.Mask != 0 {
			s.report.Desyncs++
		}
	case session.EventWarning:
		s.warning = e.Text
		if e.Text != "" || e.Warning != nil {
			s.report.LinkWarnings++
		}
	case session.EventBusy:
		s.warning = e.Text
		s.report.BusyWarnings++
	case session.EventOverslept:
		s.overslept.record(e.Dur)
		if e.Dur > session.StandStill {
			s.report.StoodStill++
		}
	case session.EventLoaded, session.EventRebuilt:
		s.report.Resyncs++
	case session.EventRewound:
		s.report.Rewinds++
	case session.EventReturned:
		s.report.Reconnects++
	case session.EventPaused:
		s.report.Pauses++
	case session.EventMatchOver:
		s.over = true
	case session.EventEnd:
		if s.frames > 0 && !s.over && !s.playing {
			break // what ends here is a match that nobody has played; the figures are of those before it
		}
		s.report.End, s.report.EndText = e.Code.String(), e.Text
	}
}

// eventName keeps a relay's inventions from filling the memory.
func (s *stats) eventName(name string) string {
	if _, known := s.events[name]; !known && len(s.events) >= maxEventNames {
		return "others"
	}
	return name
}

// maxEventNames is twice as many as the original has events.
const maxEventNames = 64

func (s *stats) finish(final uint64) { s.report.FinalHash = fmt.Sprintf("%016x", final) }
