package transport

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// maker makes a fresh connection and returns its two ends.
type maker func(t *testing.T, a, b Options) (Conn, Conn)

// testConn is what every Conn has to do, whatever carries it.
func testConn(t *testing.T, make maker) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, maker)
	}{
		{"Order", testOrder},
		{"Sizes", testSizes},
		{"OverLimit", testOverLimit},
		{"CloseCodes", testCloseCodes},
		{"UnreadArrivesBeforeGoodbye", testUnread},
		{"CloseUnblocksRead", testCloseUnblocksRead},
		{"CloseFromMany", testCloseFromMany},
		{"BadCode", testBadCode},
		{"ReadTimeout", testReadTimeout},
		{"BothDirections", testBothDirections},
		{"ConcurrentSend", testConcurrentSend},
		{"SenderGoodbye", testSenderGoodbye},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, make) })
	}
}

func mustRead(t *testing.T, c Conn) []byte {
	t.Helper()
	msg, err := c.Read()
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return msg
}

func mustWrite(t *testing.T, c Conn, msg []byte) {
	t.Helper()
	if err := c.Write(msg); err != nil {
		t.Fatalf("Write: %v", err)
	}
}

// wantClose reads until the connection ends and checks how.
func wantClose(t *testing.T, c Conn, code Code, reason string) {
	t.Helper()
	for {
		_, err := c.Read()
		if err == nil {
			continue
		}
		var ce *CloseError
		if !errors.As(err, &ce) {
			t.Fatalf("Read: %v (%T), want a *CloseError", err, err)
		}
		if ce.Code != code || ce.Reason != reason {
			t.Fatalf("closed with %v %q, want %v %q", ce.Code, ce.Reason, code, reason)
		}
		if _, again := c.Read(); again.Error() != err.Error() {
			t.Fatalf("a later Read answers %v, the first %v", again, err)
		}
		return
	}
}

func testOrder(t *testing.T, make maker) {
	const n = 10_000
	a, b := make(t, Options{}, Options{})
	go func() {
		var msg [12]byte
		for i := range uint64(n) {
			binary.BigEndian.PutUint64(msg[:], i)
			if err := a.Write(msg[:]); err != nil {
				t.Errorf("message %d: %v", i, err)
				break
			}
		}
		a.Close(CodeNormal, "done")
	}()
	for i := range uint64(n) {
		if got := binary.BigEndian.Uint64(mustRead(t, b)); got != i {
			t.Fatalf("message %d arrived in place of %d", got, i)
		}
	}
	wantClose(t, b, CodeNormal, "done")
}

func testSizes(t *testing.T, make maker) {
	const limit = 9000
	a, b := make(t, Options{MaxMessage: limit}, Options{MaxMessage: limit})
	full := bytes.Repeat([]byte("abcdefghijklm"), limit/13+1)
	for _, n := range []int{0, 1, 2, 12, 125, 126, 127, 511, 512, 513, 4095, 4096, 4352, 4353, 8192, limit - 1, limit, 0, 5} {
		for _, ends := range [][2]Conn{{a, b}, {b, a}} {
			mustWrite(t, ends[0], full[:n])
			got := mustRead(t, ends[1])
			if got == nil || !bytes.Equal(got, full[:n]) {
				t.Fatalf("%d bytes arrived for %d", len(got), n)
			}
		}
	}
}

func testOverLimit(t *testing.T, make maker) {
	a, b := make(t, Options{}, Options{MaxMessage: 100})
	mustWrite(t, a, bytes.Repeat([]byte{1}, 100))
	if got := len(mustRead(t, b)); got != 100 {
		t.Fatal(got)
	}
	mustWrite(t, a, bytes.Repeat([]byte{1}, 5000))
	done := waitFor(func() { wantClose(t, a, CodeTooBig, "a message may have at most 100 bytes") })
	_, err := b.Read()
	if !errors.Is(err, ErrTooBig) || !strings.Contains(err.Error(), "100 bytes") {
		t.Fatalf("Read: %v", err)
	}
	<-done
	if err := b.Write([]byte{1}); !errors.Is(err, ErrTooBig) {
		t.Fatalf("Write after that: %v", err)
	}
}

// waitFor runs f in a goroutine and returns a channel that closes after it.
func waitFor(f func()) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	return done
}

func testCloseCodes(t *testing.T, make maker) {
	long := strings.Repeat("é", 100)
	for _, c := range []struct {
		code         Code
		reason, want string
	}{
		{CodeNormal, "", ""},
		{CodeGoingAway, "the program ends", "the program ends"},
		{CodePolicy, "no", "no"},
		{CodeRestart, "back soon", "back soon"},
		{CodeApplication, "taken over", "taken over"},
		{4321, "any", "any"},
		{4999, long, long[:122]}, // 123 would cut a rune in two
	} {
		t.Run(fmt.Sprint(int(c.code)), func(t *testing.T) {
			a, b := make(t, Options{}, Options{})
			done := waitFor(func() { wantClose(t, b, c.code, c.want) })
			if err := a.Close(c.code, c.reason); err != nil {
				t.Fatalf("Close: %v", err)
			}
			<-done
			if err := a.Write([]byte{1}); !errors.Is(err, ErrClosed) {
				t.Errorf("Write after Close: %v", err)
			}
			if _, err := a.Read(); !errors.Is(err, ErrClosed) {
				t.Errorf("Read after Close: %v", err)
			}
			var ce *CloseError
			if err := b.Write([]byte{1}); !errors.As(err, &ce) || ce.Code != c.code {
				t.Errorf("the far end's Write: %v", err)
			}
			if err := b.Close(CodeNormal, ""); err != nil {
				t.Errorf("the far end's Close: %v", err)
			}
		})
	}
}

