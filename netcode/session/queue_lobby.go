package session

import (
	"fmt"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/timing"
)

// receive acts on one frame. What cannot be read is dropped and counted: it may come from another
// player, whom the relay passes on unread, and must not end this one's game.
func (p *QueuePeer) receive(now time.Duration, frame []byte) {
	m := &p.in
	if err := p.cfg.Codec.Decode(frame, m); err != nil {
		p.event(Event{Kind: EventReceived, Text: "unreadable", N: len(frame)})
		p.invalidMessage()
		return
	}
	p.event(Event{Kind: EventReceived, Text: m.Name, N: len(frame)})
	switch m.Kind {
	case QueueSession:
		p.session = m.Text
	case QueueActivate:
		p.activate(now, &m.Scene)
	case QueueTerminate:
		p.terminated(&m.Scene)
	case QueueFailed:
		p.close(protocol.CodeServerFull, "The relay gives no seat: "+protocol.Clip(m.Text, protocol.MaxText))
	case QueueWaiting:
		p.waiting(now, m)
	case QueuePlayerLeft, QueueEnd:
		p.ended(m)
	case QueueElected:
		p.elect(m)
	case QueueReady:
		p.gameReady(m)
	case QueueStart:
		p.start(now, m)
	case QueuePong:
		p.pongs++
		if p.pingOut {
			p.pingOut, p.rtt = false, now-p.pingSent
			p.event(Event{Kind: EventRTT, Dur: p.rtt})
		}
	case QueueOtherAction:
		p.otherAction(now, m)
	case QueueVerify:
		p.sayHash(p.number, int64(p.atStep))
	case QueueStateAsked:
		p.stateAsked(now)
	case QueueApply:
		p.apply(m.State, m.Mark)
	case QueueHUD:
		p.event(Event{Kind: EventHUD, Text: m.Text})
	case QueueHostChanged:
		p.hostChanged(now, m)
	}
}

// invalidMessage notes a message that is dropped, or an action that is none.
func (p *QueuePeer) invalidMessage() { p.event(Event{Kind: EventInvalid, Frame: p.steps}) }

// activate goes on to the game: a person would read the pages before it, a player of ours does not.
func (p *QueuePeer) activate(now time.Duration, s *QueueScene) {
	if p.state >= PeerSeated {
		if p.state == PeerFinished {
			p.done = true // the next scene: the game's is behind us
		}
		return
	}
	if p.state == PeerGreeting {
		p.state = PeerJoining
	}
	p.startedAt = now // the relay answers
	if p.scenes++; p.scenes > maxScenes {
		p.close(protocol.CodeUnexpected, fmt.Sprintf("The relay showed %d pages and no game.", p.scenes))
		return
	}
	if !s.Game {
		p.say(QueueAdvance, p.session)
		return
	}
	if !s.Multiplayer {
		p.close(protocol.CodeEnvironment, "The relay's game is for one player, or it is stepped on the server: this program plays those that players step together.")
		return
	}
	room, err := p.cfg.Scene(s)
	if err == nil {
		err = room.check()
	}
	if err != nil {
		p.close(protocol.CodeEnvironment, err.Error())
		return
	}
	p.room, p.players, p.seats = room.Config, room.Players, len(room.Players)
	p.scene, p.code, p.blind = s.ID, s.Code, s.SyncEvery == 0
	p.threshold(s.Threshold)
	p.say(QueueJoin, p.session)
}

func (r *QueueRoom) check() error {
	if len(r.Players) == 0 || len(r.Players) > protocol.MaxSeats || len(r.Players) != r.Config.Players {
		return fmt.Errorf("the relay's game has %d players, this program plays with 1 to %d", len(r.Players), protocol.MaxSeats)
	}
	return r.Config.Validate()
}

// terminated is the end of a scene. After the game's, the record of the game is due.
func (p *QueuePeer) terminated(s *QueueScene) {
	if p.state == PeerFinished && s.ID == p.scene {
		p.done, p.upload = true, true
		p.event(Event{Kind: EventUpload})
	}
}

