package server

import (
	"bytes"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"tandem/netcode/protocol"
	"tandem/netcode/relay"
)

// What carries nothing ends a connection of the original's protocol with a code, before a game and in one:
// WebSocket's control frames, small parts of messages, and messages that lead to no packet.
func TestOriginalIdleFlood(t *testing.T) {
	text := func(s string) []byte { return append([]byte{0x81, 0x80 | byte(len(s)), 0, 0, 0, 0}, s...) }
	begun := []byte{0x01, 0x81, 0, 0, 0, 0, '4'}
	for name, c := range map[string]struct {
		start, piece []byte
		code         int
	}{
		"pings":              {nil, []byte{0x89, 0x80, 0, 0, 0, 0}, websocket.ClosePolicyViolation},
		"pongs":              {nil, []byte{0x8a, 0x80, 0, 0, 0, 0}, websocket.ClosePolicyViolation},
		"empty parts":        {begun, []byte{0x00, 0x80, 0, 0, 0, 0}, websocket.ClosePolicyViolation},
		"engine pongs":       {nil, text("3"), websocket.CloseProtocolError},
		"engine noops":       {nil, text("6"), websocket.CloseProtocolError},
		"refused namespaces": {nil, text("40/x,"), websocket.CloseProtocolError},
	} {
		for _, playing := range []bool{false, true} {
			if playing && name == "refused namespaces" {
				continue // those are for who has none
			}
			where := "before a game"
			if playing {
				where = "in a game"
			}
			t.Run(name+" "+where, func(t *testing.T) {
				s, addr := onPort(t, relay.Options{}, Options{})
				var ws *websocket.Conn
				if playing {
					_, ws, _, _ = rawMatch(t, addr, "flood")
					awaitParkedOr(s, 1, time.Second)
				} else {
					var err error
					if ws, _, err = websocket.DefaultDialer.Dial("ws://"+addr+"/socket.io/?EIO=4&transport=websocket", nil); err != nil {
						t.Fatal(err)
					}
				}
				defer ws.Close()
				go func() {
					_, _ = ws.NetConn().Write(append(c.start, bytes.Repeat(c.piece, 2000)...)) // the relay hangs up in mid-flood
				}()
				var err error
				for err == nil {
					_, _, err = ws.ReadMessage()
				}
				var ce *websocket.CloseError
				if !errors.As(err, &ce) || ce.Code != c.code || ce.Text == "" {
					t.Fatalf("ended with %v, want code %d and words", err, c.code)
				}
				for t.Context().Err() == nil && s.Connections() > map[bool]int{true: 1}[playing] { // until its reader has told
					runtime.Gosched()
				}
				if c.code == websocket.ClosePolicyViolation {
					refusals(t, s, protocol.CodeTooFrequent, "1")
				}
			})
		}
	}
}
