//go:build !js

package socket

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"tandem/netcode/original/wire"
	"tandem/netcode/transport"
)

// pair connects two Sockets.
func pair(t *testing.T, server, client Options) (s, c *Socket) {
	t.Helper()
	got := make(chan *Socket, 1)
	address := serve(t, server, func(s *Socket) {
		if p, err := s.Read(); err != nil || p.Type != wire.Connect {
			t.Errorf("%+v, %v where a CONNECT should be", p, err)
		}
		got <- s
		<-s.done
	})
	c, err := Dial(t.Context(), address, client)
	if err != nil {
		t.Fatal(err)
	}
	s = <-got
	t.Cleanup(func() {
		c.Abort()
		s.Abort()
	})
	return s, c
}

func TestSocketsTalk(t *testing.T) {
	for _, parser := range []wire.Parser{wire.JSON, wire.Msgpack} {
		for _, compression := range []bool{false, true} {
			opts := Options{Config: Config{Parser: parser}, Compression: compression}
			s, c := pair(t, opts, opts)
			if s.SID() == "" || s.SID() != c.SID() || c.Remote() == "" {
				t.Errorf("session %q and %q", s.SID(), c.SID())
			}
			big := bytes.Repeat([]byte("state "), 20000)
			must(t, c.EmitValues("up", wire.BytesValue(big), wire.StringValue("x")))
			p := next(t, s, "up")
			if b, _ := p.Arg(0).Bytes(); !bytes.Equal(b, big) {
				t.Fatalf("%d bytes arrived", len(b))
			}
			must(t, s.Emit(&wire.VerifyState{Frame: 7}))
			var v wire.VerifyState
			must(t, wire.Decode(next(t, c, "pyodide_verify_state"), &v))
			if v.Frame != 7 {
				t.Error(v)
			}
			ended := make(chan error, 1)
			go func() { ended <- c.Close("done") }() // it waits for the far end, which has to read
			if p, err := s.Read(); err != nil || p.Type != wire.Disconnect {
				t.Fatalf("%+v, %v where a DISCONNECT should be", p, err)
			}
			_, err := s.Read()
			var closed *transport.CloseError
			if !errors.As(err, &closed) || closed.Code != transport.CodeNormal || closed.Reason != "done" {
				t.Errorf("the goodbye came as %v", err)
			}
			must(t, <-ended)
			for _, end := range []*Socket{s, c} {
				if err := end.EmitValues("late"); err == nil {
					t.Error("something was taken after the end")
				}
			}
			if _, err := c.Read(); !errors.Is(err, ErrClosed) {
				t.Error(err)
			}
		}
	}
}

// What waits is sent before the goodbye.
func TestCloseSendsWhatWaits(t *testing.T) {
	s, c := pair(t, Options{}, Options{})
	for i := range int64(1000) {
		must(t, s.EmitValues("n", wire.IntValue(i)))
	}
	go s.Close("done")
	for i := range int64(1000) {
		if n, _ := next(t, c, "n").Arg(0).Int(); n != i {
			t.Fatalf("%d where %d should be", n, i)
		}
	}
	if _, err := c.Read(); !errors.Is(err, ErrPeerClosed) {
		t.Fatal(err)
	}
}

// The queue of a receiver that takes nothing is bounded; the writer gives up in time.
func TestQueueIsBounded(t *testing.T) {
	s, _ := pair(t, Options{MaxMessages: 100, MaxBytes: 64 << 10, WriteTimeout: time.Second, Config: Config{PingInterval: time.Minute}}, Options{})
	var err error
	text := wire.StringValue(strings.Repeat("x", 10000))
	for err == nil { // until the system's buffers are full too
		if messages, size := s.Depth(); messages > 100 || size > 64<<10 {
			t.Fatalf("%d messages, %d bytes wait", messages, size)
		}
		if err = s.EmitValues("n", text); errors.Is(err, ErrQueueFull) {
			err = nil
			time.Sleep(time.Millisecond) // a real line fills, or its deadline passes
		}
	}
	if !errors.Is(err, ErrTimeout) {
		t.Fatal(err)
	}
	if _, err := s.Read(); !errors.Is(err, ErrTimeout) {
		t.Fatal(err)
	}
}

func TestQueueFull(t *testing.T) {
	s, _ := pair(t, Options{MaxBytes: 1000, Config: Config{PingInterval: time.Minute}}, Options{})
	for m, _ := s.Depth(); m > 0; m, _ = s.Depth() {
		time.Sleep(time.Millisecond) // until the answer to CONNECT is on its way
	}
	if err := s.EmitValues("n", wire.StringValue(strings.Repeat("x", 1000))); !errors.Is(err, ErrQueueFull) {
		t.Fatal(err)
	}
	if err := s.EmitValues("n", wire.BytesValue(make([]byte, 980))); !errors.Is(err, ErrQueueFull) {
		t.Fatal("an attachment counts too:", err)
	}
	if m, n := s.Depth(); m != 0 || n != 0 {
		t.Fatalf("%d messages, %d bytes are left of what was refused", m, n)
	}
	must(t, s.EmitValues("n"))
}

