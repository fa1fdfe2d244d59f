package lobby

import (
	"time"

	"tandem/netcode/original/wire"
)

const (
	// resyncTimeout is how long the host may take for its state. A stock page needs a few frames and
	// its upload; it must be well below the patience of players whose queue has run over.
	resyncTimeout = 3 * time.Second
	// resyncTries is how often it is asked. A host that answers none of them either hangs, which its
	// missing pongs end, or cannot.
	resyncTries = 3
	// finishGrace is for the last frames of a player whose partner has finished: what its queue holds,
	// the page's count-down of three seconds, and a tab that was hidden at the end.
	finishGrace = 30 * time.Second
	// maxRounds is how many frames' hashes wait for the slowest player: at 20 frames each, 40 seconds.
	maxRounds = 64
)

// Player is a seat of a game with who sits on it.
type Player struct {
	Conn    Conn
	ID      wire.PID
	Subject string
}

type player struct {
	Player
	finished bool // it has gone on to the next scene
	gone     bool
	frame    int64 // of its newest action
	episode  int   // which they belong to, from 0; see follow
}

// Game is one game in play.
type Game struct {
	id      string
	players []player // in the order in which they joined; the first is host
	last    int      // number of the last episode
	over    bool

	rounds   []round
	resync   resync
	finishBy time.Time // zero while nobody has finished

	out    GameOut
	action wire.OtherPlayerAction
	ask    wire.RequestFullState
	apply  wire.ApplyFullState
	hud    wire.HUDSync
}

// GameOut is what an event or the time leads to. It is valid until the next call.
type GameOut struct {
	Send  []Send
	Notes []Note
	Over  bool // the game is over; nothing more comes of it
}

// resync is a request to the host that waits for its answer.
type resync struct {
	until time.Time // zero: there is none
	tries int
	frame int64
}

// newGame begins a game.
func newGame(id string, episodes int, players []Player) *Game {
	g := &Game{id: id, last: max(episodes, 1) - 1}
	for _, p := range players {
		g.players = append(g.players, player{Player: p})
	}
	return g
}

// Players returns who plays, in the order in which they joined.
func (g *Game) Players() []Player {
	list := make([]Player, len(g.players))
	for i := range g.players {
		list[i] = g.players[i].Player
	}
	return list
}

func (g *Game) find(conn Conn) *player {
	for i := range g.players {
		if p := &g.players[i]; p.Conn == conn && !p.gone {
			return p
		}
	}
	return nil
}

func (g *Game) host() *player { return &g.players[0] }

func (g *Game) begin() {
	g.out.Send, g.out.Notes = g.out.Send[:0], g.out.Notes[:0]
}

func (g *Game) note(k NoteKind, conn Conn, frame int64, text string) {
	g.out.Notes = append(g.out.Notes, Note{k, conn, g.id, frame, text})
}

// send adds an event for a player that still plays.
func (g *Game) send(p *player, e wire.Payload) {
	if !p.gone && !p.finished {
		g.out.Send = append(g.out.Send, Send{p.Conn, e})
	}
}

func (g *Game) sendOthers(from *player, e wire.Payload) {
	for i := range g.players {
		if p := &g.players[i]; p != from {
			g.send(p, e)
		}
	}
}

// Receive takes an event that a player's socket sent. Events that are none of a game's are ignored.
func (g *Game) Receive(now time.Time, conn Conn, event wire.Payload) *GameOut {
	g.begin()
	p := g.find(conn)
	if p == nil || g.over || p.finished {
		g.note(NoteMisplaced, conn, 0, event.Name())
		return &g.out
	}
	switch e := event.(type) {
	case *wire.PlayerAction:
		if g.mine(p, e.GameID, e.PlayerID) {
			g.follow(p, e)
			g.action = wire.OtherPlayerAction{PlayerID: p.ID, Action: e.Action, Frame: e.Frame, Odd: e.Odd, Timestamp: seconds(now)}
			g.sendOthers(p, &g.action)
		}
	case *wire.StateHash:
		if g.mine(p, e.GameID, e.PlayerID) {
			g.hash(now, p, e.Frame, e.Hash)
		}
	case *wire.RequestResync:
		if g.mine(p, e.GameID, e.PlayerID) {
			g.needState(now, conn, e.Frame, e.Reason)
		}
	case *wire.SendFullState:
		switch {
		case e.GameID != g.id:
			g.note(NoteWrongGame, conn, 0, e.GameID)
		case p != g.host():
			g.note(NoteNotHost, conn, 0, e.Name())
		default:
			g.fullState(p, e.State)
		}
	case *wire.HUDUpdate:
		if e.GameID != g.id {
			g.note(NoteWrongGame, conn, 0, e.GameID)
			break
		}
		g.hud.Text = e.Text
		g.sendOthers(nil, &g.hud)
	default:
		g.note(NoteMisplaced, conn, 0, event.Name())
	}
	return &g.out
}

