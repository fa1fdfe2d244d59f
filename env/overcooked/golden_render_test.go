package overcooked

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"tandem/env/draw"
	"tandem/env/envtest"
)

// The render samples are the sprite lists of some frames of recorded games. Ours has names of its
// own, is complete in every frame (theirs leaves out what stays, but for frame 0), and says apart
// what theirs has one image for: a chef with something in hand is a chef and an item, the pot's
// timer is a bar.

// terrainSprites are their images of what stays, and ours.
var terrainSprites = map[string]string{
	"wall counter.png":        spriteWall,
	"counter counter.png":     spriteCounter,
	"pot counter.png":         spriteCounter,
	"pot pot.png":             spritePot,
	"onion_stack onions.png":  spriteOnionStack,
	"plate_stack dishes.png":  spriteDishStack,
	"delivery_zone serve.png": spriteDelivery,
}

// objectSprites are their images of what comes and goes.
var objectSprites = map[string]string{
	"onion.png": itemSprites[onion], "dish.png": itemSprites[plate], "soup-onion-dish.png": itemSprites[soup],
	"soup-onion-1-cooking.png": spritePotOne, "soup-onion-2-cooking.png": spritePotTwo,
	"soup-onion-3-cooking.png": spritePotCooking, "soup-onion-cooked.png": spritePotReady,
}

// compass and hands are the parts of a chef's image.
var (
	compass = map[string]string{"NORTH": "north", "SOUTH": "south", "EAST": "east", "WEST": "west"}
	hands   = map[string]string{"onion": itemSprites[onion], "dish": itemSprites[plate], "soup-onion": itemSprites[soup]}
	hats    = []string{"bluehat", "greenhat"}
)

// thing is an item of a picture without its name.
type thing struct {
	sprite string
	x, y   float64
}

func near(a, b thing) bool {
	return a.sprite == b.sprite && math.Abs(a.x-b.x) <= 1e-12 && math.Abs(a.y-b.y) <= 1e-12
}

// translate says what a recorded sprite is in our picture, and whether it stays.
func translate(s envtest.Object, l *layout) (things []thing, stays bool, err error) {
	uuid, frame := fmt.Sprint(s["uuid"]), fmt.Sprint(s["frame"])
	kind, _, _ := strings.Cut(uuid, "@")
	var at [2]float64
	for i, k := range []string{"x", "y"} {
		n, err := envtest.Field[json.Number](s, k)
		if err != nil {
			return nil, false, err
		}
		if at[i], err = n.Float64(); err != nil {
			return nil, false, err
		}
	}
	one := func(sprite string, ok bool) ([]thing, bool, error) {
		if !ok {
			return nil, false, fmt.Errorf("unknown sprite %s %s", uuid, frame)
		}
		return []thing{{sprite, at[0], at[1]}}, s["permanent"] == true, nil
	}
	switch s["image_name"] {
	case "terrain":
		name, ok := terrainSprites[kind+" "+frame]
		return one(name, ok)
	case "objects":
		name, ok := objectSprites[frame]
		return one(name, ok)
	case "chefs":
		towards, rest, _ := strings.Cut(strings.TrimSuffix(frame, ".png"), "-")
		side, ok := compass[towards]
		for i, hat := range hats {
			if uuid == fmt.Sprintf("agent-%d-hat-sprite", i) {
				return one(fmt.Sprintf("hat_%s %v", side, draw.Seat(i)), ok && rest == hat)
			}
		}
		things, stays, err = one("chef_"+side, ok)
		if held, carries := hands[rest]; carries {
			return append(things, thing{"held " + held, at[0], at[1]}), stays, err
		}
		if rest != "" {
			err = fmt.Errorf("unknown sprite %s", frame)
		}
		return things, stays, err
	}
	if s["object_type"] == "text" && uuid == "time_left" {
		return one(fmt.Sprint("time left ", s["text"]), true)
	}
	return one("", false)
}

// shown is our picture in the same terms. What the reference never shows is left out: the floor,
// and the backs of the bars.
func shown(e *Env, list *draw.List) (moving, staying []thing) {
	cell := func(v float64, n int) float64 { return math.Floor(v*float64(n)+1e-9) / float64(n) }
	for i := range list.Items {
		it := &list.Items[i]
		th := thing{it.Name, it.X, it.Y}
		switch {
		case it.Name == spriteFloor || strings.HasPrefix(it.ID, "progress_back"):
			continue
		case it.Kind == draw.Rect:
			left := cookingTime - math.Round(it.W*float64(e.layout.cols)/barWidth*cookingTime)
			th = thing{fmt.Sprintf("time left %02.0f", left), cell(it.X, e.layout.cols), cell(it.Y, e.layout.rows)}
		case strings.HasSuffix(it.ID, "_hat"):
			th.sprite = fmt.Sprint(it.Name, " ", it.Role)
		case strings.HasSuffix(it.ID, "_held"):
			x, y := it.X+it.W/2, it.Y+it.H/2
			th = thing{"held " + it.Name, cell(x, e.layout.cols), cell(y, e.layout.rows)}
		case it.Depth <= depthStation:
			staying = append(staying, th)
			continue
		}
		moving = append(moving, th)
	}
	return moving, staying
}

