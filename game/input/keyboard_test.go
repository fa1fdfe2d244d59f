package input

import (
	"testing"

	"github.com/hajimehoshi/ebiten/v2"

	"tandem/env"
)

func TestEveryFunctionHasItsOwnKeys(t *testing.T) {
	owner := map[ebiten.Key]env.Key{}
	for k, keys := range bindings {
		if len(keys) == 0 {
			t.Errorf("no key on the keyboard means %v", env.Key(k))
		}
		for _, key := range keys {
			if other, taken := owner[key]; taken {
				t.Errorf("%v means both %v and %v", key, other, env.Key(k))
			}
			owner[key] = env.Key(k)
		}
	}
	// The window's own keys, which must stay free.
	for _, key := range []ebiten.Key{ebiten.KeyEscape, ebiten.KeyF3, ebiten.KeyF11, ebiten.KeyAltLeft, ebiten.KeyTab} {
		if k, taken := owner[key]; taken {
			t.Errorf("%v belongs to the window but means %v", key, k)
		}
	}
}
