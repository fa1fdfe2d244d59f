package env

import (
	"testing"

	"tandem/env/draw"
)

func TestLeader(t *testing.T) {
	pairs := &Spec{Teams: []int{0, 1, 0, 1}, TeamTitles: []string{"left side", "right side"}}
	for _, c := range []struct {
		spec   *Spec
		scores []float64
		want   int
	}{
		{nil, nil, -1},
		{nil, []float64{0}, 0},
		{nil, []float64{1, 2}, 1},
		{nil, []float64{2, 2}, -1},
		{&Spec{}, []float64{3, 3, 1}, -1},
		{&Spec{}, []float64{1, 1, 2}, 2},
		{pairs, []float64{2, -2, 2, -2}, 0},
		{pairs, []float64{-2, 2, -2, 2}, 1},
		{pairs, []float64{0, 0, 0, 0}, -1},
	} {
		if got := c.spec.Leader(c.scores); got != c.want {
			t.Errorf("%v: seat %d leads, want %d", c.scores, got, c.want)
		}
	}
	if !pairs.SameTeam(0, 2) || pairs.SameTeam(0, 1) || pairs.SameTeam(-1, 0) || pairs.SameTeam(0, 4) || !pairs.SameTeam(1, 1) {
		t.Error("the teams of the seats are mixed up")
	}
	if pairs.Team(3) != "right side" || pairs.Team(4) != "" || (*Spec)(nil).Team(0) != "" {
		t.Error("the titles of the teams are mixed up")
	}
}

func TestValidateChecksTeams(t *testing.T) {
	valid := func() *Spec {
		return &Spec{Name: "x", Title: "X", Agents: []string{"a", "b"}, AgentTitles: []string{"a", "b"},
			Actions: []Action{{Name: "noop"}}, FPS: 30, Episodes: 1, Aspect: 1, Sections: []Section{{Name: "s"}},
			Teams: []int{0, 1}, TeamTitles: []string{"one", "two"}}
	}
	if err := valid().Validate(); err != nil {
		t.Fatal(err)
	}
	for what, damage := range map[string]func(*Spec){
		"a team too few":       func(s *Spec) { s.Teams = s.Teams[:1] },
		"a team that is none":  func(s *Spec) { s.Teams[1] = 2 },
		"a negative team":      func(s *Spec) { s.Teams[0] = -1 },
		"one team":             func(s *Spec) { s.TeamTitles = s.TeamTitles[:1] },
		"teams of all at once": func(s *Spec) { s.Cooperative = true },
	} {
		s := valid()
		damage(s)
		if s.Validate() == nil {
			t.Errorf("%s is valid", what)
		}
	}
}

func TestTeamsAreToldByColour(t *testing.T) {
	pairs := &Spec{Teams: []int{0, 1, 0, 1}, TeamTitles: []string{"left side", "right side"}}
	for seat, want := range []draw.Role{draw.Seat0, draw.Seat1, draw.Seat6, draw.Seat5} {
		if got := pairs.Colour(seat); got != want {
			t.Errorf("seat %d has the colour of role %d, want %d", seat, got, want)
		}
	}
	if got := (*Spec)(nil).Colour(3); got != draw.Seat3 {
		t.Errorf("without teams seat 3 has the colour of role %d", got)
	}
}
