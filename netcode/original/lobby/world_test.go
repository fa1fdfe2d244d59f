package lobby

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/netcode/original/wire"
)

var t0 = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// world is a lobby with its games and sockets in virtual time, wired as netcode/relay does it.
type world struct {
	t     *testing.T
	now   time.Time
	lobby *Lobby
	games map[Conn]*Game // by player
	all   []*Game
	seen  map[Conn][]string // what each socket has received since it was last asked
	me    map[Conn]*wire.HostElected
	notes []string
	store []*Upload
}

// scenes are a start, a game for so many and an end.
func scenes(seats int) []Scene {
	game := Scene{ID: "game", Type: "GymScene", Wait: time.Minute, Extra: []wire.Field{{Key: "fps", Value: wire.IntValue(30)}}}
	for i := range seats {
		game.Seats = append(game.Seats, wire.IntPID(int64(i)))
	}
	return []Scene{{ID: "start", Type: "StartScene"}, game, {ID: "end", Type: "EndScene"}}
}

func newWorld(t *testing.T, seats int, seed uint64) *world {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	l, err := NewLobby(Config{Scenes: scenes(seats), Random: rng.Uint64})
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, now: t0, lobby: l, games: map[Conn]*Game{}, seen: map[Conn][]string{}, me: map[Conn]*wire.HostElected{}}
}

// tell writes an event in short.
func tell(e wire.Payload) string {
	name := strings.TrimPrefix(e.Name(), "pyodide_")
	switch e := e.(type) {
	case *wire.HostElected:
		return fmt.Sprintf("%s %v", name, e.IsHost)
	case *wire.WaitingRoom:
		return fmt.Sprintf("%s %d+%d %.0f", name, e.Players, e.Needed, e.RemainingMS)
	case *wire.ActivateScene:
		return fmt.Sprintf("%s %s", name, e.ID)
	case *wire.TerminateScene:
		return fmt.Sprintf("%s %s", name, e.ID)
	case *wire.OtherPlayerAction:
		return fmt.Sprintf("%s %s:%d", name, e.Action, e.Frame)
	case *wire.RequestFullState:
		return fmt.Sprintf("%s %d", name, e.Frame)
	case *wire.ApplyFullState:
		return fmt.Sprintf("%s %s", name, e.State)
	case *wire.HUDSync:
		return fmt.Sprintf("%s %s", name, e.Text)
	case *wire.EndGame:
		return fmt.Sprintf("%s %q", name, e.Message)
	case *wire.CreateGameFailed:
		return fmt.Sprintf("%s %q", name, e.Error)
	}
	return name
}

func (w *world) deliver(sends []Send, notes []Note) {
	for _, s := range sends {
		if e, ok := s.Event.(*wire.HostElected); ok {
			kept := *e
			w.me[s.To] = &kept
		}
		w.seen[s.To] = append(w.seen[s.To], tell(s.Event))
		// Whatever is sent can be written.
		for _, parser := range []wire.Parser{wire.JSON, wire.Msgpack} {
			if _, _, err := (wire.Encoder{Parser: parser}).AppendEvent(nil, s.Event); err != nil {
				w.t.Fatalf("%s cannot be sent: %v", tell(s.Event), err)
			}
		}
	}
	for _, n := range notes {
		w.notes = append(w.notes, n.Kind.String())
	}
}

func (w *world) inLobby(out *LobbyOut) {
	if g := out.Begin; g != nil {
		w.all = append(w.all, g)
		for _, p := range g.Players() {
			w.games[p.Conn] = g
		}
	}
	if out.Store != nil {
		w.store = append(w.store, out.Store)
	}
	w.deliver(out.Send, out.Notes)
}

func (w *world) inGame(g *Game, out *GameOut) {
	if out.Over && slices.ContainsFunc(out.Notes, func(n Note) bool { return n.Kind == NoteEnded }) {
		for _, p := range g.Players() {
			if w.games[p.Conn] == g {
				delete(w.games, p.Conn)
			}
		}
		w.lobby.GameOver(g)
	}
	w.deliver(out.Send, out.Notes)
}

// say is an event of a socket's.
func (w *world) say(c Conn, events ...wire.Payload) {
	for _, e := range events {
		g := w.games[c]
		switch e.(type) {
		case *wire.PlayerAction, *wire.StateHash, *wire.RequestResync, *wire.SendFullState, *wire.HUDUpdate:
			if g != nil {
				w.inGame(g, g.Receive(w.now, c, e))
			} else {
				w.notes = append(w.notes, "no game")
			}
			continue
		case *wire.AdvanceScene:
			if g != nil {
				w.inGame(g, g.Finish(w.now, c))
			}
		case *wire.LeaveGame:
			if g != nil {
				w.inGame(g, g.Leave(c, "left"))
			}
		}
		w.inLobby(w.lobby.Receive(w.now, c, e))
	}
}

func (w *world) connect(c Conn) { w.inLobby(w.lobby.Connected(c, fmt.Sprintf("sid%d", c))) }

func (w *world) gone(c Conn) {
	if g := w.games[c]; g != nil {
		w.inGame(g, g.Leave(c, "gone"))
	}
	delete(w.games, c)
	w.inLobby(w.lobby.Gone(w.now, c))
}

// pass lets time go by and ticks whatever is due.
func (w *world) pass(d time.Duration) {
	end := w.now.Add(d)
	for {
		next := w.lobby.Next()
		var due *Game
		for _, g := range w.all {
			if n := g.Next(); !n.IsZero() && (next.IsZero() || n.Before(next)) {
				next, due = n, g
			}
		}
		if next.IsZero() || next.After(end) {
			w.now = end
			return
		}
		w.now = next
		if due != nil {
			w.inGame(due, due.Tick(w.now))
		} else {
			w.inLobby(w.lobby.Tick(w.now))
		}
	}
}

// enter brings sockets to the game scene, ready to join.
func (w *world) enter(conns ...Conn) {
	for _, c := range conns {
		w.connect(c)
		w.say(c, &wire.RegisterSubject{SubjectID: fmt.Sprintf("subject%d", c)}, &wire.AdvanceScene{})
		delete(w.seen, c)
	}
}

// start lets them play; the first is host.
func (w *world) start(conns ...Conn) *Game {
	w.t.Helper()
	w.enter(conns...)
	for _, c := range conns {
		w.say(c, &wire.JoinGame{})
	}
	g := w.games[conns[0]]
	if g == nil {
		w.t.Fatal("no game began")
	}
	clear(w.seen)
	w.notes = nil
	return g
}

// want compares what a socket has received since the last call.
func (w *world) want(c Conn, want string) {
	w.t.Helper()
	if got := strings.Join(w.seen[c], ", "); got != want {
		w.t.Errorf("%d received\n\t%s, want\n\t%s", c, got, want)
	}
	delete(w.seen, c)
}

func (w *world) wantNotes(want string) {
	w.t.Helper()
	if got := strings.Join(w.notes, " "); got != want {
		w.t.Errorf("noted %q, want %q", got, want)
	}
	w.notes = nil
}

func (w *world) action(c Conn, frame int64) *wire.PlayerAction {
	return &wire.PlayerAction{GameID: w.me[c].GameID, PlayerID: w.me[c].PlayerID, Action: wire.IntValue(frame % 6), Frame: frame, Timestamp: 1}
}

func (w *world) hash(c Conn, frame int64, hash string) *wire.StateHash {
	return &wire.StateHash{GameID: w.me[c].GameID, PlayerID: w.me[c].PlayerID, Frame: frame, Hash: hash}
}
