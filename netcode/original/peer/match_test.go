package peer_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"tandem/netcode/internal/race"
	"tandem/netcode/netsim"
	"tandem/netcode/original/originaltest"
	"tandem/netcode/original/peer"
	"tandem/netcode/original/wire"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
)

const queueActions = 7

var (
	seedFlag = flag.Uint64("seed", 0, "replay this seed alone in the virtual-time tests")
	seeds    = flag.Int("seeds", 50, "how many seeds the virtual-time tests play")
)

// queueSeeds yields the seeds to play: fewer under the race detector.
func queueSeeds() []uint64 {
	if *seedFlag != 0 {
		return []uint64{*seedFlag}
	}
	n := *seeds
	switch {
	case race.Enabled:
		n = 1
	case testing.Short():
		n = min(n, 2)
	}
	list := make([]uint64, n)
	for i := range list {
		list[i] = uint64(i + 1)
	}
	return list
}

// queueScene is the metadata of a game whose players are called p0, p1 …
func queueScene(players int, sync, threshold int64, fallback string) (wire.Scene, []wire.PID) {
	var pids []wire.PID
	var mapping []wire.Field
	for i := range players {
		id := fmt.Sprintf("p%d", i)
		pids = append(pids, wire.StringPID(id))
		mapping = append(mapping, wire.Field{Key: id, Value: wire.StringValue("human")})
	}
	return wire.Scene{ID: "game", Extra: []wire.Field{
		{Key: "pyodide_multiplayer", Value: wire.BoolValue(true)},
		{Key: "policy_mapping", Value: wire.MapValue(mapping...)},
		{Key: "state_sync_frequency_frames", Value: wire.IntValue(sync)},
		{Key: "queue_resync_threshold", Value: wire.IntValue(threshold)},
		{Key: "action_population_method", Value: wire.StringValue(fallback)},
	}}, pids
}

// queueConfig is that of a peer of ours, or of one that plays as the original does.
func queueConfig(seat, delay int, ours bool, play *peer.Rules) peer.Config {
	subject := fmt.Sprintf("participant-%d", seat)
	if ours {
		subject = peer.Subject(fmt.Sprintf("player %d", seat), delay, "u"+fmt.Sprint(seat))
	}
	return peer.Config{Subject: subject, Play: play, Scene: func(s *peer.Scene) (r peer.Room, err error) {
		r.Config = options.DefaultConfig()
		r.Config.Env, r.Config.Actions, r.Config.Players = "fold", queueActions, len(s.Seats)
		r.Config.HashEvery, r.Config.Delay.Frames = max(1, s.SyncEvery), delay
		if r.Config.Population, err = s.Fallback(); err != nil {
			return r, err
		}
		for _, seat := range s.Seats {
			r.Players = append(r.Players, wire.StringPID(seat.Key))
		}
		return r, nil
	}}
}

type queueMatch struct {
	*originaltest.World
	folds []*originaltest.Fold
	// By seat and frame: the state after it, and the actions that led there.
	states  []map[uint32]uint64
	vectors []map[uint32][4]uint8
	// By seat and frame: which actions were replaced. By seat: how long an own
	// action took at most, after the first ten seconds.
	replaced []map[uint32]uint32
	own      []time.Duration
	taken    []int // full states taken over
	asked    map[string]int
	unequal  int
	invalid  int
	depth    int
}

type queueSetup struct {
	players  int
	parser   wire.Parser
	ours     []bool
	play     *peer.Rules
	delay    int
	frames   uint32
	episodes int
	lines    []originaltest.Line
	stock    originaltest.StockOptions
	sync     int64
	limit    int64
	fallback string
}

