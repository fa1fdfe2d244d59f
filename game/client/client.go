package client

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"tandem/game/sim"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/transport"
)

// Config says how to play a seat.
type Config struct {
	// Dial connects to the relay.
	Dial func(ctx context.Context) (transport.Conn, error)
	// Peer is what to ask the relay for.
	Peer session.PeerConfig
	// Input makes the seat's input device once the match and the seat are known.
	Input func(m *sim.Match, seat int) (session.Sampler, error)
	// Now is the clock; default: time.Now. It must not go back.
	Now func() time.Time
	// Log; default: discard.
	Log *slog.Logger
	// Screen says that somebody looks: pictures are kept for View.
	Screen bool
	// OnSeated is called once, on the client's goroutine, when the room is known.
	OnSeated func(code string, seat int)
	// Invite says how friends come to the room of that code, for the waiting screen. It is called
	// once, before OnSeated, and must not call the Client; nil for the code alone.
	Invite func(code string) string
}

const (
	// inboxSize bounds the messages that wait for the client: half a minute of play.
	inboxSize = 1024
	// catchUpSlice is how long one wake-up may step frames that are far overdue, so that messages
	// and a screen are served in between.
	catchUpSlice = 4 * time.Millisecond
)

// Client plays one seat. Run does the work; the other methods may be called from anywhere.
type Client struct {
	cfg   Config
	start time.Time
	peer  *session.Peer
	match *sim.Match
	input session.Sampler

	link     *link        // nil while there is no connection
	again    chan dialled // what became of connecting again
	attempts int          // since the connection was lost
	work     sync.WaitGroup
	free     chan []byte
	leave    chan struct{}
	once     sync.Once
	wake     chan struct{} // one token: the player wants something
	away     atomic.Bool

	hashes   []session.Hash
	messages [][]byte
	finished bool
	frames   uint32
	final    uint64
	unfit    error // why this program cannot play the room
	tell     bool  // OnSeated is due

	mu      sync.Mutex // held by the loop while it works, by the others while they copy
	scene   scene
	stats   stats
	control control
}

// New returns a client that does nothing before Run.
func New(cfg Config) *Client {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	c := &Client{cfg: cfg, start: cfg.Now(), peer: session.NewPeer(cfg.Peer),
		free: make(chan []byte, inboxSize), again: make(chan dialled), leave: make(chan struct{}),
		wake: make(chan struct{}, 1)}
	c.stats.init()
	c.scene.init()
	return c
}

// now is the local time of the session: time since New.
func (c *Client) now() time.Duration { return c.cfg.Now().Sub(c.start) }

// Leave makes the player leave the room: Run says goodbye and returns. It may be called more than
// once.
func (c *Client) Leave() { c.once.Do(func() { close(c.leave) }) }

// Run plays until the match ends, the player leaves, or something goes wrong. It returns how the
// match ended; the error is nil only if it ended as it should. A Client runs once.
func (c *Client) Run(ctx context.Context) (session.End, error) {
	conn, err := c.dial(ctx)
	if err != nil {
		return c.peer.End(), err
	}
	ctx, cancel := context.WithCancel(ctx)
	c.open(conn)
	c.loop(ctx)
	cancel()
	end := c.peer.End()
	c.shut(end.Code, end.Text)
	c.work.Wait()
	if end.Code == protocol.CodeOK {
		return end, nil
	}
	return end, &protocol.Error{Code: end.Code, Text: end.Text}
}

// dial connects, unless the player leaves meanwhile.
func (c *Client) dial(ctx context.Context) (transport.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var waiting sync.WaitGroup
	waiting.Go(func() {
		select {
		case <-c.leave:
			cancel()
		case <-ctx.Done():
		}
	})
	conn, err := c.cfg.Dial(ctx)
	code, words := protocol.CodeGone, ""
	if err != nil {
		words = err.Error()
		if ctx.Err() != nil {
			code, words = protocol.CodeLeft, "You left before the relay answered."
			err = &protocol.Error{Code: code, Text: words}
		}
		c.lost(code, words)
	}
	cancel()
	waiting.Wait()
	return conn, err
}

// lost ends the peer because its own connection is over.
func (c *Client) lost(code protocol.Code, words string) {
	c.locked(func() {
		c.scene.own = true
		c.apply(c.peer.Lost(code, words))
	})
}

