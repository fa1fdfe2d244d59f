package transport

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall/js"
	"testing"
	"time"
)

// TestBrowser runs the suite over node's WebSocket: both ends are js connections, joined by the
// server that TestInNode runs.
func TestBrowser(t *testing.T) {
	server := os.Getenv(serverEnv)
	if server == "" {
		t.Skip("run by TestInNode")
	}
	pairs := 0
	testConn(t, func(t *testing.T, a, b Options) (Conn, Conn) {
		pairs++
		var ends [2]Conn
		for i, opts := range []Options{a, b} {
			c, err := Dial(t.Context(), fmt.Sprintf("%s/ws?pair=%d", server, pairs), opts)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.(Aborter).Abort)
			ends[i] = c
		}
		return ends[0], ends[1]
	})

	t.Run("Text", func(t *testing.T) {
		c, err := Dial(t.Context(), server+"/ws?text", Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(); !errors.Is(err, ErrText) {
			t.Errorf("Read: %v", err)
		}
		c.Close(CodeNormal, "")
	})
	t.Run("Abrupt", func(t *testing.T) {
		c, err := Dial(t.Context(), server+"/ws?abrupt", Options{})
		if err != nil {
			t.Fatal(err)
		}
		wantClose(t, c, CodeAbnormal, "")
		c.Close(CodeNormal, "")
	})
	// A page's only thread may be busy for longer than any limit: what has come meanwhile still counts.
	t.Run("Busy", func(t *testing.T) {
		const limit = 200 * time.Millisecond
		busy := func() {
			for end := time.Now().Add(3 * limit); time.Now().Before(end); {
			}
		}
		var ends [2]Conn
		for i := range ends {
			go busy()
			c, err := Dial(t.Context(), server+"/ws?pair=busy", Options{HandshakeTimeout: limit, ReadTimeout: limit})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.(Aborter).Abort)
			ends[i] = c
		}
		go func() {
			if err := ends[0].Write([]byte("late")); err != nil {
				t.Error(err)
			}
			busy()
		}()
		if msg, err := ends[1].Read(); err != nil || string(msg) != "late" {
			t.Errorf("Read: %q, %v", msg, err)
		}
	})
	t.Run("Mute", func(t *testing.T) {
		const limit = 200 * time.Millisecond
		began := time.Now()
		_, err := Dial(t.Context(), server+"/ws?mute", Options{HandshakeTimeout: limit})
		var de *DialError
		if !errors.As(err, &de) || !errors.Is(err, context.DeadlineExceeded) || time.Since(began) < limit {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
	t.Run("NoRelay", func(t *testing.T) {
		for _, address := range []string{server + "/elsewhere", "127.0.0.1:1"} {
			_, err := Dial(t.Context(), address, Options{HandshakeTimeout: 10 * time.Second})
			var de *DialError
			if !errors.As(err, &de) {
				t.Errorf("%s: %v", address, err)
			}
			t.Log(err)
		}
	})
	// A page tries again and again: what it gave to the browser for a connection, it takes back with it.
	t.Run("Released", func(t *testing.T) {
		js.Global().Call("eval", `
			globalThis.RealSocket = globalThis.WebSocket;
			globalThis.sockets = [];
			globalThis.WebSocket = class extends RealSocket { constructor(at) { super(at); sockets.push(this); } };
			globalThis.SilentSocket = class { constructor() { sockets.push(this); } close() {} };`)
		defer js.Global().Call("eval", `globalThis.WebSocket = RealSocket`)
		for _, c := range []struct {
			name, address string
			class         string
			limit         time.Duration // of the attempt
		}{
			{"nobody listens", "127.0.0.1:1", "", 0},
			{"a server that is no relay", server + "/elsewhere", "", 0},
			{"no answer", server + "/ws?mute", "", 0},
			{"called off", server + "/ws?mute", "", 50 * time.Millisecond},
			{"a browser that does not even say that it is over", server + "/ws", "SilentSocket", 0},
		} {
			if c.class != "" {
				js.Global().Set("WebSocket", js.Global().Get(c.class))
			}
			js.Global().Get("sockets").Set("length", 0)
			ctx, cancel := context.WithCancel(t.Context())
			if c.limit > 0 {
				ctx, cancel = context.WithTimeout(t.Context(), c.limit)
			}
			if _, err := Dial(ctx, c.address, Options{HandshakeTimeout: 500 * time.Millisecond}); err == nil {
				t.Fatalf("%s: connected", c.name)
			}
			cancel()
			ws := js.Global().Get("sockets").Index(0)
			for began := time.Now(); !ws.Get("onclose").IsNull() || !ws.Get("onmessage").IsNull(); {
				if time.Since(began) > 5*time.Second {
					t.Errorf("%s: the browser still has the functions", c.name)
					break
				}
				<-time.After(time.Millisecond) // the browser's turn
			}
		}
	})
}
