package overcooked

import (
	"fmt"
	"testing"
)

// stage is cramped_room with one cook facing a cell of a kind and the other one out of its way.
func stage(t *testing.T, front kind, lying item, p pan, held item) (*Env, int) {
	t.Helper()
	e := newTest(t, "cramped_room")
	e.Reset(1)
	l := e.layout
	spots := map[kind]cook{ // where one faces a cell of the kind
		free:       {cell: 2*l.cols + 2, dir: right},
		counter:    {cell: 2*l.cols + 2, dir: up},
		onionStack: {cell: 2*l.cols + 2, dir: left},
		plateStack: {cell: 3*l.cols + 2, dir: down},
		pot:        {cell: 2*l.cols + 3, dir: up},
		delivery:   {cell: 3*l.cols + 4, dir: down},
	}
	e.agents[0] = spots[front]
	e.agents[0].held = held
	e.agents[1] = cook{cell: 3*l.cols + 3, dir: down}
	f := e.front(&e.agents[0])
	if l.kinds[f] != front {
		t.Fatalf("the stage for %v shows %v", front, l.kinds[f])
	}
	e.items[f] = lying
	if p.timer != 0 || p.onions != 0 {
		e.pots[0] = p
	}
	return e, f
}

// use is what PickupDrop makes of hands and cell.
type use struct {
	front kind
	lying item // on the counter or the floor
	pan   pan  // before the step; it ticks once before the use
	held  item

	hands  item
	left   item // lying afterwards
	onions uint8
	reward [4]float64 // delivery, act, onion, dish
}

func TestPickupDrop(t *testing.T) {
	empty, one, two := pan{0, 30, 0}, pan{1, 30, 31}, pan{2, 30, 62}
	full, last, ready := pan{3, 30, 62}, pan{3, 1, 6}, pan{3, 0, 3}
	uses := []use{
		// Stacks give to empty hands and take nothing back.
		{front: onionStack, hands: onion},
		{front: plateStack, hands: plate},
		// Pots.
		{front: pot, pan: empty, held: onion, onions: 1, reward: [4]float64{0, 0, 1, 0}},
		{front: pot, pan: one, held: onion, onions: 2, reward: [4]float64{0, 0, 1, 0}},
		{front: pot, pan: two, held: onion, onions: 3, reward: [4]float64{0, 0, 1, 0}},
		{front: pot, pan: full, held: onion, hands: onion, onions: 3},
		{front: pot, pan: ready, held: onion, hands: onion, onions: 3},
		{front: pot, pan: empty, held: plate, hands: plate},
		{front: pot, pan: two, held: plate, hands: plate, onions: 2},
		{front: pot, pan: full, held: plate, hands: plate, onions: 3},
		{front: pot, pan: last, held: plate, hands: soup}, // the tick comes first, but not for the reward
		{front: pot, pan: ready, held: plate, hands: soup, reward: [4]float64{0, 0, 0, 1}},
		{front: pot, pan: two, held: soup, hands: soup, onions: 2},
		{front: pot, pan: empty},
		{front: pot, pan: full, onions: 3},
		{front: pot, pan: ready, onions: 3},
		// Deliveries take soup alone.
		{front: delivery, held: soup, reward: [4]float64{1, 1, 0, 0}},
		{front: delivery, held: onion, hands: onion},
		{front: delivery, held: plate, hands: plate},
		{front: delivery},
	}
	for held := onion; held < numItems; held++ {
		uses = append(uses,
			use{front: onionStack, held: held, hands: held},
			use{front: plateStack, held: held, hands: held})
		for _, k := range []kind{counter, free} {
			uses = append(uses,
				use{front: k, held: held, left: held},
				use{front: k, lying: held, hands: held})
			for lying := onion; lying < numItems; lying++ {
				uses = append(uses, use{front: k, lying: lying, held: held, hands: held, left: lying})
			}
		}
	}
	uses = append(uses, use{front: counter}, use{front: free})

	for _, u := range uses {
		e, f := stage(t, u.front, u.lying, u.pan, u.held)
		res := e.Step([]int{pickupDrop, noop})
		name := fmt.Sprintf("%+v", u)
		if got := e.agents[0].held; got != u.hands {
			t.Errorf("%s: hands hold %v", name, got)
		}
		if got := e.items[f]; got != u.left {
			t.Errorf("%s: %v lies there", name, got)
		}
		if u.front == pot && e.pots[0].onions != u.onions {
			t.Errorf("%s: %d onions in the pot", name, e.pots[0].onions)
		}
		for k, want := range u.reward {
			if res.Infos[0][k] != want {
				t.Errorf("%s: %s is %v", name, infoNames[k], res.Infos[0][k])
			}
		}
		if want := u.reward[infoDelivery]; res.Rewards[0] != want || res.Rewards[1] != want || res.Infos[1][infoDelivery] != want {
			t.Errorf("%s: rewards %v", name, res.Rewards)
		}
		if res.Infos[1][infoDeliveryAct] != 0 {
			t.Errorf("%s: the other is said to have delivered", name)
		}

		// Toggle and standing still change none of that.
		for _, a := range []int{toggle, noop} {
			e, f := stage(t, u.front, u.lying, u.pan, u.held)
			if res := e.Step([]int{a, noop}); e.agents[0].held != u.held || e.items[f] != u.lying || res.Rewards[0] != 0 {
				t.Errorf("%s: action %d does something", name, a)
			}
		}
	}
}

