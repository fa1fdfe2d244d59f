package watch

import (
	"math"
	"testing"

	"tandem/env"
	"tandem/env/draw"
	_ "tandem/env/magpies"
	"tandem/env/watch"
)

func TestWhatMagpiesDoIsNoticed(t *testing.T) {
	const name = "magpies/four"
	e, err := env.New(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	bots := make([]env.Bot, len(e.Spec().Agents))
	actions := make([]int, len(bots))
	for i := range bots {
		if bots[i], err = env.NewBot(env.DefaultBot(name), name); err != nil {
			t.Fatal(err)
		}
		bots[i].Reset(uint64(i) + 3)
	}
	e.Reset(2)
	w, g := watch.Lookup(name).NewWatcher(), watch.Lookup(name).NewGuide()
	var noticed [watch.NumCues]int
	home, robbed, guided := 0, 0.0, false
	l := &draw.List{}
	for frame := uint32(0); ; frame++ {
		l.Reset()
		e.Render(l)
		for _, ev := range w.Look(l, frame, frame == 0, nil) {
			noticed[ev.Cue]++
		}
		if !guided {
			h, done := g.Next(l, 0, frame == 0)
			if guided = done; done && home == 0 {
				t.Error("the guide ends before anything was brought home")
			} else if !done && (h.Text == "" || math.Abs(h.X-0.5) > 0.5 || math.Abs(h.Y-0.5) > 0.5) {
				t.Errorf("frame %d: %+v", frame, h)
			}
		}
		for i := range bots {
			actions[i] = bots[i].Act(e, i, frame)
		}
		r := e.Step(actions)
		for i := range bots {
			if r.Rewards[i] > 0 {
				home++
			}
			robbed += r.Infos[i][2]
		}
		if r.Done() {
			break
		}
	}
	if home == 0 || noticed[watch.Serve] < home*9/10 || noticed[watch.Serve] > home {
		t.Errorf("%d times home, noticed %v", home, noticed)
	}
	if noticed[watch.Pick] == 0 || math.Abs(float64(noticed[watch.Rob])-robbed) > robbed/5+1 {
		t.Errorf("robbed %v times, noticed %v", robbed, noticed)
	}
	if !guided {
		t.Error("the guide never ends")
	}
}

// Every bird begins an episode at home without a coin, as if it had just brought one there.
func TestTheEndOfAnEpisodeBringsNothingHome(t *testing.T) {
	const name = "magpies/four"
	e, err := env.New(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	bot, err := env.NewBot(env.DefaultBot(name), name)
	if err != nil {
		t.Fatal(err)
	}
	actions := make([]int, len(e.Spec().Agents))
	e.Reset(2)
	l, told, untold := &draw.List{}, &guide{}, &guide{}
	for frame := uint32(0); told.is.loads[0] == 0; frame++ {
		actions[0] = bot.Act(e, 0, frame)
		e.Step(actions)
		l.Reset()
		e.Render(l)
		told.Next(l, 0, frame == 0)
		untold.Next(l, 0, frame == 0)
	}
	e.Reset(3)
	l.Reset()
	e.Render(l)
	if _, done := untold.Next(l, 0, false); !done {
		t.Fatal("the new episode does not look as if a coin was brought home")
	}
	if _, done := told.Next(l, 0, true); done {
		t.Error("the guide takes the end of an episode for a coin brought home")
	}
}
