package slime

import (
	"math"
	"testing"

	"tandem/env/draw"
)

func picture(e *Env) (*draw.List, map[string]*draw.Item) {
	l := new(draw.List)
	e.Render(l)
	items := map[string]*draw.Item{}
	for i := range l.Items {
		items[l.Items[i].ID] = &l.Items[i]
	}
	return l, items
}

func TestPictureIsUndistorted(t *testing.T) {
	e := newTest(t, Name)
	// One unit is as many pixels across as down, on any canvas of the spec's aspect.
	across := pictureX(1) - pictureX(0)
	down := (pictureY(0) - pictureY(1)) / e.Spec().Aspect
	if math.Abs(across-down) > 1e-15 {
		t.Errorf("a unit is %v of the width across and %v down", across, down)
	}
	_, items := picture(e)
	if b := items["ball"]; math.Abs(b.R-ballRadius/worldWidth) > 1e-15 {
		t.Errorf("the ball's radius is %v of the width", b.R)
	}
	if g := items["ground"]; math.Abs(g.Y+g.H-1) > 1e-15 || g.W != 1 {
		t.Errorf("the ground does not reach the edges: %+v", *g)
	}
}

func TestSeatsHaveTheirColours(t *testing.T) {
	_, items := picture(newTest(t, Name))
	for id, role := range map[string]draw.Role{
		"agent_left_body": draw.Seat0, "agent_right_body": draw.Seat1,
		"ball": draw.Ball, "ball_shadow": draw.BallShadow, "fence": draw.Net, "fence_stub": draw.Net,
		"ground": draw.Ground, "ground_edge": draw.GroundEdge,
	} {
		if it := items[id]; it == nil || it.Role != role {
			t.Errorf("%s: %+v, want role %v", id, it, role)
		}
	}
}

func TestEveryPictureIsComplete(t *testing.T) {
	for _, name := range variants {
		e := newTest(t, name, "lives=3")
		p := newPlayer(4)
		for range 2000 {
			l, items := picture(e)
			if len(items) != len(l.Items) {
				t.Fatal("two items of one name")
			}
			want := 13 - 1 // without glows and marker
			for id, shown := range map[string]bool{
				"agent_left_body_boost":  e.game.left.timer > 0,
				"agent_right_body_boost": e.game.right.timer > 0,
				"ball_marker":            e.game.ball.y-ballRadius >= pictureHeight,
			} {
				if (items[id] != nil) != shown {
					t.Fatalf("%s: shown %v, want %v", id, items[id] != nil, shown)
				}
				if shown {
					want++
				}
			}
			if len(items) != want {
				t.Fatalf("%d items, want %d", len(items), want)
			}
			playOn(e, p, 1)
		}
	}
}

// What has jumped to its place must not be drawn as moving there.
func TestSnap(t *testing.T) {
	e := newTest(t, Name, "lives=2")
	snaps := func() (ball, slimes bool) {
		_, items := picture(e)
		ball = items["ball"].Snap
		if items["ball_shadow"].Snap != ball {
			t.Error("the shadow does not follow the ball")
		}
		for _, id := range []string{"agent_left_body", "agent_right_body", "agent_left_eye_white", "agent_right_eye_pupil"} {
			if items[id].Snap != items["agent_left_body"].Snap {
				t.Errorf("%s does not follow its slime", id)
			}
		}
		return ball, items["agent_left_body"].Snap
	}
	e.Reset(1)
	if ball, slimes := snaps(); !ball || !slimes {
		t.Error("nothing snaps after a reset")
	}
	served := 0
	for range 300 {
		res := e.Step([]int{0, 0})
		again := res.Rewards[0] != 0
		if again {
			served++
		}
		if ball, slimes := snaps(); ball != again || slimes {
			t.Fatalf("frame %d: ball snaps %v, slimes %v, serve %v", e.game.frame, ball, slimes, again)
		}
	}
	if served == 0 {
		t.Error("no serve was seen")
	}
}

func TestMarkerOfABallAboveThePicture(t *testing.T) {
	e := newTest(t, Name)
	e.game.ball.x, e.game.ball.y = 10, pictureHeight+ballRadius-0.01
	if _, items := picture(e); items["ball_marker"] != nil {
		t.Error("a marker for a ball that can be seen")
	}
	e.game.ball.y = 40
	l, items := picture(e)
	m := items["ball_marker"]
	if m == nil {
		t.Fatal("no marker")
	}
	points := l.Points(m)
	if len(points) != 3 || points[0].X != pictureX(10) {
		t.Errorf("marker %v", points)
	}
	for _, p := range points {
		if p.Y < 0 || p.Y > 0.1 {
			t.Errorf("the marker is not at the top: %v", points)
		}
	}
}

func TestPupilOnTheEyeWhenTheBallIsThere(t *testing.T) {
	e := newTest(t, Name)
	e.game.ball.x = e.game.left.x + looks[0].eyeX
	e.game.ball.y = e.game.left.y + looks[0].eyeY
	_, items := picture(e)
	if eye, pupil := items["agent_left_eye_white"], items["agent_left_eye_pupil"]; pupil.X != eye.X || pupil.Y != eye.Y {
		t.Errorf("pupil at (%v, %v), eye at (%v, %v)", pupil.X, pupil.Y, eye.X, eye.Y)
	}
}
