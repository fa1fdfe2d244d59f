package lobby

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"

	"tandem/netcode/original/wire"
)

const (
	// DefaultMaxGames is the original's own limit, waiting rooms included.
	DefaultMaxGames = 1000
	// minPings is how many of a page's pings must have been answered before it lets its user start.
	minPings = 5
	// remembered is how many subjects keep their scene: a day's participants many times over.
	remembered = 10_000
	// maxEarly is how many events of a socket wait for its name: a page has three of them at most.
	maxEarly = 8
)

// Config adjusts a Lobby.
type Config struct {
	Scenes   []Scene // in their order
	MaxGames int     // at one time; default DefaultMaxGames
	// Random supplies 64 random bits: ids, seats and seeds come of it.
	Random func() uint64
}

// Lobby is everything of the original system but its games in play: registration, scenes and waiting
// rooms.
type Lobby struct {
	cfg      Config
	session  string // see sessionID
	visitors map[Conn]*visitor
	stages   stages
	waiting  []*waitingRoom // by scene; nil where nobody waits
	games    int            // that have begun and are not over
	closed   string         // why no game begins any more, in words; "" while games do

	out LobbyOut
}

// LobbyOut is what an event or the time leads to. It is valid until the next call.
type LobbyOut struct {
	Send  []Send
	Notes []Note
	Begin *Game   // a game that begins: its players' events are its own from now on
	Store *Upload // data to keep
}

// visitor is a socket that has connected.
type visitor struct {
	conn    Conn
	sid     string
	subject string // "" before it has registered
	scene   int
	credit  []int          // uploads that may come, by scene
	early   []wire.Payload // what came before register_subject
	waits   *waitingRoom
	seat    wire.PID // where it waits
	game    *Game
}

// NewLobby returns a lobby without visitors.
func NewLobby(cfg Config) (*Lobby, error) {
	if len(cfg.Scenes) == 0 || cfg.Random == nil {
		return nil, fmt.Errorf("a lobby needs scenes and randomness")
	}
	if cfg.MaxGames <= 0 {
		cfg.MaxGames = DefaultMaxGames
	}
	l := &Lobby{cfg: cfg, visitors: map[Conn]*visitor{}, waiting: make([]*waitingRoom, len(cfg.Scenes))}
	l.stages.init(remembered)
	return l, nil
}

// sessionID is drawn when somebody asks first: it names this run of the server.
func (l *Lobby) sessionID() string {
	if l.session == "" {
		var id [16]byte
		l.bits(id[:])
		l.session = base64.RawURLEncoding.EncodeToString(id[:])
	}
	return l.session
}

// bits fills b with chance.
func (l *Lobby) bits(b []byte) {
	var word [8]byte
	for len(b) > 0 {
		binary.LittleEndian.PutUint64(word[:], l.cfg.Random())
		b = b[copy(b, word[:]):]
	}
}

