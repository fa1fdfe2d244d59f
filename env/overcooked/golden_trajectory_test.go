package overcooked

import (
	"errors"
	"fmt"
	"strconv"

	"tandem/env"
	"tandem/env/envtest"
)

// trajectory plays a recorded game: same layout, seeds and actions.
type trajectory struct {
	env    *Env
	header envtest.Object
	steps  uint64 // that the header promises
	played counts
}

func (r *trajectory) Line(l envtest.Object) error {
	if r.env == nil {
		return r.begin(l)
	}
	switch l["type"] {
	case "reset":
		return r.reset(l)
	case "step":
		return r.step(l)
	}
	return fmt.Errorf("unknown type %v", l["type"])
}

// begin makes the environment that the header describes.
func (r *trajectory) begin(h envtest.Object) error {
	if h["type"] != "header" {
		return fmt.Errorf("type %v, want a header", h["type"])
	}
	name, err := envtest.Field[string](h, "layout")
	if err != nil {
		return err
	}
	limit, err := envtest.UintField(h, "max_steps")
	if err != nil {
		return err
	}
	e, err := env.New(Family+name, env.Options{optMaxSteps: strconv.FormatUint(limit, 10)})
	if err != nil {
		return err
	}
	if r.steps, err = envtest.UintField(h, "steps"); err != nil {
		return err
	}
	if _, err := envtest.UintField(h, "seed"); err != nil {
		return err
	}
	r.env, r.header = e.(*Env), h
	return envtest.Differ("header", h, r.expectedHeader())
}

// expectedHeader says what the header of a recording of this environment looks like. What only
// describes how the recording was made is taken from it.
func (r *trajectory) expectedHeader() envtest.Object {
	e, id := r.env, "overcooked_"+r.env.layout.name+"_v0"
	weights := envtest.Object{"delivery_reward": 1, "delivery_act_reward": 0, "onion_in_pot_reward": 0, "soup_in_dish_reward": 0}
	seed, _ := envtest.UintField(r.header, "seed")
	want := envtest.Object{
		"type": "header", "format": 1, "env": "cogrid.overcooked",
		"layout": e.layout.name, "layout_id": id, "grid": e.layout.grid, "max_steps": e.spec.MaxSteps,
		"num_agents": len(e.agents), "action_set": "cardinal_actions", "action_order": []int{0, 1},
		"steps": r.steps, "seed": seed,
		"config": envtest.Object{
			"name": "overcooked", "num_agents": len(e.agents), "action_set": "cardinal_actions",
			"features":                    envtest.Object{"0": []string{}, "1": []string{"overcooked_behavior_features", "scaled_full_map_encoding"}},
			"rewards":                     []string{"delivery_reward", "delivery_act_reward", "onion_in_pot_reward_1.0coeff", "soup_in_dish_reward_1.0coeff"},
			"grid":                        envtest.Object{"layout": id},
			"scope":                       "overcooked",
			"max_steps":                   e.spec.MaxSteps,
			"unshaped_proportion":         1.0,
			"enable_weight_randomization": false,
			"behavior_weights":            envtest.Object{"0": weights, "1": weights},
		},
	}
	h := envtest.Object{}
	for k, v := range r.header {
		h[k] = v
	}
	for _, k := range []string{"reference", "plan", "policy_seed"} {
		if _, ok := h[k]; ok {
			want[k] = envtest.Plain(h[k])
		}
	}
	return want
}

func (r *trajectory) reset(l envtest.Object) error {
	want := envtest.Object{"type": "reset", "t": 0, "seed": nil}
	if l["seed"] == nil && r.played.resets > 0 {
		r.env.Restart()
	} else {
		seed, err := envtest.UintField(l, "seed")
		if err != nil {
			return err
		}
		if r.played.resets == 0 && l["seed"] != r.header["seed"] {
			return errors.New("the first seed is not the header's")
		}
		r.env.Reset(seed)
		want["seed"] = seed
	}
	r.played.resets++
	want["rng_inc"] = hex128(r.env.rng.AppendState(nil)[16:])
	return r.compare(l, want)
}

func (r *trajectory) step(l envtest.Object) error {
	if r.played.resets == 0 {
		return errors.New("a step before the first reset")
	}
	e := r.env
	recorded, err := envtest.Field[envtest.Object](l, "actions")
	if err != nil {
		return err
	}
	actions := make([]int, len(e.agents))
	byAgent := envtest.Object{}
	for i := range actions {
		a, err := envtest.UintField(recorded, strconv.Itoa(i))
		if err != nil {
			return err
		}
		actions[i] = int(a)
		byAgent[strconv.Itoa(i)] = a
	}
	if err := e.spec.CheckActions(actions); err != nil {
		return err
	}
	res := e.Step(actions)
	r.played.steps++
	want := envtest.Object{
		"type": "step", "t": e.t, "actions": byAgent,
		"rewards":     envtest.Object{"0": res.Rewards[0], "1": res.Rewards[1]},
		"terminateds": flags(res.Terminated),
		"truncateds":  flags(res.Truncated),
	}
	components := envtest.Object{}
	for k := infoDelivery; k <= infoSoupInDish; k++ {
		c := envtest.Object{}
		for i := range actions {
			if v := res.Infos[i][k]; v != 0 {
				c[strconv.Itoa(i)] = v
			}
		}
		if len(c) > 0 {
			components[infoNames[k]] = c
		}
	}
	if len(components) > 0 {
		want["components"] = components
	}
	for i, a := range e.agents {
		place := []float64{float64(e.layout.row(a.cell)), float64(e.layout.col(a.cell)), float64(a.dir), float64(e.layout.id)}
		for k, v := range place {
			if res.Infos[i][infoRow+k] != v {
				return fmt.Errorf("info %s of agent %d is %v, want %v", infoNames[infoRow+k], i, res.Infos[i][infoRow+k], v)
			}
		}
	}
	return r.compare(l, want)
}

func flags(v []bool) envtest.Object {
	return envtest.Object{"0": v[0], "1": v[1], "__all__": v[0] && v[1]}
}

// compare adds to want what both kinds of lines have.
func (r *trajectory) compare(l, want envtest.Object) error {
	want["state"] = recordedState(r.env)
	if _, ok := l["obs1"]; ok || l["type"] == "reset" {
		obs, err := recordedObservation(r.env, 1)
		if err != nil {
			return err
		}
		want["obs1"] = obs
		r.played.observations++
	}
	return envtest.Differ(fmt.Sprint(l["type"]), l, want)
}

func (r *trajectory) End() (counts, error) {
	switch {
	case r.env == nil:
		return r.played, errors.New("no header")
	case r.played.resets == 0 || r.played.steps == 0 || r.played.observations < 2:
		return r.played, fmt.Errorf("too little to compare: %+v", r.played)
	case uint64(r.played.steps) != r.steps:
		return r.played, fmt.Errorf("%d steps, the header says %d", r.played.steps, r.steps)
	}
	return r.played, nil
}
