package client

import (
	"fmt"
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"tandem/game/sim"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
)

// Report is what one seat measured, in the layout of tandem-peer's JSON report. Times are
// milliseconds.
type Report struct {
	Seat         int                `json:"seat"`
	Agent        string             `json:"agent"`
	Room         string             `json:"room"`
	Env          string             `json:"env"`
	Frames       uint32             `json:"frames"`
	StepsPerS    float64            `json:"steps_per_s"`
	Desyncs      int                `json:"desyncs"`
	Resyncs      int                `json:"resyncs"`
	DesyncRate   float64            `json:"desync_rate"`      // share of compared hashes that differed
	SyncsPerMin  float64            `json:"syncs_per_minute"` // full states sent, per minute of play
	Verified     int                `json:"hashes_verified"`
	Substituted  int                `json:"substituted"`
	Stalls       Stalls             `json:"stalls"`
	InputDelay   Percentiles        `json:"input_delay_ms"`
	Latency      Percentiles        `json:"action_latency_ms"`
	RTT          Percentiles        `json:"rtt_ms"`
	Slack        Percentiles        `json:"slack_ms"`
	Bytes        Bytes              `json:"bytes"`
	Queue        Queue              `json:"queue_depth"`
	Interval     Interval           `json:"frame_interval_ms"`
	Rewards      map[string]float64 `json:"rewards"`
	FinalHash    string             `json:"final_hash"`
	End          string             `json:"end"`
	EndText      string             `json:"end_text"`
	LinkWarnings int                `json:"link_warnings"`
	Reconnects   int                `json:"reconnects"`
	Pauses       int                `json:"pauses"`
	Rewinds      int                `json:"rewinds"`
	Matches      int                `json:"matches"` // ended, with the room staying for another
	QueueMode    *QueueReport       `json:"queue_mode,omitempty"`
}

// QueueReport is what only queue mode measures.
type QueueReport struct {
	Original      bool     `json:"original_peers"`  // not every player is one of ours
	StatesSent    int      `json:"states_sent"`     // full states, as host
	StatesTaken   int      `json:"states_taken"`    // full states taken over
	StatesRefused int      `json:"states_refused"`  // that were no state of this game
	Needless      int      `json:"needless_states"` // taken over states that changed nothing
	Requests      int      `json:"state_requests"`  // by this player
	Missing       int      `json:"missing_actions"` // of others, that something else took the place of
	Invalid       int      `json:"invalid_messages"`
	Defects       []string `json:"defects"` // of the original, that the other side brings
}

// Stalls counts the intervals between two steps of more than 100 ms, and what they had above a
// frame's length.
type Stalls struct {
	Count int     `json:"count"`
	MS    float64 `json:"ms"`
}

// Percentiles of a distribution; zero without samples.
type Percentiles struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
	N   int64   `json:"n"`
}

// Bytes counts message bytes before WebSocket framing.
type Bytes struct {
	In     int            `json:"in"`
	Out    int            `json:"out"`
	ByType map[string]int `json:"by_type"`
}

// Queue is how many bundles waited when a frame was stepped, that frame's included.
type Queue struct {
	Avg float64 `json:"avg"`
	Max int     `json:"max"`
}

// Interval is the time between two steps.
type Interval struct {
	P50    float64 `json:"p50"`
	P99    float64 `json:"p99"`
	Stddev float64 `json:"stddev"`
}

// stallLimit is the interval from which a player sees that the picture stood still: three frames.
const stallLimit = 100 * time.Millisecond

// stats collects. Histograms hold microseconds up to a minute with two digits and do not allocate
// when they record.
type stats struct {
	report              Report
	in, out             [protocol.NumTypes]int
	events              map[string]int // bytes by event of the original
	eventsIn, eventsOut int
	queueMode           QueueReport
	inQueueMode         bool
	delay               *hdrhistogram.Histogram
	latency             *hdrhistogram.Histogram
	rtt                 *hdrhistogram.Histogram
	slack               *hdrhistogram.Histogram
	interval            *hdrhistogram.Histogram

	firstStep, last time.Duration
	steps           int
	sum, squares    float64 // of intervals, ms
	queue           int
	warning         string
	resumes         uint32 // frame + 1 with which play goes on after a pause; 0 for none
	meters          meters
}

func (s *stats) init() {
	h := func() *hdrhistogram.Histogram { return hdrhistogram.New(1, int64(time.Minute/time.Microsecond), 2) }
	s.delay, s.latency, s.rtt, s.slack, s.interval = h(), h(), h(), h(), h()
	s.report.Seat = -1
	s.events = map[string]int{}
	s.meters.init()
}

func record(h *hdrhistogram.Histogram, d time.Duration) {
	// Out of range happens to measurements across a sleeping computer; the ends of the range say
	// as much as can be said.
	v := min(max(d.Microseconds(), 1), h.HighestTrackableValue())
	if err := h.RecordValue(v); err != nil {
		panic(err) // v is inside the range
	}
}

func (s *stats) seat(m *sim.Match, seat int) {
	s.report.Seat, s.report.Agent = seat, "spectator"
	if seat >= 0 {
		s.report.Agent = m.Spec().Agents[seat]
	}
	s.report.Env = m.Spec().Name
}

func (s *stats) begin() { s.steps, s.sum, s.squares, s.resumes = 0, 0, 0, 0 }