// waiting tells who is still missing, and until when the relay waits.
func (p *QueuePeer) waiting(now time.Duration, m *QueueMessage) {
	if p.state > PeerReady {
		return
	}
	if m.Number > 0 && m.Number < float64(time.Hour/time.Millisecond) {
		p.waitUntil = now + time.Duration(m.Number*float64(time.Millisecond)) + waitingSlack
	}
	if p.state == PeerSeated && len(p.roster) == p.seats {
		free := m.Needed
		for i := range p.roster {
			if i == p.seat {
				continue
			}
			p.roster[i].Taken = free <= 0
			free--
		}
		p.event(Event{Kind: EventRoster})
	}
}

// ended is the relay's word that the game is over for this player.
func (p *QueuePeer) ended(m *QueueMessage) {
	if p.state == PeerFinished {
		p.hurry = true // the others are gone already: this player's part is the record
		return
	}
	words := "The relay ended the game."
	if m.Text != "" {
		words = "The relay ended the game: " + protocol.Clip(m.Text, protocol.MaxText)
	}
	if !p.endLater(words) {
		p.endNow(words)
	}
}

func (p *QueuePeer) endNow(words string) {
	p.sayLeave()
	p.close(protocol.CodeGone, words)
}

func (p *QueuePeer) elect(m *QueueMessage) {
	if p.state == PeerSeated && m.Game == p.game && m.Player == p.players[p.seat] {
		p.seed = m.Seed
		p.hosts(m) // the host has left the waiting room, and there is another
		p.event(Event{Kind: EventRoster})
		return
	}
	if p.state != PeerJoining || p.seats == 0 {
		p.invalidMessage()
		return
	}
	seat := p.seatOf(m.Player)
	if seat < 0 {
		p.sayLeave()
		p.close(protocol.CodeSeat, fmt.Sprintf("The relay gave the seat %q, which %s does not have.", protocol.Clip(m.Player.Key(), 40), p.room.Env))
		return
	}
	p.seat, p.game, p.seed = seat, m.Game, m.Seed
	p.elected, p.state = true, PeerSeated
	p.others = make([]queueSeat, p.seats)
	p.roster = make([]protocol.RosterEntry, p.seats)
	name, _, _ := ParseSubject(p.cfg.Subject)
	p.roster[seat] = protocol.RosterEntry{Name: name, Taken: true}
	p.hosts(m)
	p.event(Event{Kind: EventSeated, Seat: seat, Text: p.game})
	p.event(Event{Kind: EventRoster})
}

// hosts notes who is host by the relay's word.
func (p *QueuePeer) hosts(m *QueueMessage) {
	p.host, p.hostID = m.IsHost, m.Host
	if p.host {
		p.hostID = p.players[p.seat]
	} else if p.seatOf(p.hostID) < 0 && p.seats == 2 {
		p.hostID = p.players[1-p.seat] // a relay that does not say it; there is nobody else
	}
	p.roster[p.seat].Host = p.host
}

// seatOf finds a player's seat. The keys of player_subjects are strings even where ids are numbers.
func (p *QueuePeer) seatOf(id PlayerID) int {
	for i := range p.players {
		if p.players[i] == id {
			return i
		}
	}
	return -1
}

func (p *QueuePeer) gameReady(m *QueueMessage) {
	if p.state != PeerSeated || m.Game != p.game {
		p.invalidMessage()
		return
	}
	p.who = append(p.who[:0], m.Players...)
	p.ready, p.state = true, PeerReady
	p.ours = len(p.who) == p.seats
	for _, w := range p.who {
		_, delay, ours := ParseSubject(w.Subject)
		p.ours = p.ours && ours && p.seatOf(w.ID) >= 0
		p.room.Delay = Delay{Mode: DelayFixed, Frames: max(p.room.Delay.Frames, delay)}
	}
	switch {
	case p.cfg.Play != nil:
		p.play = *p.cfg.Play
	case p.ours:
		p.play = OurPlay(p.room.Delay.Frames)
	default:
		p.play = OriginalPlay()
	}
	if !p.ours { // what an original player would not understand
		p.play.Tagged, p.play.OwnHash, p.play.Delta, p.play.FrameSync, p.play.Batch = false, false, false, false, 0
	}
	p.play.HostCloses = p.play.HostCloses && p.play.Tagged
	if p.follows() && p.seatOf(p.hostID) < 0 {
		p.sayLeave()
		p.close(protocol.CodeUnexpected, "The relay does not say who the host is.")
		return
	}
	p.room.Delay = Delay{Mode: DelayFixed, Frames: p.play.Delay}
	p.roster = rosterOf(p.players, p.who, p.seatOf(p.hostID))
	p.event(Event{Kind: EventRoster})
	if !p.ours {
		p.defect(defectFrames)
		p.defect(defectHash)
		p.defect(defectEpoch)
		p.defect(defectState)
		p.defect(defectServes)
	}
	if p.seats > 1 {
		p.defect(defectReturn)
	}
}

