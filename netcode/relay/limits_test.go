//go:build !js

package relay

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/transport"
)

// table seats a player that plays by the rules and a bare connection beside it, in a room that
// plays on whatever happens to one of them.
func table(t *testing.T, frames string, good, bad transport.Conn) (p *player, end <-chan session.End) {
	t.Helper()
	opts := roomOptions("on_disconnect=substitute", frames)
	p = newPlayer(session.PeerConfig{Room: "r", Seat: 0, Create: opts}, 1)
	end = start(p, good)
	<-p.seated
	write(t, bad, append(hello(protocol.Version), protocol.Append(nil, &protocol.Join{Room: "r", Seat: 1})...))
	write(t, bad, protocol.Append(nil, &protocol.Ready{}))
	time.Sleep(time.Second) // virtual: the match has begun, and lasts longer than that
	return p, end
}

// unaffected checks that the good player's match went on to its end as if nothing had been.
func unaffected(t *testing.T, p *player, end session.End) {
	t.Helper()
	if end.Code != protocol.CodeOK || p.game.Frames != p.game.Limit || p.subs != 0 {
		t.Errorf("the other player ended with %+v after %d of %d frames, %d substituted", end, p.game.Frames, p.game.Limit, p.subs)
	}
}

func TestFlood(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		bad := dial(s)
		p, end := table(t, "frames=90", dial(s), bad)
		go func() {
			ping := protocol.AppendPing(nil, &protocol.Ping{Sent: 1})
			for bad.Write(ping) == nil { // until the relay has had enough
			}
		}()
		refusedWith(t, bad, protocol.CodeTooFrequent, "messages a second")
		unaffected(t, p, <-end)
	})
}

// TestPlayersOwnMisbehaviour sends what a seated connection must not send.
func TestPlayersOwnMisbehaviour(t *testing.T) {
	for _, c := range []struct {
		name string
		say  []byte
		code protocol.Code
	}{
		{"garbage", []byte{0xc1, 0xff}, protocol.CodeMalformed},
		{"hello again", hello(protocol.Version), protocol.CodeUnexpected},
		{"a relay's message", protocol.Append(nil, &protocol.EndGame{}), protocol.CodeUnexpected},
		{"another epoch", protocol.AppendAction(nil, &protocol.Action{Epoch: 9}), protocol.CodeUnexpected},
		{"host's text", protocol.Append(nil, &protocol.HUDUpdate{Text: "x"}), protocol.CodeNotHost},
	} {
		t.Run(c.name, func(t *testing.T) {
			virtual(t, Options{}, func(t *testing.T, s *Server) {
				bad := dial(s)
				p, end := table(t, "frames=60", dial(s), bad)
				write(t, bad, c.say)
				refusedWith(t, bad, c.code, "")
				unaffected(t, p, <-end)
			})
		})
	}
}

// TestReaderThatTakesNothing asks for as many answers as it may and reads none of them. What waits
// for it stays within the Sender's bounds, and in the end the connection is dropped.
func TestReaderThatTakesNothing(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		bad := dial(s)
		p, end := table(t, "frames=900", dial(s), bad)
		deepest := 0
		func() {
			tick := time.NewTicker(time.Second / 80) // below the limit of 90 a second
			defer tick.Stop()
			for {
				<-tick.C
				if bad.Write(protocol.AppendPing(nil, &protocol.Ping{Sent: 1})) != nil {
					return
				}
				s.mu.Lock()
				for _, c := range s.conns {
					if c.sender != nil { // set before the room knows the client, so before this loop
						deepest = max(deepest, c.sender.Depth().Messages())
					}
				}
				s.mu.Unlock()
			}
		}()
		synctest.Wait()
		s.mu.Lock()
		left := len(s.conns)
		s.mu.Unlock()
		if left != 1 {
			t.Errorf("%d connections are left, want the good player's", left)
		}
		if deepest < 200 || deepest > transport.DefaultMaxMessages+transport.DefaultMaxMessages {
			t.Errorf("up to %d messages waited for a connection", deepest)
		}
		unaffected(t, p, <-end)
	})
}

