package server

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"tandem/netcode/original/socket"
	"tandem/netcode/original/wire"
	"tandem/netcode/relay"
)

// parkedClients counts the connections that the loop reads.
func parkedClients(s *relayed) (n int) {
	s.original.mu.Lock()
	defer s.original.mu.Unlock()
	for _, c := range s.original.clients {
		if c.parked.Load() {
			n++
		}
	}
	return n
}

// awaitParked waits until so many connections are read by the loop.
func awaitParked(t *testing.T, s *relayed, want int) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); parkedClients(s) != want; runtime.Gosched() {
		if time.Now().After(until) {
			t.Fatalf("the loop reads %d connections, want %d", parkedClients(s), want)
		}
	}
}

// Players are read by the loop; whoever does something else is read by a goroutine until it plays
// again. Whatever way it takes, everything arrives in order, and who leaves is taken out.
func TestLoopParks(t *testing.T) {
	s, addr := onPort(t, relay.Options{}, Options{})
	host, other := match(t, addr)
	for i := range int64(50) {
		host.say(host.action(i))
		other.say(other.action(i))
		if i%10 == 5 {
			host.say(&wire.Ping{})
			host.await("pong")
			other.say(&wire.HUDUpdate{GameID: other.me.GameID, Text: "between actions"})
		}
	}
	for i := range int64(50) {
		p := other.await("pyodide_other_player_action")
		var e wire.OtherPlayerAction
		if err := wire.Decode(p, &e); err != nil || e.Frame != i {
			t.Fatalf("frame %d, %v, want %d", e.Frame, err, i)
		}
	}
	for last := int64(-1); last != 49 && !t.Failed(); { // else some of what other said is still on its way
		var e wire.OtherPlayerAction
		if err := wire.Decode(host.await(e.Name()), &e); err != nil {
			t.Fatal(err)
		}
		last = e.Frame
	}
	awaitParked(t, s, 2)
	if err := host.Close("bye"); err != nil {
		t.Fatal(err)
	}
	other.awaitEnd()
	awaitParked(t, s, 1) // who stays is still read by the loop
}

func (g *guest) awaitEnd() {
	g.t.Helper()
	for {
		p, err := g.Read()
		if err != nil {
			g.t.Errorf("before the end of the game: %v", err)
			return
		}
		if p.Name == "end_game" {
			return
		}
	}
}

// A client whose bytes come in any pieces, several messages in one and with pings of WebSocket's own
// between the parts of a message: the partner gets every action, in order, and every ping is answered.
func TestLoopCutFrames(t *testing.T) {
	const seed, actions = 11, 400
	rng := rand.New(rand.NewPCG(seed, seed))
	s, addr := onPort(t, relay.Options{}, Options{})
	host, ws, game, me := rawMatch(t, addr, "cut")
	pongs := 0
	ws.SetPongHandler(func(string) error { pongs++; return nil })
	pings, idle := 0, 0
	var stream []byte
	for i := range actions {
		m := fmt.Appendf(nil, `42["pyodide_player_action",{"game_id":%q,"player_id":%q,"action":%d,"frame_number":%d,"timestamp":1}]`, game, me, i%6, i)
		kind := rng.IntN(5)
		if idle > 28 { // more would end the connection
			kind = 4
		}
		switch kind {
		case 0: // in two frames, with a ping between them
			k := rng.IntN(len(m))
			stream = appendFrame(stream, 0x01, m[:k])
			stream = append(stream, 0x89, 0x84, 0, 0, 0, 0, 'p', 'i', 'n', 'g')
			stream = appendFrame(stream, 0x80, m[k:])
			pings++
			idle += 2
		case 1:
			stream = appendFrame(stream, 0x81, m)
			stream = append(stream, 0x89, 0x80, 0, 0, 0, 0)
			pings++
			idle++
		default:
			stream = appendFrame(stream, 0x81, m)
		}
		if rng.IntN(3) > 0 { // else the next is in the same piece
			cut := 0
			if rng.IntN(2) == 0 {
				cut = rng.IntN(len(stream))
			}
			for _, piece := range [][]byte{stream[:cut], stream[cut:]} {
				if _, err := ws.NetConn().Write(piece); err != nil {
					t.Fatal(err)
				}
			}
			stream = stream[:0]
			if rng.IntN(16) == 0 {
				awaitParkedOr(s, 1, 20*time.Millisecond)
			}
		}
	}
	if _, err := ws.NetConn().Write(appendFrame(stream, 0x81, []byte(`42["ping",{"document_in_focus":true}]`))); err != nil {
		t.Fatal(err)
	}
	for i := range int64(actions) {
		var e wire.OtherPlayerAction
		if err := wire.Decode(host.await(e.Name()), &e); err != nil || e.Frame != i {
			t.Fatalf("frame %d, %v, want %d (seed %d)", e.Frame, err, i, seed)
		}
	}
	readTo(t, ws, `42["pong"`)
	if pongs != pings {
		t.Errorf("%d pings, %d answers", pings, pongs)
	}
}

