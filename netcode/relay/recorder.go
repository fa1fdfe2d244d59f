package relay

import (
	"fmt"
	"log/slog"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/recording"
	"tandem/netcode/session"
)

// Recorder writes what a room decides into recordings, one per match. Bundles and hashes are all it
// needs, so the relay knows no game for it. It belongs to the room's goroutine and never waits.
type Recorder struct {
	// Open makes the file of a match; it is called on another goroutine and may take its time.
	Open func(*recording.Header) (recording.File, error)
	// Program is the relay's name and version.
	Program string
	// Wall is the clock on the wall.
	Wall func() time.Time
	// Log is told once per recording that goes wrong.
	Log *slog.Logger

	w     *recording.Writer
	epoch uint8
	over  bool             // the match in w
	told  []session.Holder // whose the seats are, as it is written
}

// Update records what an Update of the room has decided.
func (r *Recorder) Update(now time.Duration, room *session.Room, out *session.RoomOut) {
	for i := range out.Events {
		r.event(now, room, &out.Events[i])
	}
	if r.w == nil {
		return
	}
	r.bundles(now, room, room.Frames(), 0)
	for i := range out.Hashes {
		h := &out.Hashes[i]
		if h.Hash.Epoch == r.epoch {
			r.w.Hash(now, h.Hash.Frame, h.Seat, &recording.Hash{Total: h.Hash.Total, Sections: h.Hash.Sections, Count: h.Hash.Count})
		}
	}
	r.w.Tick(now)
	if out.Over {
		r.Close()
	}
}

func (r *Recorder) event(now time.Duration, room *session.Room, e *session.RoomEvent) {
	if e.Kind == session.RoomStarted || r.w == nil && e.Kind == session.RoomClosed {
		r.begin(now, room)
	}
	if r.w == nil {
		return
	}
	switch e.Kind {
	case session.RoomClosed:
		r.bundles(now, room, e.Frame+1, time.Duration(e.N)*100*time.Microsecond)
	case session.RoomSeated:
		r.holders(now, room)
	case session.RoomPaused:
		r.w.Note(now, recording.NotePause, e.Frame, e.Seat, "")
	case session.RoomResumed:
		r.w.Note(now, recording.NoteResume, e.Frame, recording.NoSeat, "")
	case session.RoomDesync:
		r.w.Desync(now, e.Frame, e.Mask, e.Sections)
	case session.RoomEnded, session.RoomMatchOver:
		r.bundles(now, room, room.Frames(), 0)
		r.w.End(now, e.Code, e.Frame, e.Text)
		r.over = true
	}
}

// holders records whose the seats are when that has changed.
func (r *Recorder) holders(now time.Duration, room *session.Room) {
	if r.over {
		return // they sit down for the next match
	}
	for i := range r.told {
		if h := room.Holder(i); h.Name != "" && h != r.told[i] {
			r.told[i] = h
			r.w.Note(now, recording.NoteHolder, h.Since, i, h.Name)
		}
	}
}

// begin starts the recording of a match. One that was before is over.
func (r *Recorder) begin(now time.Duration, room *session.Room) {
	r.Close()
	r.w, r.over, r.told = nil, false, r.told[:0]
	cfg := room.Config()
	h := &recording.Header{Program: r.Program, Protocol: protocol.Version, Owner: recording.OwnerRelay, Seat: recording.NoSeat,
		Room: room.Code(), Seed: room.Seed(), Env: cfg.Env, EnvVersion: cfg.EnvVersion, EnvOptions: cfg.EnvOptions,
		Options: cfg.Words(), Began: r.Wall().UTC()}
	for i := range cfg.Players {
		s := recording.Seat{}
		if room.Holder(i).Since == 0 {
			s.Name = room.Holder(i).Name
		}
		h.Seats = append(h.Seats, s)
		r.told = append(r.told, session.Holder{Name: s.Name})
	}
	log := r.Log
	w, err := recording.Start(func() (recording.File, error) { return r.Open(h) }, h, now, func(err error) { log.Warn(err.Error()) })
	if err != nil {
		log.Error("no recording", "error", err)
		return
	}
	r.w, r.epoch = w, room.Epoch()
	w.Reset(now, r.epoch, room.MatchSeed())
}

// bundles writes the frames before end that are not written yet. hold is that of the last one.
func (r *Recorder) bundles(now time.Duration, room *session.Room, end uint32, hold time.Duration) {
	for f := r.w.Next(); f < end; f++ {
		b, ok := room.Log(f)
		switch {
		case !ok && f == 0:
			r.w.Stop("the relay was started in mid-match and nobody told it the match's beginning; the players' recordings have it")
			return
		case !ok:
			r.w.Stop(fmt.Sprintf("the relay does not have frame %d, which comes next", f))
			return
		}
		by := time.Duration(0)
		if f+1 == end {
			by = hold
		}
		r.w.Bundle(now, b.Actions[:], b.Substituted, b.Flags&^protocol.FlagHold, by)
	}
}

// Close ends the recording. Done tells when it is on the disk.
func (r *Recorder) Close() {
	if r.w != nil {
		r.w.Close()
	}
}

// Done is closed once the latest recording is complete; nil when there is none.
func (r *Recorder) Done() <-chan struct{} {
	if r.w == nil {
		return nil
	}
	return r.w.Done()
}
