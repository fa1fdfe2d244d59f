// Package original plays a match with clients of the original system: it goes by their rules (Follow), puts a
// match's state into their field names and takes one over from there (Exchange), and reads what the
// metadata of their games mean (Room, Seed). Only the environments of originalStates can be said that way.
package original

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"sort"

	"tandem/env"
	"tandem/game/sim"
	"tandem/netcode/original/peer"
	"tandem/netcode/original/wire"
)

// originalFields maps the fields of one environment's state to the original's keys.
type originalFields struct {
	fields map[string]originalField
	// constant are keys that the original sends and that never change.
	constant map[string]any
	// hold names the field that counts how long the ball still hangs after a serve, which the
	// original leaves out, and holdFrames how long it does.
	holdFrames int
}

// originalField is where a key's value is in our state.
type originalField struct {
	section, field string
	flag           [2]string // texts of 0 and 1; empty for a number
}

// The original's state of Slime Volleyball has 32 keys. It leaves out the step, the hold, lives, the
// ball's speed factor, the generator and what the agents see.
var slimeOriginal = func() originalFields {
	o := originalFields{fields: map[string]originalField{}, constant: map[string]any{
		"ball_r": 0.5, "ball_c": []int{217, 79, 0},
		"agent_left_dir": -1, "agent_left_r": 1.5, "agent_left_c": []int{35, 93, 188},
		"agent_right_dir": 1, "agent_right_r": 1.5, "agent_right_c": []int{255, 236, 0},
	}, holdFrames: 30}
	for _, f := range []string{"x", "y", "prev_x", "prev_y", "vx", "vy"} {
		o.fields["ball_"+f] = originalField{section: "ball", field: f}
	}
	for _, side := range []string{"left", "right"} {
		for key, field := range map[string]string{"x": "x", "y": "y", "vx": "vx", "vy": "vy", "desired_vx": "desired_vx", "desired_vy": "desired_vy",
			"powerups_available": "boost_stock", "powered_up_timer": "boost_timer"} {
			o.fields["agent_"+side+"_"+key] = originalField{section: side, field: field}
		}
		o.fields["agent_"+side+"_emotion"] = originalField{section: side, field: "sad", flag: [2]string{"happy", "sad"}}
	}
	return o
}()

// originalStates are the environments whose state the original's field names can say.
var originalStates = map[string]*originalFields{"slime": &slimeOriginal}

// rules are how the original goes from episode to episode: one generator for all of them, built with seed,
// which every further episode continues, and no hold between them. Its game seed reaches nothing.
type rules struct{ seed uint64 }

// restarter is an environment that can begin an episode and go on with its generator.
type restarter interface{ Restart() }

func (r rules) First(e env.Env) { e.Reset(r.seed) }

func (r rules) Next(e env.Env) { e.(restarter).Restart() } // Follow has looked

// Follow makes a match go by the original's rules from its next Reset on. seed is what its environment's
// generator is built with.
func Follow(m *sim.Match, seed uint64) error {
	if _, ok := m.Env().(restarter); !ok || originalStates[m.Spec().Name] == nil {
		return fmt.Errorf("%s cannot be played with clients of the original system: they know slime", m.Spec().Name)
	}
	m.Follow(rules{seed})
	return nil
}

// Exchange writes and reads full states in the original's field names. Where all players are ours,
// the complete state stands beside them.
type Exchange struct {
	match *sim.Match
	names *originalFields
	keys  []string // cumulative_rewards' keys by seat
	ours  bool
	seed  uint32

	base struct { // the last state sent or taken over, which the next may be built on
		ok       bool
		mark     uint32
		env      map[string]json.RawMessage
		rewards  string
		snapshot []byte
	}
}

// NewExchange returns one for a match whose players are called keys, by seat. An environment that the
// original's names cannot say is refused.
func NewExchange(m *sim.Match, players []wire.PID, ours bool, seed uint32) (*Exchange, error) {
	x := &Exchange{match: m, names: originalStates[m.Spec().Name], ours: ours, seed: seed}
	if x.names == nil {
		return nil, fmt.Errorf("%s has no state in the original's field names: queue mode plays slime", m.Spec().Name)
	}
	for _, p := range players {
		x.keys = append(x.keys, p.String())
	}
	return x, nil
}

// originalState is the full state as it is on the wire.
type originalState struct {
	Episode *int64                     `json:"episode_num"`
	Step    *int64                     `json:"step_num"`
	Frame   *int64                     `json:"frame_number"`
	Rewards map[string]float64         `json:"cumulative_rewards,omitempty"`
	RNG     []uint32                   `json:"numpy_rng_state,omitempty"`
	Env     map[string]json.RawMessage `json:"env_state,omitempty"`
	Tandem  *tandemState               `json:"tandem,omitempty"`
}

