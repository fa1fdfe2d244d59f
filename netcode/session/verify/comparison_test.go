package verify

import (
	"testing"
	"time"

	"tandem/netcode/protocol"
)

// all is a moment at which so many seats tell hashes, and the frames before next have closed.
func all(seats int, next uint32) Moment {
	return Moment{Next: next, Telling: 1<<seats - 1, Beginning: true}
}

func tell(t *testing.T, c *Comparison, seat int, frame uint32, total uint64, sections ...uint32) {
	t.Helper()
	h := protocol.StateHash{Epoch: 1, Frame: frame, Total: total, Count: len(sections)}
	copy(h.Sections[:], sections)
	if _, ok := c.Tell(seat, &h); !ok {
		t.Fatalf("the hash of frame %d is not taken", frame)
	}
}

func begun(seats int) *Comparison {
	c := New(seats)
	c.Begin(1, 0, 30)
	return c
}

func TestWhoseStateHolds(t *testing.T) {
	for name, tc := range map[string]struct {
		totals  []uint64
		witness uint64 // 0: none
		want    protocol.VerifyState
	}{
		"all":                     {[]uint64{7, 7}, 0, protocol.VerifyState{Compared: 3, Total: 7, By: protocol.JudgeAll}},
		"the majority":            {[]uint64{7, 8, 7}, 0, protocol.VerifyState{Compared: 7, Differing: 2, Total: 7, By: protocol.JudgeMajority}},
		"nobody of two":           {[]uint64{7, 8}, 0, protocol.VerifyState{Compared: 3, Differing: 3, By: protocol.JudgeNone}},
		"half is no majority":     {[]uint64{7, 8, 7, 9}, 0, protocol.VerifyState{Compared: 15, Differing: 15, By: protocol.JudgeNone}},
		"the witness":             {[]uint64{7, 8}, 8, protocol.VerifyState{Compared: 3, Differing: 1, Total: 8, By: protocol.JudgeWitness}},
		"the witness against all": {[]uint64{7, 7}, 8, protocol.VerifyState{Compared: 3, Differing: 3, Total: 8, By: protocol.JudgeWitness}},
	} {
		c := begun(len(tc.totals))
		m := all(len(tc.totals), 30)
		m.Witness = tc.witness != 0
		for seat, total := range tc.totals {
			if v, ok := c.Next(m); ok {
				t.Errorf("%s: %+v before everybody was heard", name, v)
			}
			tell(t, c, seat, 29, total)
		}
		if m.Witness {
			if v, ok := c.Next(m); ok {
				t.Errorf("%s: %+v before the witness was heard", name, v)
			}
			c.Witness(&protocol.StateHash{Epoch: 1, Frame: 29, Total: tc.witness})
		}
		tc.want.Epoch, tc.want.Frame = 1, 29
		if v, ok := c.Next(m); !ok || v != tc.want {
			t.Errorf("%s: %+v %v, want %+v", name, v, ok, tc.want)
		}
		if v, ok := c.Next(m); ok {
			t.Errorf("%s: judged twice: %+v", name, v)
		}
	}
}

func TestSectionsAreNamed(t *testing.T) {
	c := begun(3)
	tell(t, c, 0, 29, 10, 1, 2, 3)
	tell(t, c, 1, 29, 11, 1, 9)
	tell(t, c, 2, 29, 10, 1, 2, 3)
	if v, _ := c.Next(all(3, 30)); v.Differing != 2 || v.Sections != 6 {
		t.Errorf("%+v, want seat 1 in sections 1 and 2", v)
	}
}

// Who does not tell is waited for, for a while; one alone is no comparison.
func TestSilentSeats(t *testing.T) {
	c := begun(3)
	tell(t, c, 0, 29, 7)
	tell(t, c, 1, 29, 8)
	if v, ok := c.Next(all(3, 29+patience)); ok {
		t.Errorf("%+v while the third is waited for", v)
	}
	if v, ok := c.Next(all(3, 30+patience)); !ok || v.Compared != 3 {
		t.Errorf("%+v %v, want a verdict on the two", v, ok)
	}
	tell(t, c, 2, 59, 9)
	m := all(3, 60+patience)
	if v, ok := c.Next(m); ok || c.Holds().OK {
		t.Errorf("%+v, %+v holds, on the word of one", v, c.Holds())
	}
	// Nobody can tell the beginning: then that one's state is all there is.
	tell(t, c, 2, 89, 9)
	m.Next, m.Beginning = 90+patience, false
	if _, ok := c.Next(m); ok || c.Holds() != (Known{State{89, 9}, true, 4}) {
		t.Errorf("%+v holds, want that of seat 2 after frame 89", c.Holds())
	}
}

