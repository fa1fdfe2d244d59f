package transport

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"syscall/js"
)

const (
	// flying is how many datagrams may wait in the browser: what is more is lost, as on a line that has no
	// room for it. Later ones repeat it.
	flying = 16
	// waiting is how many of the relay's may wait for the page: a second's, after a stall.
	waiting = 64
)

// webTransport is a page's line: a session of the browser's WebTransport, with one stream.
type webTransport struct {
	frames
	session        js.Value
	reader, writer js.Value // of datagrams
	in             await    // for reader
	heard          []byte   // what hear hands out

	sent  js.Func      // a datagram has left, or is lost
	away  atomic.Int32 // how many have not
	once  sync.Once
	ended chan struct{}
}

// dialWebTransport begins a session, and says whose it is.
func dialWebTransport(ctx context.Context, class js.Value, address string, sums []string, id linkID) (*webTransport, error) {
	o, err := options(sums)
	if err != nil {
		return nil, err
	}
	var session js.Value
	if err := try(func() { session = class.New(address, o) }); err != nil {
		return nil, err
	}
	l := newWebTransport(session)
	stop := context.AfterFunc(ctx, func() { l.close(true) })
	err = l.begin(id)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		l.close(true)
		return nil, err
	}
	return l, nil
}

func newWebTransport(session js.Value) *webTransport {
	l := &webTransport{session: session, ended: make(chan struct{})}
	// Functions that promises call are not released: a browser may call them when all is over. They are a few
	// for each session.
	l.sent = js.FuncOf(func(js.Value, []js.Value) any {
		l.away.Add(-1)
		return nil
	})
	over := js.FuncOf(func(js.Value, []js.Value) any {
		l.end()
		return nil
	})
	// Who hears that a promise was broken keeps it off the console.
	session.Get("closed").Call("then", over, over)
	return l
}

// begin opens the session's stream, and says whose it is.
func (l *webTransport) begin(id linkID) error {
	wait := newAwait(l.ended)
	if _, err := wait.promise(l.session.Get("ready")); err != nil {
		return err
	}
	stream, err := wait.call(l.session, "createBidirectionalStream")
	if err != nil {
		return err
	}
	if err := l.use(stream); err != nil {
		return err
	}
	return l.introduce(id)
}

// use makes what reads and writes.
func (l *webTransport) use(stream js.Value) error {
	datagrams := l.session.Get("datagrams")
	s := &jsStream{read: newAwait(l.ended), write: newAwait(l.ended)}
	l.in = newAwait(l.ended)
	l.frames = newFrames(s)
	return try(func() {
		s.in = stream.Get("readable").Call("getReader")
		s.out = stream.Get("writable").Call("getWriter")
		datagrams.Set("incomingHighWaterMark", waiting)
		datagrams.Set("outgoingHighWaterMark", flying)
		l.reader = datagrams.Get("readable").Call("getReader")
		writable := datagrams.Get("writable")
		if !writable.Truthy() { // by the newer standard there may be several
			writable = datagrams.Call("createWritable")
		}
		l.writer = writable.Call("getWriter")
	})
}

func (l *webTransport) end() { l.once.Do(func() { close(l.ended) }) }

func (l *webTransport) close(bool) {
	l.end()
	_ = try(func() { l.session.Call("close") }) // it may have ended
}

func (l *webTransport) over() <-chan struct{} { return l.ended }

func (l *webTransport) carrier() string { return CarrierWebTransport }

// losses: what browsers tell of them differs, and some tell nothing.
func (l *webTransport) losses() (sent, lost uint64) { return 0, 0 }

func (l *webTransport) datagram(packet []byte) {
	if l.away.Load() >= flying {
		return
	}
	l.away.Add(1)
	bytes := toBytes(packet)
	if try(func() { l.writer.Call("write", bytes).Call("then", l.sent, l.sent) }) != nil {
		l.away.Add(-1)
	}
}

func (l *webTransport) hear() ([]byte, error) {
	v, err := l.in.read(l.reader)
	if err != nil {
		return nil, err
	}
	n := v.Length()
	if n > cap(l.heard) {
		l.heard = make([]byte, n)
	}
	l.heard = l.heard[:n]
	js.CopyBytesToGo(l.heard, v)
	return l.heard, nil
}

// toBytes is a Uint8Array of its own: a stream keeps what it is given until it has left.
func toBytes(b []byte) js.Value {
	v := js.Global().Get("Uint8Array").New(len(b))
	js.CopyBytesToJS(v, b)
	return v
}

// jsStream is the stream of a session.
type jsStream struct {
	in, out     js.Value
	rest        js.Value // of the chunk that was read
	at, n       int
	read, write await
}

func (s *jsStream) Read(b []byte) (int, error) {
	for s.at == s.n {
		chunk, err := s.read.read(s.in)
		if err != nil {
			return 0, err
		}
		s.rest, s.at, s.n = chunk, 0, chunk.Length()
	}
	n := js.CopyBytesToGo(b, s.rest.Call("subarray", s.at))
	s.at += n
	return n, nil
}

func (s *jsStream) Write(b []byte) (int, error) {
	if _, err := s.write.call(s.out, "write", toBytes(b)); err != nil {
		return 0, err
	}
	return len(b), nil
}

// await waits for promises, one at a time.
type await struct {
	kept, broken js.Func
	got          chan outcome
	over         <-chan struct{}
}

type outcome struct {
	value js.Value
	err   error
}

// errBroken is that of a promise that was broken without a reason.
var errBroken error = errors.New("the browser does not say why")

func newAwait(over <-chan struct{}) await {
	got := make(chan outcome, 1)
	return await{got: got, over: over,
		kept: js.FuncOf(func(_ js.Value, args []js.Value) any {
			got <- outcome{value: args[0]}
			return nil
		}),
		broken: js.FuncOf(func(_ js.Value, args []js.Value) any {
			err := errBroken
			if args[0].Type() == js.TypeObject {
				err = js.Error{Value: args[0]}
			}
			got <- outcome{err: err}
			return nil
		})}
}

// promise waits for one, or until all is over.
func (a *await) promise(p js.Value) (js.Value, error) {
	p.Call("then", a.kept, a.broken)
	select {
	case o := <-a.got:
		return o.value, o.err
	case <-a.over:
		return js.Value{}, ErrClosed
	}
}

// call waits for what a method promises.
func (a *await) call(of js.Value, method string, args ...any) (js.Value, error) {
	var p js.Value
	if err := try(func() { p = of.Call(method, args...) }); err != nil {
		return js.Value{}, err
	}
	return a.promise(p)
}

// read waits for the next piece that a reader reads.
func (a *await) read(reader js.Value) (js.Value, error) {
	piece, err := a.call(reader, "read")
	if err != nil {
		return js.Value{}, err
	}
	if piece.Get("done").Bool() {
		return js.Value{}, io.EOF
	}
	return piece.Get("value"), nil
}