// uuid draws a UUID, version 4.
func (l *Lobby) uuid() string {
	var b [16]byte
	l.bits(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Waiting tells how many players wait, and Games how many games are in play.
func (l *Lobby) Waiting() (n int) {
	for _, w := range l.waiting {
		if w != nil {
			n += len(w.players)
		}
	}
	return n
}

// Games tells how many games are in play.
func (l *Lobby) Games() int { return l.games }

func (l *Lobby) begin() {
	l.out.Send, l.out.Notes = l.out.Send[:0], l.out.Notes[:0]
	l.out.Begin, l.out.Store = nil, nil
}

func (l *Lobby) send(v *visitor, e wire.Payload) {
	l.out.Send = append(l.out.Send, Send{v.conn, e})
}

func (l *Lobby) note(k NoteKind, v *visitor, game, text string) {
	l.out.Notes = append(l.out.Notes, Note{Kind: k, Conn: v.conn, Game: game, Text: text})
}

// Connected is a new socket, with its session's id.
func (l *Lobby) Connected(conn Conn, sid string) *LobbyOut {
	l.begin()
	l.visitors[conn] = &visitor{conn: conn, sid: sid, credit: make([]int, len(l.cfg.Scenes))}
	return &l.out
}

// Gone is a socket that is closed, or that has left the namespace.
func (l *Lobby) Gone(now time.Time, conn Conn) *LobbyOut {
	l.begin()
	if v := l.visitors[conn]; v != nil {
		l.stopWaiting(now, v)
		l.leaveCredit(v)
		delete(l.visitors, conn)
	}
	return &l.out
}

// GameOver says that a game that Begin told of is over.
func (l *Lobby) GameOver(g *Game) {
	l.games--
	for _, p := range g.players {
		if v := l.visitors[p.Conn]; v != nil && v.game == g {
			v.game = nil
		}
	}
}

// Receive takes an event that a socket sent. Events of a game in play are for the Game; they and what
// else means nothing here are ignored.
func (l *Lobby) Receive(now time.Time, conn Conn, event wire.Payload) *LobbyOut {
	l.begin()
	v := l.visitors[conn]
	if v == nil {
		return &l.out
	}
	switch e := event.(type) {
	case *wire.RegisterSubject:
		l.register(now, v, e.SubjectID)
		for early := v.early; len(early) > 0; early = early[1:] {
			v.early = nil
			l.registered(now, v, early[0])
		}
		return &l.out
	case *wire.Ping: // a page measures its line from the start
		l.send(v, &wire.Pong{MinMeasurements: minPings})
		return &l.out
	}
	if v.subject == "" {
		l.keepEarly(v, event)
	} else {
		l.registered(now, v, event)
	}
	return &l.out
}

// keepEarly lets an event wait until its sender has a name. A stock page that has lost its line sends what
// was clicked meanwhile as soon as it is back, and its name behind it.
func (l *Lobby) keepEarly(v *visitor, event wire.Payload) {
	switch event.(type) {
	case *wire.AdvanceScene, *wire.JoinGame, *wire.LeaveGame: // small, with memory of their own
		if len(v.early) < maxEarly {
			v.early = append(v.early, event)
			return
		}
	}
	l.note(NoteMisplaced, v, "", event.Name()+" before register_subject")
}

// registered takes an event of a visitor that has a name.
func (l *Lobby) registered(now time.Time, v *visitor, event wire.Payload) {
	switch e := event.(type) {
	case *wire.AdvanceScene:
		l.advance(now, v)
	case *wire.JoinGame:
		l.join(now, v)
	case *wire.LeaveGame:
		// It also comes after the end of a game, and then means nothing.
		l.stopWaiting(now, v)
		v.game = nil
	case *wire.EndGameRequestRedirect:
		// Where to is the page's own business.
	case *wire.StaticSceneData:
		l.upload(v, &Upload{SceneID: e.SceneID, Answers: e.Data, Globals: e.Globals})
	case *wire.EmitRemoteGameData:
		l.upload(v, &Upload{SceneID: e.SceneID, Game: e.Data, Globals: e.Globals})
	default:
		l.note(NoteMisplaced, v, "", event.Name())
	}
}

// Close lets no game begin any more; words say why. Who waits is told.
func (l *Lobby) Close(words string) *LobbyOut {
	l.begin()
	l.closed = words
	for i, w := range l.waiting {
		if w != nil {
			l.dissolve(i, words)
		}
	}
	return &l.out
}

// Next is when Tick is due; the zero time when never.
func (l *Lobby) Next() (next time.Time) {
	for _, w := range l.waiting {
		if w != nil && (next.IsZero() || w.until.Before(next)) {
			next = w.until
		}
	}
	return next
}

// Tick ends waiting rooms whose time is over.
func (l *Lobby) Tick(now time.Time) *LobbyOut {
	l.begin()
	for i, w := range l.waiting {
		if w != nil && !now.Before(w.until) {
			l.dissolve(i, "Nobody else came in time. Please try again later.")
		}
	}
	return &l.out
}
