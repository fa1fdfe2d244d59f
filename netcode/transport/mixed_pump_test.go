//go:build !js

package transport

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tandem/netcode/transport/repeat"
)

// lane carries packets in one direction.
type lane struct {
	packets chan []byte
	stall   chan struct{} // where it is set, a packet is not taken before this is closed
	lost    atomic.Bool   // what is sent is lost
}

func newLane() *lane { return &lane{packets: make(chan []byte, 1000)} }

func (l *lane) send(packet []byte, over <-chan struct{}) error {
	if l.stall != nil {
		select {
		case <-l.stall:
		case <-over:
			return errOver
		}
	}
	if !l.lost.Load() {
		l.packets <- bytes.Clone(packet)
	}
	return nil
}

func (l *lane) take(over <-chan struct{}) ([]byte, error) {
	select {
	case b := <-l.packets:
		return b, nil
	case <-over:
		return nil, errOver
	}
}

var errOver = io.ErrClosedPipe

// ending is what is over when anybody says so.
type ending struct {
	once sync.Once
	ch   chan struct{}
}

func (e *ending) over() <-chan struct{} { return e.ch }
func (e *ending) end()                  { e.once.Do(func() { close(e.ch) }) }

// fakeLine is a line without a network.
type fakeLine struct {
	ending
	small, smallIn, large, largeIn *lane
	forever                        bool // a datagram that is not taken waits longer than the line lives
}

func newFakeLine() *fakeLine {
	return &fakeLine{ending: ending{ch: make(chan struct{})}, small: newLane(), smallIn: newLane(), large: newLane(), largeIn: newLane()}
}

// otherEnd is the far end of a line.
func (l *fakeLine) otherEnd() *fakeLine {
	return &fakeLine{ending: ending{ch: make(chan struct{})}, small: l.smallIn, smallIn: l.small, large: l.largeIn, largeIn: l.large}
}

func (l *fakeLine) datagram(packet []byte) {
	over := l.over()
	if l.forever {
		over = nil
	}
	_ = l.small.send(packet, over)
}
func (l *fakeLine) packet(packet []byte) error { return l.large.send(packet, l.over()) }
func (l *fakeLine) hear() ([]byte, error)      { return l.smallIn.take(l.over()) }
func (l *fakeLine) read(int) ([]byte, error)   { return l.largeIn.take(l.over()) }
func (l *fakeLine) close(bool)                 { l.end() }
func (l *fakeLine) carrier() string            { return CarrierQUIC }

func (l *fakeLine) losses() (sent, lost uint64) { return 0, 0 }

func (l *fakeLine) closed() bool {
	select {
	case <-l.over():
		return true
	default:
		return false
	}
}

// fakeSocket is a WebSocket without a network.
type fakeSocket struct {
	ending
	out, in *lane
}

func newFakeSocket(out, in *lane) *fakeSocket {
	return &fakeSocket{ending: ending{ch: make(chan struct{})}, out: out, in: in}
}

func (s *fakeSocket) Read() ([]byte, error)     { return s.in.take(s.over()) }
func (s *fakeSocket) Write(packet []byte) error { return s.out.send(packet, s.over()) }
func (s *fakeSocket) Close(Code, string) error  { s.end(); return nil }
func (s *fakeSocket) Abort()                    { s.end() }
func (s *fakeSocket) Remote() string            { return "fake" }

func fakeMixed(client bool, opts Options) *mixed {
	return newMixed(mixedConfig{Options: opts.withDefaults(), remote: "fake", client: client, always: client})
}

// TestDatagramsBlock: QUIC takes no datagram any more where its own acknowledgements stay away. That costs a
// goroutine, and nobody waits for it.
func TestDatagramsBlock(t *testing.T) {
	for _, abort := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			c, l := fakeMixed(true, Options{WriteTimeout: time.Hour}), newFakeLine()
			l.small.stall, l.forever = make(chan struct{}), true
			c.addLine(l)
			for range 3 {
				mustWrite(t, c, []byte("hello"))
			}
			synctest.Wait()
			before := runtime.NumGoroutine()
			for range 100 {
				c.tick()
				time.Sleep(10 * time.Millisecond)
			}
			synctest.Wait()
			if n := runtime.NumGoroutine(); n > before {
				t.Errorf("of %d goroutines there are %d", before, n)
			}
			began := time.Now()
			most := time.Duration(0)
			if abort {
				c.Abort()
			} else {
				most = closeWait
				if err := c.Close(4001, "enough"); err != nil {
					t.Error(err)
				}
			}
			if d := time.Since(began); d > most {
				t.Errorf("abort %v: it took %v", abort, d)
			}
			if !l.closed() {
				t.Error("the line is open")
			}
			close(l.small.stall)
		})
	}
}

// TestAbortHurriesClose: who aborts does not wait for a goodbye's answer either.
func TestAbortHurriesClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, l := fakeMixed(true, Options{}), newFakeLine()
		l.small.lost.Store(true)
		c.addLine(l)
		began := time.Now()
		go func() { _ = c.Close(4001, "enough") }()
		synctest.Wait()
		c.Abort()
		if d := time.Since(began); d > 0 {
			t.Errorf("it took %v", d)
		}
	})
}

