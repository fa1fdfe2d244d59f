package session_test

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
)

// past is a history that somebody brings back to a relay that was restarted.
type past struct {
	epoch      uint8
	base, have uint32
	act        func(frame uint32) uint8 // everybody's action; 0 where nil
}

// restoring is a room that is put together again, of which nobody is back yet, and its seats' tokens.
func restoring(t *testing.T, players int, options ...string) (d *driver, tokens [][]byte) {
	t.Helper()
	d = newDriver(t, players, options...)
	for i := range players {
		d.join(session.ConnID(i+1), protocol.Join{Room: "test", Seat: int8(i)})
		tokens = append(tokens, d.token(session.ConnID(i+1)))
	}
	room, err := session.RestoreRoom(tokens[0], []byte("key"), func() uint64 { return d.random })
	if err != nil {
		t.Fatal(err)
	}
	d.room = room
	d.now += time.Second
	return d, tokens
}

func (p *past) data(players int, from, to uint32) (b []byte) {
	for f := from; f < to; f++ {
		b = append(b, 0, 0, 0)
		for range players {
			a := uint8(0)
			if p.act != nil {
				a = p.act(f)
			}
			b = append(b, a)
		}
	}
	return b
}

// join is the message with which its owner comes back.
func (p *past) join(d *driver, token []byte) protocol.Join {
	sum := sha256.Sum256(p.data(d.room.Config().Players, p.base, p.have))
	return protocol.Join{Room: "test", Seat: -1, Token: token, Epoch: p.epoch, Have: p.have, Base: p.base, Seed: d.room.Seed(),
		Sum: binary.LittleEndian.Uint64(sum[:])}
}

// tells lets whoever is asked for a history tell it, until nobody is asked any more. It returns who was.
func (d *driver) tells(pasts map[session.ConnID]*past) (order []session.ConnID) {
	d.t.Helper()
	for idle := 0; len(order) < 20; {
		var asked session.ConnID
		var upTo uint32
		for _, h := range d.got {
			if m, ok := h.dec.Cold.(*protocol.RequestLog); ok {
				asked, upTo = h.conn, m.Frames
			}
		}
		if asked == 0 {
			if idle++; idle > 2 {
				return order
			}
			d.do()
			continue
		}
		order, idle = append(order, asked), 0
		p, n := pasts[asked], uint32(protocol.MaxHistory/(d.room.Config().Players+3))
		for f := p.base; f < upTo; f += n {
			d.message(asked, protocol.Append(nil, &protocol.History{Epoch: p.epoch, Frame: f, Data: p.data(d.room.Config().Players, f, min(f+n, upTo))}))
		}
	}
	d.t.Fatalf("histories are asked for without end: %v", order)
	return nil
}

// One who comes back with a history of their own making does not have the others play on from it, where
// those know another.
func TestForgedHistoryIsOutvoted(t *testing.T) {
	other := func(f uint32) uint8 { return uint8(f % 3) }
	for name, c := range map[string]struct{ honest, forged past }{
		"other actions":    {past{epoch: 1, have: 500}, past{epoch: 1, have: 600, act: other}},
		"a newer epoch":    {past{epoch: 1, have: 500}, past{epoch: 9, have: 500, act: other}},
		"a short one":      {past{epoch: 1, have: 500}, past{epoch: 2, have: 10}},
		"nothing":          {past{epoch: 1, have: 500}, past{epoch: 2}},
		"no beginning":     {past{epoch: 1, have: 500}, past{epoch: 2, base: 1<<31 - 20, have: 1<<31 - 10}},
		"the last epoch":   {past{epoch: 1, have: 500}, past{epoch: protocol.MaxEpoch, have: 500}},
		"overlapping":      {past{epoch: 1, have: 500}, past{epoch: 2, base: 400, have: 700, act: other}},
		"more than it has": {past{epoch: 1, have: 500}, past{epoch: 1, base: 9, have: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			d, tokens := restoring(t, 3)
			pasts := map[session.ConnID]*past{11: &c.honest, 12: &c.forged, 13: &c.honest}
			for i, token := range tokens {
				d.join(session.ConnID(11+i), pasts[session.ConnID(11+i)].join(d, token))
			}
			order := d.tells(pasts)
			if d.room.Frames() != 500 || d.room.Epoch() != 2 {
				t.Fatalf("the match goes on from frame %d in epoch %d, after %v told theirs", d.room.Frames(), d.room.Epoch(), order)
			}
			for f := range uint32(500) {
				if b, ok := d.room.Log(f); !ok || b.Actions[0] != 0 {
					t.Fatalf("frame %d is %+v, %v", f, b, ok)
				}
			}
		})
	}
}

