package recovery

import (
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/replica"
)

const (
	players = 3
	actions = 5
	here    = 1<<players - 1
)

// memory is what a player remembers: frames of one action each.
type memory struct {
	epoch      uint8
	base, have uint32
	action     uint8
}

func (m *memory) log() *replica.Log {
	l := replica.NewLog(players)
	l.Reset(players, m.base)
	for f := m.base; f < m.have; f++ {
		l.Add(&protocol.Bundle{Frame: f, Seats: players, Actions: [protocol.MaxSeats]uint8{m.action, m.action, m.action}})
	}
	return l
}

func (m *memory) past() Past {
	return Past{Epoch: m.epoch, Seed: 1, Base: m.base, Have: m.have, Sum: m.log().Sum(m.base, m.have)}
}

// gathering is a room to which all have come back with what they remember.
type gathering struct {
	*Gathering
	log      replica.Log
	memories []memory
}

func back(memories ...memory) *gathering {
	g := &gathering{memories: memories}
	g.log.Reset(players, 0)
	g.Gathering = New(players, actions, &g.log)
	for seat := range memories {
		if m := &memories[seat]; m.epoch > 0 {
			g.Claim(seat, m.past(), 0, 0)
		} else {
			g.Claim(seat, Past{}, -1, 0)
		}
	}
	return g
}

// tell lets whoever is asked tell the log, until there is a result. It returns who was asked.
func (g *gathering) tell(t *testing.T) (result Result, told Source, order []int) {
	t.Helper()
	for range 10 {
		result, told = g.Update(0, here, 0)
		if result == AskedFor {
			order = append(order, told.Seat)
			log := g.memories[told.Seat].log()
			for from := told.Base; result == AskedFor || result == Waiting && from < told.Have && g.Teller() == told.Seat; {
				run := log.Run(from, told.Have)
				var refused *protocol.Error
				var next Source
				m := &protocol.History{Epoch: told.Epoch, Frame: from, Data: run}
				if !g.Wants(told.Seat, m) || g.Wants((told.Seat+1)%players, m) {
					t.Fatalf("frame %d of seat %d is not wanted, or of another", from, told.Seat)
				}
				if result, next, refused = g.Take(0, m, here); refused != nil {
					t.Fatal(refused)
				}
				from += uint32(len(run) / log.Stride())
				if result == Rebuilt {
					return result, next, order
				}
			}
		}
		if result != Waiting {
			return result, told, order
		}
	}
	t.Fatalf("no end: %v were asked", order)
	return
}

func TestWhoseHistoryHolds(t *testing.T) {
	honest := memory{epoch: 1, have: 500}
	for name, tc := range map[string]struct {
		third memory
		have  uint32
	}{
		"all the same":    {honest, 500},
		"one knows more":  {memory{epoch: 1, have: 600}, 600}, // the others' are the beginning of it
		"one knows less":  {memory{epoch: 1, have: 400}, 500},
		"other actions":   {memory{epoch: 1, have: 600, action: 2}, 500},
		"a newer epoch":   {memory{epoch: 9, have: 500, action: 2}, 500},
		"no frame of it":  {memory{epoch: 2}, 500},
		"no beginning":    {memory{epoch: 2, base: 1 << 20, have: 1<<20 + 9}, 500},
		"the last epoch":  {memory{epoch: protocol.MaxEpoch, have: 500}, 500},
		"nothing at all":  {memory{}, 500},
		"the end of it":   {memory{epoch: 1, base: 300, have: 500}, 500},
		"another's start": {memory{epoch: 2, base: 400, have: 700, action: 2}, 500},
	} {
		g := back(honest, honest, tc.third)
		result, told, order := g.tell(t)
		if result != Rebuilt || told.Have != tc.have || g.log.End() != tc.have || (told.Seat == 2) != (tc.have == 600) {
			t.Errorf("%s: %v, %+v with a log up to %d, after %v told theirs", name, result, told, g.log.End(), order)
		}
	}
}

// Where no two know the same, the best of them is taken.
func TestHistoriesThatAllDiffer(t *testing.T) {
	g := back(memory{epoch: 1, have: 300, action: 1}, memory{epoch: 2, have: 100, action: 2}, memory{epoch: 2, have: 200, action: 3})
	result, told, order := g.tell(t)
	if result != Rebuilt || told.Seat != 2 || g.log.End() != 200 || len(order) < 3 {
		t.Errorf("%v, %+v after %v told theirs, want that of seat 2", result, told, order)
	}
}

func TestWaitsForAll(t *testing.T) {
	g := back(memory{epoch: 1, have: 5}, memory{epoch: 1, have: 5})
	start := time.Minute
	if r, _ := g.Update(start, 3, 0); r != Waiting || g.Until() != start+gatherTime {
		t.Errorf("%v until %v, with one missing", r, g.Until())
	}
	if r, _ := g.Update(start+gatherTime-1, 3, 0); r != Waiting {
		t.Errorf("%v before the time is over", r)
	}
	if r, told := g.Update(start+gatherTime, 3, 0); r != AskedFor || told.Seat != 0 || g.Teller() != 0 {
		t.Errorf("%v, %+v once the time is over", r, told)
	}
	g = back(memory{epoch: 1, have: 5}, memory{epoch: 1, have: 5})
	if r, _ := g.Update(start, 3, 4); r != AskedFor {
		t.Errorf("%v, with one who has left for good", r)
	}
}

