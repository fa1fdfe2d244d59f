package transport

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// slowConn is a Conn whose Write takes a message only when the test lets it.
type slowConn struct {
	writing chan []byte   // Write hands over a copy ...
	written chan error    // ... and answers this
	closed  chan struct{} // by Close
	bye     string
}

func newSlowConn() *slowConn {
	return &slowConn{writing: make(chan []byte), written: make(chan error), closed: make(chan struct{})}
}

func (c *slowConn) Write(data []byte) error {
	select {
	case c.writing <- append([]byte(nil), data...):
	case <-c.closed:
		return ErrClosed
	}
	select {
	case err := <-c.written:
		return err
	case <-c.closed:
		return ErrClosed
	}
}

func (c *slowConn) Close(code Code, reason string) error {
	select {
	case <-c.closed:
	default:
		c.bye = fmt.Sprintf("%d %s", int(code), reason)
		close(c.closed)
	}
	return nil
}

func (c *slowConn) Read() ([]byte, error) { <-c.closed; return nil, ErrClosed }
func (c *slowConn) Remote() string        { return "slow" }

// take lets one Write through and returns what it wrote.
func (c *slowConn) take() string {
	msg := <-c.writing
	c.written <- nil
	return string(msg)
}

func send(t *testing.T, s *Sender, class Class, msgs ...string) {
	t.Helper()
	for _, m := range msgs {
		if err := s.Send(class, []byte(m)); err != nil {
			t.Fatalf("Send %q: %v", m, err)
		}
	}
}

func wantFrames(t *testing.T, c *slowConn, want ...string) {
	t.Helper()
	for _, w := range want {
		if got := c.take(); got != w {
			t.Fatalf("frame %q, want %q", got, w)
		}
	}
}

func TestSenderCoalesces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newSlowConn()
		s := NewSender(c, SenderOptions{BatchBytes: 8})
		send(t, s, Ordered, "a")
		first := <-c.writing // the writer is busy now, the rest waits
		send(t, s, Ordered, "bb", "ccc", "d", "ee", "0123456789", "f", "g")
		if d := s.Depth(); d != (Depth{Ordered: 7, OrderedBytes: 20}) || d.Messages() != 7 || d.Bytes() != 20 {
			t.Errorf("Depth: %+v", d)
		}
		c.written <- nil
		if string(first) != "a" {
			t.Errorf("first frame %q", first)
		}
		// As many as fit into 8 bytes together; one that does not fit at all goes alone.
		wantFrames(t, c, "bbcccdee", "0123456789", "fg")
		synctest.Wait()
		if got := s.Sent(); got != (Sent{Frames: 4, Messages: 8, Bytes: 21}) {
			t.Errorf("Sent: %+v", got)
		}
		s.Close(CodeNormal, "")
		<-s.Done()
	})
}

func TestSenderBulkIsOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newSlowConn()
		s := NewSender(c, SenderOptions{})
		send(t, s, Bulk, "chunk1", "chunk2", "chunk3")
		c1 := <-c.writing
		send(t, s, Ordered, "x", "y")
		c.written <- nil
		if string(c1) != "chunk1" {
			t.Fatalf("%q", c1)
		}
		// x and y wait for one chunk, not for three; the chunks keep their order and stay apart.
		wantFrames(t, c, "xy")
		c2 := <-c.writing
		send(t, s, Ordered, "z")
		c.written <- nil
		if string(c2) != "chunk2" {
			t.Fatalf("%q", c2)
		}
		wantFrames(t, c, "z", "chunk3")
		s.Close(CodeNormal, "")
		<-s.Done()
	})
}

func TestSenderBatchWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newSlowConn()
		s := NewSender(c, SenderOptions{BatchWindow: 10 * time.Millisecond, BatchBytes: 8})
		start := time.Now()
		send(t, s, Ordered, "a")
		time.Sleep(6 * time.Millisecond) // of virtual time
		send(t, s, Ordered, "b")
		wantFrames(t, c, "ab")
		if d := time.Since(start); d != 10*time.Millisecond {
			t.Errorf("the frame left after %v", d)
		}
		// A full batch does not wait, and neither does what a Close finds.
		start = time.Now()
		send(t, s, Ordered, "12345678")
		wantFrames(t, c, "12345678")
		send(t, s, Ordered, "end")
		s.Close(4000, "over")
		wantFrames(t, c, "end")
		if d := time.Since(start); d != 0 {
			t.Errorf("they took %v", d)
		}
		<-s.Done()
		if c.bye != "4000 over" {
			t.Errorf("closed with %q", c.bye)
		}
	})
}

// A window that is set later counts from then on; one that is taken away holds nothing back.
func TestSenderSetBatchWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newSlowConn()
		s := NewSender(c, SenderOptions{})
		took := func(want time.Duration, f func()) {
			t.Helper()
			start := time.Now()
			f()
			if d := time.Since(start); d != want {
				t.Errorf("the frame left after %v, want %v", d, want)
			}
		}
		took(0, func() {
			send(t, s, Ordered, "a")
			wantFrames(t, c, "a")
		})
		s.SetBatchWindow(10 * time.Millisecond)
		took(10*time.Millisecond, func() {
			send(t, s, Ordered, "b", "c")
			wantFrames(t, c, "bc")
		})
		send(t, s, Ordered, "d")
		took(4*time.Millisecond, func() { // shortened while a message waits
			s.SetBatchWindow(4 * time.Millisecond)
			wantFrames(t, c, "d")
		})
		send(t, s, Ordered, "e")
		took(0, func() {
			s.SetBatchWindow(0)
			wantFrames(t, c, "e")
		})
		// What waits behind a busy line without a window is not held back by a new one.
		send(t, s, Ordered, "f")
		synctest.Wait() // f is being written
		send(t, s, Ordered, "g")
		took(0, func() {
			s.SetBatchWindow(time.Second)
			wantFrames(t, c, "f", "g")
		})
		s.Close(4000, "over")
		<-s.Done()
	})
}

// Anybody may change the window while others send.
func TestSenderSetBatchWindowFromAnywhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := Pipe()
		s := NewSender(near, SenderOptions{})
		const n = 200
		go func() {
			for i := range n {
				s.SetBatchWindow(time.Duration(i%3) * time.Millisecond)
			}
		}()
		go func() {
			for range n {
				if err := s.Send(Ordered, []byte("x")); err != nil {
					t.Error(err)
				}
			}
		}()
		for got := 0; got < n; {
			data, err := far.Read()
			if err != nil {
				t.Fatal(err)
			}
			got += len(data)
		}
		s.Close(CodeNormal, "")
		<-s.Done()
	})
}

func TestSenderFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newSlowConn()
		s := NewSender(c, SenderOptions{MaxMessages: 3, MaxBytes: 10})
		send(t, s, Ordered, "first")
		<-c.writing
		send(t, s, Ordered, "1", "2", "3")
		if err := s.Send(Ordered, []byte("4")); !errors.Is(err, ErrQueueFull) {
			t.Errorf("fourth message: %v", err)
		}
		send(t, s, Bulk, "0123456789") // a class of its own
		if err := s.Send(Bulk, []byte("x")); !errors.Is(err, ErrQueueFull) {
			t.Errorf("eleventh byte: %v", err)
		}
		if err := s.Send(Bulk, nil); !errors.Is(err, ErrEmpty) {
			t.Errorf("empty message: %v", err)
		}
		c.written <- nil
		wantFrames(t, c, "123", "0123456789")
		send(t, s, Ordered, "4")
		wantFrames(t, c, "4")
		s.Close(CodeNormal, "")
		<-s.Done()
		if err := s.Send(Ordered, []byte("x")); !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

func TestSenderCloseDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newSlowConn()
		s := NewSender(c, SenderOptions{CloseTimeout: 3 * time.Second})
		send(t, s, Ordered, "stuck")
		<-c.writing
		start := time.Now()
		s.Close(4001, "time is up")
		s.Close(4002, "too late")
		if err := s.Send(Ordered, []byte("x")); !errors.Is(err, ErrClosed) {
			t.Errorf("Send after Close: %v", err)
		}
		<-s.Done()
		if d := time.Since(start); d != 3*time.Second {
			t.Errorf("it took %v", d)
		}
		if c.bye != "4001 time is up" || !errors.Is(s.Err(), errUnsent) {
			t.Errorf("closed with %q, Err %v", c.bye, s.Err())
		}
	})
}

func TestSenderWriteError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newSlowConn()
		s := NewSender(c, SenderOptions{})
		send(t, s, Ordered, "x")
		<-c.writing
		boom := errors.New("boom")
		c.written <- boom
		<-s.Done()
		if err := s.Send(Ordered, []byte("y")); !errors.Is(err, boom) || !errors.Is(s.Err(), boom) {
			t.Errorf("Send: %v, Err: %v", err, s.Err())
		}
		if c.bye != "" {
			t.Errorf("closed with %q before the reader saw the end", c.bye)
		}
		s.Close(4003, "then")
		<-c.closed
		if c.bye != "4003 then" {
			t.Errorf("closed with %q", c.bye)
		}
	})
}

// TestQueueKeepsOrder drives a queue through growing, wrapping and emptying against a plain list.
func TestQueueKeepsOrder(t *testing.T) {
	var q queue
	var model []string
	var out []byte
	next := 0
	for round := range 3000 {
		for range round % 7 {
			m := fmt.Sprintf("%d%s;", next, strings.Repeat("x", next%23))
			next++
			q.push([]byte(m))
			model = append(model, m)
		}
		limit := round % 90
		var n int
		out, n = q.pop(out[:0], limit)
		want := strings.Join(model[:n], "")
		if string(out) != want || n > 1 && len(out) > limit || n == 0 && len(model) > 0 {
			t.Fatalf("round %d: popped %q (%d), want %q", round, out, n, want)
		}
		if n < len(model) && n > 0 && len(out)+len(model[n]) <= limit {
			t.Fatalf("round %d: message %d would have fitted", round, n)
		}
		model = model[n:]
		if q.messages() != len(model) || q.waiting() != len(strings.Join(model, "")) {
			t.Fatalf("round %d: %d messages, %d bytes wait", round, q.messages(), q.waiting())
		}
		if round%500 == 499 {
			for q.messages() > 0 {
				out, n = q.pop(out[:0], 1<<20)
				model = model[n:]
			}
		}
	}
	if cap(q.bytes) > 1<<16 {
		t.Errorf("the queue holds %d bytes of memory", cap(q.bytes))
	}
}

func TestSenderAllocatesNothing(t *testing.T) {
	a, b := Pipe()
	s := NewSender(a, SenderOptions{})
	msg := make([]byte, 12)
	turn := func() {
		for range 20 {
			if err := s.Send(Ordered, msg); err != nil {
				t.Fatal(err)
			}
		}
		for n := 0; n < 20*len(msg); n += len(mustRead(t, b)) {
		}
	}
	for range 200 {
		turn()
	}
	if n := testing.AllocsPerRun(200, turn); n != 0 {
		t.Errorf("%v allocations for 20 messages", n)
	}
	s.Close(CodeNormal, "")
	<-s.Done()
}

func BenchmarkSender(b *testing.B) {
	x, y := Pipe()
	s := NewSender(x, SenderOptions{})
	go func() {
		for {
			if _, err := y.Read(); err != nil {
				return
			}
		}
	}()
	msg := make([]byte, 12)
	b.ReportAllocs()
	for b.Loop() {
		for errors.Is(s.Send(Ordered, msg), ErrQueueFull) {
			<-time.After(time.Microsecond)
		}
	}
	s.Close(CodeNormal, "")
	<-s.Done()
}
