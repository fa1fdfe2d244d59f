//go:build !js

package socket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"tandem/netcode/original/wire"
)

// servePolls is serve for clients that begin by polling, too.
func servePolls(t *testing.T, opts Options, handle func(*Socket)) (address string) {
	t.Helper()
	var polls Polls
	var all sync.WaitGroup
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var socket *Socket
		var err error
		switch q := r.URL.Query(); {
		case q.Has("sid"):
			polls.Serve(w, r)
			return
		case q.Get("transport") == "polling":
			socket, err = polls.Open(w, r, opts)
		default:
			socket, err = Upgrade(w, r, opts)
		}
		if err != nil {
			return
		}
		all.Go(func() {
			defer socket.Abort()
			handle(socket)
		})
	}))
	s.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if err := c.(*net.TCPConn).SetWriteBuffer(64 << 10); err != nil { // else the system takes megabytes for who reads nothing
			t.Error(err)
		}
		return ctx
	}
	s.Start()
	t.Cleanup(func() {
		s.Close()
		all.Wait()
	})
	return s.URL
}

// Stock clients that poll, and those that begin so and go on as a WebSocket, as io() without options does.
func TestStockClientPolls(t *testing.T) {
	needStock(t)
	for _, transports := range []string{"polling", "polling,websocket"} {
		for _, version := range []string{"4.7.2", "4.8"} {
			for _, parser := range []wire.Parser{wire.JSON, wire.Msgpack} {
				t.Run(transports+"/"+version+"/"+parser.String(), func(t *testing.T) {
					t.Setenv("TRANSPORTS", transports)
					opts := Options{Config: Config{Parser: parser, PingInterval: 50 * time.Millisecond, PingTimeout: time.Minute}}
					upgraded := make(chan bool, 1)
					address := servePolls(t, opts, func(s *Socket) {
						relayOne(t, s)
						upgraded <- s.ws.(*pollLine).upgraded() != nil
					})
					if said := playStock(t, version, parser.String(), address, "talk"); said != "io server disconnect" {
						t.Fatalf("it ended with %q", said)
					}
					if got, want := <-upgraded, transports != "polling"; got != want {
						t.Errorf("a WebSocket in the end: %v, want %v", got, want)
					}
				})
			}
		}
	}
}

// poller is a client that polls, by hand.
type poller struct {
	t   *testing.T
	url string // with the session
	sid string
}

func (p *poller) do(method, url, body string) (status int, answer string) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

func (p *poller) get() (int, string)             { p.t.Helper(); return p.do("GET", p.url, "") }
func (p *poller) post(body string) (int, string) { p.t.Helper(); return p.do("POST", p.url, body) }

// polling begins a session against handle and joins the namespace.
func polling(t *testing.T, opts Options, handle func(*Socket)) *poller {
	t.Helper()
	address := servePolls(t, opts, handle) + DefaultPath + "?EIO=4&transport=polling"
	p := &poller{t: t}
	status, greeting := p.do("GET", address, "")
	var g struct {
		SID      string
		Upgrades []string
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(greeting, "0")), &g); status != 200 || err != nil || len(g.Upgrades) != 1 || g.Upgrades[0] != "websocket" {
		t.Fatalf("greeted with %d %q (%v)", status, greeting, err)
	}
	p.sid, p.url = g.SID, address+"&sid="+g.SID
	if status, said := p.post("40"); status != 200 || said != "ok" {
		t.Fatalf("CONNECT is answered with %d %q", status, said)
	}
	if status, said := p.get(); status != 200 || !strings.HasPrefix(said, `40{"sid":`) {
		t.Fatalf("CONNECT is followed by %d %q", status, said)
	}
	return p
}

// drainTo reads until the end and tells how it came.
func drainTo(ended chan<- error) func(*Socket) {
	return func(s *Socket) {
		for {
			if _, err := s.Read(); err != nil {
				ended <- err
				return
			}
		}
	}
}

