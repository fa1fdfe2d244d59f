package overcooked

import (
	"testing"

	"github.com/zeebo/xxh3"

	"tandem/env/draw"
	"tandem/env/envtest"
	"tandem/env/numpyrand"
)

// benchmarked are the kitchen that the limits are stated for and the largest.
var benchmarked = []string{"cramped_room", "party_8"}

// busy returns an environment in the middle of random play.
func busy(t testing.TB, name string) *Env {
	e := newTest(t, name)
	e.Reset(1)
	randomPlay(e, 2, 400, nil)
	return e
}

// drawnActions are random actions, drawn beforehand so that drawing them is not measured.
func drawnActions(e *Env) [][]int {
	g := numpyrand.New(3)
	all := make([][]int, 4096)
	for i := range all {
		all[i] = make([]int, len(e.agents))
		for j := range all[i] {
			all[i][j] = g.Below(numActions)
		}
	}
	return all
}

func TestHotPathsDoNotAllocate(t *testing.T) {
	for _, l := range layouts {
		e := busy(t, l.name)
		actions := drawnActions(e)
		next := 0
		envtest.HotPathsDoNotAllocate(t, e, e.AppendState(nil), func() { e.Step(actions[next%len(actions)]); next++ })
	}
}

// BenchmarkStep plays random actions; an ended episode resets.
func BenchmarkStep(b *testing.B) {
	for _, name := range benchmarked {
		b.Run(name, func(b *testing.B) { benchmarkStep(b, name, false) })
	}
}

// BenchmarkStepObserve adds the observations of all agents.
func BenchmarkStepObserve(b *testing.B) {
	for _, name := range benchmarked {
		b.Run(name, func(b *testing.B) { benchmarkStep(b, name, true) })
	}
}

func benchmarkStep(b *testing.B, name string, observe bool) {
	e := busy(b, name)
	actions := drawnActions(e)
	obs := make([]float32, 0, e.spec.ObservationSize())
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		if e.Step(actions[i%len(actions)]).Done() {
			e.Restart()
		}
		if observe {
			for agent := range e.agents {
				obs = e.Observe(agent, obs[:0])
			}
		}
		i++
	}
}

func BenchmarkAppendStateHash(b *testing.B) {
	e := busy(b, "cramped_room")
	buf := make([]byte, 0, maxStateSize)
	var sum uint64
	b.ReportAllocs()
	for b.Loop() {
		buf = e.AppendState(buf[:0])
		sum ^= xxh3.Hash(buf)
	}
}

func BenchmarkSetState(b *testing.B) {
	e := busy(b, "cramped_room")
	state := e.AppendState(nil)
	b.ReportAllocs()
	for b.Loop() {
		if err := e.SetState(state); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	for _, name := range benchmarked {
		b.Run(name, func(b *testing.B) {
			e := busy(b, name)
			var l draw.List
			b.ReportAllocs()
			for b.Loop() {
				l.Reset()
				e.Render(&l)
			}
		})
	}
}
