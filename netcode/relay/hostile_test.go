//go:build !js

package relay

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/transport"
)

// outcome is what two players had of a match in whose third seat somebody hostile sat.
type outcome struct {
	state  uint64 // of both
	frames uint32
	subs   int // of both together
	code   protocol.Code
}

// besides plays a match of two players with attack's connection in the third seat, and others that
// attack may open. The third seat never sends an input, so what is played depends on nothing else.
func besides(t *testing.T, frames string, attack func(t *testing.T, s *Server, conn transport.Conn)) (o outcome) {
	t.Helper()
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		opts := roomOptions("on_disconnect=substitute", "players=3", frames)
		players := make([]*player, 2)
		ends := make([]<-chan session.End, 2)
		for i := range players {
			players[i] = newPlayer(session.PeerConfig{Room: "r", Seat: i, Create: opts}, uint64(i)+1)
			ends[i] = start(players[i], dial(s))
			<-players[i].seated
		}
		conn := dial(s)
		write(t, conn, append(hello(protocol.Version), protocol.Append(nil, &protocol.Join{Room: "r", Seat: 2})...))
		write(t, conn, protocol.Append(nil, &protocol.Ready{}))
		time.Sleep(time.Second) // virtual: the match has begun
		attack(t, s, conn)
		a, b := <-ends[0], <-ends[1]
		if a != b || players[0].game.State != players[1].game.State {
			t.Errorf("the players end with %+v and %+v, states %x and %x", a, b, players[0].game.State, players[1].game.State)
		}
		o = outcome{players[0].game.State, players[0].game.Frames, players[0].subs + players[1].subs, a.Code}
	})
	return o
}

// ping keeps a seat from being silent.
func ping() []byte { return protocol.AppendPing(nil, &protocol.Ping{Sent: 1}) }

// readOut reads a connection to its end, as a program does that does not care.
func readOut(conn transport.Conn) {
	for {
		if _, err := conn.Read(); err != nil {
			return
		}
	}
}

// TestHostileSeat has every kind of misbehaviour in the third seat: it is refused with its code, and
// the others play exactly what they play without it.
func TestHostileSeat(t *testing.T) {
	const frames = "frames=150"
	leaves := func(t *testing.T, _ *Server, conn transport.Conn) {
		write(t, conn, protocol.Append(nil, &protocol.Leave{}))
		readOut(conn)
	}
	want := besides(t, frames, leaves)
	if want.code != protocol.CodeOK || want.frames != 150 || want.subs != 0 {
		t.Fatalf("without anybody hostile: %+v", want)
	}
	refused := func(code protocol.Code, say func() []byte) func(*testing.T, *Server, transport.Conn) {
		return func(t *testing.T, _ *Server, conn transport.Conn) {
			write(t, conn, say())
			refusedWith(t, conn, code, "")
		}
	}
	action := func(frame uint32, a, epoch uint8) func() []byte {
		return func() []byte {
			return protocol.AppendAction(nil, &protocol.Action{Epoch: epoch, Frame: frame, Action: a})
		}
	}
	for name, attack := range map[string]func(*testing.T, *Server, transport.Conn){
		"garbage":          refused(protocol.CodeMalformed, func() []byte { return []byte{0xc1, 0xff, 0x00} }),
		"empty":            refused(protocol.CodeMalformed, func() []byte { return nil }),
		"cut off":          refused(protocol.CodeMalformed, func() []byte { return action(40, 1, 1)()[:3] }),
		"another epoch":    refused(protocol.CodeUnexpected, action(40, 1, 9)),
		"far future":       refused(protocol.CodeWindow, action(1<<30, 1, 1)),
		"no such action":   refused(protocol.CodeMalformed, action(40, 100, 1)),
		"host's text":      refused(protocol.CodeNotHost, func() []byte { return protocol.Append(nil, &protocol.HUDUpdate{Text: "x"}) }),
		"host's option":    refused(protocol.CodeNotHost, func() []byte { return protocol.Append(nil, &protocol.SetOption{Epoch: 1, Option: "delay=9"}) }),
		"a relay's bundle": refused(protocol.CodeUnexpected, func() []byte { return protocol.AppendBundle(nil, &protocol.Bundle{Epoch: 1, Frame: 40, Seats: 3}) }),
		"joins again":      refused(protocol.CodeUnexpected, func() []byte { return protocol.Append(nil, &protocol.Join{Room: "r", Seat: 0}) }),
		"10 MB": func(t *testing.T, s *Server, conn transport.Conn) {
			write(t, conn, make([]byte, 10<<20))
			if _, end := answers(t, conn); end.Code != transport.CodeTooBig || end.Reason != "a message may have at most 4096 bytes" {
				t.Errorf("closed with %d, %q", end.Code, end.Reason)
			}
			counted(t, s, protocol.CodeTooLarge, "1")
		},
		"flood": func(t *testing.T, _ *Server, conn transport.Conn) {
			go func() {
				for conn.Write(ping()) == nil {
				}
			}()
			refusedWith(t, conn, protocol.CodeTooFrequent, "messages a second")
		},
		"half open": func(t *testing.T, _ *Server, conn transport.Conn) {
			refusedWith(t, conn, protocol.CodeSilent, "5 s")
		},
		"reads nothing": func(t *testing.T, s *Server, conn transport.Conn) {
			for conn.Write(ping()) == nil { // until the relay has had enough
				time.Sleep(time.Second / 80) // virtual; below the limit of 90 a second
				if n := waiting(s); n > 2*transport.DefaultMaxMessages {
					t.Fatalf("%d messages wait", n)
				}
			}
			readOut(conn)
		},
		"takes another's seat": func(t *testing.T, s *Server, conn transport.Conn) {
			for _, token := range [][]byte{nil, []byte("x"), make([]byte, protocol.MaxToken)} {
				thief := dial(s)
				write(t, thief, append(hello(protocol.Version), protocol.Append(nil, &protocol.Join{Room: "r", Seat: 0, Token: token})...))
				refusedWith(t, thief, protocol.CodeSeat, "")
			}
			leaves(t, s, conn)
		},
		"thousands of strangers": func(t *testing.T, s *Server, conn transport.Conn) {
			for i := range 3000 {
				c := dial(s)
				switch i % 3 {
				case 0:
					_ = c.Write([]byte("GET / HTTP/1.1\r\n\r\n")) // the relay may have hung up
				case 1:
					_ = c.Write(hello(99))
				}
				c.(transport.Aborter).Abort()
			}
			leaves(t, s, conn)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := frames
			wanted := want
			if name == "reads nothing" { // that takes longer
				f = "frames=1200"
				wanted = besides(t, f, leaves)
			}
			before := heap()
			if got := besides(t, f, attack); got != wanted {
				t.Errorf("the players have %+v, without anybody hostile %+v", got, wanted)
			}
			if grown := int64(heap()) - int64(before); grown > 8<<20 {
				t.Errorf("%d bytes of memory stay", grown)
			}
		})
	}
}

