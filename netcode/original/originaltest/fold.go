package originaltest

import (
	"encoding/json"
	"fmt"

	"tandem/netcode/original/peer"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
)

// Fold is Fold with episodes and full states. Its state survives an episode's end, so that a
// difference stays until a full state removes it.
type Fold struct {
	*sessiontest.Fold
	Episodes int // episodes of Limit frames each

	episode, step int
	total         uint32
	Exports       int
	Imports       int
}

// NewFold returns a game of so many episodes of limit frames.
func NewFold(seats, actions int, limit uint32, episodes int, seed uint64) *Fold {
	return &Fold{Fold: sessiontest.NewFold(seats, actions, limit, seed), Episodes: episodes}
}

// Reset begins the match.
func (f *Fold) Reset(seed uint64) {
	f.Fold.Reset(seed)
	f.episode, f.step, f.total = 0, 0, 0
}

// Step folds one action vector into the state, whatever number the frame has.
func (f *Fold) Step(c *replica.Command) {
	for _, a := range c.Actions[:f.Seats] {
		f.State = sessiontest.Mix(f.State ^ uint64(a))
	}
	f.total++
	f.step++
	if f.step == int(f.Limit) && f.episode+1 < f.Episodes {
		f.episode, f.step = f.episode+1, 0
	}
}

// Over ends the match after its last episode.
func (f *Fold) Over() (uint32, bool) {
	return f.total, f.episode+1 == f.Episodes && f.step >= int(f.Limit)
}

// Where tells the episode and its steps.
func (f *Fold) Where() (episode, step int) { return f.episode, f.step }

type foldState struct {
	Episode int    `json:"episode_num"`
	Step    int    `json:"step_num"`
	Frame   uint32 `json:"frame_number"`
	Total   uint32 `json:"total"`
	Tandem  struct {
		Mark uint32 `json:"mark"`
	} `json:"tandem"`
	State []byte `json:"state"`
}

// Export writes the full state.
func (f *Fold) Export(_ *peer.Peer, frame uint32, o *peer.Order) []byte {
	f.Exports++
	s := foldState{Episode: f.episode, Step: f.step, Frame: frame, Total: f.total, State: fmt.Appendf(nil, "%016x", f.State)}
	s.Tandem.Mark = o.Mark
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // numbers and bytes
	}
	return b
}

// Import takes over a full state.
func (f *Fold) Import(_ *peer.Peer, data []byte) (in peer.Imported) {
	in.Done = true
	var s foldState
	var state uint64
	if in.Err = json.Unmarshal(data, &s); in.Err == nil {
		_, in.Err = fmt.Sscanf(string(s.State), "%016x", &state)
	}
	if in.Err == nil && (s.Episode < 0 || s.Episode >= f.Episodes || s.Step < 0 || s.Step > int(f.Limit)) {
		in.Err = fmt.Errorf("episode %d, step %d: there is no such", s.Episode, s.Step)
	}
	if in.Err != nil {
		return in
	}
	f.Imports++
	in.Changed = f.State != state
	f.episode, f.step, f.total, f.State = s.Episode, s.Step, s.Total, state
	in.Frame, in.Mark, in.Whole = s.Frame, s.Tandem.Mark, true
	return in
}
