package session_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
)

// sum is a game of two seats: its state is the sum of all actions, and it ends after 60 frames.
type sum struct{ frames, total uint32 }

func (s *sum) Reset(uint64) { *s = sum{} }
func (s *sum) Step(c *replica.Command) {
	s.frames++
	s.total += uint32(c.Actions[0]) + uint32(c.Actions[1])
}
func (s *sum) Hash() replica.Hash {
	return replica.Hash{Total: uint64(s.frames)<<32 | uint64(s.total), Count: 1}
}
func (s *sum) AppendState(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(b, s.frames), s.total)
}
func (s *sum) SetState(b []byte) error {
	if len(b) != 8 {
		return fmt.Errorf("a state has 8 bytes, this one has %d", len(b))
	}
	s.frames, s.total = binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
	return nil
}
func (s *sum) Fresh() replica.Game  { return &sum{} }
func (s *sum) Over() (uint32, bool) { return s.frames, s.frames == 60 }

// always is an input device that is held down.
type always int

func (a always) Sample() int { return int(a) }

// side is a peer with what a driver has beside it.
type side struct {
	peer  *session.Peer
	game  *sum
	exec  replica.Executor
	hello session.Handshake
	inbox [][]byte
}

// A whole match of two peers in one room, in virtual time: a driver hands each state machine the time and what
// has arrived, and does what it answers. Here messages take no time; package sessiontest has lines.
func Example() {
	cfg := options.DefaultConfig()
	cfg.Env, cfg.Players, cfg.Actions = "sum", 2, 4
	draw := rand.New(rand.NewPCG(1, 2))
	room, err := session.NewRoom("kelp", cfg, nil, draw.Uint64)
	if err != nil {
		fmt.Println(err)
		return
	}
	sides := []*side{{}, {}}
	for i, s := range sides {
		s.peer = session.NewPeer(session.PeerConfig{Name: []string{"Ada", "Grace"}[i], Room: "kelp", Seat: -1})
		s.game = &sum{}
		s.exec.Game = s.game
	}
	var arrived []session.RoomInput
	ended := 0
	for now := time.Duration(0); ended < 2 && now < time.Minute; now += time.Millisecond {
		for i, s := range sides {
			if s.peer.State() == session.PeerClosed {
				continue
			}
			out := s.peer.Update(session.In{Now: now, Messages: s.inbox, Input: always(i + 1), Prepared: true, Answers: s.exec.Answers()})
			s.inbox = nil
			s.exec.Answered()
			for k := range out.Send {
				arrived = s.receive(session.ConnID(i), out.Send[k].Data, arrived)
			}
			for k := range out.Commands {
				s.exec.Execute(&out.Commands[k]) // the next Update hears of it
			}
			for k := range out.Events {
				if e := &out.Events[k]; e.Kind == session.EventEnd {
					ended++
					fmt.Printf("%s: %s after %d frames, sum %d\n", s.peer.Roster()[s.peer.Seat()].Name, e.Code, e.Frame, s.game.total)
				}
			}
		}
		out := room.Update(session.RoomIn{Now: now, Wall: time.Unix(0, 0).Add(now), Inputs: arrived})
		arrived = nil
		for _, p := range out.Send {
			sides[p.Conn].inbox = append(sides[p.Conn].inbox, append([]byte(nil), p.Data...))
		}
	}
	// Output:
	// Ada: ok after 60 frames, sum 180
	// Grace: ok after 60 frames, sum 180
}

// receive is the relay's end of a connection: the handshake first, then the room.
func (s *side) receive(conn session.ConnID, data []byte, inputs []session.RoomInput) []session.RoomInput {
	if s.peer.State() > session.PeerJoining {
		return append(inputs, session.RoomInput{Kind: session.InputMessage, Conn: conn, Data: append([]byte(nil), data...)})
	}
	reply, join, refused := s.hello.Receive(data)
	if refused != nil {
		reply = protocol.Append(nil, &protocol.Refusal{Code: refused.Code, Text: refused.Text})
	}
	if len(reply) > 0 {
		s.inbox = append(s.inbox, reply)
	}
	if join != nil {
		inputs = append(inputs, session.RoomInput{Kind: session.InputJoin, Conn: conn, Join: join})
	}
	return inputs
}
