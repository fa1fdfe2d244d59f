//go:build !js

package socket

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"tandem/netcode/original/wire"
)

const (
	// separator stands between the packets of a payload.
	separator = 0x1e
	// pollBytes and pollPackets are how much waits for the next poll before the writer does: one answer.
	// What has no room waits in the Socket, which bounds it, too.
	pollBytes   = wire.MaxMessage
	pollPackets = 4096
	// postPackets is how many packets one post may bring: more than a burst that a relay has to bear.
	postPackets = 4096
)

// pollLine has the messages of a session that polls: one that was posted and waits for the Socket, and those
// that wait for a poll. Once it is upgraded it only passes on to the WebSocket.
type pollLine struct {
	remote pollAddr

	mu      sync.Mutex
	changed *sync.Cond
	in      []byte // a posted message; nil while there is none
	inKind  int
	reading bool     // the Socket has in
	out     [][]byte // encoded packets
	outSize int
	polls   bool // a poll waits, or is being answered
	posts   bool // a post is being read
	probes  bool // a WebSocket is being tried
	probed  bool // and works: polls are to come to an end
	moves   bool // and is sent what waited for a poll
	bye     bool // the close packet is the last in out
	closed  bool
	ws      *websocket.Conn // it is one now

	readBy, writeBy deadline
}

type pollAddr string

func (pollAddr) Network() string  { return "tcp" }
func (a pollAddr) String() string { return string(a) }

// deadline wakes whoever waits when a time has come.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

// set moves the deadline; wake is called at it.
func (d *deadline) set(at time.Time, wake func()) {
	d.at = at
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	if !at.IsZero() {
		d.timer = time.AfterFunc(time.Until(at), wake)
	}
}

func newPollLine(remote string) *pollLine {
	p := &pollLine{remote: pollAddr(remote)}
	p.changed = sync.NewCond(&p.mu)
	return p
}

func (p *pollLine) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changed.Broadcast()
}

// NextReader waits for a message. The one before is done with.
func (p *pollLine) NextReader() (int, io.Reader, error) {
	p.mu.Lock()
	if p.reading {
		p.in, p.reading = nil, false
		p.changed.Broadcast()
	}
	for p.in == nil && p.ws == nil {
		switch {
		case p.closed:
			p.mu.Unlock()
			return 0, nil, io.EOF
		case p.readBy.passed():
			p.mu.Unlock()
			return 0, nil, os.ErrDeadlineExceeded
		}
		p.changed.Wait()
	}
	if p.in != nil {
		defer p.mu.Unlock()
		p.reading = true
		return p.inKind, bytes.NewReader(p.in), nil
	}
	ws := p.ws
	p.mu.Unlock()
	return ws.NextReader()
}

// WriteMessage lets a message wait for the next poll. It waits itself where too many do.
func (p *pollLine) WriteMessage(kind int, data []byte) error {
	packet := data
	if kind == websocket.BinaryMessage {
		packet = base64.StdEncoding.AppendEncode([]byte{'b'}, data)
	} else {
		packet = bytes.Clone(data)
	}
	p.mu.Lock()
	for p.ws == nil {
		switch {
		case p.closed, p.bye:
			p.mu.Unlock()
			return net.ErrClosed
		case len(p.out) == 0 || p.outSize+len(packet) <= pollBytes && len(p.out) < pollPackets:
			p.add(packet)
			p.mu.Unlock()
			return nil
		case p.writeBy.passed():
			p.mu.Unlock()
			return os.ErrDeadlineExceeded
		}
		p.changed.Wait()
	}
	ws := p.ws
	p.mu.Unlock()
	return ws.WriteMessage(kind, data)
}

func (p *pollLine) add(packet []byte) {
	p.out = append(p.out, packet)
	p.outSize += len(packet) + 1
	p.changed.Broadcast()
}

// WriteControl says goodbye as Engine.IO does; WebSocket's other control messages mean nothing here.
func (p *pollLine) WriteControl(kind int, data []byte, until time.Time) error {
	p.mu.Lock()
	ws := p.ws
	if ws == nil && kind == websocket.CloseMessage && !p.bye && !p.closed {
		p.bye = true
		p.add([]byte{byte(wire.EngineClose)})
	}
	p.mu.Unlock()
	if ws == nil {
		return nil
	}
	return ws.WriteControl(kind, data, until)
}

