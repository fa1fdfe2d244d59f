package lobby

import (
	"slices"
	"time"

	"tandem/netcode/original/wire"
)

// waitGrace is how much longer than it says a room waits: a page counts down by itself and leaves at
// zero, which is to come first.
const waitGrace = 2 * time.Second

// waitingRoom is a game that has not begun.
type waitingRoom struct {
	scene   int
	id      string
	seed    int64
	until   time.Time  // with waitGrace
	players []*visitor // in the order in which they joined; the first is host
}

// join seats a visitor, and begins the game when it was the last.
func (l *Lobby) join(now time.Time, v *visitor) {
	s := &l.cfg.Scenes[v.scene]
	fail := func(words string) {
		l.send(v, &wire.CreateGameFailed{Error: words})
	}
	w := l.waiting[v.scene]
	switch {
	case v.waits != nil || v.game != nil:
		l.note(NoteMisplaced, v, "", "join_game twice")
		return
	case len(s.Seats) == 0:
		fail("There is no game in this scene.")
		return
	case l.closed != "":
		fail(l.closed)
		return
	case w == nil && l.games+l.rooms() >= l.cfg.MaxGames:
		fail("Too many games are being played here. Please try again later.")
		return
	case w == nil:
		w = &waitingRoom{scene: v.scene, id: l.uuid(), seed: l.seed(), until: now.Add(s.Wait + waitGrace)}
		l.waiting[v.scene] = w
	}
	v.waits, v.seat = w, l.freeSeat(w)
	w.players = append(w.players, v)
	l.elect(w, v)
	if len(w.players) == len(s.Seats) {
		l.start(now, w)
		return
	}
	l.note(NoteWaiting, v, w.id, "")
	l.tellWaiting(now, w)
}

// rooms is how many waiting rooms there are.
func (l *Lobby) rooms() (n int) {
	for _, w := range l.waiting {
		if w != nil {
			n++
		}
	}
	return n
}

// seed draws a game's seed. Stock clients take 0 for none.
func (l *Lobby) seed() int64 {
	for {
		if seed := int64(l.cfg.Random() >> 32); seed != 0 {
			return seed
		}
	}
}

// freeSeat draws one of the seats that are free: who comes first does not choose the side.
func (l *Lobby) freeSeat(w *waitingRoom) wire.PID {
	free := slices.DeleteFunc(slices.Clone(l.cfg.Scenes[w.scene].Seats), func(seat wire.PID) bool {
		return slices.ContainsFunc(w.players, func(v *visitor) bool { return v.seat == seat })
	})
	return free[l.cfg.Random()%uint64(len(free))]
}

// elect tells a player who it is, and who is host.
func (l *Lobby) elect(w *waitingRoom, v *visitor) {
	host := w.players[0]
	e := &wire.HostElected{
		IsHost: v == host, PlayerID: v.seat, GameID: w.id, GameSeed: w.seed,
		NumPlayers: int64(len(l.cfg.Scenes[w.scene].Seats)),
	}
	if v != host {
		e.HostID = host.seat
	}
	l.send(v, e)
}

func (l *Lobby) tellWaiting(now time.Time, w *waitingRoom) {
	e := &wire.WaitingRoom{
		Players:     int64(len(w.players)),
		Needed:      int64(len(l.cfg.Scenes[w.scene].Seats) - len(w.players)),
		RemainingMS: max(0, float64(w.until.Add(-waitGrace).Sub(now).Microseconds())/1000),
	}
	for _, v := range w.players {
		l.send(v, e)
	}
}

// start begins the game of a room that is full.
func (l *Lobby) start(now time.Time, w *waitingRoom) {
	l.waiting[w.scene] = nil
	s := &l.cfg.Scenes[w.scene]
	ready := &wire.GameReady{GameID: w.id}
	var players []Player
	for _, v := range w.players {
		ready.Players = append(ready.Players, v.seat)
		ready.Subjects = append(ready.Subjects, wire.Subject{Player: v.seat.String(), Subject: v.subject})
		players = append(players, Player{Conn: v.conn, ID: v.seat, Subject: v.subject})
	}
	g := newGame(w.id, s.Episodes, players)
	begin := &wire.StartGame{Scene: s.describe(now, w.players[0].sid, sceneActive), GameID: w.id}
	for _, e := range []wire.Payload{ready, begin} {
		for _, v := range w.players {
			l.send(v, e)
		}
	}
	for _, v := range w.players {
		v.waits, v.game = nil, g
		v.credit[w.scene]++
	}
	l.games++
	l.out.Begin = g
	l.note(NoteStarted, w.players[0], w.id, "")
}

// stopWaiting frees a seat in a waiting room. Where the host leaves, the next in order is host; where
// the last leaves, there is no room.
func (l *Lobby) stopWaiting(now time.Time, v *visitor) {
	w := v.waits
	if w == nil {
		return
	}
	v.waits = nil
	wasHost := w.players[0] == v
	w.players = slices.DeleteFunc(w.players, func(x *visitor) bool { return x == v })
	if len(w.players) == 0 {
		l.waiting[w.scene] = nil
		return
	}
	if wasHost {
		for _, x := range w.players {
			l.elect(w, x)
		}
	}
	l.tellWaiting(now, w)
}

// dissolve sends everybody in a waiting room away.
func (l *Lobby) dissolve(scene int, words string) {
	w := l.waiting[scene]
	l.waiting[scene] = nil
	e := &wire.EndGame{Message: words}
	for _, v := range w.players {
		v.waits = nil
		l.send(v, e)
		l.note(NoteEnded, v, w.id, words)
	}
}
