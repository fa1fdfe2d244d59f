package client

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"tandem/game/sim"
	"tandem/game/solo"
	"tandem/game/words"
	"tandem/netcode/protocol"
	"tandem/netcode/recording"
	"tandem/netcode/session"
	"tandem/netcode/session/replica"
	"tandem/netcode/transport"
)

// Config says how to play a seat.
type Config struct {
	// Dial connects to the relay.
	Dial func(ctx context.Context) (transport.Conn, error)
	// Peer is what to ask the relay for.
	Peer session.PeerConfig
	// Guest, if set, plays by the rules of another system's relay instead, which Dial must connect to.
	Guest Guest
	// Alone, if set, plays against bots of this program instead, without a relay: Dial and Peer are of no
	// use then, but for Peer.Program.
	Alone *solo.Config
	// Input makes the seat's input device once the match and the seat are known.
	Input func(m *sim.Match, seat int) (session.Sampler, error)
	// Now is the clock; default: time.Now. It must not go back.
	Now func() time.Time
	// Wall is the clock on the wall, which people may set: it tells when a recording began, and nothing
	// else; default: Now.
	Wall func() time.Time
	// Words is the language of what people read; default: words.English.
	Words *words.Language
	// Log; default: discard.
	Log *slog.Logger
	// Screen says that somebody looks: pictures are kept for View.
	Screen bool
	// Record makes the file of a recording, on another goroutine; nil for no recording.
	Record func(*recording.Header) (recording.File, error)
	// KeepDesync keeps a report of states that differ and says where it is. It is called on another
	// goroutine, one call after the other, and again with the same Written when the report has become
	// more complete. nil keeps none.
	KeepDesync func(*recording.DesyncReport) (where string, err error)
	// SyncTest steps every frame three times from its snapshot and ends the match where the states
	// differ.
	SyncTest bool
	// OnSeated is called once, on the client's goroutine, when the room is known.
	OnSeated func(code string, seat int)
	// Keep is called on the client's goroutine with the token that brings the player back to the seat,
	// to be kept until the next call; with nil when there is nothing to come back to. nil: it is not
	// kept beyond this Client.
	Keep func(room string, token []byte)
	// StandIn makes the input of a bot for the seat of a player who is gone; the relay asks a host for
	// it where the room has on_disconnect=bot. nil: this program has no bots to offer.
	StandIn func(m *sim.Match, seat int) (session.Sampler, error)
	// Outdated says what a player does about a relay of another version, where that is more than the
	// relay's words say: a page is loaded again.
	Outdated string
	// Agrees says that this player wants another match whenever the others do: a bot that was brought
	// to play with. It needs Peer.Again.
	Agrees bool
	// HostsRelay says that the room's relay is inside this program and that others play on it: the
	// room ends with this program, and its player is told so.
	HostsRelay bool
	// Invite says how friends come to the room of that code, for the waiting screen. It is called
	// once, before OnSeated, and must not call the Client; nil for the code alone.
	Invite func(code string) string
	// Unseen is called on the client's goroutine while nobody looks (SetAway) and so nothing is drawn,
	// with what a screen would say whenever that changes, and at the end. It must not wait. nil: it is
	// not said.
	Unseen func(headline, detail string)
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
	words *words.Language
	start time.Time
	peer  player
	guest Guest // nil in a match by a relay of ours, and alone
	alone aloneState
	// sequenced is the peer where it plays sequenced: what a desync report tells of.
	sequenced *session.Peer
	recorded  sim.Player // the peer where a recording can be made of it: not in queue mode
	match     *sim.Match
	input     session.Sampler

	record   *sim.Recorder // nil without Config.Record
	trouble  atomic.Pointer[error]
	evidence evidence
	keeper   keeper

	link     *link        // nil while there is no connection
	again    chan dialled // what became of connecting again
	attempts int          // since the connection was lost
	work     sync.WaitGroup
	free     chan []byte
	leave    chan struct{}
	once     sync.Once
	hangsUp  atomic.Bool   // to leave without a goodbye
	wake     chan struct{} // one token: the player wants something
	away     atomic.Bool   // the page is hidden
	unloads  atomic.Bool   // the page is being closed, or loaded again

	exec        *replica.Executor
	messages    [][]byte
	unfit       error // why this program cannot play the room, or not any further
	unfitFor    protocol.Code
	recordErr   error
	newlySeated bool // OnSeated is due
	kept        []byte
	standIns    map[int]context.CancelFunc
	asked       []session.Event // stand-ins that are wanted
	rematch     atomic.Bool

	mu      sync.Mutex // held by the loop while it works, by the others while they copy
	scene   scene
	stats   stats
	control control
	absence absence
	unseen  unseen
}

