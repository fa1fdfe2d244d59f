package session

import (
	"io"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/options"
)

// receive takes a frame of a connection: all messages in it, until one is refused.
func (r *Room) receive(now time.Duration, l *link, s int, frame []byte) {
	l.heard = now
	conn := l.conn
	if len(frame) == 0 {
		r.expel(now, l, s, protocol.Errorf(protocol.CodeMalformed, "An empty message."))
		return
	}
	r.dec.Reset(frame)
	for l.present && l.conn == conn {
		t, err := r.dec.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			r.expel(now, l, s, asError(err))
			return
		}
		r.event(RoomEvent{Kind: RoomReceived, Seat: s, Type: t, N: r.dec.Size()})
		free := r.asked(s, t)
		if !free && !r.charge(now, l, s) {
			return
		}
		r.used = false
		var e *protocol.Error
		if s >= 0 {
			e = r.handle(now, s, t)
		} else {
			e = r.handleWatcher(now, l, t)
		}
		if e != nil {
			r.expel(now, l, s, e)
			return
		}
		if free && !r.used && l.present && l.conn == conn && !r.charge(now, l, s) {
			return
		}
	}
}

// charge counts a message of a connection, and expels who sends too many.
func (r *Room) charge(now time.Duration, l *link, s int) bool {
	if l.said.take(now, bucketRate, bucketBurst) {
		return true
	}
	r.expel(now, l, s, protocol.Errorf(protocol.CodeTooFrequent, "More than %d messages a second: nobody playing needs that many.", bucketRate))
	return false
}

// expel refuses a connection and frees its seat.
func (r *Room) expel(now time.Duration, l *link, s int, e *protocol.Error) {
	r.refuse(l.conn, e)
	r.leave(now, l, s, e.Code, false)
}

// leave takes a connection out of the room.
func (r *Room) leave(now time.Duration, l *link, s int, code protocol.Code, own bool) {
	if s < 0 {
		r.unwatch(l.conn)
		return
	}
	r.unseat(now, s, code, own)
}

// admit begins a connection's books.
func (l *link) admit(now time.Duration, c ConnID, j *protocol.Join) {
	*l = link{conn: c, present: true, heard: now, spoken: now, zstd: j.Zstd, again: j.Again}
}

// asked reports whether a message looks like an answer to what the room has asked: how often it asks is for
// others to choose, so answers are not charged to who gives them. Each is taken once, and where it comes
// in parts, they are as large as they may be. What handle then has no use for (used) is charged after all:
// it may be of another epoch, or come when the room does not listen.
func (r *Room) asked(s int, t protocol.Type) bool {
	if s < 0 {
		return false
	}
	switch t {
	case protocol.TypeStateHash:
		m := &r.dec.StateHash
		b, ok := r.log.Get(m.Frame)
		return ok && m.Epoch == r.epoch && b.Flags&protocol.FlagHash != 0 && r.states.Awaited(s, m.Frame)
	case protocol.TypeSnapshotChunk:
		m := r.dec.Cold.(*protocol.SnapshotChunk)
		if i := r.moving.find(m.ID, s); i >= 0 {
			return m.Offset == r.moving.list[i].offset && (len(m.Data) == protocol.MaxChunk || m.Offset+uint32(len(m.Data)) == m.Size)
		}
	case protocol.TypeRechecked:
		return r.states.Asks(s, r.dec.Cold.(*protocol.Rechecked).ID)
	case protocol.TypeHistory:
		return r.phase == roomRestoring && r.recovery.Wants(s, r.dec.Cold.(*protocol.History))
	}
	return false
}

// allowance limits how often something happens: burst times at once, and rate times a second for good. The
// zero value is a full one.
type allowance struct {
	used float64
	at   time.Duration
}

// take takes one, if there is one.
func (b *allowance) take(now time.Duration, rate, burst float64) bool {
	b.used = max(0, b.used-rate*(now-b.at).Seconds())
	b.at = now
	if b.used+1 > burst {
		return false
	}
	b.used++
	return true
}