func newQueueMatch(t testing.TB, seed uint64, s queueSetup) *queueMatch {
	t.Helper()
	if s.fallback == "" {
		s.fallback = "previous_submitted_action"
	}
	if s.sync == 0 {
		s.sync = 20
	}
	if s.limit == 0 {
		s.limit = 50
	}
	if s.episodes == 0 {
		s.episodes = 1
	}
	m := &queueMatch{asked: map[string]int{}, taken: make([]int, s.players)}
	s.stock.Parser = s.parser
	s.stock.Scene, s.stock.Players = queueScene(s.players, s.sync, s.limit, s.fallback)
	m.World = originaltest.NewWorld(seed, s.stock, s.lines, func(seat int) peer.Config {
		return queueConfig(seat, s.delay, len(s.ours) == 0 || s.ours[seat], s.play)
	}, func(seat int) originaltest.Game {
		f := originaltest.NewFold(s.players, queueActions, s.frames, s.episodes, seed*31+uint64(seat))
		m.folds = append(m.folds, f)
		return f
	})
	for i, n := range m.Nodes {
		m.states = append(m.states, map[uint32]uint64{})
		m.vectors = append(m.vectors, map[uint32][4]uint8{})
		m.replaced = append(m.replaced, map[uint32]uint32{})
		m.own = append(m.own, 0)
		n.OnStep = func(_ *originaltest.Node, _ time.Duration, c *replica.Command) {
			m.states[i][c.Frame] = m.folds[i].State
			m.vectors[i][c.Frame] = [4]uint8(c.Actions[:4])
			m.replaced[i][c.Frame] = uint32(c.Substituted)
		}
		n.OnEvent = func(_ *originaltest.Node, _ time.Duration, e *session.Event) {
			switch e.Kind {
			case peer.EventStateTaken:
				if e.Text != "" {
					t.Errorf("seed %d: seat %d refused a state: %s", seed, i, e.Text)
				}
				m.taken[i]++
			case peer.EventAsked:
				m.asked[e.Text]++
			case session.EventVerified:
				if e.Mask != 0 {
					m.unequal++
				}
			case peer.EventInvalid:
				m.invalid++
			case session.EventInputDelay:
				if e.Frame > 300 {
					m.own[i] = max(m.own[i], e.Dur)
				}
			case session.EventQueue:
				m.depth = max(m.depth, e.N)
			}
		}
	}
	return m
}

func evenLine(rtt time.Duration) originaltest.Line {
	return originaltest.Line{Net: netsim.Schedule{{Spec: netsim.Spec{RTT: rtt}}}}
}

func randomQueueLine(r *rand.Rand, worst int) originaltest.Line {
	l := sessiontest.DrawLine(r)
	if worst > 0 {
		l.Net[0].Spec = netsim.Spec{RTT: time.Duration(r.IntN(worst)) * time.Millisecond}
		l.Net[0].Spec.Jitter = l.Net[0].Spec.RTT / 4
	}
	return originaltest.Line{Net: l.Net, Clock: l.Clock, Tick: l.Tick}
}

// end runs the match and checks that everybody's has ended as it should.
func (m *queueMatch) end(t *testing.T) {
	t.Helper()
	if !m.Run(time.Hour) {
		t.Fatalf("it does not end: %s", m.Describe())
	}
	for _, n := range m.Nodes {
		if e := n.Peer.End(); e.Code != 0 {
			t.Fatalf("seat %d ended with %+v (%s)", n.Index, e, m.Describe())
		}
	}
}

// Peers of ours on a line that the delay covers: every frame has every action, all states are equal,
// and nobody ever needs a full state.
func TestQueueOursOnEvenLines(t *testing.T) {
	for _, parser := range []wire.Parser{wire.JSON, wire.Msgpack} {
		for _, players := range []int{1, 2, 4} {
			lines := make([]originaltest.Line, players)
			for i := range lines {
				lines[i] = evenLine(time.Duration(20+10*i) * time.Millisecond)
				lines[i].Clock = netsim.Clock{Offset: time.Duration(i) * time.Hour, Skew: 100 * i}
			}
			m := newQueueMatch(t, 1, queueSetup{players: players, parser: parser, delay: 4, frames: 300, episodes: 3, lines: lines})
			m.end(t)
			for i := range m.Nodes {
				if m.folds[i].State != m.folds[0].State || m.taken[i] != 0 || len(m.states[i]) != 900 {
					t.Errorf("%v, %d players, seat %d: state %x, %d frames, %d full states", parser, players, i, m.folds[i].State, len(m.states[i]), m.taken[i])
				}
				for f, s := range m.states[i] {
					if s != m.states[0][f] {
						t.Fatalf("%v, %d players, seat %d: frame %d differs", parser, players, i, f)
					}
				}
			}
			if m.invalid+m.unequal+m.Relay.Bad > 0 || m.Relay.Count["pyodide_state_hash"] > 0 {
				t.Errorf("%d invalid, %d unequal, %d that the relay cannot read, %d original hashes", m.invalid, m.unequal, m.Relay.Bad, m.Relay.Count["pyodide_state_hash"])
			}
		}
	}
}