// New returns a client that does nothing before Run.
func New(cfg Config) *Client {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Wall == nil {
		cfg.Wall = cfg.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Words == nil {
		cfg.Words = words.English
	}
	c := &Client{cfg: cfg, words: cfg.Words, start: cfg.Now(),
		free: make(chan []byte, inboxSize), again: make(chan dialled), leave: make(chan struct{}),
		wake: make(chan struct{}, 1)}
	c.peer = c.newPlayer()
	c.stats.init()
	c.scene.init()
	c.initRecord()
	if c.alone.peer != nil {
		c.sitAlone()
	}
	return c
}

// now is the local time of the session: time since New.
func (c *Client) now() time.Duration { return c.cfg.Now().Sub(c.start) }

// Leave makes the player leave the room: Run says goodbye and returns. It may be called more than
// once.
func (c *Client) Leave() { c.once.Do(func() { close(c.leave) }) }

// HangUp ends the connection as a closed window or a broken line does: the room's options say for how
// long the seat waits, and Keep's token brings the player back to it. Where no match is on there is
// nothing to wait for, and it is the same as Leave.
func (c *Client) HangUp() {
	c.hangsUp.Store(true)
	c.Leave()
}

// Run plays until the match ends, the player leaves, or something goes wrong. It returns how the
// match ended; the error is nil only if it ended as it should. A Client runs once.
func (c *Client) Run(ctx context.Context) (session.End, error) {
	if c.alone.peer == nil {
		conn, err := c.dial(ctx)
		if err != nil {
			return c.peer.End(), err
		}
		c.open(conn)
	}
	ctx, cancel := context.WithCancel(ctx)
	c.loop(ctx)
	cancel()
	end := c.peer.End()
	c.shut(end.Code, end.Text)
	c.endRecord()
	c.tellUnseen()
	if !c.mayReturn(&end) {
		c.keep(nil)
	}
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
	code, why := protocol.CodeGone, ""
	if err != nil {
		why = err.Error()
		if ctx.Err() != nil {
			code, why = protocol.CodeLeft, c.words.LeftWhileDialing
			err = &protocol.Error{Code: code, Text: why}
		}
		c.lost(code, why)
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
		if c.hangsUp.Load() && c.inMatch() {
			c.apply(c.sequenced.HangUp())
			return
		}
		c.apply(c.peer.Leave(c.now()))
	})
}

// inMatch reports whether there is a seat in a match that waits for its player.
func (c *Client) inMatch() bool {
	return c.sequenced != nil && len(c.sequenced.Token()) > 0 && c.match != nil && c.match.Begun() && !c.exec.Finished()
}