// Where no two know the same, the one that goes furthest holds, as it does where there are two players.
func TestHistoriesThatAllDiffer(t *testing.T) {
	d, tokens := restoring(t, 3)
	pasts := map[session.ConnID]*past{}
	for i := range 3 {
		pasts[session.ConnID(11+i)] = &past{epoch: 1, have: uint32(100 + i), act: func(uint32) uint8 { return uint8(i) }}
	}
	for i, token := range tokens {
		d.join(session.ConnID(11+i), pasts[session.ConnID(11+i)].join(d, token))
	}
	d.tells(pasts)
	if d.room.Frames() != 102 {
		t.Errorf("the match goes on from frame %d", d.room.Frames())
	}
}

// Whoever tells a history that was never spoken of, or tells it without end, delays the others for a
// bounded time and no more.
func TestHistoryWithoutEnd(t *testing.T) {
	d, tokens := restoring(t, 2)
	honest := past{epoch: 1, have: 500}
	endless := past{epoch: 1, have: 100_000_000}
	d.join(11, honest.join(d, tokens[0]))
	d.join(12, protocol.Join{Room: "test", Token: tokens[1], Epoch: 1, Have: endless.have, Seed: d.room.Seed()})
	from := d.now
	for f := uint32(0); d.count(11, protocol.TypeRequestLog) == 0; f++ {
		if d.now > from+time.Minute {
			t.Fatal("a minute later the other is not asked")
		}
		d.message(11, ping())
		if d.count(11, protocol.TypeRequestLog) == 0 {
			d.message(12, protocol.Append(nil, &protocol.History{Epoch: 1, Frame: f, Data: endless.data(2, f, f+1)}))
		}
		if d.count(11, protocol.TypeRequestLog) == 0 {
			d.now += time.Second
			d.do()
		}
	}
	d.tells(map[session.ConnID]*past{11: &honest})
	if d.room.Frames() != 500 {
		t.Errorf("the match goes on from frame %d", d.room.Frames())
	}
	// One that is not what was spoken of is refused.
	d, tokens = restoring(t, 2)
	lie := endless
	lie.have = 600
	d.join(11, honest.join(d, tokens[0]))
	j := lie.join(d, tokens[1])
	j.Sum++
	d.join(12, j)
	d.message(12, protocol.Append(nil, &protocol.History{Epoch: 1, Data: lie.data(2, 0, 600)}))
	d.refused(12, protocol.CodeMalformed)
}

// The line of the one who tells the history breaks while it does, unnoticed by the relay: it is asked
// again on the new one.
func TestTellerComesBackOnANewLine(t *testing.T) {
	d, tokens := restoring(t, 2)
	p := past{epoch: 1, have: 2000}
	d.join(11, p.join(d, tokens[0]))
	for until := d.now + 11*time.Second; d.now < until && d.count(11, protocol.TypeRequestLog) == 0; d.now += 500 * ms {
		d.message(11, ping())
	}
	d.message(11, protocol.Append(nil, &protocol.History{Epoch: 1, Data: p.data(2, 0, 100)}))
	d.join(12, p.join(d, tokens[0]))
	d.refused(11, protocol.CodeTakenOver)
	if order := d.tells(map[session.ConnID]*past{12: &p}); d.room.Frames() != 2000 {
		t.Errorf("after %v told theirs, the match goes on from frame %d", order, d.room.Frames())
	}
}