// TestReaderThatPauses reads nothing for long enough to be called slow, and then all of it: it has
// missed nothing, and the other player was not held up.
func TestReaderThatPauses(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		bad := dial(s)
		p, end := table(t, "frames=900", dial(s), bad)
		over := make(chan struct{})
		go func() {
			tick := time.NewTicker(time.Second)
			defer tick.Stop()
			for bad.Write(protocol.AppendPing(nil, &protocol.Ping{Sent: 1})) == nil {
				select {
				case <-tick.C:
				case <-over:
					return
				}
			}
		}()
		time.Sleep(14 * time.Second) // virtual
		next, missed := uint32(0), uint32(0)
		for next < 900 {
			data, err := bad.Read()
			if err != nil {
				t.Fatalf("after %d frames: %v", next, err)
			}
			var dec protocol.Decoder
			dec.Reset(data)
			for {
				typ, err := dec.Next()
				if err != nil {
					break
				}
				frame, n := dec.Bundle.Frame, uint32(1)
				if m, ok := dec.Cold.(*protocol.History); ok {
					frame, n = m.Frame, uint32(len(m.Data)/5) // flags, substituted, two actions
					missed += n
				} else if typ != protocol.TypeBundle {
					continue
				}
				if frame != next {
					t.Fatalf("%s of frame %d, where %d was due", typ, frame, next)
				}
				next += n
			}
		}
		close(over)
		if missed < 30 {
			t.Errorf("%d frames came later, want a second of them at least", missed)
		}
		counts(t, s, "tandem_slow_connections_total 1\n")
		bad.(transport.Aborter).Abort()
		unaffected(t, p, <-end)
	})
}

// TestFullSendQueueDrops hands a room's client more than its queue takes: it is cut at once, so
// that nothing piles up.
func TestFullSendQueueDrops(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		near, far := transport.PipeOptions(connOptions, connOptions)
		c := &client{id: 1, server: s, conn: far, log: s.opts.Log, sender: transport.NewSender(far, transport.SenderOptions{MaxMessages: 1})}
		r := &room{server: s, log: s.opts.Log, clients: map[session.ConnID]*client{1: c}}
		out := &session.RoomOut{}
		for range 2 {
			out.Send = append(out.Send, session.RoomPacket{Conn: 1, Type: protocol.TypePong, Data: make([]byte, 1)})
		}
		for r.clients[1] != nil { // the sender may take some before it falls behind
			r.dispatch(out)
		}
		for {
			if _, err := near.Read(); err != nil {
				var ce *transport.CloseError
				if !errors.As(err, &ce) || ce.Code != transport.CodeAbnormal {
					t.Errorf("the connection ended with %v, want a hang-up", err)
				}
				break
			}
		}
		c.close(protocol.CodeSlow, "")
		<-c.sender.Done()
	})
}

func TestOversizedAndTextMessages(t *testing.T) {
	_, addr := listen(t, Options{})
	for _, c := range []struct {
		name string
		kind int
		size int
		want int
	}{
		{"oversized", websocket.BinaryMessage, protocol.MaxFrame + 1, websocket.CloseMessageTooBig},
		{"text", websocket.TextMessage, 10, websocket.CloseUnsupportedData},
	} {
		for _, seated := range []bool{false, true} {
			ws, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://"+addr+"/ws", nil)
			if err != nil {
				t.Fatal(err)
			}
			if seated {
				err = ws.WriteMessage(websocket.BinaryMessage, append(hello(protocol.Version),
					protocol.Append(nil, &protocol.Join{Seat: -1, Create: roomOptions()})...))
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := ws.WriteMessage(c.kind, make([]byte, c.size)); err != nil {
				t.Fatal(err)
			}
			for err == nil {
				_, _, err = ws.ReadMessage()
			}
			if !websocket.IsCloseError(err, c.want) {
				t.Errorf("%s, seated %v: the relay ended with %v, want code %d", c.name, seated, err, c.want)
			}
			_ = ws.Close() // the relay has closed it already
		}
	}
}