// waiting is the most messages that wait for any connection.
func waiting(s *Server) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		if c.room != nil && c.sender != nil {
			n = max(n, c.sender.Depth().Messages())
		}
	}
	return n
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// valid are messages that a peer may send at some time. Verdicts about the game itself are not among
// them: who sits in a seat may say that its state differs, and is heard.
var valid = [][]byte{
	hello(protocol.Version),
	protocol.Append(nil, &protocol.Join{Room: "r", Seat: -1, Name: "Eve", Require: []string{"delay=3"}}),
	protocol.Append(nil, &protocol.Join{Seat: -1, Create: roomOptions()}),
	protocol.Append(nil, &protocol.Ready{Lead: 1000}),
	protocol.AppendAction(nil, &protocol.Action{Epoch: 1, Frame: 40, Action: 3}),
	protocol.AppendActionBatch(nil, &protocol.ActionBatch{Epoch: 1, Frame: 40, Actions: []byte{1, 2, 3}}),
	protocol.AppendFrameSync(nil, &protocol.FrameSync{Epoch: 1, Frame: 40}),
	protocol.Append(nil, &protocol.Away{Away: true, Unloads: true}),
	protocol.Append(nil, &protocol.HUDUpdate{Text: "Score"}),
	protocol.Append(nil, &protocol.SetOption{Epoch: 1, Option: "delay=3"}),
	protocol.Append(nil, &protocol.Leave{Text: "bye"}),
	protocol.Append(nil, &protocol.Refusal{Code: protocol.CodeInternal, Text: "oops"}),
	ping(),
}

// mutant makes a transport message of valid ones: bytes changed, cut out, put in, repeated.
func mutant(r *rand.Rand) []byte {
	var b []byte
	for range 1 + r.IntN(3) {
		b = append(b, valid[r.IntN(len(valid))]...)
	}
	for range r.IntN(4) {
		i := r.IntN(len(b))
		switch r.IntN(4) {
		case 0:
			b[i] = byte(r.Uint32())
		case 1:
			b = append(b[:i:i], b[i+r.IntN(len(b)-i):]...)
		case 2:
			b = append(b[:i:i], append([]byte{byte(r.Uint32())}, b[i:]...)...)
		case 3:
			b = append(b, b[i:]...)
		}
		if len(b) == 0 {
			return []byte{byte(r.Uint32())}
		}
	}
	return b
}

// verdict tells whether a message may contain one about the game, after its mutations.
func verdict(b []byte) bool {
	var dec protocol.Decoder
	dec.Reset(b)
	for {
		typ, err := dec.Next()
		if err != nil {
			return false
		}
		if typ == protocol.TypeStateHash || typ == protocol.TypeFinished {
			return true
		}
	}
}

