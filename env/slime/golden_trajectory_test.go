package slime

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"math"
	"math/big"
	"strconv"
	"strings"

	"tandem/env"
	"tandem/env/envtest"
)

// trajectoryReplay plays a recorded game: same seed, options and actions.
type trajectoryReplay struct {
	env           *Env
	header        envtest.Object
	wantSteps     int
	postTerminal  int // steps that the recording goes on after the end of an episode
	episode       int
	toReset       int // steps left until a reset is due; -1 while the episode runs
	played        counts
	points        int
	finished      int
	truncatedOnly int // episodes that ended by the step limit alone
	truncated     int // and those that ended by it, a point at the same time or not
	canon         string
	trajectory    hash.Hash
	policies      map[string]*Baseline
	final         bool
}

func (r *trajectoryReplay) Line(l envtest.Object) error {
	if r.final {
		return errors.New("a line after the final one")
	}
	if r.env == nil {
		if l["type"] != "header" {
			return fmt.Errorf("type %v, want a header", l["type"])
		}
		return r.begin(l)
	}
	switch l["type"] {
	case "reset":
		return r.reset(l)
	case "step":
		return r.step(l)
	case "final":
		return r.finish(l)
	}
	return fmt.Errorf("unknown type %v", l["type"])
}

// begin makes the environment that the header describes.
func (r *trajectoryReplay) begin(h envtest.Object) error {
	config, err := envtest.Field[envtest.Object](h, "config")
	if err != nil {
		return err
	}
	lives, err := envtest.IntField(h, "max_lives")
	if err != nil {
		return err
	}
	maxSteps, err := envtest.IntField(config, "max_steps")
	if err != nil {
		return err
	}
	human, err := envtest.Field[bool](config, "human_inputs")
	if err != nil {
		return err
	}
	survival, err := envtest.Field[bool](config, "survival_reward")
	if err != nil {
		return err
	}
	if r.env, err = goldenEnv(h["variant"], lives, maxSteps, human, survival); err != nil {
		return err
	}
	if r.wantSteps, err = envtest.IntField(h, "steps"); err != nil {
		return err
	}
	if r.postTerminal, err = envtest.IntField(h, "post_terminal_steps"); err != nil {
		return err
	}
	if err := seedFrom(r.env, h["seed"]); err != nil {
		return err
	}
	r.header = h
	r.episode, r.toReset = -1, 0
	r.trajectory = sha256.New()
	r.policies = map[string]*Baseline{AgentLeft: {}, AgentRight: {}}
	return envtest.Differ("header", h, r.expectedHeader(h))
}

// expectedHeader says what the header of a recording of this environment looks like. What only
// describes how the recording was made is taken from it, and so is what begin has used.
func (r *trajectoryReplay) expectedHeader(h envtest.Object) envtest.Object {
	want := envtest.Object{
		"type": "header", "format": "slime-golden/1", "env": "slime_volleyball", "infos": "always empty",
		"obs_dtype": "float32", "obs_len": baseObservation, "draws_before_first_reset": unplayedServes * drawsPerServe,
	}
	if r.env.boost {
		want["obs_dtype"], want["obs_len"] = "float64", boostObservation
		want["draws_before_first_reset"] = unplayedServesBoost * drawsPerServe
	}
	n := len(r.env.spec.Actions)
	want["action_space"] = both(n, n)
	g := seededGenerator(h["seed"])
	state := g.AppendState(nil)
	want["pcg64_initial"] = envtest.Object{"state": hex128(state[:16]), "inc": hex128(state[16:32])}
	want["config"] = envtest.Object{
		"human_inputs": r.env.swapLeft, "survival_reward": r.env.survival != 0, "max_steps": int(r.env.maxSteps),
	}
	for k, v := range h {
		if _, known := want[k]; !known {
			want[k] = envtest.Plain(v)
		}
	}
	return want
}

