package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"tandem/env"
	"tandem/game/original"
	"tandem/game/sim"
	"tandem/netcode/netsim"
	"tandem/netcode/original/originaltest"
	"tandem/netcode/original/peer"
	"tandem/netcode/original/wire"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
)

const (
	// The computers: timers fire up to late too late, and a share of slow takes slowFor longer.
	late     = 3 * time.Millisecond
	slow     = 0.02
	slowFor  = 25 * time.Millisecond
	usualBot = "baseline"
	// originalSeed builds the original's environment.
	originalSeed = 42
)

// players are the seats of Slime Volleyball.
var players = []string{"agent_left", "agent_right"}

// play plays one match.
// Where stand is not 0, the second player's computer stands still for so long in mid-match.
func (v *variant) play(seed uint64, frames uint32, spec netsim.Spec, stand time.Duration) (*result, error) {
	if v.sequenced != "" {
		return v.playSequenced(seed, frames, spec, stand)
	}
	return v.playQueue(seed, frames, spec, stand)
}

// middle is a moment in the middle of a match.
func middle(frames uint32) time.Duration { return session.FrameTime(int64(frames)/2) + 2*time.Second }

// player names the bot that plays.
func (v *variant) player() string {
	if v.bot != "" {
		return v.bot
	}
	return usualBot
}

// skews are the players' clocks: ordinary quartz, 150 ppm apart.
func skew(seat int) netsim.Clock {
	return netsim.Clock{Offset: time.Duration(seat) * time.Hour, Skew: 150*seat - 75}
}

// queueGame is a match, its bot and its exchange of full states.
type queueGame struct {
	*sim.Match
	session.Sampler
	states *original.Exchange
	ours   bool
	err    error
}

func newQueueGame(cfg *options.Config, seat int, seed uint64, bot string, ours bool) (*queueGame, error) {
	m, err := sim.NewMatch(cfg)
	if err != nil {
		return nil, err
	}
	b, err := sim.NewBotInput(bot, m, seat, seed*2+uint64(seat))
	return &queueGame{Match: m, Sampler: b, ours: ours}, err
}

// Reset begins the match by the original's rules.
func (g *queueGame) Reset(seed uint64) {
	ids := []wire.PID{wire.StringPID(players[0]), wire.StringPID(players[1])}
	if g.err = original.Follow(g.Match, originalSeed); g.err == nil {
		g.states, g.err = original.NewExchange(g.Match, ids, g.ours, uint32(seed))
	}
	g.Match.Reset(seed)
}

// Where tells the episode and its steps.
func (g *queueGame) Where() (episode, step int) {
	episode, _ = g.Episode()
	return episode, g.EpisodeStep()
}

// Export returns the full state.
func (g *queueGame) Export(_ *peer.Peer, frame uint32, o *peer.Order) []byte {
	return g.states.Export(frame, o)
}

// Import takes one over.
func (g *queueGame) Import(_ *peer.Peer, data []byte) peer.Imported {
	return g.states.Import(data)
}

func (v *variant) scene() (wire.Scene, []wire.PID) {
	var mapping []wire.Field
	var ids []wire.PID
	for _, p := range players {
		mapping = append(mapping, wire.Field{Key: p, Value: wire.StringValue("human")})
		ids = append(ids, wire.StringPID(p))
	}
	fallback := "previous_submitted_action"
	if v.predicted {
		fallback = "predicted"
	}
	return wire.Scene{ID: "slime", Extra: []wire.Field{
		{Key: "pyodide_multiplayer", Value: wire.BoolValue(true)},
		{Key: "policy_mapping", Value: wire.MapValue(mapping...)},
		{Key: "action_population_method", Value: wire.StringValue(fallback)},
		{Key: "state_sync_frequency_frames", Value: wire.IntValue(20)},
		{Key: "queue_resync_threshold", Value: wire.IntValue(peer.DefaultThreshold)},
		{Key: "max_steps", Value: wire.IntValue(3000)},
		{Key: "num_episodes", Value: wire.IntValue(1000)},
	}}, ids
}

