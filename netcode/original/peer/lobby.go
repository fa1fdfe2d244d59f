package peer

import (
	"fmt"
	"time"

	"tandem/netcode/original/wire"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/session/timing"
)

// receive acts on one frame. What cannot be read is dropped and counted: it may come from another
// player, whom the relay passes on unread, and must not end this one's game.
func (p *Peer) receive(now time.Duration, frame []byte) {
	name, e, err := p.codec.decode(frame)
	if err != nil {
		p.event(session.Event{Kind: session.EventReceived, Text: "unreadable", N: len(frame)})
		p.invalidMessage()
		return
	}
	p.event(session.Event{Kind: session.EventReceived, Text: name, N: len(frame)})
	switch e := e.(type) {
	case *wire.ServerSessionID:
		p.session = e.SessionID
	case *wire.ActivateScene:
		p.activate(now, readScene(&e.Scene))
	case *wire.TerminateScene:
		p.terminated(e.ID)
	case *wire.CreateGameFailed:
		p.close(protocol.CodeServerFull, "The relay gives no seat: "+protocol.Clip(e.Error, protocol.MaxText))
	case *wire.WaitingRoom:
		p.waiting(now, e)
	case *wire.WaitingRoomPlayerLeft:
		p.ended(e.Message)
	case *wire.EndGame:
		p.ended(e.Message)
	case *wire.HostElected:
		if e.Promoted { // the original never sends it
			p.hostChanged(now, p.seat)
		} else {
			p.elect(e)
		}
	case *wire.GameReady:
		p.gameReady(e)
	case *wire.StartGame:
		p.start(now, e.GameID)
	case *wire.Pong:
		p.pongs++
		if p.pingOut {
			p.pingOut, p.rtt = false, now-p.pingSent
			p.event(session.Event{Kind: session.EventRTT, Dur: p.rtt})
		}
	case *wire.OtherPlayerAction:
		p.otherAction(now, e)
	case *wire.VerifyState:
		p.sayHash(p.number, int64(p.atStep))
	case *wire.RequestFullState:
		p.stateAsked(now)
	case *wire.ApplyFullState:
		p.apply(e.State)
	case *wire.HUDSync:
		p.event(session.Event{Kind: session.EventHUD, Text: e.Text})
	case *wire.HostChanged:
		p.hostChanged(now, p.seatOf(e.NewHostID))
	}
}

// invalidMessage notes a message that is dropped, or an action that is none.
func (p *Peer) invalidMessage() { p.event(session.Event{Kind: EventInvalid, Frame: p.steps}) }