// sameFrames checks that all players stepped the same actions and had the same state after every frame,
// that nobody ever compared hashes that differed, and that nobody asked for a state.
func (m *queueMatch) sameFrames(t *testing.T, frames int) {
	t.Helper()
	for i := range m.Nodes {
		if len(m.states[i]) != frames {
			t.Errorf("seat %d stepped %d frames, not %d", i, len(m.states[i]), frames)
		}
		for f, s := range m.states[i] {
			if s != m.states[0][f] || m.vectors[i][f] != m.vectors[0][f] {
				t.Errorf("frame %d of seat %d differs: actions %v and %v", f, i, m.vectors[i][f], m.vectors[0][f])
				break
			}
		}
	}
	if m.unequal != 0 || len(m.asked) != 0 || m.invalid != 0 {
		t.Errorf("%d hashes differed, states asked for: %v, %d invalid messages", m.unequal, m.asked, m.invalid)
	}
}

// Peers of ours on lines that the delay does not cover, with stalls, slow timers and broken clocks, to
// the last frame: what comes late is replaced for everybody alike, so no frame ever differs.
func TestQueueOursNeverDiffer(t *testing.T) {
	late := 0
	for _, seed := range queueSeeds() {
		r := rand.New(rand.NewPCG(seed, 0x0905))
		lines := make([]originaltest.Line, 2+r.IntN(3))
		for i := range lines {
			lines[i] = randomQueueLine(r, 0)
			if r.IntN(3) == 0 { // a computer under heavy load
				lines[i].Late, lines[i].Slow, lines[i].SlowFor = 30*time.Millisecond, 0.2, 400*time.Millisecond
			}
		}
		m := newQueueMatch(t, seed, queueSetup{players: len(lines), parser: []wire.Parser{wire.JSON, wire.Msgpack}[r.IntN(2)], delay: r.IntN(7), frames: 900, lines: lines,
			fallback: []string{"default_action", "previous_submitted_action", "predicted"}[r.IntN(3)]})
		m.end(t)
		m.sameFrames(t, 900)
		for _, mask := range m.replaced[0] {
			if mask != 0 {
				late++
			}
		}
		for i := range m.Nodes {
			if !maps.Equal(m.replaced[i], m.replaced[0]) {
				t.Errorf("seat %d and seat 0 know of other replaced actions", i)
			}
		}
		if t.Failed() {
			t.Fatalf("replay with: go test ./netcode/original/peer -run TestQueueOursNeverDiffer -seed %d", seed)
		}
	}
	if late == 0 {
		t.Error("no action was late: the lines are too good to show anything")
	}
}

// Who is so far away that the delay does not cover the way samples earlier: its actions count all the
// same, and they take effect no later than their way there and back.
func TestQueueOursFarAway(t *testing.T) {
	for _, far := range []int{0, 1} {
		lines := []originaltest.Line{evenLine(20 * time.Millisecond), evenLine(20 * time.Millisecond), evenLine(20 * time.Millisecond)}
		lines[far] = evenLine(400 * time.Millisecond)
		m := newQueueMatch(t, 17, queueSetup{players: 3, delay: 2, frames: 1200, lines: lines})
		m.end(t)
		m.sameFrames(t, 1200)
		bad := 0
		for f, mask := range m.replaced[0] {
			if f > 300 && mask != 0 {
				bad++
			}
		}
		if bad > 0 {
			t.Errorf("seat %d is far away, host is %d: in %d of the last 900 frames an action was replaced", far, m.Relay.Host(), bad)
		}
		for i := range m.Nodes {
			if own := m.own[i]; own > 550*time.Millisecond {
				t.Errorf("seat %d is far away, host is %d: an action of seat %d took %v", far, m.Relay.Host(), i, own)
			}
		}
	}
}

