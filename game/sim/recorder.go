package sim

import (
	"cmp"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/recording"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/session/roster"
)

// Recorder writes what a peer executes, hears and measures into a recording. It belongs to the
// goroutine that runs the peer and never waits for the disk. The methods of a nil Recorder do
// nothing.
type Recorder struct {
	// Open makes the file; it is called on another goroutine and may take its time.
	Open func(*recording.Header) (recording.File, error)
	// Program is the program's name and version.
	Program string
	// Wall is the clock on the wall.
	Wall func() time.Time
	// Trouble is told, from another goroutine, when there is no recording or it cannot go on.
	Trouble func(error)

	w      *recording.Writer
	epoch  uint8
	seed   uint64          // of the match
	told   []roster.Holder // whose the seats are, as it is written
	delays [8]delayOf      // that are not written yet; more frames than one Update steps
	end    session.Event   // how the match ended, as long as that is due
	due    bool            // end is to be written, behind the frames of its Update
	over   bool            // the end of this match is written
}

// Player is what a recording asks of whatever decides for its seat: a session.Peer, or who plays alone.
type Player interface {
	Room() *options.Config
	Code() string
	Seat() int
	Roster() []protocol.RosterEntry
	Holder(seat int) roster.Holder
	Seed() uint64      // the room's
	MatchSeed() uint64 // of the match that is on
	Epoch() uint8
	Frame() uint32 // that is stepped next
}

// delayOf is an own input's delay until its frame is written.
type delayOf struct {
	frame    uint32 // + 1
	dur      time.Duration
	exceeded bool
}

// Describe says what a peer is in the middle of, for a recording or a report.
func Describe(p Player, m *Match, program string, now time.Time) *recording.Header {
	cfg, roster := p.Room(), p.Roster()
	h := &recording.Header{Program: program, Protocol: protocol.Version, Owner: recording.OwnerSeat, Seat: p.Seat(),
		Room: p.Code(), Seed: p.Seed(), Env: cfg.Env, EnvVersion: cfg.EnvVersion, EnvOptions: cfg.EnvOptions,
		Options: cfg.Words(), Began: now.UTC()}
	if h.Seat < 0 {
		h.Owner, h.Seat = recording.OwnerSpectator, recording.NoSeat
	}
	for i, agent := range m.spec.Agents {
		s := recording.Seat{Agent: agent}
		// Who came later is told as it happens: all recordings of a match have the same beginning.
		if i < len(roster) && p.Holder(i).Since == 0 {
			s.Name = cmp.Or(p.Holder(i).Name, roster[i].Name)
		}
		h.Seats = append(h.Seats, s)
	}
	return h
}

// begin starts the recording with the first thing there is to record.
func (r *Recorder) begin(now time.Duration, p Player, m *Match) bool {
	if r.w != nil {
		return true
	}
	if r.Open == nil {
		return false
	}
	h := Describe(p, m, r.Program, r.Wall())
	open := r.Open
	w, err := recording.Start(func() (recording.File, error) { return open(h) }, h, now, r.Trouble)
	if err != nil {
		r.Open = nil
		r.Trouble(err)
		return false
	}
	r.w = w
	r.told = r.told[:0]
	for _, s := range h.Seats {
		r.told = append(r.told, roster.Holder{Name: s.Name})
	}
	return true
}

// holders records whose the seats are when that has changed.
func (r *Recorder) holders(now time.Duration, p Player) {
	if p.MatchSeed() != r.seed {
		return // they sit down for another match than the one that is written
	}
	for i := range r.told {
		if h := p.Holder(i); h.Name != "" && h != r.told[i] {
			r.told[i] = h
			r.w.Note(now, recording.NoteHolder, h.Since, i, h.Name)
		}
	}
}

// Reset records that a match begins.
func (r *Recorder) Reset(now time.Duration, p Player, m *Match, c *replica.Command) {
	if r == nil || !r.begin(now, p, m) {
		return
	}
	r.finish(now) // the match before
	r.over = false
	if kept := min(c.Kept, c.Frame); kept > 0 { // what follows comes again from c.Frame on
		r.w.Note(now, recording.NoteKept, kept, recording.NoSeat, "")
	}
	r.epoch = p.Epoch()
	r.w.Reset(now, r.epoch, c.Seed)
	if r.seed != 0 && c.Seed != r.seed {
		r.seated(now, p)
	}
	r.seed = c.Seed
}

