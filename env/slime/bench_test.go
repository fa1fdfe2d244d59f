package slime

import (
	"testing"

	"github.com/zeebo/xxh3"

	"tandem/env/draw"
	"tandem/env/envtest"
)

func TestHotPathsDoNotAllocate(t *testing.T) {
	for _, name := range variants {
		e := newTest(t, name, "lives=5")
		e.Reset(1)
		p := newPlayer(1)
		playOn(e, p, 100)
		saved := e.AppendState(nil)
		e.game.ball.y, e.game.left.timer, e.game.right.timer = 40, 9, 9 // the fullest picture
		envtest.HotPathsDoNotAllocate(t, e, saved, func() { e.Step(p.next(e)) })
	}
}

// BenchmarkStep plays sticky random actions; an ended episode resets.
func BenchmarkStep(b *testing.B) {
	for _, name := range variants {
		b.Run(name, func(b *testing.B) {
			e := newTest(b, name)
			// Prepared actions, so that drawing them is not measured.
			p := newPlayer(1)
			actions := make([][]int, 4096)
			for i := range actions {
				actions[i] = append([]int(nil), p.next(e)...)
			}
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				if e.Step(actions[i%len(actions)]).Done() {
					e.Restart()
				}
				i++
			}
		})
	}
}

func BenchmarkAppendStateHash(b *testing.B) {
	e := newTest(b, Name)
	playOn(e, newPlayer(1), 60)
	buf := make([]byte, 0, maxStateSize)
	var sum uint64
	b.ReportAllocs()
	for b.Loop() {
		buf = e.AppendState(buf[:0])
		sum ^= xxh3.Hash(buf)
	}
}

func BenchmarkSetState(b *testing.B) {
	e := newTest(b, Name)
	playOn(e, newPlayer(1), 60)
	state := e.AppendState(nil)
	b.ReportAllocs()
	for b.Loop() {
		if err := e.SetState(state); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkObserve(b *testing.B) {
	e := newTest(b, Name)
	playOn(e, newPlayer(1), 60)
	obs := make([]float32, 0, boostObservation)
	b.ReportAllocs()
	for b.Loop() {
		obs = e.Observe(0, obs[:0])
	}
}

func BenchmarkRender(b *testing.B) {
	e := newTest(b, Name)
	playOn(e, newPlayer(1), 60)
	var l draw.List
	b.ReportAllocs()
	for b.Loop() {
		l.Reset()
		e.Render(&l)
	}
}

func BenchmarkBaseline(b *testing.B) {
	e := newTest(b, Name)
	playOn(e, newPlayer(1), 60)
	p := new(Baseline)
	b.ReportAllocs()
	for b.Loop() {
		p.Act(e, 0, 0)
	}
}
