package peer

import (
	"time"

	"tandem/netcode/original/wire"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/replica"
)

// syncState is what a peer knows about bringing states together.
type syncState struct {
	threshold int
	interval  int           // frames between two hashes
	often     time.Duration // until when it is oftenFrames
	askFull   bool          // likewise: the next state must be whole
	full      bool          // somebody has asked this host for that
	soon      bool          // the next hash is brought forward
	askOften  bool          // tell the others so

	asks     int
	lastAsk  time.Duration
	asked    time.Duration // when a state was asked for; 0 when none is on its way
	why      string
	export   bool // a CommandExport is out
	importMe bool // a CommandImport is out
	toExport bool // one is to be ordered
	sent     time.Duration
	given    bool
	mark     uint32        // full states sent by this host, or the mark of the one taken over
	from     int64         // frames below are settled by a full state
	apart    time.Duration // since when the host's hashes are of another full state than the own
	wrong    int           // substitutes that were not what the other did
	state    []byte        // to be taken over

	hashes [hashMemory]frameHash
	next   int
	theirs [protocol.MaxSeats][hashMemory]frameHash
	at     [protocol.MaxSeats]int
}

type frameHash struct {
	frame uint32
	mark  uint32
	hash  uint64
	ok    bool
}

// hashMemory is how many hashes are kept until the other's comes: at one per five frames, more than
// two seconds.
const hashMemory = 16

func (y *syncState) waiting() bool { return y.importMe || y.export }

func (p *Peer) threshold(n int) {
	if n <= 0 || n > slots-1 {
		n = DefaultThreshold
	}
	p.sync.threshold = n
}

// every is the present interval between two hashes.
func (p *Peer) every() int {
	n := p.sync.interval
	if n > 0 && p.sync.often > 0 {
		n = min(n, oftenFrames)
	}
	return n
}

// hashDue reports whether the frame that has just been counted is one whose state the players hash.
func (p *Peer) hashDue() bool {
	n := p.every()
	return p.play.OwnHash && n > 0 && p.number%int64(n) == 0
}

// blindHash sends the original's hash after a frame, or what stands in its place.
func (p *Peer) blindHash() {
	n := p.every()
	early := p.sync.soon && p.number%oftenFrames == 0
	if n == 0 || p.number%int64(n) != 0 && !early {
		return
	}
	p.sync.soon = false
	switch {
	case p.play.Push && p.host:
		p.sync.toExport = true
	case !p.play.OwnHash && !p.play.Push:
		p.sayHash(p.number, int64(p.atStep)+1)
	}
}

// sayHash sends the original's hash: it covers these two numbers alone.
func (p *Peer) sayHash(number, step int64) {
	if p.state != session.PeerPlaying || p.play.OwnHash {
		return // an original relay compares the hashes of unequal frames
	}
	p.say(&wire.StateHash{GameID: p.game, PlayerID: p.players[p.seat], Frame: number, Hash: wire.OriginalHash(number, step)})
}

// resyncs orders what is due: an export, or one more request where the last was lost.
func (p *Peer) resyncs(now time.Duration) {
	y := &p.sync
	if y.often > 0 && now > y.often {
		y.often = 0
	}
	if y.asked > 0 && p.play.Retry > 0 && now-y.asked > p.play.Retry {
		y.asked = 0
		p.ask(now, y.why)
	}
	if y.toExport && p.host && !y.waiting() && (!y.given || now-y.sent >= exportGap) {
		y.toExport, y.export, y.given, y.sent = false, true, true, now
		y.mark = p.nextMark()
		y.from = p.number
		p.out.Commands = append(p.out.Commands, replica.Command{Kind: CommandExport, Frame: uint32(p.number), Other: &Order{Mark: y.mark, Delta: p.play.Delta && !y.full}})
		y.full = false
	}
	if y.state != nil && !y.waiting() {
		y.importMe = true
		p.out.Commands = append(p.out.Commands, replica.Command{Kind: CommandImport, Other: &Order{Data: y.state}})
		y.state = nil
	}
}

// ask requests the host's full state, unless it is on its way.
func (p *Peer) ask(now time.Duration, why string) {
	if p.sync.asked > 0 || p.state != session.PeerPlaying {
		return
	}
	p.sync.asked, p.sync.why = max(now, 1), why
	p.sync.lastAsk = now
	p.sync.asks++
	p.event(session.Event{Kind: EventAsked, Frame: p.steps, Text: why})
	p.say(&wire.RequestResync{GameID: p.game, PlayerID: p.players[p.seat], Frame: p.number, Reason: why})
}