// take answers the payload of a poll, when there is one.
func (p *pollLine) take(ctx context.Context) ([]byte, error) {
	defer context.AfterFunc(ctx, p.wake)()
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.polls:
		return nil, errOverlap
	case p.ws != nil || p.moves:
		return nil, errUpgraded
	}
	p.polls = true
	for len(p.out) == 0 && !p.probed && !p.closed && p.ws == nil {
		if err := ctx.Err(); err != nil {
			p.polls = false
			return nil, err
		}
		p.changed.Wait()
	}
	switch {
	case p.ws != nil || p.moves, len(p.out) == 0 && !p.closed:
		return []byte{byte(wire.EngineNoop)}, nil
	case len(p.out) == 0:
		return []byte{byte(wire.EngineClose)}, nil
	}
	end := len(p.out)
	if p.bye && end > 1 {
		end-- // a stock client forgets what stands before a goodbye in the same payload
	}
	n, size := 0, 0
	for n < end && (n == 0 || size+len(p.out[n])+1 <= pollBytes) {
		size += len(p.out[n]) + 1
		n++
	}
	payload := bytes.Join(p.out[:n], []byte{separator})
	p.out = append(p.out[:0], p.out[n:]...)
	clear(p.out[len(p.out):cap(p.out)])
	p.outSize -= size
	p.changed.Broadcast()
	return payload, nil
}

// taken is the end of a poll. Behind a goodbye there is nothing more to be read.
func (p *pollLine) taken() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.polls = false
	if p.bye && len(p.out) == 0 {
		p.closed = true
	}
	p.changed.Broadcast()
}

func (p *pollLine) beginPost() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.ws != nil:
		return errUpgraded
	case p.posts:
		return errOverlap
	}
	p.posts = true
	return nil
}

func (p *pollLine) endPost() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.posts = false
}

// feed hands the packets of a payload to the Socket, one after another, and returns when it has dealt with
// all of them.
func (p *pollLine) feed(payload []byte) error {
	if n := bytes.Count(payload, []byte{separator}) + 1; n > postPackets {
		return tooBig("a post of %d packets, %d are allowed", n, postPackets)
	}
	for len(payload) > 0 {
		packet, rest, more := bytes.Cut(payload, []byte{separator})
		if more && len(rest) == 0 || len(packet) == 0 {
			return malformed("an empty packet in a post")
		}
		payload = rest
		kind := websocket.TextMessage
		if packet[0] == 'b' {
			var err error
			if packet, err = base64.StdEncoding.AppendDecode([]byte{}, packet[1:]); err != nil {
				return malformed("a binary packet that is no base64")
			}
			kind = websocket.BinaryMessage
		}
		if !p.hand(kind, packet) {
			return ErrPeerClosed
		}
	}
	return nil
}

// hand gives the Socket a message, and waits until it has done with it.
func (p *pollLine) hand(kind int, packet []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.in, p.inKind, p.reading = packet, kind, false
	p.changed.Broadcast()
	for p.in != nil && !p.closed {
		p.changed.Wait()
	}
	return p.in == nil
}

func (p *pollLine) beginUpgrade() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.probes || p.ws != nil || p.closed || p.bye {
		return false
	}
	p.probes = true
	return true
}

// hurry ends the poll that waits.
func (p *pollLine) hurry() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.probed = true
	p.changed.Broadcast()
}

// endUpgrade goes on as a WebSocket behind what still waits for a poll, or as before where ws is nil. The
// error is that of writing this: it is lost then. Each message may take wait, and others must not wait for
// that: a far end may read nothing.
func (p *pollLine) endUpgrade(ws *websocket.Conn, wait time.Duration) (attached bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer func() { p.probes, p.probed, p.moves = false, false, false }()
	if ws == nil {
		return false, nil
	}
	p.moves = true
	for len(p.out) > 0 && !p.closed && !p.bye {
		out := p.out
		p.out, p.outSize = nil, 0
		p.changed.Broadcast() // more may wait behind it
		p.mu.Unlock()
		err := writePackets(ws, out, wait)
		p.mu.Lock()
		if err != nil {
			return false, err
		}
	}
	if p.closed || p.bye {
		return false, nil
	}
	_ = ws.NetConn().SetReadDeadline(p.readBy.at)  // a closed connection says so when it is used
	_ = ws.NetConn().SetWriteDeadline(time.Time{}) // as above; what is written directly has none
	_ = ws.SetWriteDeadline(p.writeBy.at)          // it only stores the time
	p.ws = ws
	p.changed.Broadcast()
	return true, nil
}

