//go:build !js

package transport

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// appendFrame writes a frame as RFC 6455 has it, masked as a client's is; with a mask of zeros the
// payload stays what it is.
func appendFrame(dst []byte, first byte, payload []byte) []byte {
	switch n := len(payload); {
	case n < 126:
		dst = append(dst, first, 0x80|byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, first, 0x80|126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, first, 0x80|127), uint64(n))
	}
	return append(append(dst, 0, 0, 0, 0), payload...)
}

// However a stream is cut, the borders of its messages are found: behind each whole one the stream is
// clean, inside of one, between its parts and behind a control frame it is not.
func TestFrames(t *testing.T) {
	const text, more, next, last, ping = 0x81, 0x01, 0x00, 0x80, 0x89
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var stream []byte
		type border struct {
			at    int
			whole uint64
			clean bool
		}
		var borders []border
		whole := uint64(0)
		add := func(first byte, clean bool) {
			size := []int{0, 1, rng.IntN(126), 125, 126, rng.IntN(3000), 65535, 65536}[rng.IntN(8)]
			stream = appendFrame(stream, first, make([]byte, size))
			borders = append(borders, border{len(stream), whole, clean})
		}
		for range 20 {
			switch rng.IntN(4) {
			case 0:
				add(ping, false)
			case 1:
				add(more, false)
				add(ping, false)
				add(next, false)
				whole++
				add(last, true)
			default:
				whole++
				add(text, true)
			}
		}
		var f Frames
		at := 0
		for _, b := range borders {
			for at < b.at-1 { // cut anywhere, but stop one byte before the border
				n := min(1+rng.IntN(1+rng.IntN(5000)), b.at-1-at)
				f.Add(stream[at : at+n])
				if at += n; f.Clean() {
					t.Fatalf("seed %d: clean at byte %d, inside of a frame", seed, at)
				}
			}
			f.Add(stream[at:b.at])
			if at = b.at; f.whole != b.whole || f.Clean() != b.clean {
				t.Fatalf("seed %d: byte %d: %d messages, clean %v; want %+v", seed, at, f.whole, f.Clean(), b)
			}
		}
	}
}

// What carries nothing ends the connection with a code: pings, pongs, parts of messages that are small or
// empty. Ordinary programs' pings, and messages in large parts, do not.
func TestIdleFrames(t *testing.T) {
	const binaryPart, part, last, ping, pong = 0x02, 0x00, 0x80, 0x89, 0x8a
	flood := func(first byte, payload int) func(*websocket.Conn) error {
		var piece []byte
		for range 1000 {
			piece = appendFrame(piece, first, make([]byte, payload))
		}
		return func(ws *websocket.Conn) error {
			_, err := ws.NetConn().Write(piece)
			return err
		}
	}
	behind := func(start []byte, more func(*websocket.Conn) error) func(*websocket.Conn) error {
		return func(ws *websocket.Conn) error {
			if _, err := ws.NetConn().Write(start); err != nil {
				return err
			}
			return more(ws)
		}
	}
	begun := appendFrame(nil, binaryPart, []byte{1})
	for name, c := range map[string]struct {
		send func(*websocket.Conn) error
		ok   bool
	}{
		"pings":              {flood(ping, 0), false},
		"long pings":         {flood(ping, 125), false},
		"pongs":              {flood(pong, 4), false},
		"empty parts":        {behind(begun, flood(part, 0)), false},
		"parts of one byte":  {behind(begun, flood(part, 1)), false},
		"pings in a message": {behind(begun, flood(ping, 0)), false},
		"a ping now and then": {func(ws *websocket.Conn) error {
			for range idleBurst - 8 {
				if err := ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second)); err != nil {
					return err
				}
			}
			return ws.WriteMessage(websocket.BinaryMessage, []byte("done"))
		}, true},
		"large parts": {func(ws *websocket.Conn) error {
			for range 100 {
				b := appendFrame(nil, binaryPart, make([]byte, partSize))
				b = appendFrame(b, part, make([]byte, partSize))
				if _, err := ws.NetConn().Write(appendFrame(b, last, nil)); err != nil {
					return err
				}
			}
			return ws.WriteMessage(websocket.BinaryMessage, []byte("done"))
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			got := make(chan error, 1)
			h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				conn, err := Upgrade(w, r, Options{MaxMessage: 4096})
				for err == nil {
					var data []byte
					if data, err = conn.Read(); string(data) == "done" {
						break
					}
				}
				got <- err
				if err == nil {
					_ = conn.Close(CodeNormal, "") // the test's end
				}
			}))
			defer h.Close()
			ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(h.URL, "http"), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer ws.Close()
			sent := make(chan error, 1)
			go func() { sent <- c.send(ws) }()
			if c.ok {
				if err := <-got; err != nil {
					t.Fatal(err)
				}
				if err := <-sent; err != nil {
					t.Fatal(err)
				}
				return
			}
			if err := <-got; !errors.Is(err, ErrIdleFrames) {
				t.Errorf("the connection ended with %v", err)
			}
			for err == nil {
				_, _, err = ws.ReadMessage()
			}
			var ce *websocket.CloseError
			if !errors.As(err, &ce) || ce.Code != int(CodePolicy) || !strings.Contains(ce.Text, "control frames") {
				t.Errorf("the far end was told %v", err)
			}
		})
	}
}

// The allowance comes back with time.
func TestIdleFramesCome(t *testing.T) {
	var f Frames
	for range idleBurst {
		f.Add(appendFrame(nil, 0x89, nil))
	}
	if !f.Allowed() {
		t.Fatal("a burst is refused")
	}
	f.at = f.at.Add(-time.Second)
	for range idlePerSecond {
		f.Add(appendFrame(nil, 0x89, nil))
	}
	if !f.Allowed() {
		t.Error("after a second nothing more is allowed")
	}
	f.Add(appendFrame(nil, 0x89, nil))
	f.Add(appendFrame(nil, 0x89, nil))
	if f.Allowed() {
		t.Error("there is no limit")
	}
}