// Packets come in payloads, binary ones in base64, either way; the goodbye is one, too.
func TestPolling(t *testing.T) {
	p := polling(t, Options{}, func(s *Socket) {
		for range 3 {
			packet, err := s.Read()
			if err != nil {
				t.Error(err)
				return
			}
			if packet.Type == wire.Connect {
				continue
			}
			blob, _ := packet.Arg(0).Bytes()
			if err := s.EmitValues("back", wire.BytesValue(append(blob, 9)), wire.StringValue(packet.Name)); err != nil {
				t.Error(err)
			}
		}
		_ = s.Close("enough")
	})
	if status, said := p.post("451-[\"a\",{\"_placeholder\":true,\"num\":0}]\x1ebAQI=\x1e451-[\"b\",{\"_placeholder\":true,\"num\":0}]\x1ebAw=="); status != 200 || said != "ok" {
		t.Fatalf("answered %d %q", status, said)
	}
	var got []string
	for len(got) == 0 || got[len(got)-1] != "1" {
		status, said := p.get()
		if status != 200 {
			t.Fatalf("after %q: %d %q", got, status, said)
		}
		got = append(got, strings.Split(said, "\x1e")...)
	}
	want := []string{`451-["back",{"_placeholder":true,"num":0},"a"]`, "bAQIJ", `451-["back",{"_placeholder":true,"num":0},"b"]`, "bAwk=", "41", "1"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What is no good ends the session, with words for the server's log; other sessions and requests go on.
func TestPollingIsStrict(t *testing.T) {
	for _, c := range []struct {
		name, body string
		status     int
		kind       error
	}{
		{"too large", "4" + strings.Repeat("x", wire.MaxMessage), http.StatusRequestEntityTooLarge, wire.ErrTooBig},
		{"too many packets", "3" + strings.Repeat("\x1e3", postPackets), http.StatusBadRequest, wire.ErrTooBig},
		{"an empty packet", "3\x1e\x1e3", http.StatusBadRequest, wire.ErrMalformed},
		{"an empty one at the end", "3\x1e", http.StatusBadRequest, wire.ErrMalformed},
		{"no base64", "b?", http.StatusBadRequest, wire.ErrMalformed},
		{"a binary packet without header", "bAQI=", http.StatusOK, wire.ErrMalformed},
		{"an unknown type", "9", http.StatusOK, wire.ErrMalformed},
		{"no UTF-8", "4\xff", http.StatusOK, wire.ErrMalformed},
		{"a probe", "2probe", http.StatusOK, wire.ErrUnexpected},
		{"goodbye", "1", http.StatusOK, ErrPeerClosed},
	} {
		t.Run(c.name, func(t *testing.T) {
			ended := make(chan error, 1)
			p := polling(t, Options{closeWait: 100 * time.Millisecond}, drainTo(ended))
			if status, said := p.post(c.body); status != c.status {
				t.Errorf("answered with %d %q", status, said)
			}
			if err := <-ended; !errors.Is(err, c.kind) {
				t.Errorf("it ended with %v", err)
			}
			if status, said := p.get(); status == 200 && said != "1" || status != 200 && said != `{"code":1,"message":"Session ID unknown"}` {
				t.Errorf("a poll after the end gets %d %q", status, said)
			}
		})
	}
	ended := make(chan error, 1)
	p := polling(t, Options{}, drainTo(ended))
	base := strings.TrimSuffix(p.url, "&sid="+p.sid)
	for _, c := range []struct{ method, url, want string }{
		{"GET", base + "&sid=nobody", `{"code":1,"message":"Session ID unknown"}`},
		{"POST", base + "&sid=nobody", `{"code":1,"message":"Session ID unknown"}`},
		{"POST", base, `{"code":2,"message":"Bad handshake method"}`},
		{"PUT", p.url, `{"code":2,"message":"Bad handshake method"}`},
		{"POST", strings.Replace(p.url, "=polling", "=websocket", 1), `{"code":2,"message":"Bad handshake method"}`},
		{"GET", strings.Replace(p.url, "=polling", "=pigeon", 1), `{"code":0,"message":"Transport unknown"}`},
		{"GET", base + "&j=0", `{"code":0,"message":"Transport unknown"}`},
		{"GET", strings.Replace(p.url, "EIO=4", "EIO=3", 1), `{"code":5,"message":"Unsupported protocol version"}`},
	} {
		if status, said := p.do(c.method, c.url, ""); status != http.StatusBadRequest || said != c.want {
			t.Errorf("%s %s: %d %q, want %q", c.method, c.url, status, said, c.want)
		}
	}
	if status, said := p.post("3"); status != 200 || said != "ok" {
		t.Errorf("the session is gone: %d %q", status, said)
	}
	if _, said := p.post("1"); said != "ok" {
		t.Errorf("goodbye is answered with %q", said)
	}
	<-ended
}

// Two polls at a time are one too many: whoever does that has lost one, and what came with it.
func TestPollsDoNotOverlap(t *testing.T) {
	ended := make(chan error, 1)
	p := polling(t, Options{}, drainTo(ended))
	answers := make(chan string, 2)
	for range cap(answers) {
		go func() {
			status, said := p.get()
			answers <- fmt.Sprint(status, " ", said)
		}()
	}
	if err := <-ended; !errors.Is(err, wire.ErrUnexpected) {
		t.Errorf("it ended with %v", err)
	}
	got := []string{<-answers, <-answers}
	slices.Sort(got)
	if got[0] != "200 1" || got[1] != `400 {"code":3,"message":"Bad request"}` {
		t.Errorf("answered %q", got)
	}
}

// Who never polls takes no more memory than anybody else, and is cut off.
func TestPollingIsBounded(t *testing.T) {
	full, ended := make(chan error, 1), make(chan error, 1)
	const limit = 3 * wire.MaxMessage
	polling(t, Options{MaxBytes: limit, WriteTimeout: 500 * time.Millisecond}, func(s *Socket) {
		_, err := s.Read() // the CONNECT
		go func() {
			text := wire.StringValue(strings.Repeat("x", 100_000))
			var err error
			for n := 0; err == nil && n < 1000; n++ {
				err = s.EmitValues("n", text)
				if _, bytes := s.Depth(); bytes > limit {
					t.Errorf("%d bytes wait", bytes)
				}
			}
			full <- err
		}()
		for err == nil {
			_, err = s.Read()
		}
		ended <- err
	})
	if err := <-full; !errors.Is(err, ErrQueueFull) && !errors.Is(err, ErrTimeout) {
		t.Errorf("sending ended with %v", err)
	}
	if err := <-ended; !errors.Is(err, ErrTimeout) {
		t.Errorf("it ended with %v", err)
	}
}

// Who hangs up while it polls is gone, and is not waited for until its next ping.
func TestPollerHangsUp(t *testing.T) {
	ended := make(chan error, 1)
	p := polling(t, Options{}, drainTo(ended))
	transport := &http.Transport{}
	client := &http.Client{Transport: transport, Timeout: 300 * time.Millisecond}
	if resp, err := client.Get(p.url); err == nil {
		resp.Body.Close()
		t.Fatalf("the poll is answered: %d", resp.StatusCode)
	}
	if err := <-ended; !errors.Is(err, ErrPeerClosed) {
		t.Errorf("it ended with %v", err)
	}
}

// A WebSocket that does not say what it should is given up, and polling goes on; there is only one at a time,
// and none beside one that works. What waited for a poll comes first.
func TestUpgradeOfASession(t *testing.T) {
	ended := make(chan error, 1)
	socket := make(chan *Socket, 1)
	p := polling(t, Options{}, func(s *Socket) {
		socket <- s
		drainTo(ended)(s)
	})
	s := <-socket
	url := "ws" + strings.TrimPrefix(strings.Replace(p.url, "=polling", "=websocket", 1), "http")
	dial := func() *websocket.Conn {
		t.Helper()
		ws, _, err := websocket.DefaultDialer.Dial(url, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { ws.Close() })
		return ws
	}
	say := func(ws *websocket.Conn, text string) {
		t.Helper()
		if err := ws.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, wrong := range []string{"2", "2prob", "40", strings.Repeat("x", 1000)} {
		ws := dial()
		say(ws, wrong)
		if _, said, err := ws.ReadMessage(); err == nil {
			t.Errorf("%.10q is answered with %q", wrong, said)
		}
	}
	ws := dial()
	if _, resp, err := websocket.DefaultDialer.Dial(url, nil); err == nil || resp == nil || resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a second WebSocket: %v, %v", resp, err)
	}
	say(ws, "2probe")
	if _, said, err := ws.ReadMessage(); err != nil || string(said) != "3probe" {
		t.Fatalf("the probe is answered with %q, %v", said, err)
	}
	if status, said := p.get(); status != 200 || said != "6" {
		t.Errorf("a poll meanwhile gets %d %q", status, said)
	}
	for _, text := range []string{"first", "second"} {
		if err := s.EmitValues(text, wire.BytesValue([]byte{7})); err != nil {
			t.Fatal(err)
		}
	}
	say(ws, "5")
	for _, want := range []string{`451-["first",{"_placeholder":true,"num":0}]`, "\x07", `451-["second",{"_placeholder":true,"num":0}]`, "\x07"} {
		if _, said, err := ws.ReadMessage(); err != nil || string(said) != want {
			t.Fatalf("the WebSocket says %q, %v where %q should be", said, err, want)
		}
	}
	for _, method := range []string{"GET", "POST"} {
		if status, said := p.do(method, p.url, "3"); status != http.StatusBadRequest || said != `{"code":3,"message":"Bad request"}` {
			t.Errorf("%s after the upgrade: %d %q", method, status, said)
		}
	}
	if s.Err() != nil {
		t.Fatalf("it has ended: %v", s.Err())
	}
	say(ws, `42["x"]`)
	if err := ws.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, ErrPeerClosed) {
		t.Errorf("it ended with %v", err)
	}
}

// More than one poll takes waits as the WebSocket comes: all of it follows, in its order, from the writer that
// had to wait.
func TestUpgradeUnderLoad(t *testing.T) {
	const n, size = 30, 100_000 // three polls full
	ended := make(chan error, 1)
	p := polling(t, Options{MaxBytes: 2 * n * size}, func(s *Socket) {
		var err error
		for range 2 { // the CONNECT, and the word to begin
			_, err = s.Read()
		}
		for i := 0; err == nil && i < n; i++ {
			err = s.EmitValues(fmt.Sprint("n", i), wire.StringValue(strings.Repeat("x", size)))
		}
		if err != nil {
			t.Error(err)
		}
		drainTo(ended)(s)
	})
	if status, said := p.post(`42["go"]`); status != 200 {
		t.Fatalf("it is answered %d %q", status, said)
	}
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(strings.Replace(p.url, "=polling", "=websocket", 1), "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	for _, c := range []struct{ say, hear string }{{"2probe", "3probe"}, {"5", ""}} {
		if err := ws.WriteMessage(websocket.TextMessage, []byte(c.say)); err != nil {
			t.Fatal(err)
		}
		if c.hear != "" {
			if _, said, err := ws.ReadMessage(); err != nil || string(said) != c.hear {
				t.Fatalf("%s is answered with %q, %v", c.say, said, err)
			}
		}
	}
	for i := range n {
		if _, said, err := ws.ReadMessage(); err != nil || !strings.HasPrefix(string(said), fmt.Sprintf(`42["n%d",`, i)) {
			t.Fatalf("message %d is %.20q, %v", i, said, err)
		}
	}
	if err := ws.Close(); err != nil {
		t.Error(err)
	}
	<-ended
}

// Who upgrades and then reads nothing is cut off after the time that a write may take.
func TestUpgradeThatReadsNothing(t *testing.T) {
	const n, size = 9, 100_000 // what one poll takes
	ended, full := make(chan error, 1), make(chan bool)
	p := polling(t, Options{WriteTimeout: 500 * time.Millisecond}, func(s *Socket) {
		for range 2 { // the CONNECT, and the word to begin
			if _, err := s.Read(); err != nil {
				t.Error(err)
			}
		}
		for range n {
			if err := s.EmitValues("n", wire.StringValue(strings.Repeat("x", size))); err != nil {
				t.Error(err)
			}
		}
		close(full)
		drainTo(ended)(s)
	})
	if status, said := p.post(`42["go"]`); status != 200 {
		t.Fatalf("it is answered %d %q", status, said)
	}
	<-full
	small := websocket.Dialer{NetDial: func(network, address string) (net.Conn, error) {
		conn, err := net.Dial(network, address)
		if err != nil {
			return nil, err
		}
		return conn, conn.(*net.TCPConn).SetReadBuffer(4096)
	}}
	ws, _, err := small.Dial("ws"+strings.TrimPrefix(strings.Replace(p.url, "=polling", "=websocket", 1), "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if err := ws.WriteMessage(websocket.TextMessage, []byte("2probe")); err != nil {
		t.Fatal(err)
	}
	if _, said, err := ws.ReadMessage(); err != nil || string(said) != "3probe" {
		t.Fatalf("the probe is answered with %q, %v", said, err)
	}
	if err := ws.WriteMessage(websocket.TextMessage, []byte("5")); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, ErrTimeout) {
		t.Errorf("it ended with %v", err)
	}
}
