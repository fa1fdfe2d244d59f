package overcooked

import (
	"slices"
	"testing"

	"tandem/env"
	"tandem/env/numpyrand"
)

// Agent 0 sees what agent 1 would see in its place: exchanging the two exchanges the observations.
// Those of agent 1 are compared with the reference by the golden tests.
func TestBothSeatsSeeAlike(t *testing.T) {
	for _, l := range layouts[:referenceLayouts] {
		e, swapped := newTest(t, l.name), newTest(t, l.name)
		e.Reset(2)
		randomPlay(e, 3, 1000, func(_ []int, step func() *env.StepResult) {
			step()
			if err := swapped.SetState(e.AppendState(nil)); err != nil {
				t.Fatal(err)
			}
			swapped.agents[0], swapped.agents[1] = swapped.agents[1], swapped.agents[0]
			for agent := range 2 {
				if !slices.Equal(e.Observe(agent, nil), swapped.Observe(1-agent, nil)) {
					t.Fatalf("%s: step %d: agent %d in the other seat sees something else", l.name, e.t, agent)
				}
			}
		})
	}
}

// In a party the blocks are the same, one for each agent, each with one place per other.
func TestPartyObservation(t *testing.T) {
	for _, l := range layouts[referenceLayouts:] {
		e := newTest(t, l.name)
		e.Reset(2)
		randomPlay(e, 3, 500, nil)
		n, block := l.seats, 97+2*l.seats
		if e.layout.view.block != block {
			t.Fatalf("%s: a block of %d, want %d", l.name, e.layout.view.block, block)
		}
		var blocks [][]float32 // each agent's own
		for agent := range n {
			obs := e.Observe(agent, nil)
			f := obs[len(obs)-e.layout.view.features:]
			if len(f) != n*block+9 {
				t.Fatalf("%s: %d features, want %d", l.name, len(f), n*block+9)
			}
			blocks = append(blocks, f[:block])
			if tail := f[n*block:]; !slices.Equal(tail, []float32{1, 0, 0, 0, 0, 0, 0, 0, 0}) {
				t.Errorf("%s: weights and layout %v", l.name, tail)
			}
		}
		for agent := range n {
			obs := e.Observe(agent, nil)
			f := obs[len(obs)-e.layout.view.features+block:]
			for other := range n {
				if other == agent {
					continue
				}
				if !slices.Equal(f[:block], blocks[other]) {
					t.Errorf("%s: agent %d sees another block of agent %d", l.name, agent, other)
				}
				f = f[block:]
			}
			own, at := e.agents[agent], blocks[agent][atOthers:]
			for other, a := range e.agents {
				if other == agent {
					continue
				}
				if at[0] != float32(l.row(own.cell)-l.row(a.cell)) || at[1] != float32(l.col(own.cell)-l.col(a.cell)) {
					t.Errorf("%s: agent %d sees agent %d at %v", l.name, agent, other, at[:2])
				}
				at = at[2:]
			}
			if at[0] != float32(l.row(own.cell)) || at[1] != float32(l.col(own.cell)) {
				t.Errorf("%s: agent %d is at %v", l.name, agent, at[:2])
			}
		}
		// The map shows every cell where it is.
		obs := e.Observe(0, nil)
		for cell, k := range l.kinds {
			v := obs[(l.row(cell)*e.layout.view.cols+l.col(cell))*channels]
			if k != free && v != hundredths[kindCode[k]] {
				t.Errorf("%s: cell (%d,%d) reads %v", l.name, l.row(cell), l.col(cell), v)
			}
			if k == free && (v >= 0.2) != e.standing(e.agents, cell) {
				t.Errorf("%s: floor (%d,%d) reads %v", l.name, l.row(cell), l.col(cell), v)
			}
		}
	}
}

// Observations do not depend on what was observed before.
func TestObserveHasNoMemory(t *testing.T) {
	e := newTest(t, "counter_circuit")
	g := numpyrand.New(1)
	for range 200 {
		randomPlay(e, uint64(g.Next32()), 5, nil)
		fresh := newTest(t, "counter_circuit")
		if err := fresh.SetState(e.AppendState(nil)); err != nil {
			t.Fatal(err)
		}
		prefix := []float32{1, 2, 3}
		got := e.Observe(1, prefix)
		if !slices.Equal(got[:3], prefix) || !slices.Equal(got[3:], fresh.Observe(1, nil)) {
			t.Fatal("an old observation shows")
		}
	}
}
