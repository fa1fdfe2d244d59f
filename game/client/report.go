package client

import (
	"cmp"
	"math"
	"time"

	"tandem/game/words"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
)

// Report is what one seat measured, in the layout of tandem-peer's JSON report. Times are
// milliseconds. Where a room has played several matches, every figure is of all of them; FinalHash, End and
// EndText are the last one's of which a frame was played.
type Report struct {
	Seat         int                `json:"seat"`
	Agent        string             `json:"agent"`
	Transport    string             `json:"transport,omitempty"` // what its small messages travelled by last: websocket, quic, webtransport
	Room         string             `json:"room"`
	Alone        bool               `json:"alone,omitempty"` // every other seat was a bot of the same program, without a network
	Env          string             `json:"env"`
	Seed         uint64             `json:"seed,string"` // the room's
	Frames       uint32             `json:"frames"`
	StepsPerS    float64            `json:"steps_per_s"`
	Desyncs      int                `json:"desyncs"`
	Resyncs      int                `json:"resyncs"`          // repairs of a state that differed; what a late joiner is sent is none
	DesyncRate   float64            `json:"desync_rate"`      // share of compared hashes that differed
	SyncsPerMin  float64            `json:"syncs_per_minute"` // resyncs, per minute of play
	Verified     int                `json:"hashes_verified"`
	Delay        string             `json:"delay"`          // the room's option, as it was last
	Executed     int                `json:"executed"`       // own inputs that were stepped as they were given
	Substituted  int                `json:"substituted"`    // that came too late, and were replaced
	Absent       int                `json:"absent"`         // frames that were played while this player was cut off
	LongestRun   int                `json:"longest_run"`    // of replaced inputs, in frames
	Exceeded     int                `json:"delay_exceeded"` // executed inputs that took longer than the frames that the room has fixed
	OthersLost   int                `json:"others_substituted"`
	OthersInputs int                `json:"others_inputs"` // all of them
	Stalls       Stalls             `json:"stalls"`
	InputDelay   Percentiles        `json:"input_delay_ms"`
	Latency      Percentiles        `json:"action_latency_ms"`
	RTT          Percentiles        `json:"rtt_ms"`
	Slack        Percentiles        `json:"slack_ms"`
	Waterfall    *Waterfall         `json:"waterfall_ms,omitempty"`
	Bytes        Bytes              `json:"bytes"`
	Queue        Queue              `json:"queue_depth"`
	Interval     Interval           `json:"frame_interval_ms"`
	Rewards      map[string]float64 `json:"rewards"`
	FinalHash    string             `json:"final_hash"`
	End          string             `json:"end"`
	EndText      string             `json:"end_text"`
	LinkWarnings int                `json:"link_warnings"`
	BusyWarnings int                `json:"busy_warnings"` // this computer was too slow for play
	StoodStill   int                `json:"stood_still"`   // times that this program did not run for a quarter second or more, as in a computer that sleeps
	Overslept    Percentiles        `json:"overslept_ms"`  // how much later than due this computer ran the program
	Reconnects   int                `json:"reconnects"`
	Pauses       int                `json:"pauses"`
	Rewinds      int                `json:"rewinds"`
	Matches      int                `json:"matches"` // ended, with the room staying for another
	QueueMode    *QueueReport       `json:"queue_mode,omitempty"`
	Verdict      Verdict            `json:"verdict"`

	words *words.Language // of its sentences; nil: English
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

// Title names the seat.
func (r *Report) Title() string {
	return r.language().Seat(r.Seat, r.Agent)
}

func (r *Report) language() *words.Language { return cmp.Or(r.words, words.English) }

// Inputs is how many own inputs there were to execute.
func (r *Report) Inputs() int { return r.Executed + r.Substituted + r.Absent }

// Waterfall is where the time of an own input goes, from the press to the step: the mean of each part, over
// the inputs of which all is known. The parts add up to the whole.
type Waterfall struct {
	N      int64   `json:"n"`
	Of     int64   `json:"of"`
	Sample float64 `json:"sample_wait"`
	Up     float64 `json:"uplink"`
	Others float64 `json:"waiting_for_others"`
	Down   float64 `json:"downlink"`
	Due    float64 `json:"playout_wait"`
	Timer  float64 `json:"own_timer"`
	Whole  float64 `json:"total"`
	Bound  float64 `json:"bound"` // by how much uplink and downlink may be off, one against the other
}

// Stalls counts the intervals between two steps of more than 100 ms, and what they had above a
// frame's length.
type Stalls struct {
	Count   int     `json:"count"`
	MS      float64 `json:"ms"`
	Longest float64 `json:"longest_ms"`
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
	N   int     `json:"n"`
}

// Interval is the time between two steps.
type Interval struct {
	P50    float64 `json:"p50"`
	P99    float64 `json:"p99"`
	Stddev float64 `json:"stddev"`
	N      int64   `json:"n"`
}

// Report returns what was measured so far.
func (c *Client) Report() Report {
	c.mu.Lock()
	defer c.mu.Unlock()
	delay := ""
	if c.match != nil {
		delay = c.peer.Room().Delay.String()
	}
	r := c.stats.measured(c.scene.frame, delay)
	if c.guest != nil {
		if r.QueueMode = c.guest.Figures(); r.QueueMode != nil {
			r.Resyncs = r.QueueMode.StatesSent + r.QueueMode.StatesTaken
		}
	}
	r.Room = c.scene.room
	r.Rewards = map[string]float64{}
	if c.scene.spec != nil {
		for i, a := range c.scene.spec.Agents {
			r.Rewards[a] = c.scene.scores[i]
			if i < len(c.stats.rewards) {
				r.Rewards[a] += c.stats.rewards[i]
			}
		}
	}
	r.words = c.words
	r.Verdict = r.Judge()
	return r
}

// measured is what a report has of the figures. frames is how far the match has come.
func (s *stats) measured(frames uint32, delay string) Report {
	r := s.report
	r.Frames, r.Delay = s.frames+frames, delay
	s.figures(&r)
	r.Bytes = Bytes{ByType: map[string]int{}, In: s.eventsIn, Out: s.eventsOut}
	for name, n := range s.events {
		r.Bytes.ByType[name] = n
	}
	for t := range s.in {
		r.Bytes.In += s.in[t]
		r.Bytes.Out += s.out[t]
		if n := s.in[t] + s.out[t]; n > 0 {
			r.Bytes.ByType[protocol.Type(t).String()] = n
		}
	}
	if s.intervals > 0 {
		n := float64(s.intervals)
		if s.elapsed > 0 {
			r.StepsPerS = round(n / s.elapsed.Seconds())
		}
		mean := s.sum / n
		r.Queue.Avg = round(float64(s.queue) / float64(max(s.queued, 1)))
		r.Queue.N = s.queued
		r.Interval = Interval{P50: s.interval.at(0.5), P99: s.interval.at(0.99),
			Stddev: round(math.Sqrt(max(0, s.squares/n-mean*mean))), N: s.interval.n()}
	}
	if r.Verified > 0 {
		r.DesyncRate = float64(r.Desyncs) / float64(r.Verified)
	}
	if r.Frames > 0 {
		r.SyncsPerMin = round(float64(r.Resyncs) * 60 * session.FrameRate / float64(r.Frames))
	}
	r.Stalls.MS = round(r.Stalls.MS)
	return r
}

// figures fills in the distributions.
func (s *stats) figures(r *Report) {
	inputs := int64(r.Inputs())
	r.InputDelay, r.Slack = s.delay.percentiles(inputs), s.slack.lowTail(inputs)
	r.Latency = s.latency.percentiles(int64(r.OthersInputs))
	r.Latency.bounded = !s.unbounded
	if r.Latency.Bounded() { // and what a percentile is read too long by
		r.Latency.Bound = round(millis(s.bound) + r.Latency.P99*distShare + 0.02)
	}
	r.RTT, r.Overslept = s.rtt.percentiles(s.pings), s.overslept.percentiles(0)
	if s.paths == 0 {
		return
	}
	mean := func(d time.Duration) float64 { return round(millis(d) / float64(s.paths)) }
	p := &s.path
	w := Waterfall{N: s.paths, Of: inputs, Sample: mean(p.Sample), Up: mean(p.Up), Others: mean(p.Others), Down: mean(p.Down),
		Due: mean(p.Due), Timer: mean(p.Timer), Bound: mean(s.pathBound)}
	w.Whole = round(w.Sample + w.Up + w.Others + w.Down + w.Due + w.Timer)
	r.Waterfall = &w
}
