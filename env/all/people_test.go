package all

import (
	"strings"
	"testing"
	"unicode/utf8"

	"tandem/env"
)

// TestPeopleAreToldWhatItIsAbout asks every game that is offered for the words that a card needs.
func TestPeopleAreToldWhatItIsAbout(t *testing.T) {
	for _, name := range env.Offered() {
		r, err := env.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		e, err := env.New(name, r.Play)
		if err != nil {
			t.Errorf("%s: people cannot play with the options that are theirs: %v", name, err)
			continue
		}
		s := e.Spec()
		if n := utf8.RuneCountInString(s.Goal); n == 0 || n > 120 || !strings.HasSuffix(s.Goal, ".") {
			t.Errorf("%s: the goal %q is no sentence that fits on a card", name, s.Goal)
		}
		if s.Score[0] == "" || s.Score[1] == "" {
			t.Errorf("%s: nobody knows what is counted: %q", name, s.Score)
		}
		for _, c := range s.Keys {
			if len(c.Keys) == 1 && s.Actions[c.Action].Verb == "" {
				t.Errorf("%s: the key %v does %q, for which there is no verb", name, c.Keys[0], s.Actions[c.Action].Name)
			}
		}
	}
}

// TestScoreIsThatOfTheEpisode plays until rewards have come and compares them with what people count:
// of two sides, the one's points less the other's are the sum of its rewards.
func TestScoreIsThatOfTheEpisode(t *testing.T) {
	for _, name := range []string{"slime", "slime/boost", "slime/doubles"} {
		e, err := env.New(name, env.Options{"lives": "3"})
		if err != nil {
			t.Fatal(err)
		}
		scorer, ok := e.(env.Scorer)
		if !ok {
			t.Errorf("%s: people would read rewards, of which some are negative", name)
			continue
		}
		e.Reset(11)
		sum, other := 0.0, 1
		var score []float64
		for done := false; !done; {
			r := e.Step(make([]int, len(e.Spec().Agents)))
			sum += r.Rewards[0]
			score = scorer.AppendScore(score[:0])
			if score[0]-score[other] != sum || min(score[0], score[other]) < 0 {
				t.Fatalf("%s: the score is %v, the rewards of the first come to %v", name, score, sum)
			}
			done = r.Done()
		}
		if max(score[0], score[other]) != 3 {
			t.Errorf("%s: a game to three ends at %v", name, score)
		}
		if n := testing.AllocsPerRun(10, func() { score = scorer.AppendScore(score[:0]) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