// activate goes on to the game: a person would read the pages before it, a player of ours does not.
func (p *Peer) activate(now time.Duration, s *Scene) {
	if p.state >= session.PeerSeated {
		if p.state == session.PeerFinished {
			p.done = true // the next scene: the game's is behind us
		}
		return
	}
	if p.state == session.PeerGreeting {
		p.state = session.PeerJoining
	}
	p.startedAt = now // the relay answers
	if p.scenes++; p.scenes > maxScenes {
		p.close(protocol.CodeUnexpected, fmt.Sprintf("The relay showed %d pages and no game.", p.scenes))
		return
	}
	if !s.Game {
		p.say(&wire.AdvanceScene{SessionID: p.session})
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
	p.say(&wire.JoinGame{SessionID: p.session})
}

func (r *Room) check() error {
	if len(r.Players) == 0 || len(r.Players) > protocol.MaxSeats || len(r.Players) != r.Config.Players {
		return fmt.Errorf("the relay's game has %d players, this program plays with 1 to %d", len(r.Players), protocol.MaxSeats)
	}
	return r.Config.Validate()
}

// terminated is the end of a scene. After the game's, the record of the game is due.
func (p *Peer) terminated(scene string) {
	if p.state == session.PeerFinished && scene == p.scene {
		p.done, p.upload = true, true
		p.event(session.Event{Kind: EventUpload})
	}
}

// waiting tells who is still missing, and until when the relay waits.
func (p *Peer) waiting(now time.Duration, room *wire.WaitingRoom) {
	if p.state > session.PeerReady {
		return
	}
	if ms := room.RemainingMS; ms > 0 && ms < float64(time.Hour/time.Millisecond) {
		p.waitUntil = now + time.Duration(ms*float64(time.Millisecond)) + waitingSlack
	}
	if p.state == session.PeerSeated && len(p.roster) == p.seats {
		free := room.Needed
		for i := range p.roster {
			if i == p.seat {
				continue
			}
			p.roster[i].Taken = free <= 0
			free--
		}
		p.event(session.Event{Kind: session.EventRoster})
	}
}

// ended is the relay's word that the game is over for this player.
func (p *Peer) ended(why string) {
	if p.state == session.PeerFinished {
		p.hurry = true // the others are gone already: this player's part is the record
		return
	}
	words := "The relay ended the game."
	if why != "" {
		words = "The relay ended the game: " + protocol.Clip(why, protocol.MaxText)
	}
	if !p.endLater(words) {
		p.endNow(words)
	}
}

func (p *Peer) endNow(words string) {
	p.sayLeave()
	p.close(protocol.CodeGone, words)
}

func (p *Peer) elect(e *wire.HostElected) {
	if p.state == session.PeerSeated && e.GameID == p.game && e.PlayerID == p.players[p.seat] {
		p.seed = uint32(e.GameSeed)
		p.hosts(e) // the host has left the waiting room, and there is another
		p.event(session.Event{Kind: session.EventRoster})
		return
	}
	if p.state != session.PeerJoining || p.seats == 0 {
		p.invalidMessage()
		return
	}
	seat := p.seatOf(e.PlayerID)
	if seat < 0 {
		p.sayLeave()
		p.close(protocol.CodeSeat, fmt.Sprintf("The relay gave the seat %q, which %s does not have.", protocol.Clip(e.PlayerID.String(), 40), p.room.Env))
		return
	}
	p.seat, p.game, p.seed = seat, e.GameID, uint32(e.GameSeed)
	p.elected, p.state = true, session.PeerSeated
	p.others = make([]other, p.seats)
	p.roster = make([]protocol.RosterEntry, p.seats)
	name, _, _ := ParseSubject(p.cfg.Subject)
	p.roster[seat] = protocol.RosterEntry{Name: name, Taken: true}
	p.hosts(e)
	p.event(session.Event{Kind: session.EventSeated, Seat: seat, Text: p.game})
	p.event(session.Event{Kind: session.EventRoster})
}

// hosts notes who is host by the relay's word.
func (p *Peer) hosts(e *wire.HostElected) {
	p.host, p.hostID = e.IsHost, e.HostID
	if p.host {
		p.hostID = p.players[p.seat]
	} else if p.seatOf(p.hostID) < 0 && p.seats == 2 {
		p.hostID = p.players[1-p.seat] // a relay that does not say it; there is nobody else
	}
	p.roster[p.seat].Host = p.host
}

// seatOf finds a player's seat. The keys of player_subjects are strings even where ids are numbers.
func (p *Peer) seatOf(id wire.PID) int {
	for i := range p.players {
		if p.players[i] == id {
			return i
		}
	}
	return -1
}

func (p *Peer) gameReady(e *wire.GameReady) {
	if p.state != session.PeerSeated || e.GameID != p.game {
		p.invalidMessage()
		return
	}
	p.who = p.who[:0]
	for _, id := range e.Players {
		w := Player{ID: id}
		for _, s := range e.Subjects {
			if s.Player == id.String() {
				w.Subject = s.Subject
			}
		}
		p.who = append(p.who, w)
	}
	p.ready, p.state = true, session.PeerReady
	p.ours = len(p.who) == p.seats
	for _, w := range p.who {
		_, delay, ours := ParseSubject(w.Subject)
		p.ours = p.ours && ours && p.seatOf(w.ID) >= 0
		p.room.Delay = options.Delay{Mode: options.DelayFixed, Frames: max(p.room.Delay.Frames, delay)}
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
	p.room.Delay = options.Delay{Mode: options.DelayFixed, Frames: p.play.Delay}
	p.roster = rosterOf(p.players, p.who, p.seatOf(p.hostID))
	p.event(session.Event{Kind: session.EventRoster})
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

func (p *Peer) start(now time.Duration, game string) {
	switch {
	case p.state == session.PeerPlaying || p.state == session.PeerFinished:
		p.invalidMessage() // it has begun
		return
	case !p.elected:
		// The original's relay does this to whoever comes after a player who left while waiting.
		p.sayLeave()
		p.close(protocol.CodeUnexpected, "The relay started the game without giving a seat. Join again.")
		return
	case !p.ready || game != p.game:
		p.sayLeave()
		p.close(protocol.CodeUnexpected, "The relay started another game than the one that was joined, or before it said who plays.")
		return
	}
	p.state = session.PeerPlaying
	p.rebase(0, now)
	p.number, p.steps, p.episode, p.atStep, p.sampled = 0, 0, 0, 0, int64(p.play.Delay)
	if p.sync.interval = p.room.HashEvery; p.blind && !p.play.OwnHash {
		p.sync.interval = 0
	}
	for i := range p.others {
		s := &p.others[i]
		*s = other{last: p.room.DefaultAction, newest: -1, heardAt: now}
		if p.room.Population == options.PredictedAction {
			s.guess = timing.NewPredictor()
		}
		s.queue.grow()
		s.tags.clear()
		s.used.clear()
	}
	p.mine.clear()
	p.closing.reset(p.play.Delay)
	p.out.Commands = append(p.out.Commands, replica.Command{Kind: replica.CommandReset, Seed: uint64(p.seed)})
	p.event(session.Event{Kind: session.EventStarting, At: now})
}

// hostChanged is the relay's word that another player is host.
func (p *Peer) hostChanged(now time.Duration, seat int) {
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
	if p.state == session.PeerPlaying {
		p.newHost(now, was)
	}
	p.event(session.Event{Kind: session.EventRoster})
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

func (p *Peer) defect(bit uint32) {
	if p.defects&bit == 0 {
		p.defects |= bit
		p.event(session.Event{Kind: EventDefect, Text: defectWords[bit]})
	}
}