// A spectator or a bot that is faster than the player who brings the room back does not end it.
func TestSpectatorIsFirstBack(t *testing.T) {
	d, tokens := restoring(t, 2)
	d.join(10, protocol.Join{Room: "test", Watch: true, Seat: -1})
	d.refused(10, protocol.CodeBusy)
	if d.out.Over {
		t.Fatal("the room is over before its players are back")
	}
	p := past{epoch: 1, have: 50}
	d.join(11, p.join(d, tokens[0]))
	d.join(12, p.join(d, tokens[1]))
	d.tells(map[session.ConnID]*past{11: &p, 12: &p})
	if d.room.Frames() != 50 {
		t.Errorf("the match goes on from frame %d: %+v", d.room.Frames(), d.out.Events)
	}
	// One to which nobody comes back does not stay.
	d, _ = restoring(t, 2)
	d.join(10, protocol.Join{Room: "test", Watch: true, Seat: -1})
	for until := d.now + 12*time.Second; d.now < until; d.now += time.Second {
		d.do()
	}
	if !d.out.Over {
		t.Error("an empty room waits for ever")
	}
}

// Only somebody who had nothing of the match yet comes back in time, and then who knows it: the match
// goes on with both.
func TestWhoRemembersComesLate(t *testing.T) {
	d, tokens := restoring(t, 2)
	d.join(12, protocol.Join{Room: "test", Token: tokens[1], Seat: 1})
	for until := d.now + 11*time.Second; d.now < until; d.now += 500 * ms {
		d.message(12, ping())
	}
	p := past{epoch: 1, have: 50}
	d.join(11, p.join(d, tokens[0]))
	d.tells(map[session.ConnID]*past{11: &p})
	if d.room.Frames() != 50 {
		t.Fatalf("the match goes on from frame %d: %+v", d.room.Frames(), d.out.Events)
	}
	d.message(11, protocol.Append(nil, &protocol.Ready{}))
	d.message(12, protocol.Append(nil, &protocol.Ready{}))
	if d.count(12, protocol.TypeResume) != 1 {
		t.Errorf("play does not go on: %+v", d.got)
	}
}

// Somebody whose seat was given to another since holds an older token: after a restart of the relay the
// newer one has the seat, however late its owner is.
func TestOlderOwnerGivesWay(t *testing.T) {
	d := newDriver(t, 2, "on_disconnect=substitute")
	d.join(1, protocol.Join{Room: "test", Seat: 0})
	first := d.token(1)
	d.join(2, protocol.Join{Room: "test", Seat: 1})
	old := d.token(2)
	d.message(2, protocol.Append(nil, &protocol.Leave{}))
	d.random++
	d.join(3, protocol.Join{Room: "test", Seat: 1})
	owner := d.token(3)
	room, err := session.RestoreRoom(first, []byte("key"), func() uint64 { return d.random })
	if err != nil {
		t.Fatal(err)
	}
	d.room = room
	p := past{epoch: 1, have: 50}
	d.join(11, p.join(d, first))
	d.join(12, p.join(d, old))
	d.tells(map[session.ConnID]*past{11: &p, 12: &p})
	d.join(13, p.join(d, owner))
	d.refused(12, protocol.CodeTakenOver)
	if d.count(13, protocol.TypeHostElected) != 1 {
		t.Fatal("the seat's owner is locked out")
	}
	d.join(14, p.join(d, old))
	if d.count(14, protocol.TypeHostElected) != 0 {
		t.Error("the older owner has the seat again")
	}
}

// Where the room plays on without who is gone, it plays on without who is back and not ready, too.
func TestSomebodyBackButNeverReady(t *testing.T) {
	for _, policy := range []string{"pause", "substitute", "bot"} {
		d, tokens := restoring(t, 2, "on_disconnect="+policy)
		p := past{epoch: 1, have: 50}
		d.join(11, p.join(d, tokens[0]))
		d.join(12, p.join(d, tokens[1]))
		d.tells(map[session.ConnID]*past{11: &p, 12: &p})
		d.message(11, protocol.Append(nil, &protocol.Ready{}))
		resumed, ended := 0, 0
		for until := d.now + 15*time.Second; d.now < until; d.now += 200 * ms {
			d.message(11, ping())
			resumed, ended = resumed+d.count(11, protocol.TypeResume), ended+d.count(11, protocol.TypeEndGame)
			d.message(12, ping())
			resumed, ended = resumed+d.count(11, protocol.TypeResume), ended+d.count(11, protocol.TypeEndGame)
		}
		if waits := policy == "pause"; (resumed == 0) != waits || (ended == 0) == waits {
			t.Errorf("%s: %d resumes, %d ends", policy, resumed, ended)
		}
	}
}

