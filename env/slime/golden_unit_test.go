package slime

import (
	"fmt"

	"tandem/env/envtest"
)

// unitReplay sets recorded states and takes one step from each.
type unitReplay struct{ played counts }

func (r *unitReplay) Line(l envtest.Object) error {
	if l["type"] != "unit" {
		return fmt.Errorf("type %v among unit steps", l["type"])
	}
	lives, err := envtest.IntField(l, "max_lives")
	if err != nil {
		return err
	}
	maxSteps, err := envtest.IntField(l, "max_steps")
	if err != nil {
		return err
	}
	human, err := envtest.Field[bool](l, "human_inputs")
	if err != nil {
		return err
	}
	e, err := goldenEnv(l["variant"], lives, maxSteps, human, false)
	if err != nil {
		return err
	}
	if err := setRecorded(e, l); err != nil {
		return err
	}
	actions, err := actionsField(l)
	if err != nil {
		return err
	}
	if err := e.spec.CheckActions(actions); err != nil {
		return err
	}
	in := envtest.Object{"state_in": recordedState(e), "extra_in": recordedExtra(e), "obs_in": recordedObservations(e)}
	want := expectedStep(e, e.Step(actions))
	for k, v := range in {
		want[k] = v
	}
	want["actions"] = both(actions[0], actions[1])
	want["state_out"], want["extra_out"], want["obs_out"] = recordedState(e), recordedExtra(e), recordedObservations(e)
	for _, k := range []string{"type", "variant", "kind", "max_lives", "max_steps", "human_inputs", "serve_seed"} {
		want[k] = envtest.Plain(l[k]) // taken over above; kind is a word for people
	}
	r.played.units++
	return envtest.Differ("unit", l, want)
}

func (r *unitReplay) End() (counts, error) { return r.played, nil }

// setRecorded puts e into the state that a unit step starts from. It writes the fields themselves:
// some of these states lie outside the world, so SetState would refuse them.
func setRecorded(e *Env, l envtest.Object) error {
	state, err := envtest.Field[envtest.Object](l, "state_in")
	if err != nil {
		return err
	}
	extra, err := envtest.Field[envtest.Object](l, "extra_in")
	if err != nil {
		return err
	}
	var broken error
	num := func(o envtest.Object, key string) float64 {
		v, err := envtest.FloatField(o, key)
		if err != nil && broken == nil {
			broken = err
		}
		return v
	}
	g := &e.game
	g.frame, g.hold = uint32(num(extra, "t")), uint8(num(extra, "delay_life"))
	g.ball = ball{
		x: num(state, "ball_x"), y: num(state, "ball_y"),
		prevX: num(state, "ball_prev_x"), prevY: num(state, "ball_prev_y"),
		vx: num(state, "ball_vx"), vy: num(state, "ball_vy"),
		speedFactor: num(extra, "ball_speed_factor"),
	}
	read := func(agent, lives string) slime {
		return slime{
			body: body{
				x: num(state, agent+"_x"), y: num(state, agent+"_y"),
				vx: num(state, agent+"_vx"), vy: num(state, agent+"_vy"),
				wantX: num(state, agent+"_desired_vx"), wantY: num(state, agent+"_desired_vy"),
			},
			lives: int32(num(extra, lives)),
			stock: uint8(num(state, agent+"_powerups_available")),
			timer: uint8(num(state, agent+"_powered_up_timer")),
			sad:   state[agent+"_emotion"] == "sad",
		}
	}
	g.left, g.right = read(AgentLeft, "life_left"), read(AgentRight, "life_right")
	if _, err := parseSeed(l["serve_seed"]); err != nil {
		return err
	}
	g.rng, g.draws = seededGenerator(l["serve_seed"]), uint32(num(extra, "rng_draws"))
	g.refresh()
	return broken
}
