package input

import (
	"github.com/hajimehoshi/ebiten/v2"
	"github.com/hajimehoshi/ebiten/v2/inpututil"

	"tandem/env"
)

// bindings are the physical keys of each function. Letters go by their place on a US keyboard, so
// WASD lies under the same fingers on every layout.
var bindings = [env.NumKeys][]ebiten.Key{
	env.KeyLeft:  {ebiten.KeyArrowLeft, ebiten.KeyA},
	env.KeyRight: {ebiten.KeyArrowRight, ebiten.KeyD},
	env.KeyUp:    {ebiten.KeyArrowUp, ebiten.KeyW},
	env.KeyDown:  {ebiten.KeyArrowDown, ebiten.KeyS},
	env.KeyA:     {ebiten.KeySpace, ebiten.KeyEnter, ebiten.KeyNumpadEnter},
	env.KeyB:     {ebiten.KeyQ, ebiten.KeyX},
}

// ReadKeyboard returns the keys for Sampler.Update. It is to be called once in every Update of the
// game. Without the focus no key is down.
//
// Ebitengine stamps key events with their tick: a key that went down and up within one tick is
// still reported as pressed, and as just pressed, in that tick, and operating systems' own key
// repeats are dropped. So no tap is lost between two ticks; the Sampler sees to it that none is
// lost between two samples.
func ReadKeyboard() (held, pressed Keys) {
	if !ebiten.IsFocused() {
		return 0, 0
	}
	alt := ebiten.IsKeyPressed(ebiten.KeyAlt)
	for k := range bindings {
		for _, key := range bindings[k] {
			if alt && key == ebiten.KeyEnter {
				continue // Alt+Enter is the window's: full screen
			}
			if ebiten.IsKeyPressed(key) {
				held |= Set(env.Key(k))
			}
			if inpututil.IsKeyJustPressed(key) {
				pressed |= Set(env.Key(k))
			}
		}
	}
	return held, pressed
}
