package watch

import (
	"math"
	"slices"
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

// leads is where each hint leads, and whether the button does it there.
var leads = map[string]struct {
	to     string
	button bool
}{
	"Take an onion":                              {"onion_stack", true},
	"Put the onion into the pot":                 {"pot", true},
	"Fetch a dish":                               {"dish_stack", true},
	"Dish up the soup":                           {"pot", true},
	"Serve the soup at the hatch":                {"delivery", true},
	"Hand the onion over the counter":            {"counter", true},
	"Hand the dish over the counter":             {"counter", true},
	"Hand the soup over the counter":             {"counter", true},
	"Help your team-mates":                       {"floor", false},
	"Wait beside the pot until the soup is done": {"pot", false},
	"The pot is full: put the onion on a counter, and fetch a dish": {"counter", false},
	"First the pot needs three onions: put the dish down":           {"counter", false},
}

// checkHint checks that a hint leads to what it names, and to no counter on which something lies.
func checkHint(t *testing.T, l *draw.List, h *watch.Hint) {
	t.Helper()
	want, to := leads[h.Text], ""
	for i := range l.Items {
		it := &l.Items[i]
		if math.Abs(it.X+it.W/2-h.X) > 1e-9 || math.Abs(it.Y+it.H/2-h.Y) > 1e-9 {
			continue
		}
		switch {
		case fixed(it.Name):
			to = it.Name
		case strings.HasPrefix(it.ID, "item@"):
			to += " with something on it"
		}
	}
	if to != want.to || h.Button != want.button {
		t.Errorf("%+v leads to %q", *h, to)
	}
}

func TestGuideNamesTheRightPlace(t *testing.T) {
	e, err := env.New("overcooked/cramped_room", nil)
	if err != nil {
		t.Fatal(err)
	}
	e.Reset(1)
	const seat = 1 // the last, after which what it holds is drawn
	for _, c := range []struct{ held, pot, want string }{
		{"", "", "Take an onion"},
		{onion, "", "Put the onion into the pot"},
		{onion, "pot_onions_2", "Put the onion into the pot"},
		{onion, cooking, "The pot is full: put the onion on a counter, and fetch a dish"},
		{onion, ready, "The pot is full: put the onion on a counter, and fetch a dish"},
		{"", cooking, "Fetch a dish"},
		{dish, "", "First the pot needs three onions: put the dish down"},
		{dish, cooking, "Wait beside the pot until the soup is done"},
		{dish, ready, "Dish up the soup"},
		{soup, "", "Serve the soup at the hatch"},
	} {
		l := &draw.List{}
		e.Render(l)
		if c.held != "" {
			l.Add(draw.Item{ID: "chef1_held", Kind: draw.Sprite, Name: c.held})
		}
		if c.pot != "" {
			pot := l.Items[slices.IndexFunc(l.Items, func(it draw.Item) bool { return it.Name == "pot" })]
			l.Add(draw.Item{ID: "contents", Kind: draw.Sprite, Name: c.pot, X: pot.X, Y: pot.Y, W: pot.W, H: pot.H})
		}
		h, _ := (&guide{}).Next(l, seat, true)
		if h.Text != c.want {
			t.Errorf("with %q and a pot with %q: %q", c.held, c.pot, h.Text)
		}
		checkHint(t, l, &h)
		if leads[h.Text].to != "counter" {
			continue
		}
		// Something lies on that counter: it must be another one.
		for i := range l.Items {
			it := l.Items[i]
			if it.Name == "counter" && math.Abs(it.X+it.W/2-h.X) < 1e-9 && math.Abs(it.Y+it.H/2-h.Y) < 1e-9 {
				it.ID, it.Name = "item@1,1", onion
				l.Add(it)
				break
			}
		}
		other, _ := (&guide{}).Next(l, seat, true)
		if other.Text != h.Text {
			t.Errorf("%q becomes %q when something lies on the counter", h.Text, other.Text)
		}
		checkHint(t, l, &other)
	}
}

// In a rematch nobody carries anything, and a cook may stand in another part of the kitchen.
func TestGuideOfANewEpisode(t *testing.T) {
	const name = "overcooked/asymmetric_advantages"
	var first, carried draw.List
	shift(t, name, func(l *draw.List, frame uint32, _ *env.StepResult) {
		var s scene
		if s.read(l); frame == 0 {
			first.CopyFrom(l)
		} else if s.held[0] == soup {
			carried.CopyFrom(l)
		}
	})
	for _, fresh := range []bool{true, false} {
		g := &guide{}
		g.Next(&first, 0, true)
		g.Next(&carried, 0, false)
		if _, done := g.Next(&first, 0, fresh); done == fresh {
			t.Errorf("a new episode, fresh %v, the guide is done: %v", fresh, done)
		}
	}

	e, err := env.New(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	g, places := &guide{}, map[float64]bool{}
	for seed := range uint64(20) {
		e.Reset(seed)
		l := &draw.List{}
		e.Render(l)
		h, _ := g.Next(l, 0, true)
		if want, _ := (&guide{}).Next(l, 0, true); h != want {
			t.Errorf("seed %d: %+v, and %+v to who is new", seed, h, want)
		}
		places[h.X] = true
	}
	if len(places) < 2 {
		t.Error("the cook never stands in the other part")
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
			h, d := g.Next(l, seat, frame == 0)
			if done = d; d {
				if served == 0 {
					t.Errorf("%s: the guide ends before its cook has served", name)
				}
				return
			}
			texts[h.Text] = true
			checkHint(t, l, &h)
			if t.Failed() {
				t.Fatalf("%s, frame %d", name, frame)
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
	shift(t, "overcooked/forced_coordination", func(l *draw.List, frame uint32, _ *env.StepResult) {
		for seat, g := range guides {
			if h, done := g.Next(l, seat, frame == 0); !done {
				checkHint(t, l, &h)
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
		g.Next(l, 0, false)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