// tandemState is what peers of ours add: the complete state, or what is different from the last one.
type tandemState struct {
	Mark  uint32  `json:"mark"`
	State string  `json:"state,omitempty"` // base64
	Base  *uint32 `json:"base,omitempty"`  // the mark of the state that Diff is built on
	Diff  string  `json:"diff,omitempty"`  // base64; see appendDiff
}

// Export returns the state for a CommandExport of a frame.
func (x *Exchange) Export(at uint32, o *peer.Order) []byte {
	m := x.match
	current, _ := m.Episode()
	episode, step, frame := int64(current), int64(m.EpisodeStep()), int64(at)
	s := originalState{Episode: &episode, Step: &step, Frame: &frame, Rewards: map[string]float64{}, Env: x.envState()}
	for i, key := range x.keys {
		s.Rewards[key] = m.Scores()[i]
	}
	whole := s.Env
	snapshot := m.AppendState(nil)
	delta := x.ours && o.Delta && x.base.ok && len(snapshot) == len(x.base.snapshot)
	if delta {
		s.Env = map[string]json.RawMessage{}
		for key, v := range whole {
			if string(x.base.env[key]) != string(v) {
				s.Env[key] = v
			}
		}
		base := x.base.mark
		s.Tandem = &tandemState{Mark: o.Mark, Base: &base, Diff: base64.RawStdEncoding.EncodeToString(appendDiff(nil, x.base.snapshot, snapshot))}
		if fmt.Sprint(s.Rewards) == x.base.rewards { // maps print in the order of their keys
			s.Rewards = nil
		}
	} else {
		s.RNG = numpyKey(x.seed)
		if x.ours {
			s.Tandem = &tandemState{Mark: o.Mark, State: base64.RawStdEncoding.EncodeToString(snapshot)}
		}
	}
	data, err := json.Marshal(&s)
	if err != nil {
		panic(err) // finite numbers and texts: SetState and Step let nothing else in
	}
	x.keep(o.Mark, whole, snapshot)
	return data
}

func (x *Exchange) keep(mark uint32, state map[string]json.RawMessage, snapshot []byte) {
	b := &x.base
	b.ok, b.mark, b.env, b.snapshot = true, mark, state, snapshot
	rewards := map[string]float64{}
	for i, key := range x.keys {
		rewards[key] = x.match.Scores()[i]
	}
	b.rewards = fmt.Sprint(rewards)
}

// Import takes a full state over. What does not fit is refused and leaves the match as it was.
func (x *Exchange) Import(data []byte) (in peer.Imported) {
	in.Done = true
	var s originalState
	if in.Err = json.Unmarshal(data, &s); in.Err != nil {
		in.Err = fmt.Errorf("the host's state cannot be read: %w", in.Err)
		return in
	}
	if s.Frame == nil || s.Step == nil || s.Episode == nil || *s.Frame < 0 || *s.Frame > maxOriginalFrame {
		in.Err = fmt.Errorf("the host's state lacks episode_num, step_num or frame_number, or they are out of range")
		return in
	}
	in.Frame = uint32(*s.Frame)
	before := x.match.Env().AppendState(nil)
	if x.ours && s.Tandem != nil {
		in.Whole, in.Mark = true, s.Tandem.Mark
		in.NoBase, in.Err = x.importOurs(&s)
	} else {
		in.Err = x.importOriginal(&s)
	}
	if in.Err == nil {
		in.Changed = string(before) != string(x.match.Env().AppendState(nil))
	}
	return in
}

// maxOriginalFrame is half a year of play.
const maxOriginalFrame = 1 << 29

func (x *Exchange) importOurs(s *originalState) (noBase bool, err error) {
	var snapshot []byte
	text := s.Tandem.State
	if s.Tandem.Base != nil {
		text = s.Tandem.Diff
	}
	raw, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return false, fmt.Errorf("the host's state beside the original's fields cannot be read: %w", err)
	}
	if snapshot = raw; s.Tandem.Base != nil {
		if !x.base.ok || x.base.mark != *s.Tandem.Base {
			return true, fmt.Errorf("the host's state is built on state %d, which is not here", *s.Tandem.Base)
		}
		if snapshot, err = applyDiff(x.base.snapshot, raw); err != nil {
			return false, err
		}
	}
	if err := x.match.SetState(snapshot); err != nil {
		return false, err
	}
	x.keep(s.Tandem.Mark, x.envState(), snapshot)
	return false, nil
}

// importOriginal takes over what an original host sends. What its state lacks stays as it is here.
func (x *Exchange) importOriginal(s *originalState) error {
	m := x.match
	step, episode := *s.Step, *s.Episode
	if !m.Has(episode, step) {
		return fmt.Errorf("the host's state is of step %d of episode %d, which this game does not have", step, episode)
	}
	scores := make([]float64, len(x.keys))
	for i, key := range x.keys {
		v, ok := s.Rewards[key]
		if !ok || math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("the host's state has no reward of %q", key)
		}
		scores[i] = v + 0
	}
	state, err := x.patched(s, step)
	if err != nil {
		return err
	}
	return m.Replace(state, episode, step, scores)
}

