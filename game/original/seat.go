package original

import (
	"log/slog"
	"time"

	"tandem/env"
	"tandem/game/client"
	"tandem/game/sim"
	"tandem/netcode/original/peer"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/replica"
	"tandem/netcode/transport"
)

// Seat is a client's Guest on a relay of the original system: it plays one match by a peer.Peer's orders.
type Seat struct {
	*peer.Peer
	match   *sim.Match
	states  *Exchange
	record  *peer.Record
	answers peer.Answers             // for the next Update
	told    peer.Answers             // those of the present one
	actions [protocol.MaxSeats]uint8 // of the step that is played
	figures client.QueueReport
}

// NewSeat returns a seat that nobody has taken yet.
func NewSeat(cfg peer.Config) *Seat { return &Seat{Peer: peer.New(cfg)} }

// SenderOptions let every message leave by itself: the relay could not tell two in one apart.
func (s *Seat) SenderOptions() transport.SenderOptions {
	return transport.SenderOptions{BatchBytes: 1, MaxBytes: 4 << 20}
}

// Tell adds where the match stands, and what became of the last commands.
func (s *Seat) Tell(in *session.In) {
	s.told, s.answers = s.answers, peer.Answers{}
	if s.match != nil {
		s.told.Episode, _ = s.match.Episode()
		s.told.EpisodeStep = s.match.EpisodeStep()
	}
	in.Other = &s.told
}

// Reset makes a match go by the rules of those who play it.
func (s *Seat) Reset(m *sim.Match, wall func() time.Time) error {
	if !s.Ours() {
		if err := Follow(m, Seed(s.EnvironmentCode())); err != nil {
			return err
		}
	}
	states, err := NewExchange(m, s.Players(), s.Ours(), uint32(s.Peer.Seed()))
	if err != nil {
		return err
	}
	s.match, s.states = m, states
	s.figures.Original = !s.Ours()
	s.record = peer.NewRecord(len(m.Spec().Agents))
	m.OnStep(func(r *env.StepResult) {
		episode, _ := m.Episode()
		s.record.Add(s.actions[:], r.Rewards, r.Terminated, r.Truncated, episode, m.EpisodeStep(), wall().UnixMilli())
	})
	return nil
}

// Execute exports the match's state, or replaces it by the host's.
func (s *Seat) Execute(cmd *replica.Command) (replaced bool) {
	switch cmd.Kind {
	case replica.CommandStep:
		s.actions = cmd.Actions
	case peer.CommandExport:
		s.answers.Exported = s.states.Export(cmd.Frame, cmd.Other.(*peer.Order))
	case peer.CommandImport:
		in := s.states.Import(cmd.Other.(*peer.Order).Data)
		if s.answers.Imported = in; in.Err == nil && !in.Changed {
			s.figures.Needless++
		}
		return true
	}
	return false
}

// Event counts what only queue mode tells, and encodes the record when the relay wants it.
func (s *Seat) Event(e *session.Event, log *slog.Logger) (answers bool) {
	f := &s.figures
	switch e.Kind {
	case peer.EventUpload:
		if s.record != nil {
			data, kept := s.record.Encode(s.Who())
			if lost := s.record.Len() - kept; lost > 0 {
				log.Warn("the game's record is too long for the relay: its last steps are not uploaded", "steps", lost)
			}
			s.answers.Upload = data
			return true
		}
	case peer.EventDefect:
		f.Defects = append(f.Defects, e.Text)
		log.Info("the other side brings a defect of the original", "what", e.Text)
	case peer.EventAsked:
		f.Requests++
		log.Info("full state asked for", "frame", e.Frame, "reason", e.Text)
	case peer.EventStateSent:
		f.StatesSent++
	case peer.EventStateTaken:
		if e.Text == "" {
			f.StatesTaken++
			break
		}
		f.StatesRefused++
		log.Warn("the host's state was refused", "frame", e.Frame, "reason", e.Text)
	case peer.EventMissing:
		f.Missing++
	case peer.EventInvalid:
		f.Invalid++
	}
	return false
}

// Figures is what was counted since NewSeat.
func (s *Seat) Figures() *client.QueueReport {
	if s.match == nil {
		return nil
	}
	f := s.figures
	f.Defects = append([]string{}, f.Defects...)
	return &f
}