func testUnread(t *testing.T, make maker) {
	a, b := make(t, Options{}, Options{})
	for i := range 50 {
		mustWrite(t, a, []byte{byte(i)})
	}
	done := waitFor(func() { a.Close(4001, "enough") })
	for i := range 50 {
		if got := mustRead(t, b); got[0] != byte(i) {
			t.Fatalf("message %d is %v", i, got)
		}
	}
	wantClose(t, b, 4001, "enough")
	<-done
}

func testCloseUnblocksRead(t *testing.T, make maker) {
	a, b := make(t, Options{}, Options{})
	go b.Read() // it answers the goodbye
	started := waitFor(func() {})
	done := waitFor(func() {
		<-started
		if _, err := a.Read(); !errors.Is(err, ErrClosed) {
			t.Errorf("Read: %v", err)
		}
	})
	a.Close(CodeNormal, "")
	<-done
}

func testCloseFromMany(t *testing.T, make maker) {
	a, b := make(t, Options{}, Options{})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() { a.Close(4000+Code(i), "many") })
	}
	wg.Go(func() {
		for {
			if _, err := b.Read(); err != nil {
				var ce *CloseError
				if !errors.As(err, &ce) || ce.Reason != "many" {
					t.Errorf("Read: %v", err)
				}
				return
			}
		}
	})
	wg.Wait()
}

func testBadCode(t *testing.T, make maker) {
	a, b := make(t, Options{}, Options{})
	done := waitFor(func() { wantClose(t, b, CodeInternal, "x") })
	if err := a.Close(CodeAbnormal, "x"); err == nil || !strings.Contains(err.Error(), "1006") {
		t.Fatalf("Close: %v", err)
	}
	<-done
}

func testReadTimeout(t *testing.T, make maker) {
	a, b := make(t, Options{ReadTimeout: 50 * time.Millisecond}, Options{})
	done := waitFor(func() { wantClose(t, b, CodePolicy, "nothing arrived for 50ms") })
	if _, err := a.Read(); !errors.Is(err, ErrReadTimeout) {
		t.Fatalf("Read: %v", err)
	}
	<-done
}

// testBothDirections plays half a second of a lively game: 200 messages a second each way.
func testBothDirections(t *testing.T, make maker) {
	const n = 100
	a, b := make(t, Options{}, Options{})
	var wg sync.WaitGroup
	for _, c := range []Conn{a, b} {
		wg.Go(func() {
			tick := time.NewTicker(5 * time.Millisecond)
			defer tick.Stop()
			for i := range n {
				<-tick.C
				if err := c.Write([]byte{byte(i), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}); err != nil {
					t.Errorf("message %d: %v", i, err)
					return
				}
			}
		})
		wg.Go(func() {
			for i := range n {
				msg, err := c.Read()
				if err != nil || msg[0] != byte(i) || len(msg) != 11 {
					t.Errorf("message %d: %v %v", i, msg, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// testConcurrentSend lets several goroutines send through one Sender: each one's messages keep
// their order, nothing is lost, and the frames hold whole messages.
func testConcurrentSend(t *testing.T, make maker) {
	const senders, each = 8, 500
	a, b := make(t, Options{}, Options{})
	s := NewSender(a, SenderOptions{MaxMessages: senders * each, CloseTimeout: 20 * time.Second})
	var wg sync.WaitGroup
	for who := range senders {
		wg.Go(func() {
			for i := range each {
				if err := s.Send(Ordered, []byte{byte(who), byte(i >> 8), byte(i)}); err != nil {
					t.Errorf("sender %d, message %d: %v", who, i, err)
					return
				}
			}
		})
	}
	go func() {
		wg.Wait()
		s.Close(CodeNormal, "all sent")
	}()
	var next [senders]int
	for {
		frame, err := b.Read()
		if err != nil {
			var ce *CloseError
			if !errors.As(err, &ce) || ce.Reason != "all sent" {
				t.Fatal(err)
			}
			break
		}
		if len(frame)%3 != 0 || len(frame) > DefaultBatchBytes {
			t.Fatalf("a frame of %d bytes", len(frame))
		}
		for ; len(frame) > 0; frame = frame[3:] {
			who, i := frame[0], int(frame[1])<<8|int(frame[2])
			if next[who] != i {
				t.Fatalf("sender %d: message %d in place of %d", who, i, next[who])
			}
			next[who]++
		}
	}
	for who, n := range next {
		if n != each {
			t.Errorf("sender %d: %d of %d arrived", who, n, each)
		}
	}
	<-s.Done()
	if !errors.Is(s.Err(), ErrClosed) || errors.Is(s.Err(), errUnsent) {
		t.Errorf("Err: %v", s.Err())
	}
}

// testSenderGoodbye: when the far end has closed, a failing Sender does not hide why.
func testSenderGoodbye(t *testing.T, make maker) {
	a, b := make(t, Options{}, Options{})
	mustWrite(t, b, []byte("last words"))
	closing := waitFor(func() { b.Close(4005, "bye") })
	s := NewSender(a, SenderOptions{})
	for s.Send(Ordered, []byte{1}) == nil || errors.Is(s.Send(Ordered, []byte{1}), ErrQueueFull) {
		// A reader that is late: the socket takes messages until the far end is gone.
		select {
		case <-s.Done():
		case <-time.After(time.Millisecond):
		}
	}
	if got := mustRead(t, a); string(got) != "last words" {
		t.Fatalf("%q", got)
	}
	wantClose(t, a, 4005, "bye")
	<-closing
	if err := a.Close(CodeNormal, ""); err != nil {
		t.Fatal(err)
	}
	s.Close(CodeNormal, "")
	<-s.Done()
}
