package sim

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/zeebo/xxh3"

	"tandem/env"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
)

// Match plays one room's match. It is not safe for concurrent use.
type Match struct {
	env      env.Env
	spec     *env.Spec
	limit    uint32 // frames, 0 for the episodes
	episodes int

	seed    uint64
	begun   bool
	frame   uint32 // frames passed
	episode int
	step    int // steps of this episode
	hold    int // frames still to pass without a step
	over    bool
	scores  []float64  // rewards summed over the match, per agent
	current []float64  // over this episode
	last    []float64  // over the episode before
	scorer  env.Scorer // nil where people count rewards
	won     []float64  // what people have counted in the episodes that have ended; nil without scorer
	counted []float64

	fresh   bool // the environment was reset after the last frame: nothing to move from
	actions []int
	buf     []byte
	rules   Rules                 // nil for ours
	onStep  func(*env.StepResult) // told what a step answered, before anything is reset; nil for nobody
}

// NewMatch makes the environment that the room's options name. An environment this program lacks,
// another version of it, or options it does not have are refused in words.
func NewMatch(cfg *options.Config) (*Match, error) {
	opts, err := env.ParseOptions(strings.Fields(cfg.EnvOptions))
	if err != nil {
		return nil, err
	}
	e, err := env.New(cfg.Env, opts)
	if err != nil {
		return nil, err
	}
	spec := e.Spec()
	if spec.Version != cfg.EnvVersion {
		return nil, fmt.Errorf("the room plays version %d of %s, this program has version %d: update the older one", cfg.EnvVersion, cfg.Env, spec.Version)
	}
	if len(spec.Agents) != cfg.Players || len(spec.Actions) != cfg.Actions || spec.Default != int(cfg.DefaultAction) {
		return nil, fmt.Errorf("the room's %s has %d seats and %d actions, this program's has %d and %d: update the older one",
			cfg.Env, cfg.Players, cfg.Actions, len(spec.Agents), len(spec.Actions))
	}
	if spec.FPS != session.FrameRate {
		return nil, fmt.Errorf("%s runs at %d steps per second, sessions at %d", cfg.Env, spec.FPS, session.FrameRate)
	}
	n := len(spec.Agents)
	m := &Match{env: e, spec: spec, limit: cfg.Frames, episodes: spec.Episodes,
		scores: make([]float64, n), current: make([]float64, n), last: make([]float64, n), actions: make([]int, n)}
	if s, ok := e.(env.Scorer); ok {
		m.scorer, m.won = s, make([]float64, n)
	}
	return m, nil
}

// Configure fills the room options that follow from an environment and its options.
func Configure(cfg *options.Config, name string, opts env.Options) (*env.Spec, error) {
	e, err := env.New(name, opts)
	if err != nil {
		return nil, err
	}
	spec := e.Spec()
	cfg.Env, cfg.EnvVersion = spec.Name, spec.Version
	cfg.EnvOptions = env.CanonicalOptions(spec.Options)
	cfg.Players, cfg.Actions, cfg.DefaultAction = len(spec.Agents), len(spec.Actions), uint8(spec.Default)
	// Where a key press is one action, a repeated one is a step that nobody asked for.
	cfg.Population = options.PreviousAction
	if spec.Input == env.Keystroke {
		cfg.Population = options.DefaultAction
	}
	clear(cfg.OneShot[:])
	for a, act := range spec.Actions {
		if act.OneShot {
			cfg.SetOneShot(uint8(a))
		}
	}
	return spec, nil
}

// Env returns the environment; it must only be looked at.
func (m *Match) Env() env.Env { return m.env }

// Spec returns the environment's description.
func (m *Match) Spec() *env.Spec { return m.spec }

// OnStep lets f see what every step of the environment answers, before anything is reset.
func (m *Match) OnStep(f func(*env.StepResult)) { m.onStep = f }

// Begun reports whether Reset was called.
func (m *Match) Begun() bool { return m.begun }

// Frame returns how many frames have passed.
func (m *Match) Frame() uint32 { return m.frame }

// Limit returns the length of the match in frames, or 0 when its episodes decide.
func (m *Match) Limit() uint32 { return m.limit }

// Episode returns the current episode, from 0, and how many there will be.
func (m *Match) Episode() (current, total int) { return m.episode, m.episodes }

// EpisodeStep returns how many steps the current episode has had.
func (m *Match) EpisodeStep() int { return m.step }

// Holding reports whether the match is between two episodes.
func (m *Match) Holding() bool { return m.hold > 0 }

// Fresh reports whether the environment was reset after the last frame, so that its picture has
// nothing to do with the one before.
func (m *Match) Fresh() bool { return m.fresh }

