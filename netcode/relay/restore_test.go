//go:build !js

package relay

import (
	"testing"
	"testing/synctest"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
)

// A spectator whose join overtakes that of the player who brings the room back is told to wait; the
// room stays, and its player gets the seat.
func TestSpectatorOvertakesTheRestore(t *testing.T) {
	virtual(t, Options{Key: []byte("key")}, func(t *testing.T, s *Server) {
		cfg := options.DefaultConfig()
		cfg.Env, cfg.Actions = "fold", 7
		before, err := session.NewRoom("r", cfg, s.key, counter())
		if err != nil {
			t.Fatal(err)
		}
		out := before.Update(session.RoomIn{Wall: time.Now(), Inputs: []session.RoomInput{{Kind: session.InputJoin, Conn: 1, Join: &protocol.Join{Room: "r", Seat: -1}}}})
		var dec protocol.Decoder
		dec.Reset(out.Send[0].Data)
		if _, err := dec.Next(); err != nil {
			t.Fatal(err)
		}
		join := &protocol.Join{Room: "r", Seat: -1, Token: dec.Cold.(*protocol.HostElected).Token, Back: true}

		// The player's connection has opened the room and has not posted its join yet.
		maker := &client{server: s, id: 1 << 20, log: s.opts.Log}
		if _, refused := s.roomFor(maker, join); refused != nil {
			t.Fatal(refused)
		}
		early := dial(s)
		write(t, early, append(hello(protocol.Version), protocol.Append(nil, &protocol.Join{Room: "r", Seat: -1, Watch: true})...))
		refusedWith(t, early, protocol.CodeBusy, "")
		synctest.Wait()
		if s.Rooms() != 1 {
			t.Fatal("the room is gone before its player is back")
		}
		player := dial(s)
		write(t, player, append(hello(protocol.Version), protocol.Append(nil, join)...))
		go func() {
			time.Sleep(time.Second)
			write(t, player, protocol.Append(nil, &protocol.Leave{}))
		}()
		list, _ := answers(t, player)
		for _, m := range list {
			if _, ok := m.(*protocol.HostElected); ok {
				return
			}
		}
		t.Errorf("the player has no seat: %+v", list)
	})
}
