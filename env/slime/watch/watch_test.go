package watch

import (
	"testing"

	"tandem/env"
	"tandem/env/draw"
	_ "tandem/env/slime"
	"tandem/env/watch"
)

// rally plays a game between two bots, shows every nth picture to a watcher, and returns how often each
// cue was noticed and how many points there were.
func rally(t *testing.T, name string, nth int) (noticed [watch.NumCues]int, points int) {
	t.Helper()
	e, err := env.New(name, env.Options{"lives": "5", "max_steps": "3000"})
	if err != nil {
		t.Fatal(err)
	}
	bots := make([]env.Bot, len(e.Spec().Agents))
	actions := make([]int, len(bots))
	for i := range bots {
		if bots[i], err = env.NewBot("ace", name); err != nil {
			t.Fatal(err)
		}
		bots[i].Reset(uint64(i) + 3)
	}
	e.Reset(4)
	w := watch.Lookup(name).NewWatcher()
	l := &draw.List{}
	e.Render(l)
	w.Look(l, 0, true, nil)
	for frame := uint32(1); ; frame++ {
		for i := range bots {
			actions[i] = bots[i].Act(e, i, frame)
		}
		r := e.Step(actions)
		if r.Rewards[0] != 0 {
			points++
		}
		if int(frame)%nth == 0 || r.Done() {
			l.Reset()
			e.Render(l)
			for _, ev := range w.Look(l, frame, false, nil) {
				noticed[ev.Cue]++
				if ev.X < -0.1 || ev.X > 1.1 || ev.Force < 0 || ev.Force > 1 {
					t.Errorf("frame %d: %+v", frame, ev)
				}
			}
		}
		if r.Done() {
			return noticed, points
		}
	}
}

func TestEveryPointIsNoticed(t *testing.T) {
	for _, name := range []string{"slime", "slime/boost", "slime/doubles"} {
		noticed, points := rally(t, name, 1)
		if points < 5 || noticed[watch.Point] != points {
			t.Errorf("%s: %d points, %d noticed", name, points, noticed[watch.Point])
		}
		if noticed[watch.Bounce] < 2*points || noticed[watch.Jump] == 0 || noticed[watch.Land] == 0 {
			t.Errorf("%s: %d bounces, %d jumps, %d landings in %d points", name, noticed[watch.Bounce], noticed[watch.Jump], noticed[watch.Land], points)
		}
	}
}

// A slow computer shows every other picture. What is heard then is what is heard otherwise, less what
// came too close together.
func TestPicturesThatAreLeftOutMakeNoSounds(t *testing.T) {
	all, points := rally(t, "slime", 1)
	half, _ := rally(t, "slime", 2)
	if half[watch.Bounce] > all[watch.Bounce]*5/4 || half[watch.Point] < points-1 {
		t.Errorf("every picture: %v, every other: %v", all, half)
	}
}

func TestABallInTheAirMakesNoSound(t *testing.T) {
	e, err := env.New("slime", env.Options{"lives": "5"})
	if err != nil {
		t.Fatal(err)
	}
	e.Reset(1)
	w := watch.Lookup("slime").NewWatcher()
	l := &draw.List{}
	for frame := range uint32(40) { // the serve hangs for a second, then falls
		l.Reset()
		e.Render(l)
		if ev := w.Look(l, frame, frame == 0, nil); len(ev) > 0 {
			t.Fatalf("frame %d: %+v", frame, ev)
		}
		e.Step([]int{0, 0})
	}
}

func TestLookingAllocatesNothing(t *testing.T) {
	e, err := env.New("slime/doubles", nil)
	if err != nil {
		t.Fatal(err)
	}
	w := watch.Lookup("slime/doubles").NewWatcher()
	l := &draw.List{}
	e.Render(l)
	dst, frame := make([]watch.Event, 0, 8), uint32(0)
	if n := testing.AllocsPerRun(100, func() {
		frame++
		dst = w.Look(l, frame, false, dst[:0])
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
