package session_test

import (
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/replica"
)

// told is what a peer that comes back is told of the match, and what it makes of that.
type told struct {
	start protocol.Start
	line  bool // on the line that it has
	kept  uint32
	event session.EventKind // none: 0
}

// What a peer has played holds as far as the relay says so; only what does not is said to be undone. On a line
// that has not broken, and while a state is awaited that was promised before, nothing more can be undone.
func TestWhatHolds(t *testing.T) {
	const from = 400
	ahead := protocol.Start{Epoch: 1, Seed: 1, From: from, Snapshot: true}
	kept := func(n uint32, epoch uint8) protocol.Start {
		s := ahead
		s.Kept, s.Epoch = n, epoch
		return s
	}
	for name, list := range map[string][]told{
		"all of it":                       {{kept(10, 1), false, 10, 0}},
		"after a restart of the relay":    {{kept(10, 2), false, 10, 0}},
		"not all of it":                   {{kept(6, 2), false, 6, session.EventRewound}},
		"nothing of it":                   {{kept(0, 2), false, 0, session.EventRewound}},
		"more than it has":                {{kept(999, 1), false, 10, 0}},
		"begun again on its line":         {{ahead, true, 10, session.EventRebuilt}},
		"before the state has come":       {{kept(10, 1), false, 10, 0}, {ahead, false, 10, 0}},
		"on its line, before it has come": {{kept(6, 2), false, 6, session.EventRewound}, {kept(0, 2), true, 6, 0}},
		"restarted before it has come":    {{kept(10, 1), false, 10, 0}, {kept(0, 2), false, 0, 0}},
		"all of it again":                 {{protocol.Start{Epoch: 2, Seed: 1}, false, 0, session.EventRewound}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSteadyPeer(t, 2)
			for range 10 {
				s.play()
			}
			s.now += 100 * ms // the last of them is due, too
			s.peer.Update(session.In{Now: s.now, Prepared: true})
			for i, c := range list {
				if !c.line {
					s.back(t)
				}
				c.start.Close = s.now.Microseconds()
				s.now += ms
				out := s.peer.Update(session.In{Now: s.now, Messages: [][]byte{protocol.Append(nil, &c.start)}, Prepared: true})
				if n := len(out.Commands); n != 1 || out.Commands[0].Kind != replica.CommandReset || out.Commands[0].Kept != c.kept || out.Commands[0].Frame != c.start.From {
					t.Errorf("start %d: ordered %+v, want a reset that keeps %d", i, out.Commands, c.kept)
				}
				found := session.EventKind(0)
				for _, e := range out.Events {
					if e.Kind == session.EventRewound || e.Kind == session.EventRebuilt {
						found = e.Kind
						if e.Kind == session.EventRewound && e.Frame != c.kept {
							t.Errorf("start %d: undone from frame %d on, want %d", i, e.Frame, c.kept)
						}
					}
				}
				if found != c.event {
					t.Errorf("start %d: told as event %d, want %d", i, found, c.event)
				}
			}
		})
	}
}

// back breaks the line and makes another, up to where the relay tells of the match.
func (s *steadyPeer) back(t *testing.T) {
	t.Helper()
	s.now += time.Second
	s.peer.CutOff(s.now, protocol.CodeGone, "gone")
	s.now += time.Second
	s.peer.Connected(s.now)
	for _, m := range [][]byte{
		protocol.Append(nil, &protocol.Welcome{Magic: protocol.Magic, Version: protocol.Version}),
		protocol.Append(nil, &protocol.HostElected{Room: "r", Seed: 1, Token: []byte{1}, Options: []string{"env=fold", "actions=7", "players=2", "frames=100000000"}}),
	} {
		s.now += ms
		s.peer.Update(session.In{Now: s.now, Messages: [][]byte{m}, Prepared: true})
	}
	if s.peer.State() != session.PeerPlaying {
		t.Fatalf("the peer that comes back is in state %d: %+v", s.peer.State(), s.peer.End())
	}
}