// stateAsked is the relay's request to the host.
func (p *Peer) stateAsked(now time.Duration) {
	if !p.host || p.state != session.PeerPlaying {
		if p.state < session.PeerPlaying {
			p.invalidMessage()
		}
		return // a host that has changed, or a game that is over
	}
	p.sync.toExport = true
	p.learnt(now)
	p.resyncs(now)
}

// learnt notes that states differ, as far as a peer without a hash of its own can know.
func (p *Peer) learnt(now time.Duration) {
	if p.play.Adaptive && !p.play.OwnHash {
		p.beOften(now)
	}
}

// exported sends the state that a CommandExport has brought.
func (p *Peer) exported(now time.Duration, state []byte) {
	if !p.sync.export {
		return
	}
	p.sync.export, p.sync.asked = false, 0
	if p.state != session.PeerPlaying || !p.host || len(state) == 0 {
		return // the driver has none: whoever asked will ask again
	}
	value, err := wire.JSONValue(state)
	if err != nil {
		p.unwritable(err)
		return
	}
	class := protocol.Ordered
	if p.play.Priority {
		class = protocol.Bulk // where frames are tagged, an action that overtakes it still belongs to its frame
	}
	p.send(class, &wire.SendFullState{GameID: p.game, State: value})
	p.event(session.Event{Kind: EventStateSent, Frame: p.steps, N: len(state)})
	p.clearQueues()
	if p.hud != "" {
		p.sayHUD()
	}
}

// apply takes the host's state, unless it is an echo of the own.
func (p *Peer) apply(state wire.Value) {
	mark := markOf(state)
	if p.state != session.PeerPlaying || p.host || p.stale(mark) {
		if p.state < session.PeerPlaying || mark < 0 && p.play.HostCloses {
			p.invalidMessage()
		}
		return
	}
	p.sync.state = state.AppendJSON(p.sync.state[:0])
}

// imported goes on from the state that was taken over.
func (p *Peer) imported(now time.Duration, in *Imported) {
	if !p.sync.importMe {
		return
	}
	y := &p.sync
	y.importMe, y.asked = false, 0
	if !in.Done {
		return
	}
	if in.Err != nil {
		p.event(session.Event{Kind: EventStateTaken, Frame: p.steps, Text: in.Err.Error()})
		y.askFull = in.NoBase
		if !in.NoBase {
			p.invalidMessage()
		}
		p.ask(now, reasonRefused)
		return
	}
	p.learnt(now)
	moved := int64(in.Frame) - p.number
	p.event(session.Event{Kind: EventStateTaken, Frame: p.steps, N: int(moved)})
	due := p.due(p.number)
	p.number = int64(in.Frame)
	if !p.play.Tagged {
		// Who does not look at frame numbers waits for an action of every frame that is stepped again.
		p.sampled = min(p.sampled, p.number+int64(p.play.Delay))
	}
	p.clearQueues()
	y.mark, y.from = in.Mark, p.number
	p.closing.below = max(p.closing.below, p.number)
	p.closing.lost, p.closing.stalled = false, 0
	for i := range y.hashes {
		y.hashes[i].ok = false
	}
	if !p.play.Tagged {
		p.rebase(p.number, due) // the same moment has another number
		return
	}
	p.steps = in.Frame
	if due := p.due(p.number); due > now {
		// The host was there some time ago already: this clock is behind.
		p.shift(now - due)
	}
	for i := range p.others {
		s := &p.others[i]
		s.repeats = 0
		s.used.clear() // those frames are stepped again
	}
}

// trouble is what makes a mismatch likely: somebody's action was missing.
func (p *Peer) trouble(now time.Duration) {
	switch {
	case !p.play.Predictive:
	case p.play.OwnHash:
		p.beOften(now)
	default:
		p.sync.soon = true
	}
}

func (p *Peer) beOften(now time.Duration) {
	if p.sync.often == 0 {
		p.sync.askOften = true
	}
	p.sync.often = now + oftenFor
}

// ownHashes notes the hashes that Step commands have asked for, and sends them with the next action.
func (p *Peer) ownHashes(now time.Duration, list []replica.Hash) {
	y := &p.sync
	for i := range list {
		h := &list[i]
		if !p.play.OwnHash {
			continue
		}
		y.hashes[y.next%hashMemory] = frameHash{h.Frame, y.mark, h.Total, true}
		y.next++
		p.hash, p.haveHash = *h, true
		for seat := range p.seats {
			for k := range y.theirs[seat] {
				p.compare(now, seat, &y.theirs[seat][k])
			}
		}
	}
}

