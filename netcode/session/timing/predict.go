package timing

// Predictor guesses a seat's next action from its recent ones: a Markov model over the current
// action and how long it has been held. People and bots hold a key for a while and then do one of a
// few things; "repeat" is right as long as they hold, and this model is where it also knows when
// they usually stop. It counts in integers and halves its counts now and then, so that a player's
// habits of a minute ago weigh less than those of now.
type Predictor struct {
	last   uint8
	run    int // frames the last action has been held
	known  bool
	counts [Actions][runBuckets][]count
}

type count struct {
	action uint8
	n      uint16
}

const (
	// runBuckets of how long an action was held: 1, 2, 3–4, 5–8, 9–16, more frames. Doubling keeps
	// the table small where precision would only spread the counts thin.
	runBuckets = 6
	// predictLeast is how often a change must have been seen before it is believed against the plain
	// repetition.
	predictLeast = 4
	// countLimit is where a bucket's counts are halved.
	countLimit = 64
	// Actions is how many actions a seat may choose from.
	Actions = 128
	// horizon is how many frames ahead anything is guessed: as long as the last action would be repeated.
	horizon = 10
)

func NewPredictor() *Predictor { return &Predictor{} }

func bucket(run int) int {
	b := 0
	for run > 1 && b < runBuckets-1 {
		run = (run + 1) / 2
		b++
	}
	return b
}

// Observe takes the seat's next action; step is how many frames lie between it and the one before
// (1 when none is missing). Across a gap nothing is learnt.
func (p *Predictor) Observe(a uint8, step uint32) {
	if p.known && step == 1 {
		p.learn(a)
	}
	if p.known && a == p.last {
		p.run += int(step)
	} else {
		p.last, p.run, p.known = a, 1, true
	}
}

func (p *Predictor) learn(a uint8) {
	list := &p.counts[p.last][bucket(p.run)]
	for i := range *list {
		c := &(*list)[i]
		if c.action != a {
			continue
		}
		if c.n++; c.n >= countLimit {
			for k := range *list {
				(*list)[k].n /= 2
			}
		}
		return
	}
	*list = append(*list, count{a, 1})
}

// Predict returns the likeliest action ahead frames after the last one observed (1 for the next).
// Whatever lies further ahead is guessed to go on as the next one does.
func (p *Predictor) Predict(ahead uint32) uint8 {
	a, run := p.last, p.run
	for range min(ahead, horizon) {
		next := p.next(a, run)
		if next == a {
			run++
		} else {
			a, run = next, 1
		}
	}
	return a
}

// next returns the likeliest action after a was held for run frames; a itself in doubt.
func (p *Predictor) next(a uint8, run int) uint8 {
	best, stay := count{a, 0}, uint16(0)
	for _, c := range p.counts[a][bucket(run)] {
		if c.action == a {
			stay = c.n
		} else if c.n > best.n || (c.n == best.n && c.action < best.action) {
			best = c
		}
	}
	if best.n >= predictLeast && best.n > stay {
		return best.action
	}
	return a
}

// Judgement is how often a guess about the next action was right.
type Judgement struct {
	Actions   int
	Predicted int // right with the predictor
	Repeated  int // right with "the last action again"
}

// Judge replays one seat's recorded actions and counts how often each way of filling a gap of gap
// frames would have been right, learning as it goes.
func Judge(actions []uint8, gap int) Judgement {
	p := NewPredictor()
	var j Judgement
	for i, a := range actions {
		if i+gap <= len(actions) && i > 0 {
			want := actions[i+gap-1]
			j.Actions++
			if p.Predict(uint32(gap)) == want {
				j.Predicted++
			}
			if p.last == want {
				j.Repeated++
			}
		}
		p.Observe(a, 1)
	}
	return j
}