// TestDatagramsBlockTooLong: such a line is given up when a WebSocket would be.
func TestDatagramsBlockTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, l := fakeMixed(false, Options{WriteTimeout: 10 * time.Second}), newFakeLine()
		l.small.stall = make(chan struct{})
		c.addLine(l)
		mustWrite(t, c, []byte("hello"))
		began := time.Now()
		if _, err := c.Read(); !errors.Is(err, ErrWriteTimeout) {
			t.Error(err)
		}
		if d := time.Since(began); d < 10*time.Second || d > 11*time.Second {
			t.Errorf("it took %v", d)
		}
	})
}

// TestStreamBlocks: a far end that takes nothing on the stream costs no work, and is given up in time.
func TestStreamBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, l := fakeMixed(false, Options{WriteTimeout: 10 * time.Second}), newFakeLine()
		var ticks atomic.Int64
		c.timer.Stop()
		c.timer = time.AfterFunc(time.Hour, func() { ticks.Add(1); c.tick() })
		l.large.stall = make(chan struct{})
		c.addLine(l)
		began := time.Now()
		far := repeat.New(repeat.Config{MaxMessage: 1000})
		far.Open(0, repeat.Stream)
		for range 2 { // the second is acknowledged while the first's acknowledgement is not taken
			far.Write(0, false, []byte("hello"))
			packet, _ := far.Packet(0, repeat.Stream, nil)
			l.largeIn.packets <- packet
			if got := mustRead(t, c); string(got) != "hello" {
				t.Errorf("%q", got)
			}
			time.Sleep(100 * time.Millisecond)
		}
		ticks.Store(0)
		time.Sleep(time.Second)
		if n := ticks.Load(); n > 50 {
			t.Errorf("it looked %d times", n)
		}
		if _, err := c.Read(); !errors.Is(err, ErrWriteTimeout) {
			t.Error(err)
		}
		if d := time.Since(began); d < 10*time.Second || d > 11*time.Second {
			t.Errorf("it took %v", d)
		}
		if !l.closed() {
			t.Error("the line is open")
		}
	})
}

// TestStreamStopped: a far end that stops the stream in one direction only, which nobody hears who reads.
func TestStreamStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, l := fakeMixed(false, Options{}), &stoppedLine{newFakeLine()}
		c.addLine(l)
		mustWrite(t, c, make([]byte, 5000))
		wantClose(t, c, CodeAbnormal, "")
	})
}

type stoppedLine struct{ *fakeLine }

func (stoppedLine) packet([]byte) error { return errors.New("stopped") }

// TestWebSocketBroke: a WebSocket that has just broken makes a client impatient with a silent line, one that
// broke some time ago does not, nor that nobody had anything to say.
func TestWebSocketBroke(t *testing.T) {
	for _, test := range []struct {
		pause      time.Duration // between the break and the message without an answer
		lives, not time.Duration
	}{{0, 900 * time.Millisecond, 1200 * time.Millisecond}, {10 * time.Second, 2 * time.Second, 3200 * time.Millisecond}} {
		synctest.Test(t, func(t *testing.T) {
			c, l := fakeMixed(true, Options{}), newFakeLine()
			s := newFakeSocket(newLane(), newLane())
			c.addSocket(s)
			c.addLine(l)
			c.dropSocket(s, io.ErrUnexpectedEOF)
			time.Sleep(test.pause)
			mustWrite(t, c, []byte("hello"))
			time.Sleep(test.lives)
			if l.closed() {
				t.Errorf("%v after the break the line is given up within %v", test.pause, test.lives)
			}
			time.Sleep(test.not - test.lives)
			if !l.closed() {
				t.Errorf("%v after the break the line lives for %v", test.pause, test.not)
			}
			c.Abort()
		})
	}
}

// TestWebSocketBlocks: what a WebSocket does not take leaves by the line, and who writes does not wait.
func TestWebSocketBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := newMixed(mixedConfig{Options: Options{}.withDefaults(), client: true}), fakeMixed(false, Options{})
		up, down, l := newLane(), newLane(), newFakeLine()
		near.addSocket(newFakeSocket(up, down))
		far.addSocket(newFakeSocket(down, up))
		near.addLine(l)
		far.addLine(l.otherEnd())
		say := func() {
			t.Helper()
			began := time.Now()
			mustWrite(t, near, []byte("hello"))
			if got := mustRead(t, far); string(got) != "hello" {
				t.Errorf("%q", got)
			}
			if d := time.Since(began); d > 300*time.Millisecond {
				t.Errorf("it took %v", d)
			}
			time.Sleep(33 * time.Millisecond)
		}
		for range 50 {
			say()
		}
		up.stall = make(chan struct{}) // nothing is being sent
		for range 50 {
			say()
		}
		near.Abort()
		far.Abort()
	})
}
