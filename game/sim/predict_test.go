package sim_test

import (
	"fmt"
	"testing"

	"tandem/env"
	_ "tandem/env/all"
	"tandem/game/sim"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/session/timing"
)

// recorded plays frames of an environment with one bot on every seat and returns what the first seat
// did, frame by frame.
func recorded(tb testing.TB, envName, bot string, frames int) []uint8 {
	tb.Helper()
	cfg := options.DefaultConfig()
	if _, err := sim.Configure(&cfg, envName, nil); err != nil {
		tb.Fatal(err)
	}
	cfg.Frames = uint32(frames)
	m, err := sim.NewMatch(&cfg)
	if err != nil {
		tb.Fatal(err)
	}
	m.Reset(1)
	inputs := make([]*sim.BotInput, cfg.Players)
	for i := range inputs {
		if inputs[i], err = sim.NewBotInput(bot, m, i, uint64(i+1)); err != nil {
			tb.Fatal(err)
		}
	}
	actions := make([]uint8, 0, frames)
	for f := range frames {
		c := replica.Command{Kind: replica.CommandStep, Frame: uint32(f)}
		for i, in := range inputs {
			c.Actions[i] = uint8(in.Sample())
		}
		actions = append(actions, c.Actions[0])
		m.Step(&c)
	}
	return actions
}

// BenchmarkPredictor judges action_population_method=predicted against "repeat" on recorded games:
// how many per cent of the actions each would have guessed, one frame ahead and five. predicted is
// nobody's default while it does not win.
func BenchmarkPredictor(b *testing.B) {
	for _, envName := range []string{"slime", "slime/boost", "overcooked/cramped_room", "overcooked/counter_circuit"} {
		for _, bot := range env.BotNames(envName) {
			actions := recorded(b, envName, bot, 9000)
			for _, gap := range []int{1, 5} {
				b.Run(fmt.Sprintf("%s/%s/%d_ahead", envName, bot, gap), func(b *testing.B) {
					var j timing.Judgement
					for b.Loop() {
						j = timing.Judge(actions, gap)
					}
					b.ReportMetric(100*float64(j.Predicted)/float64(j.Actions), "predicted-%")
					b.ReportMetric(100*float64(j.Repeated)/float64(j.Actions), "repeat-%")
					b.ReportMetric(0, "ns/op")
				})
			}
		}
	}
}