// compareThings reports what one side has and the other has not.
func compareThings(recorded, here []thing) error {
	here = slices.Clone(here)
	for _, w := range recorded {
		i := slices.IndexFunc(here, func(h thing) bool { return near(w, h) })
		if i < 0 {
			return fmt.Errorf("%v is missing here", w)
		}
		here = slices.Delete(here, i, i+1)
	}
	if len(here) > 0 {
		return fmt.Errorf("%v is not in the recording", here)
	}
	return nil
}

// comparePicture compares a recorded frame with the environment, which is in the same state.
func comparePicture(e *Env, f envtest.Object) error {
	sprites, err := envtest.Field[[]any](f, "sprites")
	if err != nil {
		return err
	}
	var moving, staying []thing
	timers := 0
	for _, v := range sprites {
		s, ok := v.(envtest.Object)
		if !ok {
			return errors.New("a sprite is no envtest.Object")
		}
		things, stays, err := translate(s, e.layout)
		if err != nil {
			return err
		}
		if s["uuid"] == "time_left" {
			timers++
		}
		if stays {
			staying = append(staying, things...)
		} else {
			moving = append(moving, things...)
		}
	}
	var list draw.List
	e.Render(&list)
	ourMoving, ourStaying := shown(e, &list)
	if err := compareThings(moving, ourMoving); err != nil {
		return err
	}
	if e.t == 0 {
		return compareThings(staying, ourStaying)
	}
	return compareThings(staying, nil)
}

// pictureReplay plays a recording to each frame of a sample and compares.
type pictureReplay struct {
	recording []string
	pictures  int
}

func (r *pictureReplay) Line(sample envtest.Object) error {
	frames, err := envtest.Field[[]any](sample, "frames")
	if err != nil {
		return err
	}
	var game trajectory
	next := 0
	for _, v := range frames {
		f, ok := v.(envtest.Object)
		if !ok {
			return errors.New("a frame is no envtest.Object")
		}
		t, err := envtest.UintField(f, "t")
		if err != nil {
			return err
		}
		for game.env == nil || game.played.resets == 0 || uint64(game.env.t) < t {
			if next == len(r.recording) {
				return fmt.Errorf("the recording ends before frame %d", t)
			}
			line, err := envtest.ParseLine([]byte(r.recording[next]))
			if err == nil {
				err = game.Line(line)
			}
			if err != nil {
				return err
			}
			next++
		}
		if err := envtest.Differ("state", f["state"], recordedState(game.env)); err != nil {
			return fmt.Errorf("frame %d: %w", t, err)
		}
		if err := comparePicture(game.env, f); err != nil {
			return fmt.Errorf("frame %d: %w", t, err)
		}
		r.pictures++
	}
	return nil
}

func (r *pictureReplay) End() (pictures int, err error) { return r.pictures, nil }

// sampled returns the sample of a layout, and what replays it.
func sampled(t *testing.T, layout string) (sample []string, begin envtest.Begin[int]) {
	recording := envtest.Lines(t, layout+"_a.jsonl.gz")
	return envtest.Lines(t, "render/"+layout+".json.gz"), func(envtest.Object) (envtest.Replayer[int], error) {
		return &pictureReplay{recording: recording}, nil
	}
}

func TestGoldenRender(t *testing.T) {
	total := 0
	for _, l := range layouts[:referenceLayouts] {
		sample, begin := sampled(t, l.name)
		n, err := envtest.Replay(strings.NewReader(strings.Join(sample, "\n")), begin)
		if err != nil {
			t.Errorf("%s: %v", l.name, err)
		}
		total += n
	}
	if total != wantPictures {
		t.Errorf("compared %d pictures, want %d", total, wantPictures)
	}
}

const wantPictures = 124

func TestGoldenRenderNoticesDamage(t *testing.T) {
	sample, begin := sampled(t, "counter_circuit")
	damage := envtest.NoticesDamage(t, sample, begin)
	damage("a chef's direction", 0, `"WEST-onion.png"`, `"EAST-onion.png"`)
	damage("what a chef holds", 0, `"WEST-onion.png"`, `"WEST-dish.png"`)
	damage("empty hands", 0, `"WEST-onion.png"`, `"WEST.png"`)
	damage("a hat's colour", 0, `-bluehat.png"`, `-greenhat.png"`)
	damage("a pot", 0, `"soup-onion-1-cooking.png"`, `"soup-onion-2-cooking.png"`)
	damage("a soup", 0, `"soup-onion-cooked.png"`, `"soup-onion-3-cooking.png"`)
	damage("an item", 0, `"dish.png"`, `"onion.png"`)
	damage("a stack", 0, `"dishes.png"`, `"onions.png"`)
	damage("a delivery zone", 0, `"serve.png"`, `"counter.png"`)
	damage("a timer", 0, `"text":"30"`, `"text":"29"`)
	damage("a place", 0, `"x":0.4`, `"x":0.40000000001`)
	damage("a thing too few", 0, `"permanent":true`, `"permanent":false`)
	damage("a state", 0, `"dir":0`, `"dir":1`)
}