// seated records who has the seats of a match that follows another, where they are not those who had them then.
func (r *Recorder) seated(now time.Duration, p Player) {
	for i, old := range r.told {
		r.told[i] = roster.Holder{}
		if h := p.Holder(i); h.Since == 0 {
			r.told[i] = h
		}
		if r.told[i].Name != old.Name {
			r.w.Note(now, recording.NoteHolder, 0, i, r.told[i].Name)
		}
	}
}

// Load records that the match has gone on from a snapshot: state is the one after frame.
func (r *Recorder) Load(now time.Duration, p Player, m *Match, frame uint32, state []byte) {
	if r == nil || !r.begin(now, p, m) {
		return
	}
	r.sameEpoch(now, p)
	r.w.Snapshot(now, frame, state)
}

func (r *Recorder) sameEpoch(now time.Duration, p Player) {
	if e := p.Epoch(); e != r.epoch {
		r.epoch = e
		r.w.Epoch(now, e)
	}
}

// Step records a frame that the match has just stepped.
func (r *Recorder) Step(now time.Duration, p Player, m *Match, c *replica.Command) {
	if r == nil || r.w == nil {
		return
	}
	r.sameEpoch(now, p)
	r.holders(now, p)
	flags := uint8(0)
	if c.Hash {
		flags = protocol.FlagHash
	}
	r.w.Bundle(now, c.Actions[:], c.Substituted, flags, c.Hold)
	if d := &r.delays[c.Frame%uint32(len(r.delays))]; d.frame == c.Frame+1 {
		r.w.Delay(now, c.Frame, d.dur, d.exceeded)
	}
	switch {
	case m.over && m.limit == 0:
		r.w.Episode(now, c.Frame, m.episode)
	case m.fresh:
		r.w.Episode(now, c.Frame, m.episode-1)
	}
}

// Hash records the hash of the own state.
func (r *Recorder) Hash(now time.Duration, seat int, h *replica.Hash) {
	if r != nil && r.w != nil {
		r.w.Hash(now, h.Frame, seat, &recording.Hash{Total: h.Total, Sections: h.Sections, Count: h.Count})
	}
}

// Event records what the peer tells, before or after the commands of the same Update.
func (r *Recorder) Event(now time.Duration, p Player, e *session.Event) {
	if r == nil {
		return
	}
	if e.Kind == session.EventInputDelay && (r.w == nil || e.Frame >= r.w.Next()) { // its frame comes yet
		r.delays[e.Frame%uint32(len(r.delays))] = delayOf{e.Frame + 1, e.Dur, e.N != 0}
		return
	}
	if r.w == nil {
		return
	}
	switch e.Kind {
	case session.EventInputDelay:
		r.w.Delay(now, e.Frame, e.Dur, e.N != 0)
	case session.EventLatency:
		r.w.Latency(now, e.Frame, e.Seat, e.Dur)
	case session.EventVerified:
		if e.Mask != 0 {
			r.w.Desync(now, e.Frame, e.Mask, e.Sections)
		}
	case session.EventDelay:
		r.w.Note(now, recording.NoteOption, e.Frame, recording.NoSeat, "delay="+e.Text)
	case session.EventPaused:
		r.w.Note(now, recording.NotePause, p.Frame(), e.Seat, e.Text)
	case session.EventResumed:
		r.w.Note(now, recording.NoteResume, e.Frame, recording.NoSeat, "")
	case session.EventCutOff:
		r.w.Note(now, recording.NoteCutOff, p.Frame(), recording.NoSeat, e.Text)
	case session.EventReturned:
		r.w.Note(now, recording.NoteReturned, p.Frame(), recording.NoSeat, "")
	case session.EventMatchOver, session.EventEnd:
		// A match ends once, whether its room stays for another or not; how the room ends then is no part
		// of it. A spectator is told of the end together with the last frames, which come first.
		if !r.over && !r.due {
			r.holders(now, p)
			r.end, r.due = *e, true
		}
	}
}

// finish writes the end of the match, where that is due.
func (r *Recorder) finish(now time.Duration) {
	if r.due {
		r.due, r.over = false, true
		r.w.End(now, r.end.Code, r.end.Frame, r.end.Text)
	}
}

// Tick lets what is old enough go to the disk. Call it after every Update's events and commands, and at
// least once a second.
func (r *Recorder) Tick(now time.Duration) {
	if r != nil && r.w != nil {
		r.finish(now)
		r.w.Tick(now)
	}
}

// Close ends the recording and returns what tells when it is on the disk: nil when there is nothing
// to wait for.
func (r *Recorder) Close() <-chan struct{} {
	if r == nil || r.w == nil {
		return nil
	}
	r.w.Close()
	return r.w.Done()
}
