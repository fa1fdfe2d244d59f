//go:build unix

package programs

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"tandem/netcode/protocol"
)

// interrupted is a match of two players whose relay was killed, and has been started again with the same
// key before they notice: who comes now comes first.
type interrupted struct {
	*party
	server *process
	peers  [2]*process
}

func interrupt(t *testing.T, before func(addr string)) *interrupted {
	t.Helper()
	key := filepath.Join(t.TempDir(), "relay.key")
	server, addr := relayServer(t, "-key", key)
	if before != nil {
		before(addr)
	}
	m := &interrupted{party: newParty(t, addr, 300, "-env", "slime", "-seed", "7", "-set", "pause_ms=20000")}
	m.peers[0], _ = m.player("ann")
	m.peers[1], _ = m.player("bob")
	intoPlay(t, addr, played)
	for _, p := range m.peers {
		signal(t, p, syscall.SIGSTOP)
	}
	kill(t, server)
	m.server, _ = relayServer(t, "-listen", addr, "-key", key, "-v")
	return m
}

// goesOn lets the players go on, who have lost nothing in the end.
func (m *interrupted) goesOn() {
	m.t.Helper()
	for _, p := range m.peers {
		signal(m.t, p, syscall.SIGCONT)
	}
}

func (m *interrupted) endsWell() {
	m.t.Helper()
	for i, r := range m.together([]string{"ann", "bob"}, m.peers[0], m.peers[1]) {
		if r.Reconnects == 0 || r.Rewinds != 0 {
			m.t.Errorf("player %d came back %d times, with %d rewinds", i, r.Reconnects, r.Rewinds)
		}
	}
}

// TestSquatterAfterARestart: the first who comes to a relay that was killed opens a room under the code of
// a match, alone or with somebody to play with. When the match's players are back the room is theirs, and
// the squatters are told why.
func TestSquatterAfterARestart(t *testing.T) {
	for name, squatters := range map[string]int{"a lobby": 1, "a match": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := interrupt(t, nil)
			squat := []string{"-relay", m.addr, "-room", m.room, "-env", "slime", "-frames", "3000", "-keep-seat=false", "-set", "countdown_ms=0", "-delay", "15"}
			var them []*process
			for range squatters {
				p := begin(t, nil, "tandem-peer", squat...)
				p.says(&p.errs, "of room "+m.room)
				them = append(them, p)
			}
			if squatters > 1 {
				intoPlay(t, m.addr, 1)
			}
			m.goesOn()
			for _, p := range them {
				if code := p.wait(); code != failed || !strings.Contains(p.errs.String(), "its players are back: host a room under another code") {
					t.Errorf("a squatter ended with %d:\n%s", code, p.errs.String())
				}
			}
			again := begin(t, nil, "tandem-peer", squat...)
			if code := again.wait(); code != failed || !strings.Contains(again.errs.String(), "tandem-peer: ") {
				t.Errorf("a squatter who tries again ends with %d:\n%s", code, again.errs.String())
			}
			m.endsWell()
		})
	}
}

// TestThiefAfterARestart: somebody has a token of an earlier room of the same code, seed and options. It
// takes no seat while the relay runs; after it was killed the thief comes first, and has the room until the
// players of the later one are back.
func TestThiefAfterARestart(t *testing.T) {
	t.Parallel()
	var a *attacker
	var tokens [2][]byte
	steal := func(seat int) *websocket.Conn {
		return a.say(websocket.BinaryMessage, greeting(&protocol.Join{Room: "party", Seat: -1, Token: tokens[seat], Back: true, Have: 40, Epoch: 1, Seed: 7}))
	}
	m := interrupt(t, func(addr string) {
		a = &attacker{t: t, addr: addr}
		options := []string{"env=slime", "actions=6", "players=2", "seed=7", "frames=300"}
		var lines []*websocket.Conn
		for seat := range tokens {
			ws := a.say(websocket.BinaryMessage, greeting(&protocol.Join{Room: "party", Seat: int8(seat), Create: options}))
			tokens[seat] = elected(t, ws)
			lines = append(lines, ws)
		}
		for _, ws := range lines {
			if err := ws.WriteMessage(websocket.BinaryMessage, protocol.Append(nil, &protocol.Leave{})); err != nil {
				t.Error(err)
			}
			a.ends("who leaves", ws, refusal(protocol.CodeLeft))
		}
		for tick := time.Tick(20 * time.Millisecond); counted(t, addr, "rooms") > 0; <-tick {
		}
	})
	first := steal(0)
	elected(t, first) // an earlier room is back
	m.goesOn()
	a.ends("the thief", first, refusal(protocol.CodeRoomOver))
	for seat := range tokens {
		ws := steal(seat)
		var err error
		for err == nil {
			_, _, err = ws.ReadMessage()
		}
		if !websocket.IsCloseError(err, refusal(protocol.CodeSeat), refusal(protocol.CodeRoomOver), refusal(protocol.CodeBusy), refusal(protocol.CodeRoomStarted)) {
			t.Errorf("the thief who tries again is told %v", err)
		}
	}
	m.endsWell()
}

// elected reads until the connection has a seat, and returns its token.
func elected(t *testing.T, ws *websocket.Conn) []byte {
	t.Helper()
	var dec protocol.Decoder
	for {
		_, data, err := ws.ReadMessage()
		if err != nil {
			t.Fatalf("no seat: %v", err)
		}
		for dec.Reset(data); ; {
			if _, err := dec.Next(); err != nil {
				break
			}
			if m, ok := dec.Cold.(*protocol.HostElected); ok {
				return append([]byte(nil), m.Token...)
			}
		}
	}
}