// Who is asked and does not tell is not asked again, and not waited for without end.
func TestTellerFails(t *testing.T) {
	g := back(memory{epoch: 1, have: 900}, memory{epoch: 1, have: 800}, memory{epoch: 1, have: 700})
	asked := func(now time.Duration, present uint16) int {
		for range 2 { // one to give up, one to ask again
			if r, told := g.Update(now, present, 0); r == AskedFor {
				return told.Seat
			}
		}
		return -1
	}
	if s := asked(1, here); s != 0 {
		t.Fatalf("seat %d is asked first", s)
	}
	if s := asked(1+collectTime, here); s != 1 {
		t.Fatalf("seat %d is asked after a silence", s)
	}
	g.Withdraw(2+collectTime, 1, here&^2)
	if s := asked(2+collectTime, here&^2); s != 2 {
		t.Fatalf("seat %d is asked after the second is gone", s)
	}
	// One that tells by drops is given up after a while.
	log := g.memories[2].log()
	now := 2 + collectTime
	for f := uint32(0); g.Teller() == 2; f++ {
		if _, _, refused := g.Take(now, &protocol.History{Epoch: 1, Frame: f, Data: log.Run(f, f+1)}, here); refused != nil {
			t.Fatal(refused)
		}
		now += collectTime - 1
		g.Update(now, here, 0)
		if now > 2*collectLimit {
			t.Fatal("it is waited for without end")
		}
	}
	if r, _ := g.Update(now, here, 0); r != Lost {
		t.Errorf("%v, want the match lost", r)
	}
}

func TestNobodyKnowsAnything(t *testing.T) {
	g := back(memory{}, memory{}, memory{})
	if r, _ := g.Update(0, here, 0); r != Unknown {
		t.Errorf("%v", r)
	}
	g = back(memory{epoch: 1}, memory{}, memory{}) // it had begun
	if r, told := g.Update(0, here, 0); r != Rebuilt || told.Seat != 0 || told.Have != 0 {
		t.Errorf("%v, %+v", r, told)
	}
}

func TestClaimsThatCannotBe(t *testing.T) {
	p := (&memory{epoch: 1, have: 50}).past()
	for name, claim := range map[string]func(g *gathering){
		"of no match of the room":    func(g *gathering) { g.Claim(0, p, -1, 0) },
		"longer than a match can be": func(g *gathering) { g.Claim(0, p, 0, 49) },
		"less than nothing":          func(g *gathering) { q := p; q.Base = 51; g.Claim(0, q, 0, 0) },
	} {
		g := back(memory{}, memory{}, memory{})
		claim(g)
		if r, _ := g.Update(0, here, 0); r != Unknown || g.Claimed(0) != (Past{}) {
			t.Errorf("%s: %v, %+v", name, r, g.Claimed(0))
		}
	}
}

func TestRefusedHistories(t *testing.T) {
	mem := memory{epoch: 1, have: 20}
	run := mem.log().Run(0, 20)
	other := (&memory{epoch: 1, have: 20, action: 1}).log().Run(0, 20)
	wild := (&memory{epoch: 1, have: 20, action: actions}).log().Run(0, 20)
	for name, tc := range map[string]struct {
		m    protocol.History
		code protocol.Code
	}{
		"another epoch":       {protocol.History{Epoch: 2, Data: run}, protocol.CodeMalformed},
		"half a bundle":       {protocol.History{Epoch: 1, Data: run[:len(run)-1]}, protocol.CodeMalformed},
		"no such action":      {protocol.History{Epoch: 1, Data: wild}, protocol.CodeMalformed},
		"another frame":       {protocol.History{Epoch: 1, Frame: 3, Data: run[:9*6]}, protocol.CodeUnexpected},
		"more than claimed":   {protocol.History{Epoch: 1, Data: append(append([]byte(nil), run...), run[:6]...)}, protocol.CodeUnexpected},
		"not what was summed": {protocol.History{Epoch: 1, Data: other}, protocol.CodeMalformed},
	} {
		g := back(mem, mem, mem)
		g.Update(0, here, 0)
		if _, _, refused := g.Take(0, &tc.m, here); refused == nil || refused.Code != tc.code {
			t.Errorf("%s: %v, want code %v", name, refused, tc.code)
		}
	}
}

func TestShares(t *testing.T) {
	mem := memory{epoch: 3, have: 100}
	log := mem.log()
	line := Timeline{Epoch: 3, Seed: 1, Fork: Fork{2, 60}}
	same := mem.past()
	shorter := (&memory{epoch: 1, have: 50}).past()
	for name, tc := range map[string]struct {
		p    Past
		want bool
	}{
		"all of it":             {same, true},
		"the beginning":         {shorter, true},
		"other actions":         {(&memory{epoch: 3, have: 50, action: 1}).past(), false},
		"another match":         {Past{Epoch: 3, Seed: 2}, false},
		"more than was closed":  {(&memory{epoch: 3, have: 101}).past(), false},
		"base behind its end":   {Past{Epoch: 3, Seed: 1, Base: 9, Have: 3}, false},
		"a part in the middle":  {(&memory{epoch: 3, base: 20, have: 90}).past(), true},
		"nothing of this match": {Past{}, false},
	} {
		if got := line.Shares(&tc.p, log); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	// A log without its beginning goes by epochs.
	late := (&memory{epoch: 3, base: 80, have: 100}).log()
	for epoch, want := range map[uint8]bool{3: true, 2: true, 1: false} {
		if got := line.Shares(&Past{Epoch: epoch, Seed: 1, Have: 50}, late); got != want {
			t.Errorf("epoch %d: %v", epoch, got)
		}
	}
	if line.Shares(&Past{Epoch: 2, Seed: 1, Have: 61}, late) {
		t.Error("more of the older epoch than was taken over")
	}
}
