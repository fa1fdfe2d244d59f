package env_test

import (
	"bytes"
	"fmt"
	"strings"

	"tandem/env"
	_ "tandem/env/all" // every environment and bot
)

// Options are given by name, and refused in words.
func ExampleNew() {
	e, err := env.New("slime", env.Options{"lives": "5"})
	if err != nil {
		fmt.Println(err)
		return
	}
	spec := e.Spec()
	fmt.Println(spec.Title, "for", len(spec.Agents), "at", spec.FPS, "steps a second")

	_, err = env.New("slime", env.Options{"lives": "0"})
	fmt.Println(err)
	// Output:
	// Slime Volleyball for 2 at 30 steps a second
	// slime: option lives=0: must be from 1 to 1000
}

// Two bots play a kitchen for a minute.
func ExampleNewBot() {
	const kitchen = "overcooked/cramped_room"
	e, err := env.New(kitchen, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	e.Reset(7)
	bots := make([]env.Bot, len(e.Spec().Agents))
	for seat := range bots {
		if bots[seat], err = env.NewBot(env.DefaultBot(kitchen), kitchen); err != nil {
			fmt.Println(err)
			return
		}
		bots[seat].Reset(uint64(seat))
	}
	soups, actions := 0.0, make([]int, len(bots))
	for frame := range uint32(60 * 30) {
		for seat, b := range bots {
			actions[seat] = b.Act(e, seat, frame)
		}
		soups += e.Step(actions).Rewards[0]
	}
	fmt.Println("soup was delivered:", soups > 0)
	// Output: soup was delivered: true
}

// The state is all that a game's future depends on: what is loaded elsewhere goes on in the same way.
func ExampleEnv_state() {
	here, err := env.New("slime", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	there, err := env.New("slime", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	here.Reset(1)
	for range 50 {
		here.Step([]int{2, 1})
	}
	state := here.AppendState(nil)
	if err := there.SetState(state); err != nil {
		fmt.Println(err)
		return
	}
	for range 50 {
		here.Step([]int{1, 2})
		there.Step([]int{1, 2})
	}
	fmt.Println("equal:", bytes.Equal(here.AppendState(nil), there.AppendState(nil)))

	// The Spec says what the bytes mean.
	values, err := env.DescribeSections(here.Spec().Sections, state)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range values {
		if strings.HasPrefix(v.Name, "ball.") {
			fmt.Println(v.Name, v.Text)
			break
		}
	}
	fmt.Println("broken:", there.SetState(state[:10]))
	// Output:
	// equal: true
	// ball.x -7.772280447969814
	// broken: state of slime: section "ball" is cut off
}