func TestSocketRefusesWhatCannotBeSent(t *testing.T) {
	s, c := pair(t, Options{}, Options{})
	for _, p := range []*wire.Packet{{Type: wire.Connect}, {Type: wire.Disconnect}, {Type: wire.Event, Namespace: "/x", Name: "a"},
		{Type: wire.Event, Name: "connect"}, {Type: wire.Ack}, {Type: wire.Event, Name: "a", Args: make([]wire.Value, wire.MaxArgs+1)}} {
		if err := s.Send(p); err == nil {
			t.Errorf("%+v was sent", p)
		}
	}
	must(t, s.EmitValues("good"))
	next(t, c, "good")
}

// raw connects a bare WebSocket and says what is given; it returns the server's greeting and how the
// connection ended.
func raw(t *testing.T, address string, say ...[]byte) (greeting string, code int, reason string) {
	t.Helper()
	u, err := ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	ws, _, err := websocket.DefaultDialer.Dial(u.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	for i, data := range say {
		kind := websocket.TextMessage
		if i > 0 && !bytes.HasPrefix(data, []byte("4")) {
			kind = websocket.BinaryMessage
		}
		if err := ws.WriteMessage(kind, data); err != nil {
			t.Fatal(err)
		}
	}
	for {
		_, data, err := ws.ReadMessage()
		if greeting == "" {
			greeting = string(data)
		}
		var closed *websocket.CloseError
		if errors.As(err, &closed) {
			return greeting, closed.Code, closed.Text
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A refusal reaches the far end as a close code with words.
func TestSocketSaysWhy(t *testing.T) {
	for _, c := range []struct {
		name   string
		say    [][]byte
		kind   error
		code   int
		reason string
	}{
		{"event before CONNECT", [][]byte{[]byte(`42["a"]`)}, wire.ErrUnexpected, 1002, "EVENT for the namespace /, which is not joined"},
		{"not UTF-8", [][]byte{[]byte("40"), []byte("42[\"\xff\"]")}, wire.ErrMalformed, 1002, "a text message that is no UTF-8"},
		{"too big", [][]byte{[]byte("40"), bytes.Repeat([]byte("4"), wire.MaxMessage+1)}, wire.ErrTooBig, 1009, "a message of more than 1000000 bytes"},
		{"binary", [][]byte{[]byte("40"), []byte("x")}, wire.ErrMalformed, 1002, "a binary message that no header has announced"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ended := make(chan error, 1)
			address := serve(t, Options{}, func(s *Socket) {
				for {
					if _, err := s.Read(); err != nil {
						ended <- err
						return
					}
				}
			})
			greeting, code, reason := raw(t, address, c.say...)
			if err := <-ended; !errors.Is(err, c.kind) {
				t.Errorf("our end: %v", err)
			}
			if code != c.code || reason != c.reason {
				t.Errorf("told %d %q, want %d %q", code, reason, c.code, c.reason)
			}
			if !strings.HasSuffix(greeting, `,"upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`) {
				t.Errorf("the greeting is %s", greeting)
			}
		})
	}
}

// A small compressed message that unfolds into a large one is stopped at the limit.
func TestDecompressionIsBounded(t *testing.T) {
	ended := make(chan error, 1)
	address := serve(t, Options{Compression: true, Config: Config{PingInterval: time.Minute}}, func(s *Socket) {
		_, err := s.Read()
		ended <- err
	})
	u, _ := ParseURL(address)
	d := websocket.Dialer{EnableCompression: true}
	ws, _, err := d.Dial(u.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if err := ws.WriteMessage(websocket.TextMessage, make([]byte, 50*wire.MaxMessage)); err != nil {
		t.Log("the server has hung up already:", err)
	}
	if err := <-ended; !errors.Is(err, wire.ErrTooBig) {
		t.Fatal(err)
	}
}

func TestPingTimeoutOnTheLine(t *testing.T) {
	ended := make(chan error, 1)
	opts := Options{Config: Config{PingInterval: 20 * time.Millisecond, PingTimeout: 20 * time.Millisecond}}
	address := serve(t, opts, func(s *Socket) {
		for {
			if _, err := s.Read(); err != nil {
				ended <- err
				return
			}
		}
	})
	_, code, reason := raw(t, address, []byte("40"))
	if err := <-ended; !errors.Is(err, ErrTimeout) || code != 1008 || reason != "no answer to a ping for 20ms" {
		t.Error(err, code, reason)
	}
}

// TestTend lets somebody else keep the time than the writer, who sleeps meanwhile.
func TestTend(t *testing.T) {
	s, c := pair(t, Options{Config: Config{PingInterval: time.Minute, PingTimeout: time.Minute}}, Options{})
	for _, x := range []*Socket{s, c} {
		go func() {
			for {
				if _, err := x.Read(); err != nil {
					return
				}
			}
		}()
	}
	s.Tend(time.Now())
	s.mu.Lock()
	early := !s.machine.pongBy.IsZero()
	s.mu.Unlock()
	if early {
		t.Error("pinged before its time")
	}
	s.Tend(time.Now().Add(2 * time.Minute))
	for answered := false; !answered; runtime.Gosched() { // the client's answer
		s.mu.Lock()
		answered = s.machine.pongBy.IsZero()
		s.mu.Unlock()
	}
	s.Untend()
	s.Untend() // twice is once
	later := time.Now().Add(time.Hour)
	s.mu.Lock()
	_ = s.machine.Tick(later) // a ping that does not leave
	s.mu.Unlock()
	s.Tend(later.Add(2 * time.Minute))
	<-s.done
	if err := s.Err(); !errors.Is(err, ErrTimeout) {
		t.Error(err)
	}
	s.Tend(later.Add(time.Hour)) // of one that is over: nothing
}

// EIO other than 4, polling and a session to upgrade are refused with HTTP 400 in the stock words.
func TestUpgradeQueries(t *testing.T) {
	address := serve(t, Options{}, func(*Socket) { t.Error("connected") })
	for query, body := range map[string]string{
		"":                                  `{"code":5,"message":"Unsupported protocol version"}`,
		"EIO=3&transport=websocket":         `{"code":5,"message":"Unsupported protocol version"}`,
		"EIO=4&EIO=3&transport=websocket":   `{"code":5,"message":"Unsupported protocol version"}`,
		"EIO=4":                             `{"code":0,"message":"Transport unknown"}`,
		"EIO=4&transport=polling":           `{"code":0,"message":"Transport unknown"}`,
		"EIO=4&transport=websocket&sid=abc": `{"code":1,"message":"Session ID unknown"}`,
		"EIO=4&transport=websocket":         `{"code":3,"message":"the client is not using the websocket protocol: 'upgrade' token not found in 'Connection' header"}`,
	} {
		resp, err := http.Get(address + DefaultPath + "?" + query)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusBadRequest || string(got) != body {
			t.Errorf("%q: HTTP %d %s, %v; want %s", query, resp.StatusCode, got, err, body)
		}
	}
	if refused := CheckQuery(url.Values{"EIO": {"4"}, "transport": {"websocket"}, "t": {"x"}}); refused != nil {
		t.Error(refused)
	}
}

func TestDialErrors(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := "http://" + closed.Addr().String()
	_ = closed.Close()
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	silent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil); err == nil {
			_, _, _ = ws.ReadMessage()
			_ = ws.Close()
		}
	}))
	defer silent.Close()
	no := serve(t, Options{Config: Config{Accept: func(wire.Value) error { return errors.New("not today") }}}, func(s *Socket) { _, _ = s.Read() })
	mixed := serve(t, Options{Config: Config{Parser: wire.Msgpack}}, func(s *Socket) { _, _ = s.Read() })
	long := Options{HandshakeTimeout: time.Minute}
	for _, c := range []struct{ address, words string }{
		{"nonsense", "use socketio://host:port"},
		{"ftp://x", "use socketio://host:port"},
		{"socketio://[fe80::1%é]:5", "invalid URL escape"},
		{"ws://user@x", "user or a fragment"},
		{refused, "connection refused"},
		{web.URL, "HTTP 404"},
		{silent.URL, "does not answer in time"},
		{no, `the server refuses the connection: "not today"`},
		{mixed, "this connection speaks msgpack"},
	} {
		opts := long
		if c.address == silent.URL {
			opts.HandshakeTimeout = 300 * time.Millisecond
		}
		_, err := Dial(t.Context(), c.address, opts)
		var e *transport.DialError
		if !errors.As(err, &e) || !strings.Contains(e.Words, c.words) {
			t.Errorf("%s: %v, want %q", c.address, err, c.words)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Dial(ctx, silent.URL, long); err == nil || !strings.Contains(err.Error(), "cancelled") {
		t.Error(err)
	}
}

func TestParseURL(t *testing.T) {
	for in, want := range map[string]string{
		"socketio://host:5000":           "ws://host:5000/socket.io/?EIO=4&transport=websocket",
		" https://host/ ":                "wss://host/socket.io/?EIO=4&transport=websocket",
		"ws://h/custom/?a=b&sid=x&EIO=3": "ws://h/custom/?EIO=4&a=b&transport=websocket",
		"socketios://[::1]:5":            "wss://[::1]:5/socket.io/?EIO=4&transport=websocket",
		"socketio://[fe80::1%eth0]:5":    "ws://[fe80::1%25eth0]:5/socket.io/?EIO=4&transport=websocket",
	} {
		if u, err := ParseURL(in); err != nil || u.String() != want {
			t.Errorf("%s: %v, %v; want %s", in, u, err, want)
		}
	}
}

// Events that a server sends before it answers the CONNECT come out of Read first.
func TestEventsBeforeTheAnswer(t *testing.T) {
	server := func(say ...string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
			if err != nil {
				return
			}
			defer ws.Close()
			for _, m := range say {
				if ws.WriteMessage(websocket.TextMessage, []byte(m)) != nil {
					return
				}
			}
			for err == nil {
				_, _, err = ws.ReadMessage()
			}
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	c, err := Dial(t.Context(), server(greeting, `42["one"]`, `42["two",2]`, `40{"sid":"X"}`, `42["three"]`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	next(t, c, "one")
	if p := next(t, c, "two"); p.Arg(0).String() != "2" {
		t.Error(p)
	}
	next(t, c, "three")
	c.Abort()
	if _, err := c.Read(); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}

	flood := []string{greeting}
	for range maxEarly + 1 {
		flood = append(flood, `42["early"]`)
	}
	if _, err := Dial(t.Context(), server(flood...), Options{}); !errors.Is(err, wire.ErrTooBig) {
		t.Error(err)
	}
}

// A server that asks for small messages gets no large ones.
func TestMaxPayloadIsObeyed(t *testing.T) {
	m := NewClient(Config{}, t0)
	m.Receive(t0, false, []byte(`0{"sid":"S","pingInterval":25000,"pingTimeout":20000,"maxPayload":100}`))
	m.Receive(t0, false, []byte(`40{"sid":"X"}`))
	s := &Socket{machine: m, opts: Options{}.withDefaults(), wake: make(chan struct{}, 1)}
	if err := s.EmitValues("a", wire.StringValue(strings.Repeat("x", 100))); !errors.Is(err, wire.ErrTooBig) {
		t.Error(err)
	}
	if err := s.EmitValues("a", wire.BytesValue(make([]byte, 101))); !errors.Is(err, wire.ErrTooBig) {
		t.Error(err)
	}
	must(t, s.EmitValues("a", wire.StringValue("x")))
}

// deaf is a listener whose connections stop taking writes once told so, but can still be read: what
// a far end leaves behind that has gone.
type deaf struct {
	net.Listener
	now atomic.Bool
}

type deafConn struct {
	net.Conn
	l *deaf
}

func (l *deaf) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return deafConn{c, l}, err
}

func (c deafConn) Write(b []byte) (int, error) {
	if c.l.now.Load() {
		return 0, io.ErrClosedPipe
	}
	return c.Conn.Write(b)
}

// What a client said before it went is read, also if a write fails meanwhile.
func TestLastWordsAreRead(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	l := &deaf{Listener: inner}
	begin, ended := make(chan *Socket, 1), make(chan int, 1)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := Upgrade(w, r, Options{closeWait: time.Hour, Config: Config{PingInterval: time.Minute}}) // it is the client's end that ends this
		if err != nil {
			t.Error(err)
			return
		}
		if _, err := s.Read(); err != nil {
			t.Error(err)
		}
		begin <- s
	})}
	go server.Serve(l)
	defer server.Close()
	c, err := Dial(t.Context(), "http://"+inner.Addr().String(), Options{})
	must(t, err)
	defer c.Abort()
	s := <-begin
	const words = 200
	for range words {
		must(t, c.EmitValues("word"))
	}
	l.now.Store(true)
	must(t, s.EmitValues("lost"))
	for !brokenOff(s) {
		time.Sleep(time.Millisecond) // until the writer has failed
	}
	for m, _ := c.Depth(); m > 0; m, _ = c.Depth() {
		time.Sleep(time.Millisecond) // until all words are on their way
	}
	c.Abort()
	go func() {
		n := 0
		for {
			p, err := s.Read()
			if err != nil {
				if !errors.Is(err, ErrPeerClosed) || !errors.Is(err, io.ErrClosedPipe) {
					t.Error(err)
				}
				ended <- n
				return
			}
			if p.Name == "word" {
				n++
			}
		}
	}()
	if n := <-ended; n != words {
		t.Errorf("%d of %d were read", n, words)
	}
	if err := s.EmitValues("late"); !errors.Is(err, ErrPeerClosed) {
		t.Error(err)
	}
}

func brokenOff(s *Socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.broken != nil
}