func (r *Room) handle(now time.Duration, s int, t protocol.Type) *protocol.Error {
	seat := &r.seats[s]
	if r.phase == roomRestoring {
		switch t {
		case protocol.TypePing, protocol.TypeLeave, protocol.TypeError, protocol.TypeHistory, protocol.TypeReady, protocol.TypeAway:
		default:
			return nil // of the match that is being put together
		}
	}
	switch t {
	case protocol.TypePing:
		r.send(seat.conn, protocol.TypePong, protocol.AppendPong(r.buf, &protocol.Pong{Sent: r.dec.Ping.Sent, Now: now.Microseconds()}))
	case protocol.TypeReady:
		if r.phase == roomOver {
			return nil // sent before its sender could know
		}
		if seat.ready && r.idle() { // in a match, start may have been told twice, and is answered twice
			return protocol.Errorf(protocol.CodeUnexpected, "You are ready already.")
		}
		// The lead decides how long everybody waits: no more than the longest delay there is.
		seat.lead = min(time.Duration(r.dec.Cold.(*protocol.Ready).Lead)*tenth, FrameTime(options.MaxDelay))
		if !seat.ready { // said again it is no news: one seat's chatter must not crowd the others' lines
			seat.ready, seat.played = true, true
			r.crowd()
		}
	case protocol.TypeAction:
		m := &r.dec.Action
		return r.action(now, s, m.Epoch, m.Frame, m.Action)
	case protocol.TypeActionBatch:
		m := &r.dec.ActionBatch
		for i, a := range m.Actions {
			if e := r.action(now, s, m.Epoch, m.Frame+uint32(i), a); e != nil {
				return e
			}
		}
	case protocol.TypeFrameSync:
		r.sampledTimes(s)
	case protocol.TypeStateHash:
		return r.stateHash(s)
	case protocol.TypeFinished:
		return r.finishedSeat(now, s, r.dec.Cold.(*protocol.Finished))
	case protocol.TypeHUDUpdate:
		if s != r.host {
			return protocol.Errorf(protocol.CodeNotHost, "Only the host sends the HUD's text.")
		}
		r.hud = r.dec.Cold.(*protocol.HUDUpdate).Text
		if r.hudNews.Forget(); r.phase == roomPlaying || r.phase == roomPaused { // in a lobby the room itself says something
			r.hudNews.Changed()
		}
	case protocol.TypeLeave:
		r.out.Close = append(r.out.Close, RoomClose{Conn: seat.conn, Code: protocol.CodeLeft, Text: "Goodbye."})
		r.unseat(now, s, protocol.CodeLeft, true)
	case protocol.TypeAway:
		m := r.dec.Cold.(*protocol.Away)
		if seat.away != m.Away {
			r.awayNews.Changed()
		}
		seat.away, seat.unloads = m.Away, m.Away && m.Unloads
	case protocol.TypeSetOption:
		return r.setOption(s, r.dec.Cold.(*protocol.SetOption))
	case protocol.TypeSnapshotChunk:
		return r.chunk(now, s, r.dec.Cold.(*protocol.SnapshotChunk))
	case protocol.TypeRequestResync:
		r.resync(now, &seat.link, s, r.dec.Cold.(*protocol.RequestResync))
	case protocol.TypeRechecked:
		r.rechecked(s, r.dec.Cold.(*protocol.Rechecked))
	case protocol.TypeRequestHash:
		r.states.Soon(r.next)
	case protocol.TypeHistory:
		return r.remembered(now, s, r.dec.Cold.(*protocol.History))
	case protocol.TypeError:
		m := r.dec.Cold.(*protocol.Refusal)
		r.out.Close = append(r.out.Close, RoomClose{Conn: seat.conn, Code: m.Code, Text: m.Text})
		r.unseat(now, s, m.Code, false)
	default:
		return protocol.Errorf(protocol.CodeUnexpected, "%s has no place in a room.", t)
	}
	return nil
}