// lastHash tells the others the hash of the last state, so that both sides know whether they ended
// in the same.
func (p *Peer) lastHash(frames uint32, final uint64) {
	if !p.play.OwnHash || !p.play.Tagged || frames == 0 {
		return
	}
	h := replica.Hash{Frame: frames - 1, Total: final}
	p.ownHashes(p.finishedAt, []replica.Hash{h})
	p.queueSend(p.finishedAt, p.sampled, p.room.DefaultAction)
	p.flush(p.finishedAt, true)
}

// compare judges another's hash against the own of that frame, once.
func (p *Peer) compare(now time.Duration, seat int, theirs *frameHash) {
	if !theirs.ok || theirs.mark != p.sync.mark {
		return
	}
	for i := range p.sync.hashes {
		own := &p.sync.hashes[i]
		if !own.ok || own.frame != theirs.frame || own.mark != theirs.mark {
			continue
		}
		theirs.ok = false
		e := session.Event{Kind: session.EventVerified, Frame: own.frame}
		if own.hash != theirs.hash {
			e.Mask = 1<<seat | 1<<p.seat
		}
		p.event(e)
		if e.Mask == 0 {
			return
		}
		if p.play.Adaptive {
			p.beOften(now)
		}
		// The host's state is the one that counts: whoever differs from it asks for it.
		if !p.host && p.players[seat] == p.hostID {
			p.ask(now, reasonHash)
		}
		return
	}
}

// sayBeside adds to an action what peers of ours tell each other.
func (p *Peer) sayBeside(b *Beside) {
	*b = Beside{}
	if p.haveHash {
		p.haveHash = false
		b.N, b.HasHash, b.Hash, b.HashFrame, b.Mark = 1, true, p.hash.Total, p.hash.Frame, p.sync.mark
	}
	if p.sync.askOften {
		p.sync.askOften = false
		b.N, b.Often = 1, true
	}
	if p.sync.askFull {
		p.sync.askFull = false
		b.N, b.Full = 1, true
	}
	p.sayClosed(b)
	if p.lead {
		p.lead = false
		if p.play.HostCloses {
			if seat := p.leadFor(); seat >= 0 {
				b.N, b.HasLead, b.Lead, b.LeadSeat, b.RTT = 1, true, int(p.others[seat].lead*10), seat, int(p.rtt.Milliseconds())
			}
			return
		}
		lead, n := 0.0, 0
		for i := range p.seats {
			if i != p.seat && p.others[i].leadN > 0 {
				lead += p.others[i].lead
				n++
			}
		}
		if n > 0 {
			b.N, b.HasLead, b.Lead, b.LeadSeat, b.RTT = 1, true, int(lead*10/float64(n)), -1, int(p.rtt.Milliseconds())
		}
	}
}

// hearBeside takes what another peer of ours tells beside its action.
func (p *Peer) hearBeside(now time.Duration, seat int, b *Beside) {
	s := &p.others[seat]
	if b.HasLead && b.Lead > -maxLead && b.Lead < maxLead && (b.LeadSeat < 0 || b.LeadSeat == p.seat) {
		s.theirs, s.haveTop = float64(b.Lead)/10, true
		s.rtt = time.Duration(min(max(b.RTT, 0), maxRTT)) * time.Millisecond
	}
	if b.Often && (p.play.Adaptive || p.play.Predictive) {
		p.sync.often = now + oftenFor
	}
	p.sync.full = p.sync.full || b.Full
	if b.HasHash && p.play.OwnHash {
		y := &p.sync
		h := &y.theirs[seat][y.at[seat]%hashMemory]
		y.at[seat]++
		*h = frameHash{b.HashFrame, b.Mark, b.Hash, true}
		p.compare(now, seat, h)
		p.together(now, seat, b.Mark)
	}
}

// together asks for a state where the host's hashes have been, for longer than a state is on its way,
// of another full state than the one that was taken over last: one was lost, or one was taken over that
// the host has not sent. Such hashes cannot be compared, so nothing else would tell.
func (p *Peer) together(now time.Duration, seat int, mark uint32) {
	y := &p.sync
	switch {
	case p.host || p.players[seat] != p.hostID:
	case mark == y.mark:
		y.apart = 0
	case y.apart == 0:
		y.apart = max(now, 1)
	case now-y.apart > resyncTimeout:
		y.apart = max(now, 1)
		p.ask(now, reasonMissed)
	}
}

const (
	maxLead = 10 * 10 * session.FrameRate // tenths of a frame
	maxRTT  = 60_000                      // ms
)