// writePackets sends what waited for a poll to a WebSocket.
func writePackets(ws *websocket.Conn, packets [][]byte, wait time.Duration) error {
	for _, packet := range packets {
		kind := websocket.TextMessage
		if packet[0] == 'b' {
			kind = websocket.BinaryMessage
			packet, _ = base64.StdEncoding.AppendDecode([]byte{}, packet[1:]) // WriteMessage has written it
		}
		_ = ws.SetWriteDeadline(time.Now().Add(wait)) // it only stores the time
		if err := ws.WriteMessage(kind, packet); err != nil {
			return err
		}
	}
	return nil
}

// EnableWriteCompression is the WebSocket's.
func (p *pollLine) EnableWriteCompression(on bool) {
	if ws := p.upgraded(); ws != nil {
		ws.EnableWriteCompression(on)
	}
}

func (p *pollLine) upgraded() *websocket.Conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ws
}

// RemoteAddr is where the first request came from.
func (p *pollLine) RemoteAddr() net.Addr { return p.remote }

// SetWriteDeadline bounds WriteMessage.
func (p *pollLine) SetWriteDeadline(t time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ws != nil {
		return p.ws.SetWriteDeadline(t)
	}
	p.bound(&p.writeBy, t)
	return nil
}

func (p *pollLine) bound(d *deadline, t time.Time) {
	d.set(t, p.wake)
	p.changed.Broadcast()
}

// Close ends the session.
func (p *pollLine) Close() error {
	p.mu.Lock()
	ws := p.ws
	p.closed = true
	p.readBy.set(time.Time{}, nil)
	p.writeBy.set(time.Time{}, nil)
	p.changed.Broadcast()
	p.mu.Unlock()
	if ws != nil {
		return ws.Close()
	}
	return nil
}

// NetConn has the deadlines, from any goroutine.
func (p *pollLine) NetConn() net.Conn { return pollConn{p} }

// pollConn is what lies below: the WebSocket's connection, once there is one.
type pollConn struct{ p *pollLine }

func (c pollConn) conn() net.Conn {
	if ws := c.p.upgraded(); ws != nil {
		return ws.NetConn()
	}
	return nil
}

// Read is the WebSocket's; nothing uses it before there is one.
func (c pollConn) Read(b []byte) (int, error) {
	if conn := c.conn(); conn != nil {
		return conn.Read(b)
	}
	return 0, net.ErrClosed
}

// Write is for the end of a frame that was begun directly.
func (c pollConn) Write(b []byte) (int, error) {
	if conn := c.conn(); conn != nil {
		return conn.Write(b)
	}
	return 0, net.ErrClosed
}

// Close ends the session.
func (c pollConn) Close() error { return c.p.Close() }

// LocalAddr is not known: every request may have come to another one.
func (c pollConn) LocalAddr() net.Addr { return pollAddr("") }

// RemoteAddr is where the first request came from.
func (c pollConn) RemoteAddr() net.Addr { return c.p.remote }

// SetDeadline sets both.
func (c pollConn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline bounds NextReader.
func (c pollConn) SetReadDeadline(t time.Time) error {
	c.p.mu.Lock()
	defer c.p.mu.Unlock()
	if c.p.ws != nil {
		return c.p.ws.NetConn().SetReadDeadline(t)
	}
	c.p.bound(&c.p.readBy, t)
	return nil
}

// SetWriteDeadline bounds WriteMessage.
func (c pollConn) SetWriteDeadline(t time.Time) error {
	c.p.mu.Lock()
	defer c.p.mu.Unlock()
	if c.p.ws != nil {
		return c.p.ws.NetConn().SetWriteDeadline(t)
	}
	c.p.bound(&c.p.writeBy, t)
	return nil
}