// A frame that nobody completes gives its place to a newer one, and is judged by those who told.
func TestPlacesAreBounded(t *testing.T) {
	c := begun(3)
	m := all(3, 5)
	for f := range uint32(slots) {
		tell(t, c, 0, f, 7)
		tell(t, c, 1, f, 7)
	}
	if v, ok := c.Displace(m, slots-1); ok {
		t.Errorf("%+v, though the frame has a place", v)
	}
	v, ok := c.Displace(m, slots)
	if !ok || v.Frame != 0 || v.Compared != 3 {
		t.Errorf("%+v %v, want frame 0 judged", v, ok)
	}
	tell(t, c, 0, slots, 7)
	if v, ok := c.Displace(m, 0); ok {
		t.Errorf("%+v for a frame that was given up", v)
	}
	if _, ok := c.Tell(2, &protocol.StateHash{Epoch: 1, Frame: 0}); ok {
		t.Error("the hash of a frame that was given up is taken")
	}
}

// The interval is 30 frames, 5 after states have differed, and 30 again once they were equal for five seconds.
func TestInterval(t *testing.T) {
	c := begun(2)
	due := func(now time.Duration, from, to uint32) (list []uint32) {
		for f := from; f < to; f++ {
			if c.Due(now, f) {
				list = append(list, f)
			}
		}
		return list
	}
	if got := due(0, 0, 60); len(got) != 2 || got[0] != 29 || got[1] != 59 {
		t.Errorf("hashes of %v", got)
	}
	c.Soon(62)
	if got := due(0, 60, 90); len(got) != 1 || got[0] != 67 {
		t.Errorf("hashes of %v, want one five frames on", got)
	}
	tell(t, c, 0, 67, 1)
	tell(t, c, 1, 67, 2)
	m := all(2, 90)
	m.Now = time.Second
	c.Next(m)
	if got := due(time.Second, 90, 102); len(got) != 2 || got[0] != 95 || got[1] != 100 {
		t.Errorf("hashes of %v, want every fifth", got)
	}
	if got := due(time.Second+closeFor, 105, 140); len(got) != 2 || got[1]-got[0] != 30 {
		t.Errorf("hashes of %v, want every thirtieth again", got)
	}
}

// What a seat hashed before it loaded a state names nobody.
func TestVoidedHashes(t *testing.T) {
	c := begun(2)
	tell(t, c, 0, 29, 7)
	tell(t, c, 1, 29, 8)
	c.Void(all(2, 30), 1)
	if v, ok := c.Next(all(2, 30)); ok || c.Reached(1) != 0 {
		t.Errorf("%+v of a voided hash; it reaches %d", v, c.Reached(1))
	}
	if c.Awaited(1, 29) || !c.Awaited(1, 30) {
		t.Error("a voided hash may be told once more")
	}
}

// A verdict that holds makes its state the base of differences, for those who have it and not for ever.
func TestBases(t *testing.T) {
	c := begun(3)
	for seat, total := range []uint64{7, 8, 7} {
		tell(t, c, seat, 29, total)
	}
	v, _ := c.Next(all(3, 30))
	if c.Holds().OK {
		t.Fatal("it holds before it is settled")
	}
	c.Settle(&v)
	want := Known{State{29, 7}, true, 5}
	if c.Holds() != want || c.BaseFor(0, 30) != want || c.BaseFor(1, 30).OK || c.BaseFor(0, 29).OK || c.BaseFor(0, 30+MaxReplay).OK {
		t.Errorf("%+v holds", c.Holds())
	}
	if !c.Has(0, want.State) || c.Has(1, want.State) || !c.Has(1, State{29, 8}) || c.HashOf(1, 29) != 8 || c.HashOf(1, 28) != 0 {
		t.Error("who has which state is not known")
	}
	c.Begin(2, 60, 30)
	if c.Holds().OK || c.HashOf(1, 29) != 0 {
		t.Error("something of the epoch before is left")
	}
}
