//go:build !js

package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
)

// serve runs an HTTP server whose only page upgrades; the connections come out of the channel.
func serve(t testing.TB, opts Options) (*httptest.Server, <-chan Conn) {
	conns := make(chan Conn, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := Upgrade(w, r, opts); err == nil {
			conns <- c
		}
	}))
	t.Cleanup(srv.Close)
	return srv, conns
}

func dialPair(t testing.TB, client, server Options) (Conn, Conn) {
	srv, conns := serve(t, server)
	c, err := Dial(context.Background(), srv.URL, client)
	if err != nil {
		t.Fatal(err)
	}
	s := <-conns
	t.Cleanup(func() {
		c.(Aborter).Abort()
		s.(Aborter).Abort()
	})
	return c, s
}

func TestNative(t *testing.T) {
	checkLeaks(t)
	t.Run("ClientFirst", func(t *testing.T) {
		testConn(t, func(t *testing.T, a, b Options) (Conn, Conn) { return dialPair(t, a, b) })
	})
	t.Run("ServerFirst", func(t *testing.T) {
		testConn(t, func(t *testing.T, a, b Options) (Conn, Conn) {
			y, x := dialPair(t, b, a)
			return x, y
		})
	})
}

// checkLeaks fails the test when, at its end, goroutines stay. Those that are about to end get the time
// that a busy machine needs, which is more than goleak gives them.
func checkLeaks(t *testing.T) {
	t.Cleanup(func() {
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
		err := goleak.Find()
		for until := time.Now().Add(20 * time.Second); err != nil && time.Now().Before(until); {
			err = goleak.Find()
		}
		if err != nil {
			t.Error(err)
		}
	})
}

