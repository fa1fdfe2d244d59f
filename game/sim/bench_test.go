package sim_test

import (
	"testing"

	"tandem/netcode/session/replica"
)

// TestSteadyStateAllocatesNothing: what runs in every frame leaves the garbage collector alone.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	for _, name := range []string{"testenv", "slime", "slime/boost", "slime/doubles", "overcooked/party_8"} {
		m := newMatch(t, name, "frames=100000")
		m.Reset(1)
		m.Hash() // its buffer grows once
		var c replica.Command
		buf := m.AppendState(nil)
		if n := testing.AllocsPerRun(2000, func() {
			c.Actions[0] = uint8(m.Frame() % 5)
			m.Step(&c)
			m.Hash()
			buf = m.AppendState(buf[:0])
		}); n != 0 {
			t.Errorf("%s: %v allocations per frame", name, n)
		}
	}
}

func BenchmarkMatchStep(b *testing.B) {
	for _, name := range []string{"testenv", "slime"} {
		b.Run(name, func(b *testing.B) {
			m := newMatch(b, name, "frames=100000000")
			m.Reset(1)
			var c replica.Command
			b.ReportAllocs()
			for b.Loop() {
				m.Step(&c)
			}
		})
	}
}

func BenchmarkMatchHash(b *testing.B) {
	for _, name := range []string{"testenv", "slime"} {
		b.Run(name, func(b *testing.B) {
			m := newMatch(b, name)
			m.Reset(1)
			b.ReportAllocs()
			for b.Loop() {
				m.Hash()
			}
		})
	}
}
