package scene

import (
	"testing"
	"time"

	"tandem/env"
	"tandem/game/client"
	"tandem/game/words"
)

func duel() *client.View {
	return &client.View{Players: []client.Player{
		{Name: "Ada", Agent: "left", You: true, Present: true}, {Agent: "right", Present: true},
	}}
}

func TestPointTo(t *testing.T) {
	for _, c := range []struct {
		last []float64
		want string
	}{
		{nil, "Next episode"},
		{[]float64{1, -1}, "Point to Ada"},
		{[]float64{-1, 1}, "Point to right"},
		{[]float64{-5, 5}, "Episode to right"},
		{[]float64{0, 0}, "No point"},
		{[]float64{20, 20}, "Episode score 20"},
	} {
		v := duel()
		v.LastScore = c.last
		if got := words.English.Episode(v.EpisodeResult(words.English)); got != c.want {
			t.Errorf("after %v: %q, want %q", c.last, got, c.want)
		}
	}
}

func TestResult(t *testing.T) {
	for _, c := range []struct {
		scores   []float64
		together bool
		want     string
	}{
		{nil, false, "The match is over"},
		{[]float64{2, -2}, false, "You won"},
		{[]float64{-2, 2}, false, "right won"},
		{[]float64{0, 0}, false, "A draw"},
		{[]float64{60}, false, "Score 60"},
		{[]float64{60, 60}, true, "Together you scored 60"},
		{[]float64{0, 0}, true, "Together you scored 0"},
		{[]float64{3, 3, 1}, false, "A draw"},
	} {
		v := duel()
		v.Scores, v.Together = c.scores, c.together
		if got := words.English.Result(v.Result(words.English)); got != c.want {
			t.Errorf("with %v: %q, want %q", c.scores, got, c.want)
		}
	}
}

// In a game of teams the side wins, whoever of it looks.
func TestTeamsWinTogether(t *testing.T) {
	for _, c := range []struct {
		seat   int
		scores []float64
		point  string
		result string
	}{
		{0, []float64{1, -1, 1, -1}, "Point to the left side", "Your side won"},
		{2, []float64{1, -1, 1, -1}, "Point to the left side", "Your side won"},
		{3, []float64{1, -1, 1, -1}, "Point to the left side", "The left side won"},
		{-1, []float64{-4, 4, -4, 4}, "Episode to the right side", "The right side won"},
		{1, []float64{0, 0, 0, 0}, "No point", "A draw"},
	} {
		v := &client.View{Seat: c.seat, Players: make([]client.Player, 4), Scores: c.scores, LastScore: c.scores,
			Spec: &env.Spec{Teams: []int{0, 1, 0, 1}, TeamTitles: []string{"left side", "right side"}}}
		if c.seat >= 0 {
			v.Players[c.seat].You = true
		}
		if got := words.English.Episode(v.EpisodeResult(words.English)); got != c.point {
			t.Errorf("seat %d, %v: %q, want %q", c.seat, c.scores, got, c.point)
		}
		if got := words.English.Result(v.Result(words.English)); got != c.result {
			t.Errorf("seat %d, %v: %q, want %q", c.seat, c.scores, got, c.result)
		}
	}
}

func TestTimeLeft(t *testing.T) {
	v := &client.View{Spec: &env.Spec{MaxSteps: 3000, FPS: 30}}
	for _, c := range []struct {
		step int
		want string
	}{{0, "Time left 100.0 s"}, {1, "Time left 99.9 s"}, {2999, "Time left 0.0 s"}, {2997, "Time left 0.1 s"}, {3005, "Time left 0.0 s"}} {
		v.Step = c.step
		tenths, ok := timeLeft(v)
		if got := words.English.TimeLeft(tenths); !ok || got != c.want {
			t.Errorf("step %d: %q, %v; want %q", c.step, got, ok, c.want)
		}
	}
	v.Spec.MaxSteps = 0
	if _, ok := timeLeft(v); ok {
		t.Error("an episode without a limit has a time")
	}
	if _, ok := timeLeft(&client.View{}); ok {
		t.Error("a view without a spec has a time")
	}
}

func TestCountdownShowsEachSecondInFull(t *testing.T) {
	for _, c := range []struct {
		left time.Duration
		want int64
	}{{3 * time.Second, 3}, {2001 * time.Millisecond, 3}, {2 * time.Second, 2}, {time.Millisecond, 1}, {0, 0}, {-time.Second, 0}} {
		if got := secondsUp(c.left); got != c.want {
			t.Errorf("%v left: %d, want %d", c.left, got, c.want)
		}
	}
}