// TestMutants sends valid messages with random faults from the third seat, and from strangers. Each
// is taken or refused with a code and words, and the players see nothing of it.
func TestMutants(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 10
	}
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 0xe7e))
		o := besides(t, "frames=90", func(t *testing.T, s *Server, conn transport.Conn) {
			for n := range 10 {
				c := conn
				if n > 0 { // strangers, some of them with manners
					c = dial(s)
					if r.IntN(2) == 0 {
						_ = c.Write(hello(protocol.Version)) // see below
					}
				}
				for range 1 + r.IntN(5) {
					b := mutant(r)
					for verdict(b) {
						b = mutant(r)
					}
					if c.Write(b) != nil { // it has been refused already
						break
					}
				}
				synctest.Wait()
				c.(transport.Aborter).Abort()
				for {
					data, err := c.Read()
					if err != nil {
						if !errors.Is(err, transport.ErrClosed) && !errors.Is(err, io.EOF) {
							var ce *transport.CloseError
							if !errors.As(err, &ce) {
								t.Errorf("seed %d: the connection ended with %v", seed, err)
							}
						}
						break
					}
					if err := readable(data); err != nil {
						t.Errorf("seed %d: the relay answered %x: %v", seed, data, err)
					}
				}
			}
		})
		if o.code != protocol.CodeOK || o.frames != 90 || o.subs != 0 {
			t.Errorf("seed %d: the players have %+v", seed, o)
		}
		if t.Failed() {
			t.Fatalf("this is seed %d of TestMutants", seed)
		}
	}
}

// readable checks a transport message from the relay.
func readable(data []byte) error {
	var dec protocol.Decoder
	dec.Reset(data)
	for {
		typ, err := dec.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if m, ok := dec.Cold.(*protocol.Refusal); ok && (m.Code == protocol.CodeOK || m.Text == "") {
			return fmt.Errorf("%s without a code or words: %+v", typ, m)
		}
	}
}

// stubborn is a connection whose Abort takes its time, and whose Close takes until then, as where what was
// said last waits for a line that does not take it.
type stubborn struct {
	transport.Conn
	aborts *atomic.Int32
	over   chan struct{}
}

func (s stubborn) Abort() {
	s.aborts.Add(1)
	time.Sleep(stubbornFor) // virtual
	s.Conn.(transport.Aborter).Abort()
	close(s.over)
}

func (s stubborn) Close(transport.Code, string) error {
	<-s.over
	return nil
}

const stubbornFor = 5 * time.Second

// Connections that take nothing, and take long to be given up, hold up neither the match of the others nor
// the end of the relay.
func TestAbortThatBlocks(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		var aborts atomic.Int32
		deaf := func(join *protocol.Join) transport.Conn {
			patient := connOptions
			patient.WriteTimeout = -1
			near, far := transport.PipeOptions(connOptions, patient)
			go s.ServeConn(stubborn{far, &aborts, make(chan struct{})})
			write(t, near, append(hello(protocol.Version), protocol.Append(nil, join)...))
			return near
		}
		opts := roomOptions("on_disconnect=substitute", "players=3", "frames=900")
		var ends []<-chan session.End
		last, longest := time.Now(), time.Duration(0)
		for i := range 2 {
			p := newPlayer(session.PeerConfig{Room: "r", Seat: i, Create: opts}, uint64(i)+1)
			if i == 0 {
				p.onStep = func(frame uint32) {
					if frame > 0 {
						longest = max(longest, time.Since(last))
					}
					last = time.Now()
				}
			}
			ends = append(ends, start(p, dial(s)))
			<-p.seated
		}
		third := deaf(&protocol.Join{Room: "r", Seat: 2})
		write(t, third, protocol.Append(nil, &protocol.Ready{}))
		for range 1300 { // as many answers as nobody may leave waiting, within 15 s
			if err := third.Write(ping()); err != nil {
				break // it has been given up, at last
			}
			time.Sleep(12 * time.Millisecond) // virtual
		}
		for i, end := range ends {
			if e := <-end; e.Code != protocol.CodeOK || e.Frames != 900 {
				t.Errorf("player %d ended with %+v", i, e)
			}
		}
		if aborts.Load() != 1 {
			t.Fatalf("%d connections were given up", aborts.Load())
		}
		if longest > 200*time.Millisecond {
			t.Errorf("the others waited %v for a frame", longest)
		}
		// Now several at once, each in a room of its own, that do not take their goodbye either.
		for i := range 4 {
			c := deaf(&protocol.Join{Room: fmt.Sprintf("deaf%d", i), Seat: -1, Create: roomOptions("players=1", "frames=0")})
			write(t, c, protocol.Append(nil, &protocol.Ready{}))
		}
		synctest.Wait()
		began := time.Now()
		s.Close()
		if took := time.Since(began); aborts.Load() != 5 || took > shutdownGrace+stubbornFor+time.Second {
			t.Errorf("closing took %v, and %d connections were given up", took, aborts.Load()-1)
		}
	})
}
