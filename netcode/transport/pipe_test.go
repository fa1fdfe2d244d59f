package transport

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func makePipe(t *testing.T, a, b Options) (Conn, Conn) { return PipeOptions(a, b) }

func TestPipe(t *testing.T) { testConn(t, makePipe) }

// In a synctest bubble time stands still unless everybody waits, and a goroutine that outlives the
// test fails it: the whole suite without a real delay or a leak.
func TestPipeVirtualTime(t *testing.T) {
	for name, run := range map[string]func(*testing.T, maker){
		"BothDirections": testBothDirections,
		"ReadTimeout":    testReadTimeout,
		"ConcurrentSend": testConcurrentSend,
		"CloseFromMany":  testCloseFromMany,
		"SenderGoodbye":  testSenderGoodbye,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { run(t, makePipe) })
		})
	}
}

// TestPipeHalfOpen: nobody reads at the far end; Write blocks when the pipe is full, and gives up
// after exactly WriteTimeout.
func TestPipeHalfOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := PipeOptions(Options{WriteTimeout: 7 * time.Second}, Options{})
		for range pipeMessages {
			mustWrite(t, a, []byte{1})
		}
		start := time.Now()
		if err := a.Write([]byte{1}); !errors.Is(err, ErrWriteTimeout) {
			t.Fatalf("Write: %v", err)
		}
		if d := time.Since(start); d != 7*time.Second {
			t.Errorf("gave up after %v", d)
		}
		if _, err := a.Read(); !errors.Is(err, ErrWriteTimeout) {
			t.Errorf("Read after that: %v", err)
		}
		wantClose(t, b, CodeAbnormal, "")
	})
}

func TestPipeCloseUnblocksWrite(t *testing.T) {
	for _, who := range []string{"own", "far"} {
		synctest.Test(t, func(t *testing.T) {
			a, b := Pipe()
			for range pipeMessages {
				mustWrite(t, a, []byte{1})
			}
			done := waitFor(func() {
				err := a.Write([]byte{2})
				var ce *CloseError
				if who == "own" && !errors.Is(err, ErrClosed) || who == "far" && (!errors.As(err, &ce) || ce.Code != 4002) {
					t.Errorf("%s: Write: %v", who, err)
				}
			})
			synctest.Wait()
			if who == "own" {
				a.Close(CodeNormal, "")
			} else {
				b.Close(4002, "")
			}
			<-done
		})
	}
}

func TestPipeAbort(t *testing.T) {
	a, b := Pipe()
	mustWrite(t, a, []byte{1})
	a.(Aborter).Abort()
	if got := mustRead(t, b); len(got) != 1 {
		t.Fatal(got)
	}
	wantClose(t, b, CodeAbnormal, "")
	if _, err := a.Read(); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
}

func TestPipeAllocatesNothing(t *testing.T) {
	a, b := Pipe()
	msg := make([]byte, 200)
	turn := func() {
		for range 10 {
			mustWrite(t, a, msg)
		}
		for range 10 {
			mustRead(t, b)
		}
	}
	for range 2 * pipeMessages / 10 {
		turn()
	}
	if n := testing.AllocsPerRun(100, turn); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkPipe(b *testing.B) {
	x, y := Pipe()
	msg := make([]byte, 12)
	b.ReportAllocs()
	for b.Loop() {
		if err := x.Write(msg); err != nil {
			b.Fatal(err)
		}
		if _, err := y.Read(); err != nil {
			b.Fatal(err)
		}
	}
}