// rawDial is a WebSocket client without this package's manners.
func rawDial(t *testing.T, srv *httptest.Server) *websocket.Conn {
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(srv.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	return ws
}

func TestTextRefused(t *testing.T) {
	checkLeaks(t)
	srv, conns := serve(t, Options{})
	ws := rawDial(t, srv)
	c := <-conns
	if err := ws.WriteMessage(websocket.TextMessage, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	done := waitFor(func() {
		_, _, err := ws.ReadMessage()
		if !websocket.IsCloseError(err, websocket.CloseUnsupportedData) {
			t.Errorf("the client hears %v", err)
		}
	})
	if _, err := c.Read(); !errors.Is(err, ErrText) {
		t.Errorf("Read: %v", err)
	}
	<-done
}

func TestAbruptEnd(t *testing.T) {
	checkLeaks(t)
	srv, conns := serve(t, Options{})
	ws := rawDial(t, srv)
	c := <-conns
	if err := ws.WriteMessage(websocket.BinaryMessage, []byte("last")); err != nil {
		t.Fatal(err)
	}
	ws.NetConn().Close()
	if got := mustRead(t, c); string(got) != "last" {
		t.Fatalf("%q", got)
	}
	_, err := c.Read()
	var ce *CloseError
	if !errors.As(err, &ce) || ce.Code != CodeAbnormal {
		t.Fatalf("Read: %v", err)
	}
	if err := c.Write([]byte{1}); err == nil {
		t.Error("Write after that works")
	}
	if err := c.Close(CodeNormal, ""); err != nil {
		t.Error(err)
	}
}

func TestAbort(t *testing.T) {
	checkLeaks(t)
	a, b := dialPair(t, Options{}, Options{})
	a.(Aborter).Abort()
	_, err := b.Read()
	var ce *CloseError
	if !errors.As(err, &ce) || ce.Code != CodeAbnormal {
		t.Fatalf("Read: %v", err)
	}
}

// TestHalfOpen: the far end is there but never reads; Write gives up by its deadline, and so does
// a Close whose goodbye nobody answers.
func TestHalfOpen(t *testing.T) {
	checkLeaks(t)
	srv, conns := serve(t, Options{WriteTimeout: 100 * time.Millisecond})
	rawDial(t, srv)
	c := <-conns
	big := make([]byte, 1<<20)
	var err error
	for range 1000 {
		if err = c.Write(big); err != nil {
			break
		}
	}
	if !errors.Is(err, ErrWriteTimeout) {
		t.Fatalf("Write: %v", err)
	}
	if _, err := c.Read(); !errors.Is(err, ErrWriteTimeout) {
		t.Fatalf("Read: %v", err)
	}
}

func TestCloseDoesNotHang(t *testing.T) {
	checkLeaks(t)
	srv, conns := serve(t, Options{})
	rawDial(t, srv) // it never reads, so never answers
	c := <-conns
	start := time.Now()
	if err := c.Close(CodeNormal, ""); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(start); d > 10*closeWait {
		t.Errorf("Close took %v", d)
	}
}

// TestCloseFreesStuckWriter: a writer that is stuck on a full socket gives way to Close.
func TestCloseFreesStuckWriter(t *testing.T) {
	checkLeaks(t)
	srv, conns := serve(t, Options{WriteTimeout: -1})
	rawDial(t, srv)
	c := <-conns
	wrote := make(chan struct{}, 1000)
	done := waitFor(func() {
		big := make([]byte, 1<<20)
		for range 1000 {
			if err := c.Write(big); err != nil {
				return
			}
			wrote <- struct{}{}
		}
		t.Error("the writer never got stuck")
	})
	<-wrote
	c.Close(CodeNormal, "")
	<-done
}

func TestPingIsAnswered(t *testing.T) {
	checkLeaks(t)
	srv, conns := serve(t, Options{})
	ws := rawDial(t, srv)
	c := <-conns
	defer c.(Aborter).Abort()
	go c.Read()
	pong := make(chan string, 1)
	ws.SetPongHandler(func(s string) error {
		pong <- s
		return nil
	})
	if err := ws.WriteControl(websocket.PingMessage, []byte("are you there"), time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	go ws.ReadMessage()
	if got := <-pong; got != "are you there" {
		t.Errorf("%q", got)
	}
}

// TestBrokenFrames: whatever arrives on the socket ends in an error, never in a panic.
func TestBrokenFrames(t *testing.T) {
	checkLeaks(t)
	for _, bad := range [][]byte{
		{0x82, 0x01, 'x'},                               // a client that does not mask
		{0xf2, 0x80, 0, 0, 0, 0},                        // reserved bits
		{0x80, 0x80, 0, 0, 0, 0},                        // a continuation of nothing
		{0x83, 0x80, 0, 0, 0, 0},                        // an unknown opcode
		{0x89, 0xfe, 1, 0, 0, 0, 0, 0},                  // a ping of 256 bytes
		{0x88, 0x82, 0, 0, 0, 0, 0x03, 0xed},            // code 1005 on the wire
		{0x82, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 1},   // a negative length
		{0x82, 0xff, 0x7f, 255, 255, 255, 255, 1, 1, 1}, // exabytes, cut off
	} {
		srv, conns := serve(t, Options{})
		ws := rawDial(t, srv)
		c := <-conns
		if _, err := ws.NetConn().Write(bad); err != nil {
			t.Fatal(err)
		}
		ws.NetConn().(*net.TCPConn).CloseWrite()
		if msg, err := c.Read(); err == nil {
			t.Errorf("% x: read as %q", bad, msg)
		}
		c.Close(CodeNormal, "")
	}
}

func TestCompressionIsNotUsed(t *testing.T) {
	srv, conns := serve(t, Options{})
	d := websocket.Dialer{EnableCompression: true}
	ws, resp, err := d.Dial("ws"+strings.TrimPrefix(srv.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	(<-conns).(Aborter).Abort()
	if got := resp.Header.Get("Sec-Websocket-Extensions"); got != "" {
		t.Errorf("negotiated %q", got)
	}
}

// TestNativeAllocations states what a message costs: the library's reader object at the receiver,
// and its writer object at a client.
func TestNativeAllocations(t *testing.T) {
	client, server := dialPair(t, Options{}, Options{})
	msg := bytes.Repeat([]byte{7}, 100)
	for _, c := range []struct {
		name     string
		from, to Conn
		most     float64
	}{{"server to client", server, client, 1}, {"client to server", client, server, 3}} {
		n := testing.AllocsPerRun(500, func() {
			mustWrite(t, c.from, msg)
			mustRead(t, c.to)
		})
		if n > c.most {
			t.Errorf("%s: %v allocations a message, at most %v", c.name, n, c.most)
		}
	}
}

func BenchmarkNativeEcho(b *testing.B) {
	client, server := dialPair(b, Options{}, Options{})
	go func() {
		for {
			msg, err := server.Read()
			if err != nil || server.Write(msg) != nil {
				return
			}
		}
	}()
	msg := make([]byte, 12)
	b.ReportAllocs()
	for b.Loop() {
		if err := client.Write(msg); err != nil {
			b.Fatal(err)
		}
		if _, err := client.Read(); err != nil {
			b.Fatal(err)
		}
	}
}

// quiet is for servers whose clients are meant to fail.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