// Scores returns each agent's rewards summed over the match. The slice is the match's own.
func (m *Match) Scores() []float64 { return m.scores }

// AppendPoints appends each agent's score over the match as people count it: the sum of the rewards,
// unless the environment counts otherwise (env.Scorer). A state that was loaded does not tell that of
// the episodes before it; they count for who came out ahead, with the difference.
func (m *Match) AppendPoints(dst []float64) []float64 {
	if m.scorer == nil {
		return append(dst, m.scores...)
	}
	first := len(dst)
	dst = m.scorer.AppendScore(dst)
	for i, v := range m.won {
		dst[first+i] += v
	}
	return dst
}

// recount counts the episodes that a loaded state does not tell of. now is each agent's share of the
// scores that this episode has brought.
func (m *Match) recount(now []float64) {
	for i := range m.won {
		m.won[i] = max(0, m.scores[i]-now[i])
	}
}

// LastScores returns each agent's rewards of the episode before this one.
func (m *Match) LastScores() []float64 { return m.last }

// EpisodeSeed derives an episode's seed from the room's: the finaliser of splitmix64 (Steele, Lea,
// Flood 2014) over both, so that neighbouring episodes and rooms have nothing in common.
func EpisodeSeed(room uint64, episode int) uint64 {
	x := room + uint64(episode)*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Reset begins the match.
func (m *Match) Reset(seed uint64) {
	m.seed, m.begun, m.over, m.fresh = seed, true, false, true
	m.frame, m.episode, m.step, m.hold = 0, 0, 0, 0
	clear(m.scores)
	clear(m.current)
	clear(m.last)
	clear(m.won)
	if m.rules != nil {
		m.rules.First(m.env)
		return
	}
	m.env.Reset(EpisodeSeed(m.seed, 0))
}

// Step passes one frame. Frames after the end change nothing: everybody ends with the same one.
func (m *Match) Step(c *replica.Command) {
	if m.over {
		return
	}
	m.frame++
	m.fresh = false
	if m.hold > 0 {
		m.hold--
	} else {
		m.stepEnv(c)
	}
	if m.limit > 0 {
		m.over = m.frame >= m.limit
	}
}

func (m *Match) stepEnv(c *replica.Command) {
	for i := range m.actions {
		m.actions[i] = int(c.Actions[i])
	}
	r := m.env.Step(m.actions)
	m.step++
	if m.onStep != nil {
		m.onStep(r)
	}
	for i, v := range r.Rewards {
		m.scores[i] += v
		m.current[i] += v
	}
	if !r.Done() {
		return
	}
	if m.limit == 0 && m.episode+1 >= m.episodes {
		m.over = true // the last picture stays
		return
	}
	if m.scorer != nil {
		m.counted = m.AppendPoints(m.counted[:0])
		copy(m.won, m.counted)
	}
	m.episode++
	m.step = 0
	copy(m.last, m.current)
	clear(m.current)
	m.fresh = true
	if m.rules != nil {
		m.rules.Next(m.env)
		return
	}
	m.hold = m.spec.HoldFrames
	m.env.Reset(EpisodeSeed(m.seed, m.episode))
}

// Rules are another way to go from episode to episode than by seeds that follow from the match's.
type Rules interface {
	First(env.Env)
	Next(env.Env)
}

// Follow makes the match go by other rules from its next Reset on, without a hold between episodes.
func (m *Match) Follow(r Rules) { m.rules = r }

// Has reports whether the match has a step of an episode.
func (m *Match) Has(episode, step int64) bool {
	return step >= 0 && (m.spec.MaxSteps == 0 || step <= int64(m.spec.MaxSteps)) &&
		episode >= 0 && (m.limit > 0 || episode < int64(m.episodes)) && episode <= math.MaxInt32
}

// Replace puts the match where a player of another system says that it is: at a step of an episode, with
// these scores and this state of the environment. What does not fit is refused and changes nothing.
func (m *Match) Replace(state []byte, episode, step int64, scores []float64) error {
	if !m.Has(episode, step) {
		return fmt.Errorf("the state is of step %d of episode %d, which this match does not have", step, episode)
	}
	if err := m.env.SetState(state); err != nil {
		return err
	}
	copy(m.scores, scores)
	if m.scorer != nil { // of the rewards in this episode nothing is told
		m.counted = m.scorer.AppendScore(m.counted[:0])
		m.recount(m.counted)
	}
	m.episode, m.step, m.hold, m.over, m.fresh = int(episode), int(step), 0, false, true
	return nil
}

// Over reports whether the match has ended by its own rules, and after how many frames.
func (m *Match) Over() (frames uint32, over bool) { return m.frame, m.over }

// matchSection is the section that a match's state has in front of the environment's.
func (m *Match) matchSection() env.Section {
	n := len(m.spec.Agents)
	return env.Section{Name: "match", Fields: []env.Field{
		{Name: "frame", Kind: env.U32}, {Name: "episode", Kind: env.U32}, {Name: "step", Kind: env.U32},
		{Name: "hold", Kind: env.U16}, {Name: "over", Kind: env.U8}, {Name: "seed", Kind: env.U64},
		{Name: "scores", Kind: env.F64, Count: n}, {Name: "current", Kind: env.F64, Count: n}, {Name: "last", Kind: env.F64, Count: n},
	}}
}

// Sections names the parts of the state in their order: "match", then the environment's.
func (m *Match) Sections() []env.Section {
	return append([]env.Section{m.matchSection()}, m.spec.Sections...)
}

// AppendState appends the complete state: the match's own section, then the environment's.
func (m *Match) AppendState(buf []byte) []byte {
	buf, mark := env.BeginSection(buf)
	buf = binary.LittleEndian.AppendUint32(buf, m.frame)
	buf = binary.LittleEndian.AppendUint32(buf, uint32(m.episode))
	buf = binary.LittleEndian.AppendUint32(buf, uint32(m.step))
	buf = binary.LittleEndian.AppendUint16(buf, uint16(m.hold))
	over := byte(0)
	if m.over {
		over = 1
	}
	buf = append(buf, over)
	buf = binary.LittleEndian.AppendUint64(buf, m.seed)
	for _, list := range [][]float64{m.scores, m.current, m.last} {
		for _, v := range list {
			buf = env.AppendF64(buf, v)
		}
	}
	buf = env.EndSection(buf, mark)
	return m.env.AppendState(buf)
}

// SetState replaces the state by one that AppendState wrote for a match of the same room. What does
// not fit is refused and leaves the match as it was.
func (m *Match) SetState(data []byte) error {
	payload, rest, ok := env.NextSection(data)
	want := m.matchSection().Size()
	if !ok || len(payload) != want {
		return fmt.Errorf("state of a match of %s: section \"match\" has %d bytes, want %d", m.spec.Name, len(payload), want)
	}
	r := env.NewReader(payload)
	frame, episode, step, hold, over, seed := r.U32(), r.U32(), r.U32(), r.U16(), r.U8(), r.U64()
	if !m.possible(frame, episode, step, hold, over) {
		return fmt.Errorf("state of a match of %s: section \"match\" holds values that cannot be", m.spec.Name)
	}
	n := len(m.spec.Agents)
	sums := make([]float64, 3*n)
	for i := range sums {
		sums[i] = r.F64()
		// AppendState writes no negative zero.
		if math.IsNaN(sums[i]) || math.IsInf(sums[i], 0) || (sums[i] == 0 && math.Signbit(sums[i])) {
			return fmt.Errorf("state of a match of %s: a score is not a number that play leads to", m.spec.Name)
		}
	}
	if err := m.env.SetState(rest); err != nil {
		return err
	}
	m.frame, m.episode, m.step, m.hold = frame, int(episode), int(step), int(hold)
	m.over, m.seed, m.begun, m.fresh = over == 1, seed, true, true
	copy(m.scores, sums)
	copy(m.current, sums[n:])
	copy(m.last, sums[2*n:])
	m.recount(m.current)
	return nil
}

// possible reports whether play can lead to these counters.
func (m *Match) possible(frame, episode, step uint32, hold uint16, over uint8) bool {
	switch {
	case over > 1, int(hold) > m.spec.HoldFrames, hold > 0 && (step > 0 || episode == 0), step > frame:
		return false
	case m.spec.MaxSteps > 0 && int64(step) > int64(m.spec.MaxSteps):
		return false
	case m.limit > 0:
		return frame <= m.limit && (over == 1) == (frame == m.limit)
	}
	return int64(episode) < int64(m.episodes) && (over == 0 || int64(episode) == int64(m.episodes)-1 && hold == 0)
}

// Hash returns the hash of the state: xxh3-64 over all of it, and 32 bits of it per section.
func (m *Match) Hash() replica.Hash {
	m.buf = m.AppendState(m.buf[:0])
	return HashState(m.buf)
}

// Hashed returns the state that the latest Hash was of, valid until the next one.
func (m *Match) Hashed() []byte { return m.buf }

// HashState hashes state bytes, per section and in total.
func HashState(state []byte) replica.Hash {
	h := replica.Hash{Total: xxh3.Hash(state)}
	for rest := state; len(rest) > 0 && h.Count < len(h.Sections); h.Count++ {
		payload, r, ok := env.NextSection(rest)
		if !ok {
			break
		}
		h.Sections[h.Count] = uint32(xxh3.Hash(payload))
		rest = r
	}
	return h
}