// follow notes which episode a player's action belongs to. A page counts frames anew in every one. Peers of
// ours among themselves count them through, put more than a number into their actions and end together:
// for them it may always be the last.
func (g *Game) follow(p *player, e *wire.PlayerAction) {
	switch {
	case e.Action.Kind() == wire.Map:
		p.episode = g.last
	case e.Odd.Is:
	case e.Frame == 0 && p.frame > 0:
		p.episode++
		fallthrough
	default:
		p.frame = e.Frame
	}
}

// mine compares what a payload says about its sender with what is known.
func (g *Game) mine(p *player, game string, id wire.PID) bool {
	switch {
	case game != g.id:
		g.note(NoteWrongGame, p.Conn, 0, game)
	case id != p.ID:
		g.note(NoteWrongSeat, p.Conn, 0, id.String())
	default:
		return true
	}
	return false
}

// seconds is the relay's time as the original stamps actions with it.
func seconds(now time.Time) float64 { return float64(now.UnixMicro()) / 1e6 }

// needState asks the host for its state, unless it has been asked.
func (g *Game) needState(now time.Time, conn Conn, frame int64, why string) {
	if !g.resync.until.IsZero() {
		return // whoever asks gets that answer, too
	}
	g.resync = resync{until: now.Add(resyncTimeout), tries: 1, frame: frame}
	g.note(NoteResync, conn, frame, why)
	g.askHost()
}

func (g *Game) askHost() {
	g.ask.Frame = g.resync.frame
	g.send(g.host(), &g.ask)
}

// fullState passes the host's state on. What hashes came before are of a time that is over.
func (g *Game) fullState(host *player, state wire.Value) {
	g.resync = resync{}
	g.rounds = g.rounds[:0]
	g.apply.State = state
	if v, ok := state.Get("episode_num"); ok {
		if n, ok := v.Int(); ok {
			for i := range g.players {
				g.players[i].episode = int(min(max(n, 0), int64(g.last))) // it holds for all
			}
		}
	}
	g.sendOthers(host, &g.apply)
	g.note(NoteApplied, host.Conn, 0, "")
}

// Next is when Tick is due; the zero time when never.
func (g *Game) Next() time.Time {
	switch {
	case g.over:
		return time.Time{}
	case g.resync.until.IsZero():
		return g.finishBy
	case g.finishBy.IsZero() || g.resync.until.Before(g.finishBy):
		return g.resync.until
	}
	return g.finishBy
}

// Tick does what the time demands.
func (g *Game) Tick(now time.Time) *GameOut {
	g.begin()
	due := func(t time.Time) bool { return !t.IsZero() && !now.Before(t) }
	switch {
	case g.over:
	case due(g.finishBy):
		g.end("The others have finished the game.")
	case due(g.resync.until) && g.resync.tries < resyncTries:
		g.resync.tries++
		g.resync.until = now.Add(resyncTimeout)
		g.note(NoteResyncAgain, g.host().Conn, g.resync.frame, "")
		g.askHost()
	case due(g.resync.until):
		g.note(NoteResyncFailed, g.host().Conn, g.resync.frame, "")
		g.resync = resync{}
	}
	return &g.out
}

// Finish is a player that went on to the next scene.
func (g *Game) Finish(now time.Time, conn Conn) *GameOut {
	g.begin()
	if p := g.find(conn); p != nil && !g.over && !p.finished {
		p.finished = true
		if g.finishBy.IsZero() {
			g.finishBy = now.Add(finishGrace)
		}
		g.endIfEmpty()
	}
	return &g.out
}

// Leave is a player that left, by its own word or because its line broke. why is for the notes.
func (g *Game) Leave(conn Conn, why string) *GameOut {
	g.begin()
	p := g.find(conn)
	if p == nil || g.over {
		return &g.out
	}
	p.gone = true
	if p.finished && p.episode >= g.last {
		g.endIfEmpty() // the others have their last frames still to play, and may then upload
	} else {
		g.stop("Your partner has left the game.", why)
	}
	return &g.out
}

// End ends the game for a reason of the relay's, in words for the players.
func (g *Game) End(words string) *GameOut {
	g.begin()
	if !g.over {
		g.end(words)
	}
	return &g.out
}

func (g *Game) endIfEmpty() {
	for i := range g.players {
		if p := &g.players[i]; !p.gone && !p.finished {
			return
		}
	}
	g.stop("", "finished")
}

func (g *Game) end(words string) { g.stop(words, words) }

// stop tells those who still play.
func (g *Game) stop(words, why string) {
	g.sendOthers(nil, &wire.EndGame{Message: words})
	g.note(NoteEnded, 0, 0, why)
	g.over, g.out.Over = true, true
}
