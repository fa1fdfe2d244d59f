package scene

import (
	"github.com/hajimehoshi/ebiten/v2"

	"tandem/game/dom"
)

// inPage says that the game has no window but a page.
const inPage = true

// canQuit says whether the menu offers to end the program. A page is left by closing its tab.
const canQuit = false

// toggleFullscreen does nothing in a browser that has no full screen, as on some telephones.
func toggleFullscreen() {
	_ = dom.Try(func() { ebiten.SetFullscreen(!ebiten.IsFullscreen()) })
}