// mayReturn reports whether the seat may still be there after the end, so that its token is of use
// to the next program.
func (c *Client) mayReturn(end *session.End) bool {
	switch end.Code {
	case protocol.CodeShutdown, protocol.CodeBusy:
		return true
	case protocol.CodeGone, protocol.CodeSilent:
		return c.scene.own && c.inMatch() // the line, not the match, has ended
	}
	return false
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
		c.seatStandIns(ctx)
		c.tellUnseen()
		if c.peer.State() == session.PeerCutOff && c.link != nil {
			// The peer gave the connection up by itself: nothing was heard on it.
			c.shut(protocol.CodeSilent, "nothing was heard")
			c.attempts = 0
			c.redial(ctx)
		} else if lost != nil && c.peer.State() != session.PeerClosed {
			// What arrived before the connection broke has been read: the reader sends in order.
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
	code, words, final := c.loss(why)
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
		c.think()
		var wake time.Duration
		var more bool
		c.locked(func() { wake, more = c.update(now, now-begin < catchUpSlice) })
		if c.newlySeated {
			c.newlySeated = false
			c.cfg.OnSeated(c.peer.Code(), c.peer.Seat())
		}
		if p := c.sequenced; p != nil && len(p.Token()) > 0 && p.State() != session.PeerClosed {
			c.keep(p.Token())
		}
		if !more {
			c.think() // on the next frame, while there is time
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
	c.watchAbsence(now)
	unloads := c.unloads.Load()
	in := session.In{Now: now, Away: c.away.Load() || unloads || c.alone.stopped.Load(), Unloads: unloads, Messages: c.messages, Input: c.input, Prepared: c.match != nil,
		Again: c.rematch.Load() || c.cfg.Agrees, HUD: c.hudText()}
	if c.exec != nil {
		in.Answers = c.exec.Answers()
	}
	if c.guest != nil {
		c.guest.Tell(&in)
	}
	out := c.peer.Update(in)
	if c.exec != nil {
		c.exec.Answered()
	}
	for i, m := range c.messages {
		select {
		case c.free <- m:
		default:
		}
		c.messages[i] = nil
	}
	c.messages = c.messages[:0]
	wake = out.Wake
	answers := c.apply(out)
	if c.unfit != nil && c.peer.State() != session.PeerClosed {
		c.apply(c.peer.Abort(c.unfitFor, c.unfit.Error()))
	}
	if c.peer.State() == session.PeerClosed {
		return wake, false
	}
	if out.Behind {
		wake = now
	}
	return wake, answers || (out.Behind && inTime)
}

// seated makes the environment and the input device. What this program lacks is told to the relay
// and to the player.
func (c *Client) seated() bool {
	seat := c.peer.Seat()
	m, err := sim.NewMatch(c.peer.Room())
	if err == nil && seat >= 0 {
		c.input, err = c.cfg.Input(m, seat)
	}
	if err != nil {
		c.unfit, c.unfitFor = err, protocol.CodeEnvironment
		return false
	}
	c.match, c.exec = m, sim.NewExecutor(m, c.peer.Room())
	if c.cfg.SyncTest {
		c.exec.Game = &checked{Match: m, test: sim.NewSyncTest(c.peer.Room()), client: c}
	}
	c.stats.seat(m, seat)
	c.stats.report.Seed = c.peer.Seed()
	if c.alone.peer != nil {
		return c.seatBots()
	}
	c.roomTold()
	if c.cfg.Invite != nil {
		c.scene.invite = c.cfg.Invite(c.peer.Code())
	}
	c.link.sender.SetBatchWindow(c.peer.Room().BatchWindow)
	c.cfg.Log.Info("seated", "room", c.peer.Code(), "seat", seat, "env", m.Spec().Name)
	c.newlySeated = c.cfg.OnSeated != nil
	return true
}

// keep hands the seat's token out to be kept, when it has changed.
func (c *Client) keep(token []byte) {
	if c.cfg.Keep == nil || bytes.Equal(token, c.kept) {
		return
	}
	c.kept = append(c.kept[:0], token...)
	c.cfg.Keep(c.peer.Code(), token)
}

// Again says that the player wants another match with the same players, once this one is over. It
// may be called from any goroutine.
func (c *Client) Again() {
	c.rematch.Store(true)
	c.alone.stopped.Store(false)
	c.wakeUp()
}

// Env names the room's environment; "" before the room is known.
func (c *Client) Env() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.match == nil {
		return ""
	}
	return c.match.Spec().Name
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