// Where nobody can tell the match's beginning, somebody whose seat is taken over again and again, and
// for whom the only donor then goes, leaves the room in order.
func TestDonorGoesWhileASeatIsTakenOver(t *testing.T) {
	d, tokens := restoring(t, 2, "on_disconnect=substitute")
	p := past{epoch: 1, base: 40, have: 50}
	d.join(11, p.join(d, tokens[0]))
	for until := d.now + 11*time.Second; d.now < until && d.count(11, protocol.TypeRequestLog) == 0; d.now += 500 * ms {
		d.message(11, ping())
	}
	d.tells(map[session.ConnID]*past{11: &p})
	d.message(11, protocol.Append(nil, &protocol.Ready{}))
	for f := uint32(50); f < 120; {
		d.now += 10 * ms
		d.message(11, ping())
		for ; f < d.room.Frames(); f++ {
			if b, _ := d.room.Log(f); b.Flags&protocol.FlagHash != 0 {
				d.message(11, protocol.AppendStateHash(nil, &protocol.StateHash{Epoch: d.room.Epoch(), Frame: f, Total: 5}))
			}
		}
	}
	asked := 0
	for c := session.ConnID(20); c < 24; c++ {
		d.join(c, protocol.Join{Room: "test", Token: tokens[1], Seat: 1})
		d.token(c)
		asked += d.count(11, protocol.TypeRequestState)
	}
	if asked != 1 {
		t.Fatalf("a state was asked for %d times: one is for all", asked)
	}
	d.do(session.RoomInput{Kind: session.InputClosed, Conn: 11})
	d.refused(23, protocol.CodeBusy)
}

// A word that the match is over does not end it for those who play on, where the room plays on without
// who is gone.
func TestFalseEndIsNotTheOthers(t *testing.T) {
	for _, players := range []int{2, 3} {
		d := newDriver(t, players, "on_disconnect=substitute").start()
		equal := func(int, uint32) uint64 { return 5 }
		d.playTo(20, equal)
		d.message(session.ConnID(players), protocol.Append(nil, &protocol.Finished{Epoch: d.epoch, Frames: 15, Hash: 1}))
		d.playTo(500, equal)
		if d.out.Over || d.room.Frames() < 500 {
			t.Fatalf("%d players: one of them has ended the match after frame %d", players, d.room.Frames())
		}
		for i := range players - 1 {
			d.message(session.ConnID(i+1), protocol.Append(nil, &protocol.Finished{Epoch: d.epoch, Frames: 490, Hash: 2}))
		}
		if !d.out.Over {
			t.Errorf("%d players: the end that all report is none", players)
		}
	}
}

// A spectator whose line stalls while one match ends and the next begins sees the next.
func TestSpectatorStallsThroughARematch(t *testing.T) {
	cfg := matchConfig(300)
	cfg.Countdown = 0
	w := sessiontest.NewWorld(4, cfg, nil, nil)
	for i := range 2 {
		n := w.Add(session.PeerConfig{Program: "test", Room: "test", Seat: i, Again: true}, lan(), newFold(w, 300, uint64(i)))
		n.Again = true
	}
	look := watcher()
	look.Again = true
	n := w.Add(look, lan(), newFold(w, 300, 9))
	at(w, 0, 290, func() { w.Sleep(2, w.Now+2*time.Second) })
	w.Run(18 * time.Second)
	if n.Peer.State() != session.PeerPlaying || n.Peer.Epoch() != w.Room.Epoch() || n.Peer.Epoch() < 2 {
		t.Errorf("the spectator is in state %d and epoch %d of %d: %+v", n.Peer.State(), n.Peer.Epoch(), w.Room.Epoch(), n.Peer.End())
	}
}