// goodbye ends the peer because its player leaves.
func (c *Client) goodbye() {
	c.locked(func() {
		c.scene.own = true
		c.apply(c.peer.Leave(c.now()))
	})
}

func (c *Client) loop(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		var inbox <-chan []byte
		var broken <-chan error
		if c.link != nil {
			inbox, broken = c.link.inbox, c.link.broken
		}
		var lost error
		select {
		case m := <-inbox:
			c.messages = append(c.messages, m)
		case <-timer.C:
		case <-c.wake:
		case lost = <-broken:
		case d := <-c.again:
			c.reconnected(ctx, d)
		case <-c.leave:
			c.goodbye()
			return
		case <-ctx.Done():
			c.goodbye()
			return
		}
		c.collect()
		wake := c.advance()
		if c.peer.State() == session.PeerCutOff && c.link != nil {
			// The peer gave the line up by itself: nothing was heard on it.
			c.shut(protocol.CodeSilent, "nothing was heard")
			c.attempts = 0
			c.redial(ctx)
		} else if lost != nil && c.peer.State() != session.PeerClosed {
			// What arrived before the line broke has been read: the reader sends in order.
			c.cutOff(ctx, lost)
		}
		if c.peer.State() == session.PeerClosed {
			return
		}
		timer.Reset(max(0, wake-c.now()))
	}
}

// cutOff tells the peer that the connection broke, and tries to make another where that is of use.
func (c *Client) cutOff(ctx context.Context, why error) {
	code, words, final := lossWords(why)
	if final {
		c.lost(code, words)
		return
	}
	c.locked(func() {
		c.scene.own = true
		c.apply(c.peer.CutOff(c.now(), code, words))
	})
	c.shut(code, words)
	if c.peer.State() != session.PeerCutOff {
		return
	}
	c.attempts = 0
	c.redial(ctx)
}

// reconnected goes on with a new connection, or tries once more.
func (c *Client) reconnected(ctx context.Context, d dialled) {
	switch {
	case d.err != nil && c.peer.State() == session.PeerCutOff:
		c.cfg.Log.Info("not connected yet", "attempt", c.attempts, "error", d.err)
		c.redial(ctx)
	case d.err != nil:
	case c.peer.State() != session.PeerCutOff:
		hangUp(d.conn)
	default:
		c.open(d.conn)
		c.locked(func() { c.apply(c.peer.Connected(c.now())) })
	}
}

// collect takes what else has arrived.
func (c *Client) collect() {
	if c.link == nil {
		return
	}
	for {
		select {
		case m := <-c.link.inbox:
			c.messages = append(c.messages, m)
		default:
			return
		}
	}
}

// advance runs the peer until it has nothing more to do at this moment, and returns when it wants
// to be woken.
func (c *Client) advance() time.Duration {
	begin := c.now()
	for now := begin; ; now = c.now() {
		var wake time.Duration
		var more bool
		c.locked(func() { wake, more = c.update(now, now-begin < catchUpSlice) })
		if c.tell {
			c.tell = false
			c.cfg.OnSeated(c.peer.Code(), c.peer.Seat())
		}
		if !more {
			return wake
		}
	}
}