func (r *trajectoryReplay) reset(l envtest.Object) error {
	if r.toReset != 0 {
		return errors.New("a reset in the middle of an episode")
	}
	if r.episode >= 0 {
		r.env.Restart()
	}
	r.episode++
	r.toReset = -1
	r.played.resets++
	r.remember()
	return envtest.Differ("reset", l, envtest.Object{
		"type": "reset", "episode": r.episode, "t": 0,
		"state": recordedState(r.env), "extra": recordedExtra(r.env), "obs": recordedObservations(r.env),
	})
}

func (r *trajectoryReplay) step(l envtest.Object) error {
	switch {
	case r.toReset == 0:
		return errors.New("a step where a reset is due")
	case r.toReset > 0:
		r.toReset--
	}
	actions, err := actionsField(l)
	if err != nil {
		return err
	}
	if err := r.env.spec.CheckActions(actions); err != nil {
		return err
	}
	if err := r.decisions(l, actions); err != nil {
		return err
	}
	res := r.env.Step(actions)
	r.played.steps++
	r.remember()
	r.count(res)
	want := expectedStep(r.env, res)
	want["type"], want["episode"], want["t"] = "step", r.episode, r.env.game.frame
	want["actions"] = both(actions[0], actions[1])
	want["state"], want["extra"], want["obs"] = recordedState(r.env), recordedExtra(r.env), recordedObservations(r.env)
	delete(l, "policy") // compared by decisions
	return envtest.Differ("step", l, want)
}

// expectedStep is what a step answered.
func expectedStep(e *Env, res *env.StepResult) envtest.Object {
	return envtest.Object{
		"rewards":     both(res.Rewards[0], res.Rewards[1]),
		"terminateds": all(res.Terminated[0] && res.Terminated[1]),
		"truncateds":  all(res.Truncated[0] && res.Truncated[1]),
	}
}

// decisions compares the decisions of the built-in opponent that were recorded with a step. They
// were made on the observation before it. Bit parity of the net's outputs is not promised (numpy's
// sums and tanh differ between machines); the buttons are the same.
func (r *trajectoryReplay) decisions(l envtest.Object, actions []int) error {
	if _, ok := l["policy"]; !ok {
		return nil
	}
	policy, err := envtest.Field[envtest.Object](l, "policy")
	if err != nil {
		return err
	}
	policies, err := envtest.Field[envtest.Object](r.header, "policies")
	if err != nil {
		return err
	}
	for agent, id := range map[string]int{AgentLeft: 0, AgentRight: 1} {
		if _, ok := policy[agent]; !ok {
			continue
		}
		d, err := envtest.Field[envtest.Object](policy, agent)
		if err != nil {
			return err
		}
		p := r.policies[agent]
		p.decide(r.env.Observe(id, nil))
		r.played.decisions++
		b := p.buttons
		want := envtest.Object{"triplet": []uint8{bit(b.forward), bit(b.backward), bit(b.jump)}, "out": p.out}
		if err := envtest.DifferAbout("policy."+agent, d, want, 1e-9); err != nil {
			return err
		}
		if who := policies[agent]; (who == "baseline" || who == "internal") && b.action() != actions[id] {
			return fmt.Errorf("%s: decided %d, recorded action %d", agent, b.action(), actions[id])
		}
	}
	return nil
}

func (r *trajectoryReplay) count(res *env.StepResult) {
	if res.Rewards[0] != res.Rewards[1] {
		r.points++
	}
	if res.Done() && r.toReset < 0 {
		r.toReset = r.postTerminal
		r.finished++
		if res.Truncated[0] {
			r.truncated++
			if !res.Terminated[0] {
				r.truncatedOnly++
			}
		}
	}
}

// remember adds the present state to the trajectory's hash.
func (r *trajectoryReplay) remember() {
	r.canon = canonical(r.env)
	r.trajectory.Write([]byte(r.canon))
	r.trajectory.Write([]byte("\n"))
}

