package slime

import (
	"tandem/env/envtest"
)

func actionsField(o envtest.Object) ([]int, error) {
	a, err := envtest.Field[envtest.Object](o, "actions")
	if err != nil {
		return nil, err
	}
	left, err := envtest.IntField(a, AgentLeft)
	if err != nil {
		return nil, err
	}
	right, err := envtest.IntField(a, AgentRight)
	return []int{left, right}, err
}

// both is a pair of values by agent; all adds the reference's "__all__".
func both(left, right any) envtest.Object { return envtest.Object{AgentLeft: left, AgentRight: right} }

func all(v bool) envtest.Object { return envtest.Object{AgentLeft: v, AgentRight: v, "__all__": v} }

// recordedState is the environment's state as the reference's dictionary has it. Adding 0 makes the
// zeros positive: Python's are integers.
func recordedState(e *Env) envtest.Object {
	b := &e.game.ball
	o := envtest.Object{
		"ball_x": b.x + 0, "ball_y": b.y + 0,
		"ball_prev_x": b.prevX + 0, "ball_prev_y": b.prevY + 0,
		"ball_vx": b.vx + 0, "ball_vy": b.vy + 0,
		"ball_r": ballRadius, "ball_c": []int{217, 79, 0},
	}
	addSlime(o, AgentLeft, &e.game.left, leftDir, []int{35, 93, 188})
	addSlime(o, AgentRight, &e.game.right, rightDir, []int{255, 236, 0})
	return o
}

func addSlime(o envtest.Object, agent string, s *slime, dir float64, colour []int) {
	o[agent+"_dir"] = dir
	o[agent+"_x"] = s.x + 0
	o[agent+"_y"] = s.y + 0
	o[agent+"_r"] = slimeRadius
	o[agent+"_c"] = colour
	o[agent+"_vx"] = s.vx + 0
	o[agent+"_vy"] = s.vy + 0
	o[agent+"_desired_vx"] = s.wantX + 0
	o[agent+"_desired_vy"] = s.wantY + 0
	o[agent+"_powerups_available"] = s.stock
	o[agent+"_powered_up_timer"] = s.timer
	o[agent+"_emotion"] = emotion(s)
}

func emotion(s *slime) string {
	if s.sad {
		return "sad"
	}
	return "happy"
}

func recordedExtra(e *Env) envtest.Object {
	g := &e.game
	return envtest.Object{
		"t": g.frame, "delay_life": g.hold,
		"life_left": g.left.lives, "life_right": g.right.lives,
		"ball_speed_factor": g.ball.speedFactor, "rng_draws": g.draws,
	}
}

func recordedObservations(e *Env) envtest.Object {
	return both(e.Observe(0, nil), e.Observe(1, nil))
}
