package transport

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"syscall/js"
	"time"
)

// The browser's WebSocket is bound here directly. The bindings in coder/websocket lose what this
// package promises: a received close code is not handed out, messages that arrived before the
// close may be dropped, and what the browser has not yet sent grows without a bound. They also
// bring net/http along, megabytes for every visitor to load.

const (
	// jsMessages bounds what has arrived and was not read yet. A browser has no back-pressure: a
	// page that reads so late is given up. At 60 messages a second it is half a minute.
	jsMessages = 2048

	// jsBuffered is how many bytes the browser may hold unsent before Write waits. More than a
	// snapshot (64 KiB) would only sit there.
	jsBuffered = 64 << 10

	// jsPoll is how often Write looks whether that has become less: no event tells.
	jsPoll = 5 * time.Millisecond
)

// jsConn is a Conn over a page's WebSocket. The callbacks run on the browser's event loop and
// never block; a message costs no Go allocation beyond the callback's own.
type jsConn struct {
	ws     js.Value
	opts   Options
	head   int // how much of MaxMessage is a head of this package
	remote string
	in     *inbox
	opened chan struct{}

	scratch []byte   // callbacks only: where a message is copied to on its way to the inbox
	out     js.Value // a Uint8Array that Write reuses
	outLen  int

	funcs []js.Func

	once   sync.Once
	closed chan struct{} // this end has closed, or refuses: err is set
	err    error
	over   chan struct{} // closed with the browser's close event
}

// Dial connects to a relay; address is anything ParseURL understands. Connecting takes
// Options.HandshakeTimeout at most, or less if ctx ends before. Every error is a *DialError. A
// browser does not tell a page why a connection failed, so the words name the usual reasons.
func Dial(ctx context.Context, address string, opts Options) (Conn, error) {
	u, err := ParseURL(address)
	if err != nil {
		return nil, &DialError{Address: address, Words: err.Error(), Err: err}
	}
	c, err := dialWebSocket(ctx, u, opts.withDefaults())
	if err != nil {
		return nil, err
	}
	return c, nil
}

func dialWebSocket(ctx context.Context, u *url.URL, opts Options) (*jsConn, error) {
	fail := func(err error, format string, args ...any) (*jsConn, error) {
		return nil, &DialError{Address: u.Host, Words: fmt.Sprintf(format, args...), Err: err}
	}
	ws, err := newWebSocket(u)
	if err != nil {
		return fail(err, "this browser refuses to connect to %s (%v): a page from https:// can only use wss:// relays", u.Host, err)
	}
	c := &jsConn{
		ws:     ws,
		opts:   opts,
		remote: u.Host,
		in:     newInbox(jsMessages, opts.MaxMessage),
		opened: make(chan struct{}),
		closed: make(chan struct{}),
		over:   make(chan struct{}),
	}
	c.listen()
	ears := listenFor(opts.HandshakeTimeout)
	defer ears.stop()
	for {
		select {
		case <-c.opened:
			return c, nil
		case <-c.over:
			return fail(c.in.err, "no relay answers at %s (a browser does not tell more): start one with tandem-relay, or check the address and that this page may use it", u.Host)
		case <-ears.ticks:
			if ears.patient() {
				continue
			}
			c.Abort()
			return fail(context.DeadlineExceeded, "%s does not answer within %v: check the address, and that no firewall is in between", u.Host, opts.HandshakeTimeout)
		case <-ctx.Done():
			c.Abort()
			if errors.Is(ctx.Err(), context.Canceled) {
				return fail(ctx.Err(), "connecting to %s was cancelled", u.Host)
			}
			return fail(ctx.Err(), "%s does not answer in time: check the address, and that no firewall is in between", u.Host)
		}
	}
}

// ears measure a time in which this page could have heard something. It has one thread: while that draws
// or compiles, or the computer sleeps, what has arrived waits, and a timer that runs out meanwhile is told
// before it. So a piece of the time counts as one however long it took, and after the last one there is
// one more, for what came late.
type ears struct {
	ticker *time.Ticker
	ticks  <-chan time.Time // nil where there is no limit
	left   int
}

// earPieces is into how many pieces a time is divided: no stall counts as more than one of them. A page
// that is hidden for long has a timer once a minute, and should give up some day.
const earPieces = 10

func listenFor(d time.Duration) *ears {
	if d <= 0 {
		return &ears{}
	}
	t := time.NewTicker(max(d/earPieces, time.Millisecond))
	return &ears{ticker: t, ticks: t.C, left: earPieces}
}

// patient is to be called after every tick: it is false when the time is over.
func (e *ears) patient() bool {
	e.left--
	return e.left >= 0
}

func (e *ears) stop() {
	if e.ticker != nil {
		e.ticker.Stop()
	}
}

func newWebSocket(u *url.URL) (ws js.Value, err error) {
	class := js.Global().Get("WebSocket")
	if !class.Truthy() {
		return js.Value{}, errors.New("it has no WebSocket")
	}
	err = try(func() {
		ws = class.New(u.String())
		ws.Set("binaryType", "arraybuffer")
	})
	return ws, err
}

// try turns a JavaScript exception into an error.
func try(f func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case js.Error:
			err = r
		default:
			panic(r)
		}
	}()
	f()
	return nil
}