// As the original plays, over any line: what a resync brings is the host's state, the queues stay
// bounded, and the game goes on to its end.
func TestQueueAsOriginal(t *testing.T) {
	states := 0
	for _, seed := range queueSeeds() {
		r := rand.New(rand.NewPCG(seed, 0x0906))
		lines := []originaltest.Line{randomQueueLine(r, 0), randomQueueLine(r, 0)}
		m := newQueueMatch(t, seed, queueSetup{players: 2, ours: []bool{true, false}, frames: 200, episodes: 4, lines: lines,
			fallback: []string{"default_action", "previous_submitted_action", "predicted"}[r.IntN(3)]})
		host := -1
		// A state that is taken over is the one that the host exported.
		m.end(t)
		host = m.Relay.Host()
		other := 1 - host
		states += m.taken[other]
		if m.taken[host] != 0 || m.folds[other].Imports != m.taken[other] || m.folds[host].Exports < m.folds[other].Imports {
			t.Errorf("host exported %d, took %d; the other took %d (%d)", m.folds[host].Exports, m.taken[host], m.taken[other], m.folds[other].Imports)
		}
		if m.depth > 51 {
			t.Errorf("a queue held %d actions", m.depth)
		}
		if m.invalid > 0 || m.Relay.Bad > 0 {
			t.Errorf("%d invalid messages, %d that the relay cannot read", m.invalid, m.Relay.Bad)
		}
		if t.Failed() {
			t.Fatalf("replay with: go test ./netcode/original/peer -run TestQueueAsOriginal -seed %d", seed)
		}
	}
	if states == 0 {
		t.Error("no state was ever taken over: the lines are too good to show anything")
	}
}

// What the analysed relay makes of hashes: it compares unequal frames, so a resync comes in every
// interval although the players agree.
func TestQueueStaleHashes(t *testing.T) {
	lines := []originaltest.Line{evenLine(10 * time.Millisecond), evenLine(10 * time.Millisecond)}
	play := peer.OriginalPlay()
	m := newQueueMatch(t, 3, queueSetup{players: 2, frames: 600, lines: lines, play: &play})
	m.end(t)
	if m.Relay.Blind < 25 || m.Relay.Unequal < 25 || m.Relay.Requests < 25 {
		t.Errorf("in 30 intervals %d comparisons of unequal frames, %d differences, %d requests", m.Relay.Blind, m.Relay.Unequal, m.Relay.Requests)
	}
	fair := newQueueMatch(t, 3, queueSetup{players: 2, frames: 600, lines: lines, play: &play, stock: originaltest.StockOptions{ByFrame: true}})
	fair.end(t)
	if fair.Relay.Compared < 29 || fair.Relay.Requests != 0 {
		t.Errorf("by frame: %d comparisons, %d requests", fair.Relay.Compared, fair.Relay.Requests)
	}
}

// A request that is lost is asked again; the analysed client never does.
func TestQueueRetriesResync(t *testing.T) {
	// Who stands still for 2 s finds a queue of 60.
	for _, retry := range []time.Duration{0, 3 * time.Second} {
		play := peer.OriginalPlay()
		play.Retry = retry
		m := newQueueMatch(t, 5, queueSetup{players: 2, frames: 600, lines: []originaltest.Line{evenLine(30 * time.Millisecond), evenLine(30 * time.Millisecond)},
			play: &play, sync: 10_000, stock: originaltest.StockOptions{LoseRequests: 1}})
		m.Run(6 * time.Second)
		m.Sleep(1-m.Relay.Host(), m.Now+2*time.Second)
		m.end(t)
		if want := 1 + int(min(retry, 1)); m.Relay.Requests != want {
			t.Errorf("retry %v: %d requests, want %d (asked %v)", retry, m.Relay.Requests, want, m.asked)
		}
		if taken := m.taken[1-m.Relay.Host()]; (taken > 0) != (retry > 0) {
			t.Errorf("retry %v: %d states taken over", retry, taken)
		}
	}
}