// A pot cooks for 30 steps from its third onion, and waits for ever.
func TestCooking(t *testing.T) {
	e, _ := stage(t, pot, nothing, pan{2, 30, 62}, onion)
	e.Step([]int{pickupDrop, noop})
	for step := range 100 {
		want := pan{3, uint8(max(0, 30-step)), 0}
		want.code = 3 + 3*want.timer
		if step == 0 {
			want.code = 62 // still that of the tick
		}
		if e.pots[0] != want {
			t.Fatalf("%d steps after the third onion: %+v, want %+v", step, e.pots[0], want)
		}
		e.Step([]int{noop, noop})
	}
}

// Nothing is put where somebody stands, and a thing on the floor is in the way.
func TestFloor(t *testing.T) {
	e, f := stage(t, free, nothing, pan{}, onion)
	e.agents[1].cell = f
	if e.Step([]int{pickupDrop, noop}); e.agents[0].held != onion || e.items[f] != nothing {
		t.Error("an onion was put under a cook")
	}
	e, f = stage(t, free, nothing, pan{}, onion)
	e.Step([]int{pickupDrop, noop})
	if e.Step([]int{moveRight, moveUp}); e.agents[0].cell == f || e.agents[1].cell == f || e.agents[1].dir != up {
		t.Error("a cook walked over an onion, or did not turn")
	}
	// Who comes second finds what the first one left: here both reach for the same onion.
	e.agents[1] = cook{cell: f + e.layout.cols, dir: up}
	if e.Step([]int{pickupDrop, pickupDrop}); e.agents[0].held != onion || e.agents[1].held != nothing {
		t.Errorf("two took one onion: %+v", e.agents)
	}
}

// Two cooks at one pot: both are judged by the pot before the step, the first one only changes it.
func TestSharedPot(t *testing.T) {
	e := newTest(t, "party_8")
	at := func(row, col int) int { return row*e.layout.cols + col }
	which := e.layout.potAt[at(4, 8)]
	for _, c := range []struct {
		before pan
		held   item
		after  uint8
		info   int
		hands  [2]item
	}{
		{pan{2, 30, 62}, onion, 3, infoOnionInPot, [2]item{nothing, onion}},
		{pan{1, 30, 31}, onion, 3, infoOnionInPot, [2]item{nothing, nothing}},
		{pan{3, 0, 3}, plate, 0, infoSoupInDish, [2]item{soup, plate}},
	} {
		e.Reset(1)
		// The pot is surrounded by counters but for one side, so the second faces it from a cell
		// that only a test can put a cook on.
		e.agents[0] = cook{cell: at(3, 8), dir: down, held: c.held}
		e.agents[1] = cook{cell: at(4, 7), dir: right, held: c.held}
		e.pots[which] = c.before
		actions := []int{pickupDrop, pickupDrop, noop, noop, noop, noop, noop, noop}
		res := e.Step(actions)
		if e.pots[which].onions != c.after || e.agents[0].held != c.hands[0] || e.agents[1].held != c.hands[1] {
			t.Errorf("%+v: pot %+v, cooks %+v", c, e.pots[which], e.agents[:2])
		}
		if res.Infos[0][c.info] != 1 || res.Infos[1][c.info] != 1 || res.Infos[2][c.info] != 0 {
			t.Errorf("%+v: infos %v", c, res.Infos)
		}
	}
}

// Two soups over the counter in one step give everybody two.
func TestTwoDeliveries(t *testing.T) {
	e := newTest(t, "party_4")
	e.Reset(1)
	at := func(row, col int) int { return row*e.layout.cols + col }
	e.agents[0] = cook{cell: at(7, 3), dir: down, held: soup}
	e.agents[3] = cook{cell: at(7, 9), dir: down, held: soup}
	e.agents[1].cell, e.agents[2].cell = at(2, 2), at(2, 9)
	res := e.Step([]int{pickupDrop, noop, noop, pickupDrop})
	for i := range e.agents {
		if res.Rewards[i] != 2 || res.Infos[i][infoDeliveryAct] != []float64{1, 0, 0, 1}[i] {
			t.Errorf("cook %d: reward %v, infos %v", i, res.Rewards[i], res.Infos[i])
		}
	}
}
