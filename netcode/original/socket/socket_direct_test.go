//go:build unix

package socket

import (
	"bytes"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"tandem/netcode/original/wire"
)

// A system that takes a part of what it is given, or nothing: every frame still arrives whole, in
// order, and WebSocket's own answers come between frames and not inside of one.
func TestDirectWritesKeepOrder(t *testing.T) {
	const seed = 7
	rng := rand.New(rand.NewPCG(seed, seed))
	whole := writeFD
	defer func() { writeFD = whole }()
	var direct atomic.Int64
	writeFD = func(fd uintptr, b []byte) (int, error) {
		direct.Add(1)
		switch rng.IntN(3) {
		case 0:
			return 0, nil
		case 1:
			return whole(fd, b[:rng.IntN(len(b))])
		}
		return whole(fd, b)
	}
	const messages = 2000
	answered := make(chan struct{}) // a pong has come
	address := serve(t, Options{}, func(s *Socket) {
		if _, err := s.Read(); err != nil {
			t.Error(err)
			return
		}
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			for i := range int64(messages) {
				text := strings.Repeat("x", int(i*37%700))
				if i == messages/2 {
					text = strings.Repeat("x", maxDirect+1)
					select {
					case <-answered: // by now pings have come
					case <-s.done:
					}
				}
				if err := s.EmitValues("n", wire.IntValue(i), wire.StringValue(text)); err != nil {
					t.Errorf("message %d: %v", i, err)
					return
				}
				// Nothing is written directly while something waits, so mostly let it leave first.
				for m, _ := s.Depth(); m > 0 && i%4 > 0 && s.Err() == nil; m, _ = s.Depth() {
					runtime.Gosched()
				}
			}
		}()
		for {
			if _, err := s.Read(); err != nil {
				break
			}
		}
		<-sent
	})
	u, err := ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	ws, _, err := websocket.DefaultDialer.Dial(u.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	pongs := 0
	ws.SetPongHandler(func(data string) error {
		if data != "here" {
			t.Errorf("a pong says %q", data)
		}
		if pongs++; pongs == 1 {
			close(answered)
		}
		return nil
	})
	if err := ws.WriteMessage(websocket.TextMessage, []byte("40")); err != nil {
		t.Fatal(err)
	}
	dec := wire.NewDecoder(wire.JSON)
	for next := int64(0); next < messages; {
		_, data, err := ws.ReadMessage()
		if err != nil {
			t.Fatalf("before message %d (seed %d): %v", next, seed, err)
		}
		switch {
		case bytes.Equal(data, enginePing):
			if err := ws.WriteMessage(websocket.TextMessage, enginePong); err != nil {
				t.Fatal(err)
			}
			continue
		case !bytes.HasPrefix(data, []byte("42")):
			continue
		}
		p, err := dec.Text(data[1:])
		if err != nil {
			t.Fatalf("message %d (seed %d): %v", next, seed, err)
		}
		if n, _ := p.Arg(0).Int(); n != next {
			t.Fatalf("message %d where %d should be (seed %d)", n, next, seed)
		}
		if next++; next%50 == 0 {
			if err := ws.WriteControl(websocket.PingMessage, []byte("here"), time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%d pings were answered in between", pongs)
	if direct.Load() < 100 {
		t.Errorf("only %d messages were written directly", direct.Load())
	}
}

// The heads of frames are those of the library's.
func TestFrameHead(t *testing.T) {
	for n, want := range map[int]string{0: "\x81\x00", 125: "\x81\x7d", 126: "\x81\x7e\x00\x7e", 65535: "\x81\x7e\xff\xff", 65536: "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"} {
		if got := string(appendFrameHead(nil, false, n)); got != want {
			t.Errorf("%d bytes: %x, want %x", n, got, want)
		}
	}
	if got := appendFrameHead(nil, true, 1); !bytes.Equal(got, []byte{0x82, 1}) {
		t.Errorf("binary: %x", got)
	}
}
