//go:build !js

package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"tandem/netcode/original/socket"
	"tandem/netcode/original/wire"
	"tandem/netcode/protocol"
	"tandem/netcode/relay"
)

// guest is a client of the original system.
type guest struct {
	t *testing.T
	*socket.Socket
	me wire.HostElected
}

// relayed is a relay with a front.
type relayed struct {
	*relay.Server
	original *Server
}

func newRelayed(opts relay.Options, front Options) *relayed {
	r := &relayed{}
	opts.Front = func(s *relay.Server) relay.Front {
		r.original = newServer(s, front)
		return r.original
	}
	r.Server = relay.New(opts)
	return r
}

// onPort serves on a loopback port until the test is over.
func onPort(t *testing.T, opts relay.Options, front Options) (*relayed, string) {
	t.Helper()
	if config := &front.socket.Config; config.PingTimeout == 0 {
		config.PingTimeout = time.Minute // who is not reading at the moment answers no ping
	}
	ln, err := relay.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := newRelayed(opts, front)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- r.Serve(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return r, ln.Addr().String()
}

// longest bounds what takes real time in these tests; nothing waits for it unless it fails.
const longest = 20 * time.Second

// refusals checks how many were refused with a code.
func refusals(t *testing.T, s *relayed, code protocol.Code, n string) {
	t.Helper()
	metric(t, s, `tandem_refusals_total{code="`+code.String()+`"}`, n)
}

// visit connects and goes to the game's scene.
func visit(t *testing.T, addr, subject string) *guest {
	t.Helper()
	s, err := socket.Dial(t.Context(), "socketio://"+addr, socket.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Abort)
	g := &guest{t: t, Socket: s}
	g.say(&wire.RegisterSubject{SubjectID: subject}, &wire.AdvanceScene{})
	g.await("activate_scene")
	g.await("activate_scene")
	return g
}

func (g *guest) say(events ...wire.Payload) {
	g.t.Helper()
	for _, e := range events {
		if err := g.Emit(e); err != nil {
			g.t.Errorf("%s: %v", e.Name(), err)
		}
	}
}

// await reads up to an event of that name.
func (g *guest) await(name string) *wire.Packet {
	g.t.Helper()
	for {
		p, err := g.Read()
		if err != nil {
			g.t.Errorf("before %s: %v", name, err)
			return &wire.Packet{}
		}
		if p.Name == "pyodide_host_elected" {
			if err := wire.Decode(p, &g.me); err != nil {
				g.t.Error(err)
			}
		}
		if p.Name == name {
			return p
		}
		if p.Name == "end_game" {
			g.t.Errorf("before %s: end_game %s", name, p.Arg(0))
			return &wire.Packet{}
		}
	}
}

// quiet checks that nothing came but the answer to a ping.
func (g *guest) quiet() {
	g.t.Helper()
	g.say(&wire.Ping{})
	if p, err := g.Read(); err != nil || p.Name != "pong" {
		g.t.Errorf("%+v, %v where nothing should be", p, err)
	}
}

func (g *guest) action(frame int64) *wire.PlayerAction {
	return &wire.PlayerAction{GameID: g.me.GameID, PlayerID: g.me.PlayerID, Action: wire.IntValue(frame % 6), Frame: frame, Timestamp: 1}
}

var matches atomic.Int64

// match starts a game for two.
func match(t *testing.T, addr string) (host, other *guest) {
	t.Helper()
	n := matches.Add(1) // a subject's scene is remembered
	host, other = visit(t, addr, fmt.Sprint("host", n)), visit(t, addr, fmt.Sprint("other", n))
	host.say(&wire.JoinGame{})
	host.await("waiting_room")
	other.say(&wire.JoinGame{})
	host.await("start_game")
	other.await("start_game")
	return host, other
}

// Twelve clients come staggered and make exactly six games, all at once, each of two episodes back to
// back; everybody gets every frame of the partner's, in order, and nobody else's.
func TestOriginalTwelveClients(t *testing.T) {
	s, addr := onPort(t, relay.Options{}, Options{})
	const episodes, frames = 2, 450
	var all sync.WaitGroup
	var mu sync.Mutex
	games := map[string][]wire.PID{}
	for i := range 12 {
		all.Go(func() {
			g := visit(t, addr, fmt.Sprint("subject", i))
			for range i * 50 {
				g.quiet() // they come one after the other
			}
			g.say(&wire.JoinGame{})
			g.await("start_game")
			mu.Lock()
			games[g.me.GameID] = append(games[g.me.GameID], g.me.PlayerID)
			mu.Unlock()
			var e wire.OtherPlayerAction
			for n := range int64(episodes * frames) {
				g.say(g.action(n % frames))
				if err := wire.Decode(g.await("pyodide_other_player_action"), &e); err != nil {
					t.Error(err)
					return
				}
				if a, _ := e.Action.Int(); e.Frame != n%frames || a != e.Frame%6 || e.PlayerID == g.me.PlayerID {
					t.Errorf("frame %d of %v where %d should be", e.Frame, e.PlayerID, n%frames)
					return
				}
			}
			g.say(&wire.AdvanceScene{})
			g.await("activate_scene")
			g.quiet()
		})
	}
	all.Wait()
	if len(games) != 6 {
		t.Errorf("12 clients made %d games", len(games))
	}
	for id, seats := range games {
		if len(seats) != 2 || seats[0] == seats[1] {
			t.Errorf("in the game %s the seats %v are taken", id, seats)
		}
	}
	metric(t, s, `tandem_original_notes_total{what="started"}`, "6")
	metric(t, s, `tandem_original_games`, "0")
	metric(t, s, `tandem_original_connections`, "12")
}

// A line that breaks in mid-game is told to the partner, which has kept everything from before.
func TestOriginalPartnerIsTold(t *testing.T) {
	s, addr := onPort(t, relay.Options{}, Options{})
	a, b := match(t, addr)
	for i := range int64(100) {
		a.say(a.action(i))
	}
	a.quiet() // they have arrived
	a.Abort()
	var e wire.OtherPlayerAction
	for i := range int64(100) {
		if err := wire.Decode(b.await("pyodide_other_player_action"), &e); err != nil || e.Frame != i {
			t.Fatalf("frame %d, %v where %d should be", e.Frame, err, i)
		}
	}
	var end wire.EndGame
	if err := wire.Decode(b.await("end_game"), &end); err != nil || end.Message != "Your partner has left the game." {
		t.Errorf("told %q, %v", end.Message, err)
	}
	b.say(b.action(0), &wire.LeaveGame{}, &wire.EndGameRequestRedirect{})
	b.quiet()
	metric(t, s, `tandem_original_games`, "0")
}

// Whatever one client sends, the relay and everybody else go on.
func TestOriginalHostileClient(t *testing.T) {
	s, addr := onPort(t, relay.Options{}, Options{})
	a, b := match(t, addr)
	for _, c := range []struct{ name, reason, json string }{
		{"no event of the protocol", "unknown", `["no_such_event",{}]`},
		{"an event of the server's", "unknown", `["end_game",{"message":"x"}]`},
		{"an action without fields", "malformed", `["pyodide_player_action",{}]`},
		{"no payload at all", "malformed", `["pyodide_player_action"]`},
		{"a payload that is a list", "malformed", `["pyodide_state_hash",[1]]`},
		{"a frame below zero", "malformed", `["pyodide_request_resync",{"game_id":"g","player_id":"p","frame_number":-1}]`},
		{"an action of no game", "wrong_game", `["pyodide_player_action",{"game_id":"g","player_id":"p","action":1,"frame_number":-1,"timestamp":1}]`},
		{"a subject that is too long", "malformed", `["register_subject",{"subject_id":"` + strings.Repeat("x", wire.MaxIdentifier+1) + `"}]`},
		{"an action that is too large", "malformed", `["pyodide_player_action",{"game_id":"g","player_id":"p","action":"` + strings.Repeat("x", 5000) + `","frame_number":1,"timestamp":1}]`},
		{"an action in the other's name", "wrong_seat", `["pyodide_player_action",{"game_id":"` + a.me.GameID + `","player_id":"` + b.me.PlayerID.String() + `","action":1,"frame_number":1,"timestamp":1}]`},
		{"a state of one that is not host", "not_host", ""},
		{"an upload nobody waits for", "upload", `["static_scene_data_emission",{"data":{},"scene_id":"../../etc","session_id":"x"}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := value(t, s, `tandem_original_ignored_total{reason="`+c.reason+`"}`)
			from, to := a, b
			if c.json == "" {
				from, to = b, a
				from.say(&wire.SendFullState{GameID: b.me.GameID, State: wire.MapValue()})
			} else {
				v, err := wire.JSONValue([]byte(c.json))
				if err != nil {
					t.Fatal(err)
				}
				var name string
				var args []wire.Value
				for item := range v.Items {
					if text, ok := item.Text(); ok && name == "" {
						name = text
					} else {
						args = append(args, item)
					}
				}
				if err := from.EmitValues(name, args...); err != nil {
					t.Fatal(err)
				}
			}
			from.quiet()
			to.quiet()
			if got := value(t, s, `tandem_original_ignored_total{reason="`+c.reason+`"}`); got != before+1 {
				t.Errorf("%v events were ignored as %s", got-before, c.reason)
			}
		})
	}
	// What breaks the protocol ends its own connection.
	for _, c := range []struct {
		name string
		kind int
		say  string
		code int
	}{
		{"a digit too far", websocket.TextMessage, "9", websocket.CloseProtocolError},
		{"broken JSON", websocket.TextMessage, `42["a",{]`, websocket.CloseProtocolError},
		{"binary without a header", websocket.BinaryMessage, "\x01\x02", websocket.CloseProtocolError},
		{"too much", websocket.TextMessage, `42["a","` + strings.Repeat("x", 1_000_000) + `"]`, websocket.CloseMessageTooBig},
	} {
		t.Run(c.name, func(t *testing.T) {
			ws, _, err := websocket.DefaultDialer.Dial("ws://"+addr+"/socket.io/?EIO=4&transport=websocket", nil)
			if err != nil {
				t.Fatal(err)
			}
			defer ws.Close()
			if err := ws.WriteMessage(websocket.TextMessage, []byte("40")); err != nil {
				t.Fatal(err)
			}
			if err := ws.WriteMessage(c.kind, []byte(c.say)); err != nil {
				t.Fatal(err)
			}
			for err == nil {
				_, _, err = ws.ReadMessage()
			}
			if !websocket.IsCloseError(err, c.code) {
				t.Errorf("it ended with %v, want %d", err, c.code)
			}
		})
	}
	a.say(a.action(0))
	b.await("pyodide_other_player_action")
}

// More messages than anybody playing sends end the sender's connection, and only that.
func TestOriginalFlood(t *testing.T) {
	s, addr := onPort(t, relay.Options{}, Options{})
	a, b := match(t, addr)
	for err := error(nil); err == nil; {
		err = a.Emit(&wire.Ping{})
		if errors.Is(err, socket.ErrQueueFull) {
			runtime.Gosched()
			err = nil
		}
	}
	b.await("end_game")
	b.quiet()
	refusals(t, s, protocol.CodeTooFrequent, "1")
}

// A burst as a stalled line brings it is passed on whole.
func TestOriginalBurst(t *testing.T) {
	_, addr := onPort(t, relay.Options{}, Options{})
	a, b := match(t, addr)
	for i := range int64(2000) {
		a.say(a.action(i))
	}
	var e wire.OtherPlayerAction
	for i := range int64(2000) {
		if err := wire.Decode(b.await("pyodide_other_player_action"), &e); err != nil || e.Frame != i {
			t.Fatalf("frame %d, %v where %d should be", e.Frame, err, i)
		}
	}
}

// A client that reads nothing is cut off when too much waits for it, and its partner is told.
func TestOriginalSlowReader(t *testing.T) {
	s, addr := onPort(t, relay.Options{}, Options{socket: socket.Options{MaxBytes: 1_500_000}})
	host := visit(t, addr, "host")
	host.say(&wire.JoinGame{})
	host.await("waiting_room")
	// The system keeps a few megabytes for whoever does not read; so that is made less.
	small := websocket.Dialer{NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			err = c.(*net.TCPConn).SetReadBuffer(4096)
		}
		return c, err
	}}
	slow, _, err := small.Dial("ws://"+addr+"/socket.io/?EIO=4&transport=websocket", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	for _, text := range []string{"40", `42["register_subject",{"subject_id":"slow"}]`, `42["advance_scene",{}]`, `42["join_game",{}]`} {
		if err := slow.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	host.await("start_game") // slow reads nothing at all
	state := wire.MapValue(wire.Field{Key: "x", Value: wire.StringValue(strings.Repeat("x", 900_000))})
	for range 8 {
		host.say(&wire.SendFullState{GameID: host.me.GameID, State: state})
		host.say(&wire.Ping{})
		p, err := host.Read() // a pong, or the end
		if err != nil {
			t.Fatal(err)
		}
		if p.Name == "end_game" {
			metric(t, s, "tandem_dropped_connections_total", "1")
			return
		}
	}
	if metric(t, s, "tandem_dropped_connections_total", "1"); t.Failed() {
		t.Fatal("it was sent seven megabytes and was not cut off")
	}
	host.await("end_game") // which is under way
}

// A page opens a second socket that says nothing: it is no player, and is left alone.
func TestOriginalSilentSocket(t *testing.T) {
	s, addr := onPort(t, relay.Options{}, Options{})
	silent, err := socket.Dial(t.Context(), "http://"+addr, socket.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Abort()
	a, b := match(t, addr)
	a.say(a.action(0))
	b.await("pyodide_other_player_action")
	metric(t, s, "tandem_original_connections", "3")
	g := &guest{t: t, Socket: silent}
	g.quiet()
}

// A relay that stops tells those who play and those who wait.
func TestOriginalShutdown(t *testing.T) {
	s, addr := onPort(t, relay.Options{}, Options{})
	a, b := match(t, addr)
	c := visit(t, addr, "waits")
	c.say(&wire.JoinGame{})
	c.await("waiting_room")
	go s.Close()
	for _, g := range []*guest{a, b, c} {
		var end wire.EndGame
		if err := wire.Decode(g.await("end_game"), &end); err != nil || end.Message != shutdownWords {
			t.Errorf("told %q, %v", end.Message, err)
		}
		if _, err := g.Read(); !errors.Is(err, socket.ErrPeerClosed) {
			t.Errorf("it ended with %v", err)
		}
	}
}

func TestOriginalConnectionsPerAddress(t *testing.T) {
	s, addr := onPort(t, relay.Options{ConnsPerAddress: 1}, Options{})
	first := visit(t, addr, "first")
	_, resp, err := websocket.DefaultDialer.Dial("ws://"+addr+"/socket.io/?EIO=4&transport=websocket", nil)
	if err == nil || resp == nil {
		t.Fatalf("a second connection: %v", err)
	}
	body, _ := io.ReadAll(resp.Body) // what there is of it
	if resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(body), "as many connections") {
		t.Errorf("it is answered %d %s", resp.StatusCode, body)
	}
	refusals(t, s, protocol.CodeConnectLimit, "1")
	first.Abort()
	for s.Connections() > 0 {
		runtime.Gosched()
	}
	visit(t, addr, "again")
}

// Many clients do as they like at the same time; in the end nothing of them is left.
func TestOriginalChaos(t *testing.T) {
	s, addr := onPort(t, relay.Options{ConnsPerAddress: -1}, Options{})
	const clients, moves = 24, 60
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(i), 3))
			var g *guest
			var reading sync.WaitGroup
			defer reading.Wait()
			for range moves {
				if g == nil {
					conn, err := socket.Dial(t.Context(), "socketio://"+addr, socket.Options{})
					if err != nil {
						t.Error(err)
						return
					}
					g = &guest{t: t, Socket: conn}
					g.say(&wire.RegisterSubject{SubjectID: fmt.Sprint("subject", rng.IntN(clients))}, &wire.AdvanceScene{})
					reading.Go(func() {
						for {
							if _, err := conn.Read(); err != nil {
								return
							}
						}
					})
				}
				switch rng.IntN(10) {
				case 0:
					g.Abort()
					g = nil
				case 1:
					if err := g.Close("bye"); err != nil {
						t.Error(err)
					}
					g = nil
				case 2:
					_ = g.Emit(&wire.LeaveGame{}) // the relay may be closing it
				case 3:
					_ = g.Emit(&wire.AdvanceScene{})
				default:
					_ = g.Emit(&wire.JoinGame{})
				}
			}
			if g != nil {
				g.Abort()
			}
		})
	}
	all.Wait()
	for s.Connections() > 0 {
		runtime.Gosched()
	}
	if conns, waiting, games := s.original.count(); conns+waiting+games != 0 {
		t.Errorf("%d connections, %d waiting and %d games are left", conns, waiting, games)
	}
}

// A fault of this program costs one game, whose players are told, and not the relay.
func TestOriginalFault(t *testing.T) {
	s, addr := onPort(t, relay.Options{}, Options{fault: func(e wire.Payload) {
		if a, ok := e.(*wire.PlayerAction); ok && a.Frame == 13 {
			panic("a fault")
		}
	}})
	a, b := match(t, addr)
	c, d := match(t, addr)
	a.say(a.action(13))
	for _, g := range []*guest{a, b} {
		var end wire.EndGame
		if err := wire.Decode(g.await("end_game"), &end); err != nil || !strings.Contains(end.Message, "made an error") {
			t.Errorf("told %q, %v", end.Message, err)
		}
		g.quiet()
	}
	c.say(c.action(0))
	d.await("pyodide_other_player_action")
	metric(t, s, "tandem_original_games", "1")
}

// value reads one line of /metrics.
func value(t *testing.T, s *relayed, name string) (v float64) {
	t.Helper()
	rec := httptest.NewRecorder()
	s.Monitor().ServeHTTP(rec, httptest.NewRequest("GET", "http://localhost/metrics", nil))
	_, rest, _ := strings.Cut(rec.Body.String(), "\n"+name+" ")
	if rest == "" {
		return 0 // not counted yet
	}
	if _, err := fmt.Sscan(rest, &v); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return v
}
