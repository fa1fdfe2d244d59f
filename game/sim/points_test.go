package sim_test

import (
	"slices"
	"testing"

	"tandem/game/sim"
	"tandem/netcode/session/replica"
)

// pointsOf plays idle frames until the match is over and returns its points at every frame.
func pointsOf(m *sim.Match) (all [][]float64) {
	for {
		if _, over := m.Over(); over {
			return all
		}
		m.Step(&replica.Command{})
		all = append(all, m.AppendPoints(nil))
	}
}

func TestPointsAreCountedOverEpisodes(t *testing.T) {
	m := newMatch(t, "slime", "lives=2", "episodes=3")
	m.Reset(5)
	all := pointsOf(m)
	last := all[len(all)-1]
	scores := m.Scores()
	if last[0]-last[1] != scores[0] || last[0]+last[1] < 6 || last[0]+last[1] > 9 {
		t.Errorf("three games to two ended %v, with rewards %v", last, scores)
	}
	for i, p := range all[1:] {
		if p[0] < all[i][0] || p[1] < all[i][1] {
			t.Fatalf("points were taken away after frame %d: %v, then %v", i+1, all[i], p)
		}
	}
	if m.Reset(5); !slices.Equal(m.AppendPoints(nil), []float64{0, 0}) {
		t.Errorf("a new match begins at %v", m.AppendPoints(nil))
	}
}

// TestPointsOfALoadedState compares a match that has seen everything with one that loads its state: in
// the first episode both count alike, later the difference and the episode's own points are right.
func TestPointsOfALoadedState(t *testing.T) {
	m, late := newMatch(t, "slime", "lives=2", "episodes=3"), newMatch(t, "slime", "lives=2", "episodes=3")
	m.Reset(5)
	for over := false; !over; _, over = m.Over() {
		m.Step(&replica.Command{})
		if m.Frame()%7 != 0 {
			continue
		}
		if err := late.SetState(m.AppendState(nil)); err != nil {
			t.Fatal(err)
		}
		want, got := m.AppendPoints(nil), late.AppendPoints(nil)
		episode, _ := m.Episode()
		if episode == 0 && !slices.Equal(want, got) || want[0]-want[1] != got[0]-got[1] || got[0] > want[0] {
			t.Fatalf("frame %d: %v, loaded %v", m.Frame(), want, got)
		}
	}
}

func TestRewardsAreThePointsElsewhere(t *testing.T) {
	m := newMatch(t, "testenv", "episode_steps=20", "episodes=2")
	m.Reset(5)
	pointsOf(m)
	if got := m.AppendPoints(nil); !slices.Equal(got, m.Scores()) {
		t.Errorf("%v, want %v", got, m.Scores())
	}
}
