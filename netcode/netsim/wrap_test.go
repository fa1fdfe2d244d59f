package netsim

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tandem/netcode/transport"
)

func mustSpec(t testing.TB, text string) Spec {
	t.Helper()
	s, err := ParseSpec(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func shaperOf(t testing.TB, spec Spec, seed uint64) *Shaper {
	t.Helper()
	s, err := NewShaper(Schedule{{Spec: spec}}, seed)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// wrapped returns a pipe whose first end is shaped.
func wrapped(t testing.TB, text string) (near, far transport.Conn) {
	t.Helper()
	a, b := transport.PipeOptions(transport.Options{ReadTimeout: -1}, transport.Options{ReadTimeout: -1})
	c, err := shaperOf(t, mustSpec(t, text), 11).Wrap(a)
	if err != nil {
		t.Fatal(err)
	}
	return c, b
}

func write(t testing.TB, c transport.Conn, s string) {
	t.Helper()
	if err := c.Write([]byte(s)); err != nil {
		t.Fatalf("Write: %v", err)
	}
}

func read(t testing.TB, c transport.Conn, want string) {
	t.Helper()
	if msg, err := c.Read(); err != nil || string(msg) != want {
		t.Fatalf("Read: %q, %v, want %q", msg, err, want)
	}
}

func wantClose(t testing.TB, c transport.Conn, code transport.Code, reason string) {
	t.Helper()
	_, err := c.Read()
	var ce *transport.CloseError
	if !errors.As(err, &ce) || ce.Code != code || ce.Reason != reason {
		t.Fatalf("Read: %v, want code %v %q", err, code, reason)
	}
}

// wantTime checks virtual time, which passes only while everybody waits: to the nanosecond.
func wantTime(t testing.TB, start time.Time, want time.Duration) {
	t.Helper()
	if d := time.Since(start); d != want {
		t.Errorf("%v have passed, want %v", d, want)
	}
}

func TestWrapDelaysBothDirections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := wrapped(t, "rtt=60ms")
		start := time.Now()
		write(t, c, "up")
		read(t, far, "up")
		wantTime(t, start, 30*ms)
		write(t, far, "down")
		read(t, c, "down")
		wantTime(t, start, 60*ms)
		// The goodbye travels like a message, behind what was written.
		write(t, c, "last")
		done := make(chan error)
		go func() { done <- c.Close(4001, "bye") }()
		read(t, far, "last")
		wantTime(t, start, 90*ms)
		wantClose(t, far, 4001, "bye")
		wantTime(t, start, 90*ms)
		if err := <-done; err != nil {
			t.Error(err)
		}
		if _, err := c.Read(); !errors.Is(err, transport.ErrClosed) {
			t.Errorf("Read after Close: %v", err)
		}
		if err := c.Write(nil); !errors.Is(err, transport.ErrClosed) {
			t.Errorf("Write after Close: %v", err)
		}
	})
}

func TestWrapFarEndCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := wrapped(t, "rtt=100ms")
		start := time.Now()
		write(t, far, "last")
		if err := far.Close(4002, "gone"); err != nil {
			t.Fatal(err)
		}
		read(t, c, "last")
		wantClose(t, c, 4002, "gone")
		wantClose(t, c, 4002, "gone")
		wantTime(t, start, 50*ms)
		// Writes fail as soon as one has found out.
		write(t, c, "x")
		time.Sleep(50 * ms) // of virtual time
		synctest.Wait()
		var ce *transport.CloseError
		if err := c.Write(nil); !errors.As(err, &ce) || ce.Code != 4002 {
			t.Errorf("Write: %v", err)
		}
		c.Close(transport.CodeNormal, "")
	})
}

// TestWrapKeepsOrder: thousands of messages both ways over a bad line.
func TestWrapKeepsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 5000
		c, far := wrapped(t, "rtt=60ms,jitter=40ms,stall=2%/300ms,tail=5ms/1.5,bw=1mbit")
		var wg sync.WaitGroup
		for _, ends := range [][2]transport.Conn{{c, far}, {far, c}} {
			wg.Go(func() {
				tick := time.NewTicker(5 * ms)
				defer tick.Stop()
				for i := range uint32(n) {
					if err := ends[0].Write(binary.BigEndian.AppendUint32(nil, i)); err != nil {
						t.Errorf("Write: %v", err)
						return
					}
					if i%3 == 0 {
						<-tick.C
					}
				}
			})
			wg.Go(func() {
				for i := range uint32(n) {
					msg, err := ends[1].Read()
					if err != nil || binary.BigEndian.Uint32(msg) != i {
						t.Errorf("message %d: %v %v", i, msg, err)
						return
					}
				}
			})
		}
		wg.Wait()
		c.Close(transport.CodeNormal, "")
	})
}