func (v *variant) playQueue(seed uint64, frames uint32, spec netsim.Spec, stand time.Duration) (*result, error) {
	opts := originaltest.LineOptions{Priority: v.priority, Chunk: v.chunk, Bandwidth: spec.Bandwidth}
	if v.poll {
		opts.Poll = spec.RTT
	}
	spec.Bandwidth = 0 // the send queue in front keeps it
	lines := make([]originaltest.Line, len(players))
	for i := range lines {
		lines[i] = originaltest.Line{Net: netsim.Schedule{{Spec: spec}}, Clock: skew(i), Line: opts, Late: late, Slow: slow, SlowFor: slowFor}
	}
	want := options.DefaultConfig()
	want.Frames = frames
	if v.wait > 0 {
		want.Late, want.Grace = options.LateWait, v.wait
	}
	stock := originaltest.StockOptions{Parser: v.parser, ByFrame: v.byFrame}
	stock.Scene, stock.Players = v.scene()
	var games []*queueGame
	var failed error
	play := v.queue
	w := originaltest.NewWorld(seed, stock, lines, func(seat int) peer.Config {
		return peer.Config{Subject: peer.Subject(players[seat], 0, fmt.Sprint(seat)), Play: &play,
			Scene: func(s *peer.Scene) (peer.Room, error) { return original.Room(s, want) }}
	}, func(seat int) originaltest.Game {
		s := peer.Scene{FPS: session.FrameRate, Episodes: 1000, MaxSteps: 3000, Seats: []peer.SceneSeat{{Key: players[0], Human: true}, {Key: players[1], Human: true}}}
		room, err := original.Room(&s, want)
		if err == nil {
			var g *queueGame
			if g, err = newQueueGame(&room.Config, seat, seed, v.player(), v.ours); err == nil {
				games = append(games, g)
				return g
			}
		}
		failed = err
		return nil
	})
	if failed != nil {
		return nil, failed
	}
	book := newBook(len(players))
	sampled := make([]map[uint32]time.Duration, len(players))
	for i, n := range w.Nodes {
		sampled[i] = map[uint32]time.Duration{}
		n.OnStep = func(_ *originaltest.Node, at time.Duration, c *replica.Command) {
			book.step(i, at, c, games[i].Match)
		}
		n.OnSend = func(_ *originaltest.Node, p *session.Packet) {
			book.up += len(p.Data)
			book.message(p.Name, len(p.Data))
		}
		n.OnEvent = func(_ *originaltest.Node, at time.Duration, e *session.Event) {
			switch e.Kind {
			case peer.EventSampled:
				sampled[i][e.Frame] = at
			case session.EventLatency:
				if from, ok := sampled[e.Seat][e.Frame]; ok {
					book.latency.add(at - from)
				}
			case peer.EventMissing:
				book.missing++
			case peer.EventStateTaken:
				if e.Text == "" {
					book.taken++
				}
			}
			book.event(e)
		}
	}
	if stand > 0 {
		w.Run(middle(frames))
		w.Sleep(1, w.Now+stand)
	}
	if !w.Run(24 * time.Hour) {
		return nil, fmt.Errorf("it does not end: %s", w.Describe())
	}
	for i, n := range w.Nodes {
		if e := n.Peer.End(); e.Code != 0 || games[i].err != nil {
			return nil, fmt.Errorf("player %d ended with %q (%v)", i, e.Text, games[i].err)
		}
	}
	if !play.OwnHash {
		book.compared, book.unequal = w.Relay.Compared, w.Relay.Unequal
	}
	return book.close(), nil
}

// sequencedGame is a match and its bot.
type sequencedGame struct {
	*sim.Match
	session.Sampler
}