// listen registers the callbacks.
func (c *jsConn) listen() {
	on := func(event string, f func(e js.Value)) {
		fn := js.FuncOf(func(_ js.Value, args []js.Value) any {
			f(args[0])
			return nil
		})
		c.funcs = append(c.funcs, fn)
		c.ws.Set(event, fn)
	}
	on("onopen", func(js.Value) { close(c.opened) })
	on("onmessage", c.message)
	on("onclose", func(e js.Value) {
		closed := &CloseError{Code: receivedCode(Code(e.Get("code").Int())), Reason: e.Get("reason").String()}
		c.in.end(closed)
		c.release()
	})
	// "error" carries no information. "close" follows it by the standard, but node 20 leaves that
	// out where the connection never opened.
	on("onerror", func(js.Value) {
		select {
		case <-c.opened:
		default:
			c.in.end(&CloseError{Code: CodeAbnormal})
			c.release()
		}
	})
}

// release takes the callbacks away and says that the browser has finished. It runs once: in the
// close event, which comes last, or when waiting for that was given up.
func (c *jsConn) release() {
	select {
	case <-c.over:
		return
	default:
	}
	for _, event := range []string{"onopen", "onmessage", "onclose", "onerror"} {
		c.ws.Set(event, js.Null())
	}
	for _, fn := range c.funcs {
		fn.Release()
	}
	close(c.over)
}

// message is the callback for one message.
func (c *jsConn) message(e js.Value) {
	select {
	case <-c.closed:
		return
	default:
	}
	data := e.Get("data")
	if data.Type() == js.TypeString {
		c.finish(refuseText())
		return
	}
	bytes := js.Global().Get("Uint8Array").New(data)
	n := bytes.Length()
	if n > c.opts.MaxMessage {
		c.finish(refuseBig(c.opts.MaxMessage - c.head))
		return
	}
	if n > len(c.scratch) {
		c.scratch = make([]byte, max(n, 1024))
	}
	js.CopyBytesToGo(c.scratch[:n], bytes)
	if !c.in.tryPut(c.scratch[:n]) {
		reason := fmt.Sprintf("%d messages were not read in time", jsMessages)
		c.finish(refusal{CodePolicy, reason, fmt.Errorf("%w: %s", ErrReadTimeout, reason)})
	}
}

func (c *jsConn) Remote() string { return c.remote }

// Carrier names what carries messages.
func (c *jsConn) Carrier() string { return CarrierWebSocket }

func (c *jsConn) Read() ([]byte, error) {
	msg, ok, timedOut := c.in.take(c.opts.ReadTimeout, c.closed)
	if timedOut {
		msg, ok, timedOut = c.in.take(late(c.opts), c.closed)
	}
	switch {
	case timedOut:
		c.finish(refuseSilence(c.opts.ReadTimeout))
		return nil, c.err
	case !ok:
		return nil, c.reason()
	}
	return msg, nil
}

// late is how much longer than ReadTimeout Read waits: perhaps the thread had only no time for what has
// arrived, see ears.
func late(opts Options) time.Duration { return min(opts.ReadTimeout, time.Second) }

func (c *jsConn) Write(data []byte) error {
	if err := c.waitRoom(); err != nil {
		return err
	}
	if len(data) > c.outLen {
		c.outLen = max(len(data), ioScratch)
		c.out = js.Global().Get("Uint8Array").New(c.outLen)
	}
	if len(data) == 0 {
		return c.send(js.Global().Get("Uint8Array").New(0))
	}
	js.CopyBytesToJS(c.out, data)
	// send copies the bytes before it returns, so the array can be used again.
	return c.send(c.out.Call("subarray", 0, len(data)))
}

// ioScratch is the least size of Write's array: a full batch.
const ioScratch = DefaultBatchBytes

func (c *jsConn) send(bytes js.Value) error {
	if err := try(func() { c.ws.Call("send", bytes) }); err != nil {
		if over := c.reason(); over != nil {
			return over
		}
		return &CloseError{Code: CodeAbnormal, Err: err}
	}
	return nil
}

// waitRoom waits until the browser holds little enough, at most for WriteTimeout.
func (c *jsConn) waitRoom() error {
	if err := c.reason(); err != nil {
		return err
	}
	if c.ws.Get("bufferedAmount").Int() <= jsBuffered {
		return nil
	}
	tick := time.NewTicker(jsPoll)
	defer tick.Stop()
	ears := listenFor(c.opts.WriteTimeout)
	defer ears.stop()
	for {
		select {
		case <-tick.C:
			if c.ws.Get("bufferedAmount").Int() <= jsBuffered {
				return nil
			}
		case <-c.closed:
			return c.reason()
		case <-c.in.ended:
			return c.reason()
		case <-ears.ticks:
			if ears.patient() {
				continue
			}
			c.finish(refusal{CodePolicy, "nothing was taken in time", writeTimedOut(c.opts.WriteTimeout)})
			return c.err
		}
	}
}

func (c *jsConn) Close(code Code, reason string) error {
	code, reason, err := goodbye(code, reason)
	c.finish(refusal{code, reason, ErrClosed})
	<-c.over
	return err
}

// Abort hangs up. A page cannot leave without a goodbye: the far end hears CodeGoingAway.
func (c *jsConn) Abort() { c.finish(refusal{CodeGoingAway, "", ErrClosed}) }

// finish asks the browser to close, once; what this end's calls answer from then on is r.err. It
// does not wait, so that callbacks may call it.
func (c *jsConn) finish(r refusal) {
	c.once.Do(func() {
		// It can only fail for a code or reason that goodbye would not let through.
		err := try(func() { c.ws.Call("close", int(browserCode(r.code)), r.reason) })
		c.err = r.err
		if err != nil {
			c.err = errors.Join(r.err, err)
		}
		close(c.closed)
		time.AfterFunc(closeWait, c.release) // where the browser does not say that it is over
	})
}

// reason is why the connection is over, nil while it is not. What this end did comes first.
func (c *jsConn) reason() error {
	select {
	case <-c.closed:
		return c.err
	default:
	}
	select {
	case <-c.in.ended:
		return c.in.err
	default:
	}
	return nil
}