func (p *QueuePeer) start(now time.Duration, m *QueueMessage) {
	switch {
	case p.state == PeerPlaying || p.state == PeerFinished:
		p.invalidMessage() // it has begun
		return
	case !p.elected:
		// The original's relay does this to whoever comes after a player who left while waiting.
		p.sayLeave()
		p.close(protocol.CodeUnexpected, "The relay started the game without giving a seat. Join again.")
		return
	case !p.ready || m.Game != p.game:
		p.sayLeave()
		p.close(protocol.CodeUnexpected, "The relay started another game than the one that was joined, or before it said who plays.")
		return
	}
	p.state = PeerPlaying
	p.rebase(0, now)
	p.number, p.steps, p.episode, p.atStep, p.sampled = 0, 0, 0, 0, int64(p.play.Delay)
	if p.sync.interval = p.room.HashEvery; p.blind && !p.play.OwnHash {
		p.sync.interval = 0
	}
	for i := range p.others {
		s := &p.others[i]
		*s = queueSeat{last: p.room.DefaultAction, newest: -1, heardAt: now}
		if p.room.Population == PredictedAction {
			s.guess = timing.NewPredictor()
		}
		s.queue.grow()
		s.tags.clear()
		s.used.clear()
	}
	p.mine.clear()
	p.closing.reset(p.play.Delay)
	p.out.Commands = append(p.out.Commands, Command{Kind: CommandReset, Seed: uint64(p.seed)})
	p.event(Event{Kind: EventStarting, At: now})
}

// hostChanged is the relay's word that another player is host, or, with IsHost, that this one is.
func (p *QueuePeer) hostChanged(now time.Duration, m *QueueMessage) {
	seat := p.seatOf(m.Host)
	if m.IsHost {
		seat = p.seat
	}
	if seat < 0 || p.seat < 0 {
		p.invalidMessage()
		return
	}
	if p.players[seat] == p.hostID {
		return
	}
	was := p.host
	p.hostID, p.host = p.players[seat], seat == p.seat
	for i := range p.roster {
		p.roster[i].Host = i == seat
	}
	if p.state == PeerPlaying {
		p.newHost(now, was)
	}
	p.event(Event{Kind: EventRoster})
}

// The defects of the analysed system that an original player or relay brings along, as bits.
const (
	defectFrames uint32 = 1 << iota
	defectHash
	defectEpoch
	defectState
	defectServes
	defectReturn
)

var defectWords = map[uint32]string{
	defectFrames: "actions carry no binding frame number: the own one takes effect at once, the others' in the order of their arrival, so the players' action vectors differ",
	defectHash:   "the original's hash covers frame and step alone: it finds no difference between states",
	defectEpoch:  "actions from before a resync or a new episode are taken for actions after it",
	defectState:  "a full state lacks the generator's position, lives, the serve's hold and the ball's speed factor: what it lacks stays as it was here",
	defectServes: "every game shows the same serves: the environment is built with one seed, and the game's seed is not used",
	defectReturn: "a player whose connection breaks cannot come back: the relay ends the game",
}

func (p *QueuePeer) defect(bit uint32) {
	if p.defects&bit == 0 {
		p.defects |= bit
		p.event(Event{Kind: EventDefect, Text: defectWords[bit]})
	}
}
