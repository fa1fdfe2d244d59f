//go:build !js

package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	"github.com/quic-go/quic-go/quicvarint"
)

// WebTransport over HTTP/3 (draft-ietf-webtrans-http3), as far as it is used here: a page opens one session,
// which is a request (CONNECT, with the protocol below), and one stream in it. The session's datagrams are
// those of that request (RFC 9297).
const (
	// ForPages is what a page's browser calls what it speaks in TLS's handshake (ALPN), by which a relay may
	// choose a certificate.
	ForPages = http3.NextProtoH3

	// sessionStream begins each stream of a session: this number, then the request's.
	sessionStream = 0x41

	// What a relay says in its settings, each to browsers of a time: drafts 2, 13 and 15.
	settingDraft2, settingSessions, settingEnabled = 0x2b603742, 0x14e9cd29, 0x2c7cf000

	// pageHeader is what a page's request may have in its head: a browser sends half a KiB.
	pageHeader = 4 << 10
)

// sessionProtocols are what browsers call a session in their request, in newer ones and in older.
var sessionProtocols = []string{"webtransport-h3", "webtransport"}

var sessionSettings = map[uint64]uint64{settingDraft2: 1, settingSessions: 1, settingEnabled: 1}

// visitor is a QUIC connection that speaks HTTP/3.
type visitor struct {
	d      *Datagrams
	conn   *quic.Conn
	handle func(Conn)
	ctx    context.Context // ends when it has had its time to say whose it is
	meant  func() bool     // it has said whose it is; false where that was too late

	began  atomic.Bool        // it has its session
	stream chan sessionOpened // its first stream
}

// sessionOpened is a stream of the session that a request of this number has begun.
type sessionOpened struct {
	stream  *quic.Stream
	request uint64
}

// takePage serves one until it is over.
func (d *Datagrams) takePage(ctx context.Context, conn *quic.Conn, handle func(Conn)) {
	ctx, cancel := context.WithTimeout(ctx, d.opts.HandshakeTimeout)
	defer cancel()
	defer hangUp(conn)
	v := &visitor{d: d, conn: conn, handle: handle, ctx: ctx, meant: context.AfterFunc(ctx, func() { hangUp(conn) }),
		stream: make(chan sessionOpened, 1)}
	h := http3.Server{Handler: v, EnableDatagrams: true, AdditionalSettings: sessionSettings, MaxHeaderBytes: pageHeader}
	raw, err := h.NewRawServerConn(conn)
	if err != nil {
		return
	}
	go func() {
		for {
			s, err := conn.AcceptUniStream(conn.Context())
			if err != nil {
				return
			}
			go raw.HandleUnidirectionalStream(s)
		}
	}()
	for {
		s, err := conn.AcceptStream(conn.Context())
		if err != nil {
			return
		}
		go v.opened(raw, s)
	}
}

// opened tells requests from the session's stream.
func (v *visitor) opened(raw *http3.RawServerConn, s *quic.Stream) {
	kind, err := quicvarint.Peek(s)
	if err != nil {
		return
	}
	if kind != sessionStream {
		raw.HandleRequestStream(s)
		return
	}
	r := quicvarint.NewReader(s)
	_, err = quicvarint.Read(r)
	var request uint64
	if err == nil {
		request, err = quicvarint.Read(r)
	}
	if err != nil {
		return
	}
	select {
	case v.stream <- sessionOpened{s, request}:
	default: // it had one
		s.CancelRead(quic.StreamErrorCode(http3.ErrCodeRequestRejected))
		s.CancelWrite(quic.StreamErrorCode(http3.ErrCodeRequestRejected))
	}
}