func (c *Client) locked(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

// update calls the peer once. more says that it has something to do at once: answers to hear, or
// overdue frames while there is time.
func (c *Client) update(now time.Duration, inTime bool) (wake time.Duration, more bool) {
	c.order(now)
	out := c.peer.Update(session.In{Now: now, Messages: c.messages, Input: c.input, Prepared: c.match != nil,
		Hashes: c.hashes, Finished: c.finished, Frames: c.frames, Final: c.final, Away: c.away.Load(), HUD: c.hudText()})
	for i, m := range c.messages {
		select {
		case c.free <- m:
		default:
		}
		c.messages[i] = nil
	}
	c.messages = c.messages[:0]
	c.hashes = c.hashes[:0]
	wake = out.Wake
	answers := c.apply(out)
	if c.unfit != nil && c.peer.State() != session.PeerClosed {
		c.apply(c.peer.Abort(protocol.CodeEnvironment, c.unfit.Error()))
	}
	if c.peer.State() == session.PeerClosed {
		return wake, false
	}
	if out.Behind {
		wake = now
	}
	return wake, answers || (out.Behind && inTime)
}

// apply does what the peer ordered. It reports whether there are answers for it.
func (c *Client) apply(out *session.Out) (answers bool) {
	c.stats.meters.advance(c.now())
	for i := range out.Send {
		p := &out.Send[i]
		c.stats.sent(p.Type, len(p.Data))
		if c.link == nil {
			continue
		}
		class := transport.Ordered
		if p.Class == protocol.Bulk {
			class = transport.Bulk
		}
		if err := c.link.sender.Send(class, p.Data); err != nil {
			// The reader learns why the connection is over and says so in words.
			c.cfg.Log.Debug("not sent", "type", p.Type.String(), "error", err)
		}
	}
	// Events first: one of them makes the match that a command may be for.
	for i := range out.Events {
		if c.handle(&out.Events[i]) {
			answers = true
		}
	}
	for i := range out.Commands {
		if c.match != nil && c.execute(&out.Commands[i]) {
			answers = true
		}
	}
	c.publish()
	return answers
}

func (c *Client) execute(cmd *session.Command) (answers bool) {
	if cmd.Kind == session.CommandReset {
		c.match.Reset(cmd.Seed)
		c.stats.begin()
		c.scene.apart = false
		c.show(true)
		return false
	}
	if c.finished {
		return false
	}
	c.match.Step(cmd)
	c.stats.step(c.now())
	c.scene.apart = c.scene.apart || !equal(c.match.Scores())
	c.show(c.match.Fresh())
	if cmd.Hash {
		h := c.match.Hash()
		h.Frame = cmd.Frame
		c.hashes = append(c.hashes, h)
		answers = true
	}
	if frames, over := c.match.Over(); over {
		c.finished, c.frames, c.final = true, frames, c.match.Hash().Total
		c.stats.finish(c.final)
		answers = true
	}
	return answers
}

// handle notes an event. It reports whether the peer should be asked again at once.
func (c *Client) handle(e *session.Event) (again bool) {
	c.stats.event(e)
	switch e.Kind {
	case session.EventSeated:
		return c.seated()
	case session.EventVerified:
		if e.Mask != 0 {
			c.cfg.Log.Error("desync", "frame", e.Frame, "seats", e.Mask, "sections", e.Sections)
		}
	case session.EventWarning:
		if e.Text != "" {
			c.cfg.Log.Warn(e.Text)
		}
	case session.EventDelay:
		c.cfg.Log.Info("input delay", "frame", e.Frame, "delay", e.Text)
		c.delayed()
	case session.EventCutOff:
		c.cfg.Log.Warn("cut off", "reason", e.Text)
		c.scene.pause, c.scene.pauseUntil, c.scene.own = e.Text, 0, true
	case session.EventReturned:
		c.cfg.Log.Info("returned to the seat")
		c.scene.pause, c.scene.own = "", false
	case session.EventPaused:
		c.cfg.Log.Info("paused", "seat", e.Seat, "reason", e.Text)
		c.scene.pause, c.scene.pauseUntil = e.Text, e.At
	case session.EventResumed:
		c.cfg.Log.Info("resumed", "frame", e.Frame)
		c.scene.pause = ""
		c.scene.starting = e.At
		c.stats.resumed()
	case session.EventEnd:
		c.cfg.Log.Info("ended", "code", e.Code.String(), "reason", e.Text, "frames", e.Frame)
	}
	return false
}

// seated makes the environment and the input device. What this program lacks is told to the relay
// and to the player.
func (c *Client) seated() bool {
	seat := c.peer.Seat()
	m, err := sim.NewMatch(c.peer.Room())
	if err == nil {
		c.input, err = c.cfg.Input(m, seat)
	}
	if err != nil {
		c.unfit = err
		return false
	}
	c.match = m
	c.stats.seat(m, seat)
	c.scene.delay = delayWords(c.peer.Room().Delay)
	if c.cfg.Invite != nil {
		c.scene.invite = c.cfg.Invite(c.peer.Code())
	}
	c.link.sender.SetBatchWindow(c.peer.Room().BatchWindow)
	c.cfg.Log.Info("seated", "room", c.peer.Code(), "seat", seat, "env", m.Spec().Name)
	c.tell = c.cfg.OnSeated != nil
	return true
}

// Seats returns how many seats the room has; 0 before the room is known.
func (c *Client) Seats() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.match == nil {
		return 0
	}
	return len(c.match.Spec().Agents)
}
