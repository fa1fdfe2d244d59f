package sim

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"tandem/env"
	"tandem/netcode/recording"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
)

// hashMemory is for how many frames the hashes of the states played are remembered: a relay's
// recording has a frame's hashes when the last seat has reported, seconds later.
const hashMemory = 4096

// Replay plays a recording again, record by record, and compares every recorded hash with that of
// the state it arrives at itself.
type Replay struct {
	// Header is the recording's.
	Header *recording.Header
	// Frame is the frame played by the last Next; valid while Played.
	Frame FrameResult
	// Played says that the last Next played a frame of the match. A relay's recording goes on for
	// some frames behind a match's end; those are not played.
	Played bool
	// Check is what the hashes have said so far.
	Check Check
	// Holes are the frames that the recording has left out so far.
	Holes Holes

	r        *recording.Reader
	match    *Match
	begun    bool
	sections []env.Section
	hashes   []replica.Hash // ring, by frame
	known    []bool
}

// FrameResult is one frame of a match as every peer played it. The slices belong to the Replay.
type FrameResult struct {
	Frame       uint32
	Episode     int // from 0
	Step        int // of the episode, from 1; 0 while Holding
	Holding     bool
	Actions     []uint8
	Substituted uint16
	Rewards     []float64
	Terminated  []bool
	Truncated   []bool
	Infos       [][]float64 // of each agent, in the order of the Spec
}

// Check is the outcome of comparing hashes.
type Check struct {
	Frames    int // played
	Compared  int // hashes
	Different int
	First     *Difference // the first that was recorded
	Unknown   int         // hashes of frames that were not played here
}

// Difference is a recorded hash that the state played again does not have.
type Difference struct {
	Frame    uint32
	Seat     int      // whose hash it was; recording.NoSeat for none
	Sections []string // that differ, by name; none when only the total was recorded
	Recorded uint64
	Played   uint64
	Loaded   bool // it is a snapshot that was loaded, not a hash
}

// String says it in words.
func (d *Difference) String() string {
	who := "the recorded state"
	if d.Seat >= 0 {
		who = fmt.Sprintf("the state of seat %d", d.Seat)
	}
	if d.Loaded {
		who = "the snapshot that was loaded"
	}
	where := ""
	switch len(d.Sections) {
	case 0:
	case 1:
		where = fmt.Sprintf(" in section %q", d.Sections[0])
	default:
		where = fmt.Sprintf(" in sections %q", d.Sections)
	}
	return fmt.Sprintf("after frame %d %s differs%s from the one that its actions lead to (hash %016x, want %016x)", d.Frame, who, where, d.Recorded, d.Played)
}

// NewReplay begins to play a recording. An environment that this program lacks, or has in another
// version, is refused in words.
func NewReplay(r *recording.Reader) (*Replay, error) {
	cfg, err := options.ParseConfig(r.Header.Options)
	if err != nil {
		return nil, fmt.Errorf("the recording's room options: %w", err)
	}
	if cfg.Players != len(r.Header.Seats) {
		return nil, fmt.Errorf("the recording is damaged: its room has %d seats, its header names %d", cfg.Players, len(r.Header.Seats))
	}
	m, err := NewMatch(&cfg)
	if err != nil {
		return nil, err
	}
	n := cfg.Players
	p := &Replay{Header: r.Header, r: r, match: m, sections: m.Sections(), hashes: make([]replica.Hash, hashMemory), known: make([]bool, hashMemory)}
	p.Frame = FrameResult{Actions: make([]uint8, n), Rewards: make([]float64, n), Terminated: make([]bool, n), Truncated: make([]bool, n)}
	for range n {
		p.Frame.Infos = append(p.Frame.Infos, make([]float64, len(m.spec.Infos)))
	}
	return p, nil
}

// Next reads and plays one record: io.EOF after the last, a *recording.Damage where the file is cut
// off or damaged.
func (p *Replay) Next() (*recording.Record, error) {
	p.Played = false
	rec, err := p.r.Next()
	if err != nil {
		return nil, err
	}
	p.Holes.Record(rec)
	switch rec.Kind {
	case recording.KindReset:
		p.match.Reset(rec.Seed)
		p.begun = true
		clear(p.known)
	case recording.KindBundle:
		err = p.play(rec)
	case recording.KindSnapshot:
		err = p.load(rec)
	case recording.KindHash:
		p.compare(rec)
	}
	return rec, err
}

