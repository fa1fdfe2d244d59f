package env_test

import (
	"fmt"

	"tandem/env"
	"tandem/env/draw"
)

// steps is a whole environment: two players who take a step or do not; who is first at the goal gets 1.
type steps struct {
	spec   env.Spec
	at     [2]uint8
	result *env.StepResult
}

const goal = 3

func init() {
	env.Register(env.Registration{
		Name: "steps", Title: "Steps",
		New: func(opts []env.Option) (env.Env, error) {
			return &steps{result: env.NewStepResult(2, 0), spec: env.Spec{
				Name: "steps", Title: "Steps", Version: 1, FPS: 30,
				Agents: []string{"left", "right"}, AgentTitles: []string{"left", "right"},
				Actions:  []env.Action{{Name: "stay"}, {Name: "step"}},
				Keys:     []env.Chord{{Keys: []env.Key{env.KeyUp}, Action: 1}},
				Episodes: env.Get(opts, env.EpisodesOption), Options: opts,
				Observation: []env.Array{{Name: "at", Shape: []int{2}}},
				Sections:    []env.Section{{Name: "players", Fields: []env.Field{{Name: "at", Kind: env.U8, Count: 2}}}},
				Aspect:      1,
			}}, nil
		},
	}, 1)
}

func (s *steps) Spec() *env.Spec { return &s.spec }

func (s *steps) Reset(seed uint64) { s.at = [2]uint8{} } // nothing is random here

func (s *steps) Step(actions []int) *env.StepResult {
	s.result.Clear()
	for i, a := range actions {
		s.at[i] = min(s.at[i]+uint8(a), goal)
		if s.at[i] == goal {
			s.result.Rewards[i] = 1
			s.result.Terminated[0], s.result.Terminated[1] = true, true
		}
	}
	return s.result
}

func (s *steps) AppendState(buf []byte) []byte {
	buf, mark := env.BeginSection(buf)
	buf = append(buf, s.at[:]...)
	return env.EndSection(buf, mark)
}

func (s *steps) SetState(data []byte) error {
	if err := s.spec.CheckState(data); err != nil {
		return err
	}
	players, _, _ := env.NextSection(data)
	if players[0] > goal || players[1] > goal {
		return fmt.Errorf("state of steps: section %q: beyond the goal", "players")
	}
	copy(s.at[:], players)
	return nil
}

func (s *steps) Observe(agent int, dst []float32) []float32 {
	return append(dst, float32(s.at[agent]), float32(s.at[1-agent])) // one's own place first
}

func (s *steps) Render(l *draw.List) {
	for i, at := range s.at {
		l.Add(draw.Item{ID: s.spec.Agents[i], Kind: draw.Circle, Role: draw.Seat(i), Alpha: 1,
			X: 0.3 + 0.4*float64(i), Y: 1 - (float64(at)+0.5)/(goal+1), R: 0.1})
	}
}

// A whole environment, registered by its init function, and a game of it.
func Example() {
	e, err := env.New("steps", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	e.Reset(1)
	for _, actions := range [][]int{{1, 0}, {1, 1}, {1, 1}} {
		if err := e.Spec().CheckActions(actions); err != nil {
			fmt.Println(err)
			return
		}
		res := e.Step(actions)
		fmt.Println("right sees", e.Observe(1, nil), "rewards", res.Rewards, "done", res.Done())
	}
	fmt.Println("state", e.AppendState(nil))
	// Output:
	// right sees [0 1] rewards [0 0] done false
	// right sees [1 2] rewards [0 0] done false
	// right sees [2 3] rewards [1 0] done true
	// state [2 0 3 2]
}