// A room of which nobody could tell the beginning plays that match without its witness, and the next one
// with it.
func TestWitnessIsBackForTheNextMatch(t *testing.T) {
	d, tokens := restoring(t, 2)
	d.room.WithWitness()
	p := past{epoch: 1, base: 40, have: 50}
	for i := range 2 {
		j := p.join(d, tokens[i])
		j.Again = true
		d.join(session.ConnID(11+i), j)
	}
	d.tells(map[session.ConnID]*past{11: &p, 12: &p})
	if d.room.Frames() != 50 || d.room.Witnessed() {
		t.Fatalf("the match goes on from frame %d, witnessed: %v", d.room.Frames(), d.room.Witnessed())
	}
	for i := range 2 {
		d.message(session.ConnID(11+i), protocol.Append(nil, &protocol.Finished{Epoch: 2, Frames: 50, Hash: 3}))
	}
	for i := range 2 {
		d.message(session.ConnID(11+i), protocol.Append(nil, &protocol.Ready{}))
	}
	if !d.room.Witnessed() || len(d.out.Commands) == 0 || d.out.Commands[0].Kind != replica.CommandReset {
		t.Errorf("witnessed: %v, ordered %+v", d.room.Witnessed(), d.out.Commands)
	}
}

// A lobby that could begin and waits for one who looks elsewhere turns into the match that somebody else
// remembers: neither is the wait still on when its time comes, nor are those who are back told of a match
// with nobody at the missing seats.
func TestLobbyBecomesAMatch(t *testing.T) {
	d, tokens := restoring(t, 3, "min_players=2", "on_disconnect=substitute", "spectators=4")
	look := func(c session.ConnID) { d.join(c, protocol.Join{Room: "test", Seat: -1, Watch: true}) }
	for i := range 2 {
		d.join(session.ConnID(11+i), protocol.Join{Room: "test", Seat: -1, Token: tokens[i]})
	}
	for until := d.now + 11*time.Second; d.now < until; d.now += 500 * ms {
		d.message(11, ping())
		d.message(12, ping())
	}
	d.message(12, protocol.Append(nil, &protocol.Away{Away: true}))
	d.message(11, protocol.Append(nil, &protocol.Ready{}))
	d.message(12, protocol.Append(nil, &protocol.Ready{}))
	if d.room.Epoch() != 0 || d.count(11, protocol.TypeWaitingRoom) == 0 {
		t.Fatalf("the start is not held: %+v", d.got)
	}
	look(20)
	look(21) // it is to be told a moment later
	p := past{epoch: 1, have: 50}
	d.join(13, p.join(d, tokens[2]))
	d.now += 300 * ms
	half := 0
	d.message(11, protocol.Append(nil, &protocol.Ready{})) // said before it could know
	half += d.count(11, protocol.TypeGameReady)
	d.now += 300 * ms
	d.do()
	if half += d.count(11, protocol.TypeGameReady); half > 0 {
		t.Errorf("%d times it is told who plays while that is not known", half)
	}
	d.message(13, protocol.Append(nil, &protocol.History{Epoch: 1, Data: p.data(3, 0, 50)}))
	if d.count(20, protocol.TypeStart) != 1 || d.count(20, protocol.TypeHistory) != 1 {
		t.Errorf("who came to watch a lobby is not told of the match: %+v", d.got)
	}
	for c := session.ConnID(11); c <= 13; c++ {
		d.message(c, protocol.Append(nil, &protocol.Ready{}))
	}
	if d.room.Frames() != 50 || d.count(11, protocol.TypeResume) != 1 {
		t.Fatalf("the match does not go on: frame %d, %+v", d.room.Frames(), d.got)
	}
	for until := d.now + 3*time.Minute; d.now < until; d.now = max(d.out.Wake, d.now+ms) {
		d.do()
		for c := session.ConnID(11); c <= 13; c++ {
			d.message(c, ping())
		}
		d.message(20, ping())
		d.message(21, ping())
		if d.do(); d.out.Wake <= d.now {
			t.Fatalf("at %v the room wants to be updated again at once", d.now)
		}
	}
	if d.room.Frames() < 3000 {
		t.Errorf("only %d frames are closed", d.room.Frames())
	}
}