func (p *Replay) play(rec *recording.Record) error {
	if !p.begun {
		return errors.New("the recording has a frame before its match begins")
	}
	if _, over := p.match.Over(); over {
		return nil
	}
	if p.match.Frame() != rec.Frame {
		return fmt.Errorf("the recording has frame %d where frame %d is due", rec.Frame, p.match.Frame())
	}
	for i, a := range rec.Actions[:len(p.Frame.Actions)] {
		if int(a) >= len(p.match.spec.Actions) {
			return fmt.Errorf("the recording has action %d in frame %d, which %s does not have", a, rec.Frame, p.match.spec.Name)
		}
		p.Frame.Actions[i] = a
	}
	f := &p.Frame
	f.Frame, f.Substituted = rec.Frame, rec.Substituted
	f.Episode, f.Step, f.Holding = p.match.episode, 0, p.match.hold > 0
	clear(f.Rewards)
	clear(f.Terminated)
	clear(f.Truncated)
	for _, list := range f.Infos {
		clear(list)
	}
	p.match.onStep = func(r *env.StepResult) {
		f.Step = p.match.step
		copy(f.Rewards, r.Rewards)
		copy(f.Terminated, r.Terminated)
		copy(f.Truncated, r.Truncated)
		for i, list := range r.Infos {
			copy(f.Infos[i], list)
		}
	}
	p.match.Step(&replica.Command{Kind: replica.CommandStep, Frame: rec.Frame, Actions: rec.Actions, Substituted: rec.Substituted})
	p.Played = true
	p.Check.Frames++
	p.remember(rec.Frame, p.match.Hash())
	return nil
}

func (p *Replay) remember(frame uint32, h replica.Hash) {
	h.Frame = frame
	p.hashes[frame%hashMemory], p.known[frame%hashMemory] = h, true
}

// load goes on from a snapshot. Where the frame before it was played here, the snapshot must be the
// state that this has led to.
func (p *Replay) load(rec *recording.Record) error {
	loaded := HashState(rec.State)
	if h, ok := p.hashOf(rec.Frame); ok && h.Total != loaded.Total {
		p.differ(&Difference{Frame: rec.Frame, Seat: p.Header.Seat, Recorded: loaded.Total, Played: h.Total, Loaded: true,
			Sections: p.differing(h, &loaded)})
	}
	if err := p.match.SetState(rec.State); err != nil {
		return fmt.Errorf("the recording's snapshot of frame %d cannot be loaded: %w", rec.Frame, err)
	}
	if p.match.Frame() != rec.Frame+1 {
		return fmt.Errorf("the recording's snapshot of frame %d is one of frame %d", rec.Frame, int64(p.match.Frame())-1)
	}
	p.begun = true
	clear(p.known)
	p.remember(rec.Frame, loaded)
	return nil
}

func (p *Replay) hashOf(frame uint32) (*replica.Hash, bool) {
	h := &p.hashes[frame%hashMemory]
	return h, p.known[frame%hashMemory] && h.Frame == frame
}

func (p *Replay) compare(rec *recording.Record) {
	h, ok := p.hashOf(rec.Frame)
	if !ok {
		p.Check.Unknown++
		return
	}
	p.Check.Compared++
	recorded := replica.Hash{Total: rec.Hash.Total, Sections: rec.Hash.Sections, Count: rec.Hash.Count}
	var sections []string
	if recorded.Count > 0 {
		sections = p.differing(h, &recorded)
	}
	if recorded.Total != h.Total || len(sections) > 0 {
		p.differ(&Difference{Frame: rec.Frame, Seat: rec.Seat, Sections: sections, Recorded: recorded.Total, Played: h.Total})
	}
}

func (p *Replay) differ(d *Difference) {
	p.Check.Different++
	if p.Check.First == nil || d.Frame < p.Check.First.Frame {
		p.Check.First = d
	}
}

// differing names the sections whose hashes differ.
func (p *Replay) differing(a, b *replica.Hash) (names []string) {
	for i := range max(a.Count, b.Count) {
		if i < a.Count && i < b.Count && a.Sections[i] == b.Sections[i] {
			continue
		}
		names = append(names, SectionName(p.sections, i))
	}
	return names
}

// SectionName returns the name of a state's section, also of one that there should not be.
func SectionName(sections []env.Section, i int) string {
	if i < len(sections) {
		return sections[i].Name
	}
	return "section " + strconv.Itoa(i)
}

// Verify plays a recording to its end. The error says why it cannot be played any further; a file
// that is cut off, or not proven to be whole, is played as far as it goes and reported by cut.
func (p *Replay) Verify() (cut *recording.Damage, err error) {
	for {
		_, err := p.Next()
		var d *recording.Damage
		switch {
		case err == io.EOF:
			return nil, nil
		case errors.As(err, &d) && d.Partial:
			return d, nil
		case err != nil:
			return nil, err
		}
	}
}
