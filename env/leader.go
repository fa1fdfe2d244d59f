package env

import "tandem/env/draw"

// Leader returns the seat with the highest score, or -1 when seats that play against each other
// share it or there are no scores. Of a team it is the first seat. It may be asked of a nil Spec,
// which knows no teams.
func (s *Spec) Leader(scores []float64) int {
	lead, tied := -1, false
	for seat, v := range scores {
		switch {
		case lead < 0 || v > scores[lead]:
			lead, tied = seat, false
		case v == scores[lead] && !s.SameTeam(lead, seat):
			tied = true
		}
	}
	if tied {
		return -1
	}
	return lead
}

// SameTeam reports whether two seats play in one team against others.
func (s *Spec) SameTeam(a, b int) bool {
	return a == b || s != nil && max(a, b) < len(s.Teams) && min(a, b) >= 0 && s.Teams[a] == s.Teams[b]
}

// Colour returns the role of a seat's colour: that of its number, or one of its team's. It may be asked
// of a nil Spec.
func (s *Spec) Colour(seat int) draw.Role {
	if s == nil || seat < 0 || seat >= len(s.Teams) {
		return draw.Seat(max(seat, 0))
	}
	member := 0
	for _, team := range s.Teams[:seat] {
		if team == s.Teams[seat] {
			member++
		}
	}
	return draw.TeamSeat(s.Teams[seat], member)
}

// Team returns the title of a seat's team, or "" where there are no teams.
func (s *Spec) Team(seat int) string {
	if s == nil || seat < 0 || seat >= len(s.Teams) {
		return ""
	}
	return s.TeamTitles[s.Teams[seat]]
}