// envState is the environment's state in the original's names.
func (x *Exchange) envState() map[string]json.RawMessage {
	state := x.match.Env().AppendState(nil)
	out := map[string]json.RawMessage{}
	put := func(key string, v any) {
		b, err := json.Marshal(v)
		if err != nil {
			panic(err) // finite numbers and texts
		}
		out[key] = b
	}
	for key, v := range x.names.constant {
		put(key, v)
	}
	for key, f := range x.names.fields {
		v := readField(x.match.Spec().Sections, state, f.section, f.field)
		if f.flag[0] != "" {
			put(key, f.flag[int(v)])
		} else {
			put(key, v)
		}
	}
	return out
}

// patched is the own environment's state with the host's values in it.
func (x *Exchange) patched(s *originalState, step int64) ([]byte, error) {
	sections := x.match.Spec().Sections
	state := x.match.Env().AppendState(nil)
	keys := make([]string, 0, len(x.names.fields))
	for key := range x.names.fields {
		keys = append(keys, key)
	}
	sort.Strings(keys) // of several faults always the same is named
	for _, key := range keys {
		raw, ok := s.Env[key]
		if !ok {
			return nil, fmt.Errorf("the host's state has no %s", key)
		}
		f := x.names.fields[key]
		var v float64
		var err error
		if f.flag[0] != "" {
			var word string
			err = json.Unmarshal(raw, &word)
			if v = 0; word == f.flag[1] {
				v = 1
			}
		} else {
			err = json.Unmarshal(raw, &v)
		}
		if err == nil {
			err = writeField(sections, state, f.section, f.field, v)
		}
		if err != nil {
			return nil, fmt.Errorf("the host's state: %s: %w", key, err)
		}
	}
	// The hold is not in the original's state. With one life per episode there is one serve, at its
	// start, so the step tells how much of the hold is left. What the agents see is as old as the world.
	hold := 0.0
	at := func(field string) float64 { return readField(sections, state, "ball", field) }
	if at("x") == 0 && at("prev_x") == 0 && at("y") == at("prev_y") && step < int64(x.names.holdFrames) {
		hold = float64(int64(x.names.holdFrames) - step)
	}
	for _, f := range []struct {
		section, field string
		v              float64
	}{{"clock", "frame", float64(step)}, {"clock", "hold", hold}} {
		if err := writeField(sections, state, f.section, f.field, f.v); err != nil {
			return nil, err
		}
	}
	clearSection(sections, state, "seen")
	return state, nil
}

// locate finds a single field in a state that the environment has written.
func locate(sections []env.Section, state []byte, section, field string) (b []byte, kind env.FieldKind) {
	for _, s := range sections {
		payload, rest, _ := env.NextSection(state)
		state = rest
		if s.Name != section {
			continue
		}
		for _, f := range s.Fields {
			n := f.Kind.Size() * max(f.Count, 1)
			if f.Name == field {
				return payload[:n], f.Kind
			}
			payload = payload[n:]
		}
	}
	panic("no field " + section + "." + field) // the tests know every one
}

func readField(sections []env.Section, state []byte, section, field string) float64 {
	b, kind := locate(sections, state, section, field)
	r := env.NewReader(b)
	switch kind {
	case env.U8:
		return float64(r.U8())
	case env.U32:
		return float64(r.U32())
	case env.I32:
		return float64(r.I32())
	}
	return r.F64()
}

func writeField(sections []env.Section, state []byte, section, field string, v float64) error {
	b, kind := locate(sections, state, section, field)
	switch kind {
	case env.F64:
		env.AppendF64(b[:0], v)
		return nil
	case env.U8:
		if v != math.Trunc(v) || v < 0 || v > math.MaxUint8 {
			return fmt.Errorf("%v is not a whole number from 0 to %d", v, math.MaxUint8)
		}
		b[0] = uint8(v)
		return nil
	}
	if v != math.Trunc(v) || v < 0 || v > math.MaxInt32 {
		return fmt.Errorf("%v is not a whole number from 0 to %d", v, math.MaxInt32)
	}
	for i := range b {
		b[i] = byte(uint32(v) >> (8 * i))
	}
	return nil
}

func clearSection(sections []env.Section, state []byte, section string) {
	for _, s := range sections {
		payload, rest, _ := env.NextSection(state)
		state = rest
		if s.Name == section {
			clear(payload)
		}
	}
}

// numpyKey is the state that numpy.random.seed(seed) gives the legacy generator: MT19937's
// initialisation (Matsumoto and Nishimura 2002, init_genrand). The original sends it with every full
// state. Slime Volleyball draws nothing from it.
func numpyKey(seed uint32) []uint32 {
	key := make([]uint32, 624)
	key[0] = seed
	for i := 1; i < len(key); i++ {
		key[i] = 1812433253*(key[i-1]^key[i-1]>>30) + uint32(i)
	}
	return key
}
