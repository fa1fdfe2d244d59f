package main

import (
	"encoding/json"
	"syscall/js"

	"tandem/game/scene"
)

// mirror lets the page make elements of the controls on the screen (assets/web/page/controls.js).
func mirror(s *scene.Screen) {
	text, err := json.Marshal(s)
	if err != nil {
		return // a screen has nothing that JSON lacks
	}
	page().Call("screen", string(text))
}

// hear passes on to the game what is done with these elements.
func hear(g *scene.Game) {
	page().Set("act", js.FuncOf(func(_ js.Value, a []js.Value) any {
		g.Act(scene.Act{Serial: a[0].Int(), Kind: scene.ActKind(a[1].String()), ID: a[2].Int(), Text: a[3].String(), At: a[4].Int()})
		return nil
	}))
}