// awaitParkedOr gives the loop a chance to take connections in between.
func awaitParkedOr(s *relayed, want int, longest time.Duration) {
	for until := time.Now().Add(longest); parkedClients(s) < want && time.Now().Before(until); runtime.Gosched() {
	}
}

// readTo reads up to a message that begins so, and answers pings.
func readTo(t *testing.T, ws *websocket.Conn, prefix string) string {
	t.Helper()
	for {
		_, b, err := ws.ReadMessage()
		if err != nil {
			t.Fatalf("before %s: %v", prefix, err)
		}
		if string(b) == "2" {
			if err := ws.WriteMessage(websocket.TextMessage, []byte("3")); err != nil {
				t.Fatal(err)
			}
		}
		if strings.HasPrefix(string(b), prefix) {
			return string(b)
		}
	}
}

// rawMatch starts a game for a host and a bare WebSocket.
func rawMatch(t *testing.T, addr, name string) (host *guest, ws *websocket.Conn, game, me string) {
	t.Helper()
	host = visit(t, addr, name+"-host")
	host.say(&wire.JoinGame{})
	host.await("waiting_room")
	ws, _, err := websocket.DefaultDialer.Dial("ws://"+addr+socket.DefaultPath+"?EIO=4&transport=websocket", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.Close() })
	for _, m := range []string{`40`, `42["register_subject",{"subject_id":"` + name + `-raw"}]`, `42["advance_scene",{}]`, `42["join_game",{}]`} {
		if err := ws.WriteMessage(websocket.TextMessage, []byte(m)); err != nil {
			t.Fatal(err)
		}
		if m == "40" {
			readTo(t, ws, "40")
		}
	}
	elected := readTo(t, ws, `42["pyodide_host_elected"`)
	game, me = field(elected, "game_id"), field(elected, "player_id")
	readTo(t, ws, `42["start_game"`)
	host.await("start_game")
	return host, ws, game, me
}

// Who is read by the loop is pinged by it, and is sent away when no answer comes.
func TestLoopTends(t *testing.T) {
	s, addr := onPort(t, relay.Options{}, Options{socket: socket.Options{
		Config: socket.Config{PingInterval: 10 * time.Millisecond, PingTimeout: 50 * time.Second},
	}})
	host, ws, game, me := rawMatch(t, addr, "tended")
	go func() { // answers pings
		for {
			if _, err := host.Read(); err != nil {
				return
			}
		}
	}()
	frame := int64(0)
	park := func() { // an answer to a ping that comes beside an action keeps one away until the next
		for ; parkedClients(s) < 2; frame++ {
			action := fmt.Appendf(nil, `42["pyodide_player_action",{"game_id":%q,"player_id":%q,"action":1,"frame_number":%d,"timestamp":1}]`, game, me, frame)
			if err := ws.WriteMessage(websocket.TextMessage, action); err != nil {
				t.Fatal(err)
			}
			host.say(host.action(frame))
			awaitParkedOr(s, 2, 20*time.Millisecond)
		}
	}
	park()
	for range 10 {
		readTo(t, ws, "2")
	}
	park()

	s.original.mu.Lock()
	for _, c := range s.original.clients {
		c.socket.Tend(time.Now().Add(time.Second)) // a ping, at the latest now
		// And no answer to it within its 50 s; one that was on its way may have come between.
		c.socket.Tend(time.Now().Add(time.Minute))
		c.socket.Tend(time.Now().Add(2 * time.Minute))
	}
	s.original.mu.Unlock()
	for {
		_, _, err := ws.ReadMessage()
		if err == nil {
			continue
		}
		if !websocket.IsCloseError(err, websocket.ClosePolicyViolation) || !strings.Contains(err.Error(), "no answer to a ping") {
			t.Errorf("who does not answer is told %v", err)
		}
		break
	}
	host.Abort() // it may have answered all of them
	awaitParked(t, s, 0)
}

// field finds a text field in JSON.
func field(text, name string) string {
	_, rest, _ := strings.Cut(text, `"`+name+`":"`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// appendFrame writes a frame as a client does, with a mask of zeros, so that the payload stays what it is.
func appendFrame(dst []byte, first byte, payload []byte) []byte {
	dst = append(dst, first, 0x80|126, byte(len(payload)>>8), byte(len(payload)), 0, 0, 0, 0)
	return append(dst, payload...)
}
