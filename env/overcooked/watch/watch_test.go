package watch

import (
	"strings"
	"testing"

	"tandem/env"
	"tandem/env/draw"
	"tandem/env/overcooked"
	"tandem/env/watch"
)

// kitchens are the names of all of them.
func kitchens() (names []string) {
	for _, n := range env.Names() {
		if strings.HasPrefix(n, overcooked.Family) {
			names = append(names, n)
		}
	}
	return names
}

// shift lets bots cook and calls each with every picture and the step's result.
func shift(t *testing.T, name string, each func(l *draw.List, frame uint32, r *env.StepResult)) *env.Spec {
	t.Helper()
	e, err := env.New(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	bots := make([]env.Bot, len(e.Spec().Agents))
	actions := make([]int, len(bots))
	for i := range bots {
		if bots[i], err = env.NewBot("cook", name); err != nil {
			t.Fatal(err)
		}
		bots[i].Reset(uint64(i) + 3)
	}
	e.Reset(2)
	l := &draw.List{}
	e.Render(l)
	each(l, 0, env.NewStepResult(len(bots), len(e.Spec().Infos)))
	for frame := uint32(1); ; frame++ {
		for i := range bots {
			actions[i] = bots[i].Act(e, i, frame)
		}
		r := e.Step(actions)
		l.Reset()
		e.Render(l)
		each(l, frame, r)
		if r.Done() {
			return e.Spec()
		}
	}
}

func TestWhatCooksDoIsNoticed(t *testing.T) {
	for _, name := range kitchens() {
		w := watch.Lookup(name).NewWatcher()
		var noticed [watch.NumCues]int
		soups, onions := 0.0, 0.0
		shift(t, name, func(l *draw.List, frame uint32, r *env.StepResult) {
			soups += r.Rewards[0]
			for _, info := range r.Infos {
				onions += info[2] // onion_in_pot_reward
			}
			for _, e := range w.Look(l, frame, frame == 0, nil) {
				noticed[e.Cue]++
			}
		})
		if soups == 0 || float64(noticed[watch.Serve]) != soups {
			t.Errorf("%s: %v soups, %d noticed", name, soups, noticed[watch.Serve])
		}
		// Two onions may go into one pot, or an onion into a full one, in the same step.
		if c := float64(noticed[watch.Chop]); c < onions*0.9 || c > onions || noticed[watch.Ready] < int(soups) || noticed[watch.Pick] == 0 {
			t.Errorf("%s: %v onions, %v", name, onions, noticed)
		}
	}
}

func TestGuideLeadsFromTheOnionsToTheHatch(t *testing.T) {
	for _, name := range kitchens() {
		g := watch.Lookup(name).NewGuide()
		seat, done := 0, false
		texts := map[string]bool{}
		served := 0.0
		shift(t, name, func(l *draw.List, frame uint32, r *env.StepResult) {
			if done {
				return
			}
			served += r.Infos[seat][1] // delivery_act_reward
			h, d := g.Next(l, seat)
			if done = d; d {
				if served == 0 {
					t.Errorf("%s: the guide ends before its cook has served", name)
				}
				return
			}
			texts[h.Text] = true
			if h.Text == "" || h.X < 0 || h.X > 1 || h.Y < 0 || h.Y > 1 {
				t.Errorf("%s, frame %d: %+v", name, frame, h)
			}
		})
		if served > 0 && !done {
			t.Errorf("%s: the cook has served, and the guide goes on", name)
		}
		if len(texts) < 2 {
			t.Errorf("%s: the guide says only %v", name, texts)
		}
	}
}

// In this kitchen nobody can do everything: one has the onions, the other the pots.
func TestGuideOfAKitchenInTwoHalves(t *testing.T) {
	seen := [2]map[string]bool{{}, {}}
	guides := [2]watch.Guide{&guide{}, &guide{}}
	shift(t, "overcooked/forced_coordination", func(l *draw.List, _ uint32, _ *env.StepResult) {
		for seat, g := range guides {
			if h, done := g.Next(l, seat); !done {
				seen[seat][h.Text] = true
			}
		}
	})
	all := map[string]bool{}
	for _, s := range seen {
		for text := range s {
			all[text] = true
		}
	}
	if !all["Hand the onion over the counter"] || !all["Serve the soup at the hatch"] {
		t.Errorf("the guides say %v", seen)
	}
}

func TestWatchingAKitchenAllocatesNothing(t *testing.T) {
	e, err := env.New("overcooked/counter_circuit", nil)
	if err != nil {
		t.Fatal(err)
	}
	w, g := &watcher{}, &guide{}
	l := &draw.List{}
	e.Render(l)
	dst, frame := make([]watch.Event, 0, 8), uint32(0)
	if n := testing.AllocsPerRun(100, func() {
		frame++
		dst = w.Look(l, frame, false, dst[:0])
		g.Next(l, 0)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
