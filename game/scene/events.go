package scene

import "time"

// uiKey is a key of the screens, as opposed to one of the game.
type uiKey uint32

const (
	keyUp uiKey = 1 << iota
	keyDown
	keyLeft
	keyRight
	keyEnter
	keySpace
	keyEscape
	keyNext // Tab
	keyPrev // Shift+Tab
	keyBackspace
	keyDelete
	keyHome
	keyEnd
	keyPicture    // F2
	keyNumbers    // F3
	keyHelp       // F1
	keyFullscreen // F11, Alt+Enter
	keyBack       // a gamepad's button that goes back in menus, and belongs to the game in play
)

// events is what happened to the window since the last Update.
type events struct {
	now     time.Time
	focused bool
	closing bool // the window's close button
	keys    uiKey
	chars   []rune // typed
	x, y    float64
	moved   bool    // the pointer
	clicked bool    // at x, y
	pressed int     // id of a form's button that the page's own element of it has activated, or none
	touches []point // where fingers are, those included that have already been lifted
}

func (e *events) has(k uiKey) bool { return e.keys&k != 0 }
