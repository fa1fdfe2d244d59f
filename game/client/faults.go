package client

// mostMissing is the share of missing actions of which queue mode's players are warned as well: above
// it, what was seen was hardly what was played.
const mostMissing = 0.05

// Others is how many actions of other players were to be stepped here.
func (r *Report) Others() int { return int(r.Frames) * max(0, len(r.Rewards)-1) }

// Repairs is how many of the full states that queue mode sent or took over changed something, as far as
// this player can know.
func (q *QueueReport) Repairs() int { return q.StatesSent + q.StatesTaken - q.Needless }

// Faults says what makes a match of queue mode less than it looks, a sentence each. In sequenced play a
// late input is replaced for everybody alike, and the relay compares states to the end; here nothing
// but these figures shows whether the players saw one game.
func (r *Report) Faults() (list []string) {
	q := r.QueueMode
	if q == nil || r.Frames == 0 {
		return nil
	}
	l := r.language()
	add := func(fault string) { list = append(list, fault) }
	// With a program of the original every missing action parts the games; ours replace it alike.
	if n := r.Others(); q.Missing > 0 && (q.Original || float64(q.Missing) > mostMissing*float64(n)) {
		add(l.ActionsMissing(q.Missing, n))
	}
	if n := int64(r.Substituted) + r.InputDelay.N; float64(r.Substituted) > mostMissing*float64(n) {
		add(l.InputsReplaced(r.Substituted, int(n)))
	}
	if n := q.Repairs(); n > 0 {
		add(l.StatesSent(n))
	}
	if q.StatesRefused > 0 {
		add(l.StatesRefused(q.StatesRefused))
	}
	if r.Verified == 0 && !q.Original {
		add(l.NeverCompared)
	}
	return list
}