// Frames that belong to their numbers, and nobody who closes them: states drift apart on lines that the
// delay does not cover, and full states bring them together until both lines are even again.
func TestQueueTaggedConverge(t *testing.T) {
	for _, seed := range queueSeeds() {
		r := rand.New(rand.NewPCG(seed, 0x0908))
		lines := make([]originaltest.Line, 2+r.IntN(2))
		for i := range lines {
			lines[i] = randomQueueLine(r, 0)
			// The last ten seconds are good, so that what is together then must stay so.
			lines[i].Net = append(lines[i].Net, netsim.Step{At: 25 * time.Second, Spec: netsim.Spec{RTT: 20 * time.Millisecond}})
			lines[i].Tick = 0
		}
		play := peer.OurPlay(4)
		play.HostCloses = false
		m := newQueueMatch(t, seed, queueSetup{players: len(lines), play: &play, frames: 1200, lines: lines})
		m.end(t)
		for i := range m.Nodes {
			if m.folds[i].State != m.folds[0].State {
				t.Errorf("seat %d ends in %x, seat 0 in %x; %d states taken, asked %v", i, m.folds[i].State, m.folds[0].State, m.taken[i], m.asked)
			}
		}
		if t.Failed() {
			t.Fatalf("replay with: go test ./netcode/original/peer -run TestQueueTaggedConverge -seed %d", seed)
		}
	}
}

// A state that differs although the actions are the same (a fault of a computer or of an environment)
// is found by the next hash, and the host's takes its place.
func TestQueueOursRepairsState(t *testing.T) {
	for _, delta := range []bool{true, false} {
		play := peer.OurPlay(4)
		play.Delta = delta
		m := newQueueMatch(t, 19, queueSetup{players: 3, play: &play, frames: 600, lines: []originaltest.Line{evenLine(30 * time.Millisecond), evenLine(40 * time.Millisecond), evenLine(150 * time.Millisecond)}})
		m.Run(8 * time.Second)
		bad := (m.Relay.Host() + 1) % 3
		m.folds[bad].State ^= 1
		m.end(t)
		if m.folds[0].State != m.folds[1].State || m.folds[0].State != m.folds[2].State || m.taken[bad] == 0 || m.asked["hash_mismatch"] != 1 || m.unequal == 0 {
			t.Errorf("delta %v: states %x, %x, %x, taken %v, asked %v, %d unequal", delta, m.folds[0].State, m.folds[1].State, m.folds[2].State, m.taken, m.asked, m.unequal)
		}
	}
}

// A computer that stands still comes back and steps what the others have played meanwhile; the others
// do not wait, unless it is the host's.
func TestQueueStandingStill(t *testing.T) {
	for _, who := range []int{0, 1} {
		for _, sleep := range []time.Duration{time.Second, 10 * time.Second} {
			m := newQueueMatch(t, 7, queueSetup{players: 2, delay: 3, frames: 900, lines: []originaltest.Line{evenLine(30 * time.Millisecond), evenLine(40 * time.Millisecond)}})
			m.Run(6 * time.Second)
			m.Sleep(who, m.Now+sleep)
			m.end(t)
			m.sameFrames(t, 900)
			if host := who == m.Relay.Host(); m.Now > 40*time.Second && !host {
				t.Errorf("seat %d slept %v: the match took %v", who, sleep, m.Now)
			}
		}
	}
}

// Who stands still for longer than the frames are kept takes the host's state over; who waits for a
// host that says nothing is told so in the end.
func TestQueueStandingStillTooLong(t *testing.T) {
	s := queueSetup{players: 2, delay: 3, frames: 1800, lines: []originaltest.Line{evenLine(30 * time.Millisecond), evenLine(40 * time.Millisecond)}}
	m := newQueueMatch(t, 7, s)
	m.Run(6 * time.Second)
	other := 1 - m.Relay.Host()
	m.Sleep(other, m.Now+40*time.Second)
	m.end(t)
	if m.folds[0].State != m.folds[1].State || m.taken[other] == 0 || m.asked["fallen_behind"] == 0 || m.unequal != 0 {
		t.Errorf("states %x and %x, %d taken, asked %v, %d unequal", m.folds[0].State, m.folds[1].State, m.taken[other], m.asked, m.unequal)
	}
	m = newQueueMatch(t, 7, s)
	m.Run(6 * time.Second)
	m.Sleep(m.Relay.Host(), m.Now+40*time.Second)
	m.Run(time.Hour)
	if e := m.Nodes[1-m.Relay.Host()].Peer.End(); e.Code != protocol.CodeGone || !strings.Contains(e.Text, "host has said nothing") {
		t.Errorf("the host slept 40 s, and the other ended with %+v", e)
	}
}