// ServeHTTP answers the request for a session.
func (v *visitor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, err error) {
		v.d.refused(r.RemoteAddr, err)
		http.Error(w, err.Error(), status)
	}
	if r.Method != http.MethodConnect || !slices.Contains(sessionProtocols, r.Proto) || !strings.HasSuffix(r.URL.Path, DefaultPath) {
		http.Error(w, "this port speaks WebTransport only, at "+DefaultPath, http.StatusNotFound)
		return
	}
	if err := v.d.opts.Page(r); err != nil {
		refuse(http.StatusForbidden, err)
		return
	}
	if v.began.Swap(true) {
		refuse(http.StatusTooManyRequests, errSessions)
		return
	}
	if err := v.takes(w); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusOK)
	session, err := w.(http3.HTTPStreamer).HTTPStream()
	if err != nil {
		hangUp(v.conn)
		return
	}
	go v.attend(session)
	id, l, err := v.meet(session)
	if !v.meant() || err != nil {
		hangUp(v.conn)
		return
	}
	if c, fresh := v.d.join(id, l, r.RemoteAddr); fresh {
		go v.handle(c) // the request is answered
	}
}

// takes waits until the browser has said what it understands, and refuses one without datagrams.
func (v *visitor) takes(w http.ResponseWriter) error {
	s := w.(http3.Settingser)
	select {
	case <-s.ReceivedSettings():
	case <-v.ctx.Done():
		return v.ctx.Err()
	}
	if !s.Settings().EnableDatagrams {
		return errors.New("this browser takes no datagrams")
	}
	return nil
}

// attend ends the connection with its session, whose request's stream the browser closes then. What comes there
// before (capsules) is about what was not agreed on here.
func (v *visitor) attend(session *http3.Stream) {
	_, _ = io.Copy(io.Discard, session) // however it ends, it does
	hangUp(v.conn)
}

// meet hears whose session it is.
func (v *visitor) meet(session *http3.Stream) (id linkID, l *pageLine, err error) {
	select {
	case o := <-v.stream:
		if o.request != uint64(session.StreamID()) {
			return id, nil, errSessions
		}
		l = &pageLine{frames: newFrames(o.stream), conn: v.conn, session: session}
	case <-v.ctx.Done():
		return id, nil, v.ctx.Err()
	}
	id, err = l.frames.meet()
	return id, l, err
}

// errSessions refuses what no browser does here.
var errSessions = errors.New("a connection has one session")

// requestDatagrams are those of a session's request.
type requestDatagrams interface {
	SendDatagram(b []byte) error
	ReceiveDatagram(ctx context.Context) ([]byte, error)
}

// pageLine is a WebTransport session with its one stream.
type pageLine struct {
	frames
	conn    *quic.Conn
	session requestDatagrams
}

// close ends the connection: there is nothing else on it, and what there was to say was said on top.
func (l *pageLine) close(bool) {
	_ = l.conn.CloseWithError(quic.ApplicationErrorCode(http3.ErrCodeNoError), "") // it is given up
}

func (l *pageLine) datagram(packet []byte) { _ = l.session.SendDatagram(packet) } // its reader hears that it is over

func (l *pageLine) losses() (sent, lost uint64) { return lossesOf(l.conn) }

func (l *pageLine) hear() ([]byte, error) { return l.session.ReceiveDatagram(l.conn.Context()) }

func (l *pageLine) over() <-chan struct{} { return l.conn.Context().Done() }

func (l *pageLine) carrier() string { return CarrierWebTransport }

// upgradePage is Upgrade for a page that asks for datagrams. d may be nil.
func (d *Datagrams) upgradePage(w http.ResponseWriter, r *http.Request, opts Options, id linkID) (Conn, error) {
	sums := d.sums(r)
	o := opts.withDefaults()
	if len(sums) > 0 {
		o = inner(o)
	}
	ws, err := upgrade(w, r, o, nil)
	if err != nil {
		return nil, err
	}
	if err := ws.Write(appendOffer(nil, sums)); err != nil {
		ws.Abort()
		return nil, err
	}
	if len(sums) == 0 {
		return ws, nil
	}
	return d.meet(ws, id, r.RemoteAddr, opts)
}

// sums is what a page is offered: nothing where a proxy is in between, which carries no UDP.
func (d *Datagrams) sums(r *http.Request) []string {
	if d == nil {
		return nil
	}
	for _, mark := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via"} {
		if r.Header.Get(mark) != "" {
			return nil
		}
	}
	if d.opts.PageSums == nil {
		return []string{Verified}
	}
	sums, err := d.opts.PageSums()
	if err != nil {
		d.refused(r.RemoteAddr, err)
		return nil
	}
	return sums
}
