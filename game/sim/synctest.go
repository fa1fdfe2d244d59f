package sim

import (
	"bytes"
	"fmt"

	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
)

// SyncTest checks that a match is the same whenever and wherever it is played: it steps every frame
// three times from the same snapshot, twice with the match itself and once with a fresh one, and
// compares the states byte by byte. What depends on anything outside the state (a clock, a random
// source, the order of a map, a field that the snapshot lacks) shows in the frame where it happens.
type SyncTest struct {
	cfg                  options.Config
	before, first, again []byte
	frames               int
}

// NewSyncTest returns a test of matches in a room with these options.
func NewSyncTest(cfg *options.Config) *SyncTest { return &SyncTest{cfg: *cfg} }

// Frames returns how many frames were checked.
func (s *SyncTest) Frames() int { return s.frames }

// Step steps the match by one frame, as Match.Step does, and checks that frame. The error names the
// frame, the section and the value that differ first. After an error the match is of no more use.
func (s *SyncTest) Step(m *Match, c *replica.Command) error {
	if _, over := m.Over(); over {
		m.Step(c)
		return nil
	}
	frame := m.Frame()
	s.before = m.AppendState(s.before[:0])
	m.Step(c)
	s.first = m.AppendState(s.first[:0])
	fresh := m.fresh // the picture's business, which no state holds

	if err := m.SetState(s.before); err != nil {
		return fmt.Errorf("sync test: frame %d: its own snapshot cannot be loaded: %w", frame, err)
	}
	if s.again = m.AppendState(s.again[:0]); !bytes.Equal(s.again, s.before) {
		return fmt.Errorf("sync test: frame %d: a snapshot that was loaded is not what was saved: %s", frame, firstDifference(m.Sections(), s.before, s.again))
	}
	m.Step(c)
	if s.again = m.AppendState(s.again[:0]); !bytes.Equal(s.again, s.first) {
		return fmt.Errorf("sync test: frame %d, stepped again from its snapshot: %s", frame, firstDifference(m.Sections(), s.first, s.again))
	}
	m.fresh = fresh

	other, err := NewMatch(&s.cfg)
	if err != nil {
		return err
	}
	if err := other.SetState(s.before); err != nil {
		return fmt.Errorf("sync test: frame %d: its snapshot cannot be loaded into a fresh match: %w", frame, err)
	}
	other.Step(c)
	if s.again = other.AppendState(s.again[:0]); !bytes.Equal(s.again, s.first) {
		return fmt.Errorf("sync test: frame %d, stepped by a fresh match from its snapshot: %s", frame, firstDifference(m.Sections(), s.first, s.again))
	}
	s.frames++
	return nil
}
