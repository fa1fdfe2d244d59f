package session

import (
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/recovery"
)

// watcher is a spectator: everything is sent to it, nothing is taken from it.
type watcher struct {
	link
	name string
}

// watch admits a spectator.
func (r *Room) watch(now time.Duration, c ConnID, m *protocol.Join) {
	if len(r.watchers) >= r.cfg.Spectators {
		r.refuse(c, protocol.Errorf(protocol.CodeRoomFull, "Room %s takes no more spectators: %d are watching, and its host allows %d.", r.code, len(r.watchers), r.cfg.Spectators))
		return
	}
	w := &watcher{name: m.Name}
	w.admit(now, c, m)
	r.watchers = append(r.watchers, w)
	r.send(c, protocol.TypeSpectator, protocol.Append(r.buf, &protocol.Spectator{Room: r.code, HostSeat: uint8(r.host), Seed: r.seed, Options: r.cfg.Words()}))
	r.event(RoomEvent{Kind: RoomWatched, Seat: -1, Text: m.Name})
	r.crowdNews.Changed()
	if r.idle() {
		return
	}
	r.feed(now, &w.link, -1, recovery.PastOf(m))
}

func (r *Room) unwatch(c ConnID) {
	for i, w := range r.watchers {
		if w.conn == c {
			w.present = false
			r.watchers = append(r.watchers[:i], r.watchers[i+1:]...)
			r.crowdNews.Changed()
			return
		}
	}
}

// tellCrowd tells who watches, at once, but not as often as somebody may come and go.
func (r *Room) tellCrowd(now time.Duration) {
	if r.phase != roomOver && r.crowdNews.Take(now, crowdEvery) {
		r.crowd()
	}
}

// crowd tells everybody who is there, in the phase that the room is in. While it is put together again
// nobody can tell who has the seats of its match; that ends by telling it.
func (r *Room) crowd() {
	switch r.phase {
	case roomRestoring:
	case roomLobby, roomAfter:
		r.roster(protocol.TypeWaitingRoom)
	default:
		r.roster(protocol.TypeGameReady)
	}
}

// Watching returns how many people watch.
func (r *Room) Watching() int { return len(r.watchers) }

// handleWatcher takes what little a spectator may say.
func (r *Room) handleWatcher(now time.Duration, l *link, t protocol.Type) *protocol.Error {
	switch t {
	case protocol.TypePing:
		r.send(l.conn, protocol.TypePong, protocol.AppendPong(r.buf, &protocol.Pong{Sent: r.dec.Ping.Sent, Now: now.Microseconds()}))
	case protocol.TypeRequestResync:
		r.resync(now, l, -1, r.dec.Cold.(*protocol.RequestResync))
	case protocol.TypeAway, protocol.TypeFrameSync:
		// Nobody waits for a spectator, and nobody measures by one.
	case protocol.TypeLeave:
		r.out.Close = append(r.out.Close, RoomClose{Conn: l.conn, Code: protocol.CodeLeft, Text: "Goodbye."})
		r.unwatch(l.conn)
	case protocol.TypeError:
		m := r.dec.Cold.(*protocol.Refusal)
		r.out.Close = append(r.out.Close, RoomClose{Conn: l.conn, Code: m.Code, Text: m.Text})
		r.unwatch(l.conn)
	default:
		return protocol.Errorf(protocol.CodeSpectator, "You are watching: %s is for players. Join as a player to play.", t)
	}
	return nil
}
