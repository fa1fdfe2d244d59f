package overcooked

import (
	"testing"

	"tandem/env/envtest"
)

// What a cook does looks like somebody's hands: with others like it, or with one who does as it likes, it does
// not step to and fro between two tiles with the same thing in its hands.
func TestNoTrembling(t *testing.T) {
	const most = 0.4 // times a second that it goes there, back and there again; the most beside one who blocks its way
	for _, l := range layouts[:referenceLayouts] {
		for _, bot := range cooks {
			for _, other := range []string{bot, "sticky"} {
				e := newTest(t, l.name)
				var was [3]cook // where it stood before, the latest first
				frames, fro := 0, 0
				for seed := range uint64(envtest.Games(4, 1)) {
					matchOn(t, e, seed+1, func([]int) {
						frames++
						now := e.agents[0]
						if now.cell == was[0].cell {
							was[0] = now // it has turned, or taken something
							return
						}
						if now.cell == was[1].cell && was[0].cell == was[2].cell && now.held == was[0].held && now.held == was[1].held && now.held == was[2].held {
							fro++
						}
						was = [3]cook{now, was[0], was[1]}
					}, bot, other)
				}
				perSecond := float64(fro) / (float64(frames) / 30)
				t.Logf("%-22s %s beside %s: %.2f times a second", l.name, bot, other, perSecond)
				if perSecond > most {
					t.Errorf("%s: %s beside %s steps to and fro %.2f times a second", l.name, bot, other, perSecond)
				}
			}
		}
	}
}
