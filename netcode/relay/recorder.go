package relay

import (
	"fmt"
	"log/slog"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/recording"
	"tandem/netcode/session"
	"tandem/netcode/session/roster"
)

// Recorder writes what a room decides into recordings, one per match. Bundles and hashes are all it
// needs, so the relay knows no game for it. It belongs to the room's goroutine and never waits.
//
// A recording begins with the first frame of a match that two players have had a part in (one, where there
// is one seat only), and holds the match from its beginning. So rooms that somebody makes and leaves cost
// no file. A bot that somebody brings is a player like any other: a relay cannot tell, and a match of bots is
// an experiment. What was played before is written little by little.
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
	over  bool            // the match in w
	told  []roster.Holder // whose the seats are, as it is written

	quota  uint32             // how many frames this Update may still write
	behind bool               // it had to leave some out
	hashes []session.SeatHash // of frames that may not be written yet
}

// catchUp is how many frames one Update writes: under a millisecond of work, and two minutes of play.
const catchUp = 4096

// Update records what an Update of the room has decided.
func (r *Recorder) Update(now time.Duration, room *session.Room, out *session.RoomOut) {
	r.quota = catchUp
	if out.Over {
		r.quota = room.Frames() // there is no other Update
	}
	for i := range out.Events {
		r.event(now, room, &out.Events[i])
	}
	if r.w == nil {
		return
	}
	r.bundles(now, room, room.Frames(), 0)
	r.hashes = append(r.hashes, out.Hashes...)
	if !r.behind {
		r.compared(now)
	}
	r.w.Tick(now)
	if out.Over {
		r.Close()
	}
}

// compared writes the hashes that seats have told, behind the frames that they are of.
func (r *Recorder) compared(now time.Duration) {
	for i := range r.hashes {
		h := &r.hashes[i]
		if h.Hash.Epoch == r.epoch {
			r.w.Hash(now, h.Hash.Frame, h.Seat, &recording.Hash{Total: h.Hash.Total, Sections: h.Hash.Sections, Count: h.Hash.Count})
		}
	}
	r.hashes = r.hashes[:0]
}

func (r *Recorder) event(now time.Duration, room *session.Room, e *session.RoomEvent) {
	switch {
	case e.Kind == session.RoomStarted:
		r.Close()
		r.w, r.over, r.behind, r.hashes = nil, false, false, r.hashes[:0]
	case e.Kind == session.RoomClosed && r.w == nil && players(room) >= min(2, room.Config().Players):
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
		r.quota = room.Frames()
		r.bundles(now, room, room.Frames(), 0)
		r.compared(now)
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

// players is how many seats of the match have had a player.
func players(room *session.Room) (n int) {
	for i := range room.Config().Players {
		if room.Holder(i).Name != "" {
			n++
		}
	}
	return n
}

// begin starts the recording of a match.
func (r *Recorder) begin(now time.Duration, room *session.Room) {
	r.told = r.told[:0]
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
		r.told = append(r.told, roster.Holder{Name: s.Name})
	}
	log := r.Log
	w, err := recording.StartLate(func() (recording.File, error) { return r.Open(h) }, h, now, room.Frames(), func(err error) { log.Warn(err.Error()) })
	if err != nil {
		log.Error("no recording", "error", err)
		return
	}
	r.w, r.epoch = w, room.Epoch()
	w.Reset(now, r.epoch, room.MatchSeed())
}

// bundles writes the frames before end that are not written yet, as many as the Update may. hold is that of
// the last one.
func (r *Recorder) bundles(now time.Duration, room *session.Room, end uint32, hold time.Duration) {
	for f := r.w.Next(); f < end; f++ {
		if r.quota == 0 {
			r.behind = true
			return
		}
		r.quota--
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
	r.behind = false
}

// Close ends the recording. Done tells when it is on the disk.
func (r *Recorder) Close() {
	if r.w != nil {
		if r.behind {
			r.w.Stop("the relay gave the room up before all that was played had been written")
		}
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
