package transport

import (
	"errors"
	"fmt"
	"os"
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
}
