package slime

import (
	"errors"
	"fmt"
	"strings"

	"tandem/env/draw"
	"tandem/env/envtest"
)

// renderReplay plays recorded games with default options and compares the pictures of some frames:
// the same things at the same places. The recorded canvas is 600 pixels wide and shows the whole
// height of the world; ours shows its lower 27 units.
type renderReplay struct {
	env     *Env
	game    string // variant and seed
	started map[string]bool
	played  counts
	list    draw.List
}

const recordedCanvas = 600 // pixels across

func (r *renderReplay) Line(l envtest.Object) error {
	if err := r.advance(l); err != nil {
		return err
	}
	switch l["type"] {
	case "skip":
		r.played.skips++
		return nil
	case "render":
		r.played.pictures++
		if err := envtest.Differ("state", l["state"], recordedState(r.env)); err != nil {
			return err
		}
		return r.picture(l)
	}
	return fmt.Errorf("unknown type %v", l["type"])
}

// advance plays the line's step, or the reset where t is 0.
func (r *renderReplay) advance(l envtest.Object) error {
	t, err := envtest.IntField(l, "t")
	if err != nil {
		return err
	}
	game := fmt.Sprint(l["variant"], " ", l["seed"])
	if t > 0 {
		if r.env == nil || game != r.game {
			return fmt.Errorf("the game %s does not begin with frame 0", game)
		}
		actions, err := actionsField(l)
		if err != nil {
			return err
		}
		if err := r.env.spec.CheckActions(actions); err != nil {
			return err
		}
		r.env.Step(actions)
		return envtest.Differ("t", l["t"], r.env.game.frame)
	}
	if r.started[game] && game == r.game {
		r.env.Restart()
		return nil
	}
	// The recorded scenes: keys by the screen's sides in the base game, forward and backward in
	// the boost variant.
	if r.env, err = goldenEnv(l["variant"], 1, 3000, l["variant"] == "base", false); err != nil {
		return err
	}
	if r.started == nil {
		r.started = map[string]bool{}
	}
	r.started[game], r.game = true, game
	return seedFrom(r.env, l["seed"])
}

func (r *renderReplay) End() (counts, error) {
	if r.played.pictures == 0 {
		return r.played, errors.New("no picture")
	}
	return r.played, nil
}

// picture compares every recorded item with ours of the same name.
func (r *renderReplay) picture(l envtest.Object) error {
	recorded, err := envtest.Field[[]any](l, "render")
	if err != nil {
		return err
	}
	r.list.Reset()
	r.env.Render(&r.list)
	items := map[string]*draw.Item{}
	for i := range r.list.Items {
		it := &r.list.Items[i]
		if items[it.ID] != nil {
			return fmt.Errorf("two items %s", it.ID)
		}
		items[it.ID] = it
	}
	seen := map[string]bool{}
	for _, v := range recorded {
		o, ok := v.(envtest.Object)
		if !ok {
			return fmt.Errorf("item %v is no envtest.Object", v)
		}
		id := fmt.Sprint(o["uuid"])
		it := items[id]
		if it == nil {
			return fmt.Errorf("item %s is missing here", id)
		}
		seen[id] = true
		if err := r.item(o, it); err != nil {
			return fmt.Errorf("item %s: %w", id, err)
		}
	}
	for id := range items {
		// Recorded on the first frame only, or not at all there.
		static := strings.HasPrefix(id, "fence") || strings.HasPrefix(id, "ground") || id == "ball_shadow" || id == "ball_marker"
		if !seen[id] && (!static || r.env.game.frame == 0 && (id == "fence" || id == "fence_stub" || id == "ground")) {
			return fmt.Errorf("item %s is not in the recording", id)
		}
	}
	return nil
}

// colours of the recording by role.
var colours = map[draw.Role]string{
	draw.Seat0: "#FF0000", draw.Seat1: "#0000FF",
	draw.Net: "#000000", draw.Ground: "#747275",
	draw.EyeWhite: "#FFFFFF", draw.Pupil: "#000000",
	draw.Ball: "#000000",
}

func (r *renderReplay) item(o envtest.Object, it *draw.Item) error {
	colour := colours[it.Role]
	if it.Role == draw.Glow {
		colour = "#FFFF00"
		if it.ID == "ball" {
			colour = "#AAFF00"
		}
	}
	want := envtest.Object{"uuid": it.ID, "color": colour, "depth": int(it.Depth)}
	static := strings.HasPrefix(it.ID, "fence") || it.ID == "ground"
	want["permanent"] = static
	var pairs [][2]float64
	switch {
	case it.ID == "ground": // a line, filled below; here a rectangle
		want["object_type"], want["width"] = "line", 1.0
		want["fill_below"], want["fill_above"] = true, false
		pairs = [][2]float64{{it.X, it.Y}, {it.X + it.W, it.Y}}
	case it.Kind == draw.Line:
		want["object_type"], want["width"] = "line", it.W*recordedCanvas
		want["fill_below"], want["fill_above"] = false, false
		pairs = [][2]float64{{it.X, it.Y}, {it.X2, it.Y2}}
	case it.Kind == draw.Polygon:
		want["object_type"], want["alpha"] = "polygon", it.Alpha
		for _, p := range r.list.Points(it) {
			pairs = append(pairs, [2]float64{p.X, p.Y})
		}
	case it.Kind == draw.Circle:
		want["object_type"], want["alpha"] = "circle", it.Alpha
		want["x"], want["y"] = it.X, recordedY(it.Y)
		want["radius"] = it.R * recordedCanvas
	default:
		return fmt.Errorf("kind %v", it.Kind)
	}
	if pairs != nil {
		points := make([]any, len(pairs))
		for i, p := range pairs {
			points[i] = []any{p[0], recordedY(p[1])}
		}
		want["points"] = points
	}
	return envtest.DifferAbout(it.ID, o, want, 1e-12) // the recording has another sine
}

// recordedY turns our picture's y into the recording's.
func recordedY(y float64) float64 { return 1 - (1-y)*pictureHeight/worldWidth }