func (v *variant) playSequenced(seed uint64, frames uint32, spec netsim.Spec, stand time.Duration) (*result, error) {
	cfg := options.DefaultConfig()
	opts, err := env.ParseOptions([]string{"episodes=1000", "max_steps=3000"})
	if err == nil {
		_, err = sim.Configure(&cfg, "slime", opts)
	}
	if err == nil {
		err = cfg.Set("delay=" + v.sequenced)
	}
	if err != nil {
		return nil, err
	}
	cfg.Frames = frames
	lines := make([]sessiontest.Line, len(players))
	for i := range lines {
		lines[i] = sessiontest.Line{Net: netsim.Schedule{{Spec: spec}}, Clock: skew(i)}
	}
	var failed error
	games := make([]*sim.Match, len(players))
	w := sessiontest.NewWorld(seed, cfg, lines, func(seat int) sessiontest.Game {
		m, err := sim.NewMatch(&cfg)
		if err == nil {
			games[seat] = m
			var b *sim.BotInput
			if b, err = sim.NewBotInput(v.player(), m, seat, seed*2+uint64(seat)); err == nil {
				return &sequencedGame{m, b}
			}
		}
		failed = err
		return nil
	})
	if failed != nil {
		return nil, failed
	}
	book := newBook(len(players))
	rng := rand.New(rand.NewPCG(seed, 3))
	for i, n := range w.Nodes {
		n.OnStep = func(_ *sessiontest.Node, c *replica.Command) {
			book.step(i, w.Now, c, games[i])
			if rng.Float64() < slow {
				w.Sleep(i, w.Now+session.FrameTime(1)+slowFor)
			}
		}
		n.OnSend = func(_ *sessiontest.Node, p *session.Packet) {
			book.up += len(p.Data)
			book.message(p.Type.String(), len(p.Data))
		}
		n.OnEvent = func(_ *sessiontest.Node, _ time.Duration, e *session.Event) {
			switch e.Kind {
			case session.EventLatency:
				book.latency.add(e.Dur)
			case session.EventSubstituted:
				book.missing++
			}
			book.event(e)
		}
	}
	if stand > 0 {
		w.Run(middle(frames))
		w.Sleep(1, w.Now+stand)
	}
	if !w.Run(24 * time.Hour) {
		return nil, fmt.Errorf("it does not end")
	}
	for i, n := range w.Nodes {
		if e := n.Peer.End(); e.Code != 0 {
			return nil, fmt.Errorf("player %d ended with %q", i, e.Text)
		}
	}
	return book.close(), nil
}

// book collects what both players of a match do.
type book struct {
	result
	first, last []time.Duration
	stepped     []map[uint32]stepped
	buf         []byte
}

type stepped struct {
	actions [2]uint8
	state   [3]uint32 // the hashes of what there is to see: ball, left, right
}

func newBook(seats int) *book {
	b := &book{first: make([]time.Duration, seats), last: make([]time.Duration, seats)}
	for range seats {
		b.stepped = append(b.stepped, map[uint32]stepped{})
	}
	return b
}

func (b *book) step(seat int, at time.Duration, c *replica.Command, m *sim.Match) {
	if b.first[seat] == 0 {
		b.first[seat] = at
	} else {
		b.interval.add(at - b.last[seat])
	}
	b.last[seat] = at
	b.frames++
	b.buf = m.Env().AppendState(b.buf[:0])
	h := sim.HashState(b.buf)
	b.stepped[seat][c.Frame] = stepped{[2]uint8(c.Actions[:2]), [3]uint32(h.Sections[1:4])}
}

func (b *book) event(e *session.Event) {
	switch e.Kind {
	case session.EventInputDelay:
		b.own.add(e.Dur)
	case session.EventQueue:
		b.depthSum += e.N
		b.depthMax = max(b.depthMax, e.N)
	case session.EventVerified:
		b.compared++
		if e.Mask != 0 {
			b.unequal++
		}
	case session.EventReceived:
		b.down += e.N
		name := e.Text
		if name == "" {
			name = e.Type.String()
		}
		b.message(name, e.N)
	}
}

// close compares the two players' games, frame by frame.
func (b *book) close() *result {
	for f, one := range b.stepped[0] {
		other, ok := b.stepped[1][f]
		if !ok {
			continue
		}
		b.both++
		if one.actions != other.actions {
			b.vector++
		}
		if one.state != other.state {
			b.state++
		}
	}
	for i := range b.first {
		b.seconds += (b.last[i] - b.first[i]).Seconds()
	}
	return &b.result
}