func (r *trajectoryReplay) finish(l envtest.Object) error {
	r.final = true
	truncated, err := envtest.IntField(l, "truncated_episodes")
	if err != nil {
		return err
	}
	// The recordings do not say whether an episode that ended both ways at once counts.
	if truncated < r.truncatedOnly || truncated > r.truncated {
		return fmt.Errorf("truncated_episodes: recorded %d, here %d to %d", truncated, r.truncatedOnly, r.truncated)
	}
	final := sha256.Sum256([]byte(r.canon))
	return envtest.Differ("final", l, envtest.Object{
		"type": "final", "lines": 1 + r.played.resets + r.played.steps, // the header counts
		"points": r.points, "episodes_finished": r.finished, "truncated_episodes": truncated,
		"final_sha256":      fmt.Sprintf("%x", final),
		"trajectory_sha256": fmt.Sprintf("%x", r.trajectory.Sum(nil)),
		"events":            envtest.Plain(l["events"]), // the recorder's own statistics of what the states show
	})
}

func (r *trajectoryReplay) End() (counts, error) {
	switch {
	case !r.final:
		return r.played, errors.New("no final line")
	case r.played.steps == 0 || r.played.resets == 0:
		return r.played, errors.New("no steps")
	case r.played.steps != r.wantSteps:
		return r.played, fmt.Errorf("%d steps, the header says %d", r.played.steps, r.wantSteps)
	}
	return r.played, nil
}

// canonical is the text of a state that the recordings hash.
func canonical(e *Env) string {
	var b strings.Builder
	b.WriteString("slime-canon/1")
	add := func(key string, v any) {
		f, ok := envtest.Number(v)
		if !ok {
			fmt.Fprintf(&b, "\n%s=%v", key, v)
			return
		}
		fmt.Fprintf(&b, "\n%s=%016x", key, math.Float64bits(f+0))
	}
	extra, state := recordedExtra(e), recordedState(e)
	for _, k := range []string{"t", "delay_life", "life_left", "life_right", "ball_speed_factor", "rng_draws"} {
		add(k, extra[k])
	}
	for _, k := range []string{"x", "y", "prev_x", "prev_y", "vx", "vy"} {
		add("ball_"+k, state["ball_"+k])
	}
	for _, agent := range []string{AgentLeft, AgentRight} {
		for _, k := range []string{"x", "y", "vx", "vy", "desired_vx", "desired_vy", "powerups_available", "powered_up_timer", "emotion"} {
			add(agent+"_"+k, state[agent+"_"+k])
		}
	}
	return b.String()
}

// goldenEnv makes the environment of a recording through the registry, as a game would.
func goldenEnv(variant any, lives, maxSteps int, human, survival bool) (*Env, error) {
	names := map[any]string{"base": Name, "boost": NameBoost}
	name, ok := names[variant]
	if !ok {
		return nil, fmt.Errorf("unknown variant %v", variant)
	}
	e, err := env.New(name, env.Options{
		optLives: strconv.Itoa(lives), optMaxSteps: strconv.Itoa(maxSteps),
		optHumanInputs: strconv.FormatBool(human), optSurvivalReward: strconv.FormatBool(survival),
	})
	if err != nil {
		return nil, err
	}
	return e.(*Env), nil
}

// seedFrom resets e with a recorded seed, which may have any number of bits.
func seedFrom(e *Env, seed any) error {
	n, err := parseSeed(seed)
	if err != nil {
		return err
	}
	if n.IsUint64() {
		e.Reset(n.Uint64())
		return nil
	}
	e.game.rng = seededGenerator(seed)
	e.begin()
	return nil
}

func parseSeed(seed any) (*big.Int, error) {
	n, ok := new(big.Int).SetString(fmt.Sprint(seed), 10)
	if !ok || n.Sign() < 0 {
		return nil, fmt.Errorf("seed %v is no whole number from 0", seed)
	}
	return n, nil
}
