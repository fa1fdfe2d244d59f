package render

import (
	"math"
	"testing"

	"tandem/env/draw"
)

// court returns a picture with a ball, a slime and a fence.
func court(ballX, slimeX float64) *draw.List {
	l := &draw.List{}
	l.Add(draw.Item{ID: "fence", Kind: draw.Line, X: .5, Y: .6, X2: .5, Y2: .9, W: .02, Alpha: 1})
	l.AddPolygon(draw.Item{ID: "slime", Role: draw.Seat0, Alpha: 1})
	l.Point(slimeX-.05, .9)
	l.Point(slimeX, .8)
	l.Point(slimeX+.05, .9)
	l.Add(draw.Item{ID: "ball", Kind: draw.Circle, X: ballX, Y: .2, R: .01, Alpha: 1})
	return l
}

func byID(t *testing.T, l *draw.List, id string) *draw.Item {
	t.Helper()
	for i := range l.Items {
		if l.Items[i].ID == id {
			return &l.Items[i]
		}
	}
	t.Fatalf("no item %q", id)
	return nil
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-12 }

func TestItemsMoveBetweenTwoPictures(t *testing.T) {
	prev, cur := court(.2, .1), court(.4, .3)
	cur.Items[2].R = .03
	for _, c := range []struct{ alpha, ball, slime, r float64 }{
		{0, .2, .1, .01}, {.25, .25, .15, .015}, {1, .4, .3, .03},
		{-3, .2, .1, .01}, {7, .4, .3, .03}, {math.NaN(), .2, .1, .01},
	} {
		var dst draw.List
		Interpolate(&dst, prev, cur, c.alpha)
		if len(dst.Items) != 3 {
			t.Fatalf("alpha %v: %d items, want 3", c.alpha, len(dst.Items))
		}
		if b := byID(t, &dst, "ball"); !near(b.X, c.ball) || !near(b.R, c.r) {
			t.Errorf("alpha %v: ball at %v radius %v, want %v radius %v", c.alpha, b.X, b.R, c.ball, c.r)
		}
		s := byID(t, &dst, "slime")
		if p := dst.Points(s); len(p) != 3 || !near(p[1].X, c.slime) || s.Role != draw.Seat0 {
			t.Errorf("alpha %v: slime's corners %v, want the tip at %v", c.alpha, p, c.slime)
		}
		if f := byID(t, &dst, "fence"); f.X != .5 || f.X2 != .5 || f.Y2 != .9 {
			t.Errorf("alpha %v: the fence moved: %+v", c.alpha, f)
		}
	}
}

func TestNothingStreaksAcrossAReset(t *testing.T) {
	var dst, empty draw.List
	cur := court(.4, .3)
	Interpolate(&dst, &empty, cur, 0)
	if b := byID(t, &dst, "ball"); b.X != .4 {
		t.Errorf("after a reset the ball is at %v, want .4 at once", b.X)
	}
	if p := dst.Points(byID(t, &dst, "slime")); p[1].X != .3 {
		t.Errorf("after a reset the slime is at %v, want .3 at once", p[1].X)
	}
}

func TestServedBallSnapsWhileTheRestMoves(t *testing.T) {
	var dst draw.List
	prev, cur := court(.9, .1), court(.2, .3)
	cur.Items[2].Snap = true
	Interpolate(&dst, prev, cur, .5)
	if b := byID(t, &dst, "ball"); b.X != .2 {
		t.Errorf("served ball at %v, want .2", b.X)
	}
	if p := dst.Points(byID(t, &dst, "slime")); !near(p[1].X, .2) {
		t.Errorf("slime at %v, want .2", p[1].X)
	}
}

func TestItemsThatComeGoAndChangePlaces(t *testing.T) {
	prev, cur := &draw.List{}, &draw.List{}
	for _, id := range []string{"a", "gone", "b", "c"} {
		prev.Add(draw.Item{ID: id, X: 0})
	}
	for _, id := range []string{"new", "c", "a", "b", ""} {
		cur.Add(draw.Item{ID: id, X: 1})
	}
	prev.Add(draw.Item{ID: "", X: 0})
	var dst draw.List
	Interpolate(&dst, prev, cur, .5)
	want := []float64{1, .5, .5, .5, 1}
	if len(dst.Items) != len(want) {
		t.Fatalf("%d items, want %d", len(dst.Items), len(want))
	}
	for i, it := range dst.Items {
		if it.X != want[i] || it.ID != cur.Items[i].ID {
			t.Errorf("item %d is %q at %v, want %q at %v", i, it.ID, it.X, cur.Items[i].ID, want[i])
		}
	}
}

func TestAnotherShapeUnderTheSameIDSnaps(t *testing.T) {
	prev, cur := &draw.List{}, &draw.List{}
	prev.Add(draw.Item{ID: "x", Kind: draw.Circle, X: 0})
	cur.Add(draw.Item{ID: "x", Kind: draw.Rect, X: 1})
	prev.AddPolygon(draw.Item{ID: "p"})
	prev.Point(0, 0)
	cur.AddPolygon(draw.Item{ID: "p"})
	cur.Point(1, 1)
	cur.Point(1, 0)
	var dst draw.List
	Interpolate(&dst, prev, cur, .5)
	if x := byID(t, &dst, "x"); x.X != 1 {
		t.Errorf("a rectangle that was a circle is at %v, want 1", x.X)
	}
	if p := dst.Points(byID(t, &dst, "p")); len(p) != 2 || p[0].X != 1 {
		t.Errorf("a polygon with another number of corners is %v, want it at its place", p)
	}
}

func TestInterpolateAllocatesNothing(t *testing.T) {
	prev, cur := court(.2, .1), court(.4, .3)
	var dst draw.List
	Interpolate(&dst, prev, cur, .5)
	if n := testing.AllocsPerRun(100, func() { Interpolate(&dst, prev, cur, .3) }); n != 0 {
		t.Errorf("%v allocations per picture", n)
	}
}