// TestWrapBackPressure: a line slower than the sender makes Write wait, and memory stays bounded.
func TestWrapBackPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := wrapped(t, "bw=800kbit") // 100 kB/s
		const size, n = 8000, 100
		start := time.Now()
		go func() {
			for range n {
				write(t, c, string(make([]byte, size)))
			}
		}()
		most := 0
		for range n {
			if _, err := far.Read(); err != nil {
				t.Fatal(err)
			}
			s := c.(*shaped)
			s.up.mu.Lock()
			most = max(most, s.up.link.Bytes())
			s.up.mu.Unlock()
		}
		wantTime(t, start, size*n*time.Second/100_000)
		if most > shapedBytes || most < shapedBytes-2*size {
			t.Errorf("%d bytes were under way, the bound is %d", most, shapedBytes)
		}
		c.Close(transport.CodeNormal, "")
	})
}

func TestWrapDrop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := shaperOf(t, mustSpec(t, "rtt=20ms,drop=10s/2s"), 5)
		start := time.Now()
		a, far := transport.Pipe()
		c, err := s.Wrap(a)
		if err != nil {
			t.Fatal(err)
		}
		write(t, c, "hello")
		read(t, far, "hello")
		time.Sleep(9985 * ms) // of virtual time: 5 ms before the cut
		write(t, c, "lost")
		write(t, far, "lost")
		wantClose(t, far, transport.CodeAbnormal, "")
		wantTime(t, start, 10*time.Second)
		_, err = c.Read()
		var ce *transport.CloseError
		if !errors.As(err, &ce) || ce.Code != transport.CodeAbnormal || !errors.Is(err, errCut) {
			t.Errorf("Read: %v", err)
		}
		if err := c.Write(nil); !errors.As(err, &ce) {
			t.Errorf("Write: %v", err)
		}
		c.Close(transport.CodeNormal, "")

		// New connections are refused for two seconds, and then good for ever.
		for range 2 {
			a, far := transport.Pipe()
			if c, err := s.Wrap(a); !errors.Is(err, ErrLinkDown) || c != nil {
				t.Errorf("after %v: %v", time.Since(start), err)
			}
			wantClose(t, far, transport.CodeAbnormal, "")
			time.Sleep(time.Second - 1)
		}
		time.Sleep(2 * time.Nanosecond)
		a, far = transport.Pipe()
		c, err = s.Wrap(a)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Second)
		write(t, c, "still here")
		read(t, far, "still here")
		c.Close(transport.CodeNormal, "")
	})
}

// TestWrapLoses: on a line that loses packets all messages and the goodbye arrive, in both directions.
func TestWrapLoses(t *testing.T) {
	for _, text := range []string{"rtt=40ms,loss=20%", "rtt=40ms,loss=20%,over=datagrams", "wifi,up.burst=20%/200ms"} {
		synctest.Test(t, func(t *testing.T) {
			c, far := wrapped(t, text)
			const n = 300
			all := make(chan bool)
			go func() {
				for i := range n {
					time.Sleep(33 * ms)
					if err := errors.Join(c.Write(fmt.Append(nil, "up ", i)), far.Write(fmt.Append(nil, "down ", i))); err != nil {
						t.Error(err)
					}
				}
				<-all
				if err := c.Close(4000, "done"); err != nil {
					t.Error(err)
				}
			}()
			go func() {
				defer close(all)
				for i := range n {
					if msg, err := c.Read(); err != nil || string(msg) != fmt.Sprint("down ", i) {
						t.Errorf("Read: %q, %v, want down %d", msg, err, i)
						return
					}
				}
			}()
			for i := range n {
				read(t, far, fmt.Sprint("up ", i))
			}
			wantClose(t, far, 4000, "done")
		})
	}
}

// carried says what a connection travels by.
type carried struct {
	transport.Conn
	by string
}

func (c carried) Carrier() string { return c.by }

// TestWrapCarrier: what a loss costs is what it costs with what the connection travels by, unless the line says
// something else.
func TestWrapCarrier(t *testing.T) {
	for _, c := range []struct {
		by, line  string
		datagrams bool
	}{
		{"", "loss=1%", false},
		{transport.CarrierWebSocket, "loss=1%", false},
		{transport.CarrierQUIC, "loss=1%", true},
		{transport.CarrierWebTransport, "loss=1%", true},
		{transport.CarrierQUIC, "loss=1%,over=tcp", false},
		{transport.CarrierWebSocket, "loss=1%,over=datagrams", true},
	} {
		spec, err := ParseSpec(c.line)
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewShaper(Schedule{{Spec: spec}}, 1)
		if err != nil {
			t.Fatal(err)
		}
		a, _ := transport.Pipe()
		conn, err := s.Wrap(carried{a, c.by})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range []*Link{conn.(*shaped).up.link, conn.(*shaped).down.link} {
			if _, datagrams := l.carrier.(*datagrams); datagrams != c.datagrams {
				t.Errorf("%q by %q: datagrams %v, want %v", c.line, c.by, datagrams, c.datagrams)
			}
		}
		conn.Close(transport.CodeNormal, "")
	}
}

func TestWrapSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := NewShaper(Schedule{{0, Spec{RTT: 50 * ms}}, {time.Second, Spec{RTT: 200 * ms}}}, 5)
		if err != nil {
			t.Fatal(err)
		}
		a, far := transport.Pipe()
		c, err := s.Wrap(a)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []time.Duration{25 * ms, 100 * ms} {
			start := time.Now()
			write(t, c, "x")
			read(t, far, "x")
			wantTime(t, start, want)
			time.Sleep(time.Second)
		}
		c.Close(transport.CodeNormal, "")
	})
	if _, err := NewShaper(Schedule{{-1, Spec{}}}, 1); err == nil {
		t.Error("a bad schedule is accepted")
	}
}

// TestWrapCloseHasALimit: what would arrive too late is given up, and so is a far end that takes
// nothing.
func TestWrapCloseHasALimit(t *testing.T) {
	for _, text := range []string{"rtt=10s,jitter=10s,stall=100%/1m", "rtt=1ms"} {
		synctest.Test(t, func(t *testing.T) {
			c, far := wrapped(t, text)
			for range 300 { // more than a pipe holds
				write(t, c, "x")
			}
			start := time.Now()
			if err := c.Close(4001, "enough"); err != nil {
				t.Error(err)
			}
			wantTime(t, start, flushLimit)
			for {
				_, err := far.Read()
				if err == nil {
					continue
				}
				var ce *transport.CloseError
				if !errors.As(err, &ce) || ce.Code != 4001 {
					t.Error(err)
				}
				return
			}
		})
	}
}

func TestWrapAbortAndBadCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := wrapped(t, "rtt=1s")
		write(t, c, "lost")
		c.(transport.Aborter).Abort()
		wantClose(t, far, transport.CodeAbnormal, "")
		c.(transport.Aborter).Abort()
		if err := c.Close(4001, ""); err != nil {
			t.Error(err)
		}

		c, far = wrapped(t, "rtt=1s")
		if err := c.Close(1, "x"); err == nil {
			t.Error("close code 1 is accepted")
		}
		wantClose(t, far, transport.CodeInternal, "x")
	})
}

func TestWrapTooLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := wrapped(t, "rtt=1ms")
		if err := c.Write(make([]byte, MaxQueueBytes+1)); !errors.Is(err, ErrLinkFull) {
			t.Error(err)
		}
		c.Close(transport.CodeNormal, "")
	})
}

func TestWrapPerfectCostsNothing(t *testing.T) {
	a, _ := transport.Pipe()
	if c, err := shaperOf(t, Spec{Skew: 200}, 1).Wrap(a); err != nil || c != a {
		t.Error(c, err)
	}
	if _, err := NewShaper(Schedule{{Spec: Spec{RTT: -1}}}, 1); err == nil {
		t.Error("a bad spec is accepted")
	}
}

// otherConn hides that its connection can Abort.
type otherConn struct{ transport.Conn }

func TestWrapOtherConn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, far := transport.Pipe()
		c, err := shaperOf(t, mustSpec(t, "drop=1s/1s"), 1).Wrap(otherConn{a})
		if err != nil {
			t.Fatal(err)
		}
		wantClose(t, far, transport.CodeGoingAway, "the line was cut")
		if c.Remote() != "pipe" {
			t.Error(c.Remote())
		}
		c.Close(transport.CodeNormal, "")
	})
}

// TestWrapSender: the usual stack, in real time: a Sender on a shaped pipe.
func TestWrapSender(t *testing.T) {
	c, far := wrapped(t, "rtt=4ms,jitter=2ms,stall=5%/5ms")
	s := transport.NewSender(c, transport.SenderOptions{})
	go func() {
		for i := range 200 {
			if err := s.Send(transport.Ordered, fmt.Appendf(nil, "%03d", i)); err != nil {
				t.Errorf("Send: %v", err)
			}
		}
		s.Close(4000, "done")
	}()
	want := 0
	for {
		frame, err := far.Read()
		var ce *transport.CloseError
		if errors.As(err, &ce) && ce.Code == 4000 {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for ; len(frame) > 0; frame = frame[3:] {
			if got := string(frame[:3]); got != fmt.Sprintf("%03d", want) {
				t.Fatalf("%s in place of %d", got, want)
			}
			want++
		}
	}
	if want != 200 {
		t.Errorf("%d arrived", want)
	}
	<-s.Done()
}

// BenchmarkWrapPrecision reports how late real timers deliver, beyond the simulated delay.
func BenchmarkWrapPrecision(b *testing.B) {
	c, far := wrapped(b, "rtt=10ms")
	defer c.Close(transport.CodeNormal, "")
	var late, worst time.Duration
	for b.Loop() {
		start := time.Now()
		write(b, c, "x")
		if _, err := far.Read(); err != nil {
			b.Fatal(err)
		}
		d := time.Since(start) - 5*ms
		late += d
		worst = max(worst, d)
	}
	b.ReportMetric(float64(late.Microseconds())/float64(b.N), "µs-late")
	b.ReportMetric(float64(worst.Microseconds()), "µs-worst")
}
