//go:build !js

package scene

import "github.com/hajimehoshi/ebiten/v2"

// inPage says that the game has no window but a page.
const inPage = false

// canQuit says whether the menu offers to end the program.
const canQuit = true

func toggleFullscreen() { ebiten.SetFullscreen(!ebiten.IsFullscreen()) }