// resumed notes that an announced pause is over and with which frame play goes on: the interval before
// it is the pause's length, not play's. Frames of before the pause may still be waiting then.
func (s *stats) resumed(frame uint32) { s.resumes = frame + 1 }

func (s *stats) step(now time.Duration, frame uint32) {
	if s.resumes != 0 && frame+1 >= s.resumes && s.steps > 0 {
		s.resumes = 0
		gap := now - s.last - session.FrameTime(1)
		s.firstStep += gap // pauses do not count in steps_per_s
		s.last += gap
	}
	if s.steps > 0 {
		d := now - s.last
		record(s.interval, d)
		s.meters.step(d)
		ms := float64(d) / float64(time.Millisecond)
		s.sum += ms
		s.squares += ms * ms
		if d > stallLimit {
			s.report.Stalls.Count++
			s.report.Stalls.MS += ms - 1000.0/session.FrameRate
		}
	} else {
		s.firstStep = now
	}
	s.last = now
	s.steps++
}

// sent counts a message of a type of ours, or of an event of the original.
func (s *stats) sent(t protocol.Type, name string, n int) {
	if name == "" {
		s.out[t] += n
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
		record(s.rtt, e.Dur)
	case session.EventInputDelay:
		record(s.delay, e.Dur)
	case session.EventLatency:
		record(s.latency, e.Dur)
	case session.EventSlack:
		record(s.slack, e.Dur)
	case session.EventSubstituted:
		s.report.Substituted++
	case session.EventQueue:
		s.queue += e.N
		s.report.Queue.Max = max(s.report.Queue.Max, e.N)
	case session.EventVerified:
		s.report.Verified++
		if e.Mask != 0 {
			s.report.Desyncs++
		}
	case session.EventWarning:
		s.warning = e.Text
		if e.Text != "" {
			s.report.LinkWarnings++
		}
	case session.EventLoaded:
		s.report.Resyncs++
	case session.EventRewound:
		s.report.Rewinds++
	case session.EventReturned:
		s.report.Reconnects++
	case session.EventPaused:
		s.report.Pauses++
	case session.EventStateSent:
		s.queueMode.StatesSent++
	case session.EventStateTaken:
		if e.Text != "" {
			s.queueMode.StatesRefused++
		} else {
			s.queueMode.StatesTaken++
		}
	case session.EventAsked:
		s.queueMode.Requests++
	case session.EventMissing:
		s.queueMode.Missing++
	case session.EventInvalid:
		s.queueMode.Invalid++
	case session.EventDefect:
		s.queueMode.Defects = append(s.queueMode.Defects, e.Text)
	case session.EventEnd:
		s.report.End, s.report.EndText = e.Code.String(), e.Text
	}
}

// imported notes what a full state has changed.
func (s *stats) imported(in *session.Imported) {
	if in.Err == nil && !in.Changed {
		s.queueMode.Needless++
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

// Report returns what was measured so far.
func (c *Client) Report() Report {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &c.stats
	r := s.report
	r.Room = c.scene.room
	r.Frames = c.scene.frame
	r.InputDelay, r.Latency = percentiles(s.delay), percentiles(s.latency)
	r.RTT, r.Slack = percentiles(s.rtt), percentiles(s.slack)
	r.Bytes = Bytes{ByType: map[string]int{}, In: s.eventsIn, Out: s.eventsOut}
	for name, n := range s.events {
		r.Bytes.ByType[name] = n
	}
	if s.inQueueMode {
		q := s.queueMode
		q.Defects = append([]string{}, q.Defects...)
		r.QueueMode = &q
		r.Resyncs = q.StatesSent + q.StatesTaken
	}
	for t := range s.in {
		r.Bytes.In += s.in[t]
		r.Bytes.Out += s.out[t]
		if n := s.in[t] + s.out[t]; n > 0 {
			r.Bytes.ByType[protocol.Type(t).String()] = n
		}
	}
	if s.steps > 1 {
		n := float64(s.steps - 1)
		elapsed := (s.last - s.firstStep).Seconds()
		if elapsed > 0 {
			r.StepsPerS = round(n / elapsed)
		}
		mean := s.sum / n
		r.Queue.Avg = round(float64(s.queue) / float64(s.steps))
		r.Interval = Interval{P50: ms(s.interval.ValueAtQuantile(50)), P99: ms(s.interval.ValueAtQuantile(99)),
			Stddev: round(math.Sqrt(max(0, s.squares/n-mean*mean)))}
	}
	if r.Verified > 0 {
		r.DesyncRate = float64(r.Desyncs) / float64(r.Verified)
	}
	if r.Frames > 0 {
		r.SyncsPerMin = round(float64(r.Resyncs) * 60 * session.FrameRate / float64(r.Frames))
	}
	r.Stalls.MS = round(r.Stalls.MS)
	r.Rewards = map[string]float64{}
	if c.scene.spec != nil {
		for i, a := range c.scene.spec.Agents {
			r.Rewards[a] = c.scene.scores[i]
		}
	}
	return r
}

func percentiles(h *hdrhistogram.Histogram) Percentiles {
	if h.TotalCount() == 0 {
		return Percentiles{}
	}
	return Percentiles{P50: ms(h.ValueAtQuantile(50)), P95: ms(h.ValueAtQuantile(95)), P99: ms(h.ValueAtQuantile(99)), N: h.TotalCount()}
}

func ms(us int64) float64 { return round(float64(us) / 1000) }

func round(v float64) float64 { return math.Round(v*100) / 100 }
