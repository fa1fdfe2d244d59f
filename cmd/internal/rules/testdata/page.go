//rules: refusals cmd/tandem/page_js.go

package main

import (
	"syscall/js"

	"tandem/game/dom"
)

var kept = js.Global().Get("sessionStorage") // want

func read() {
	_ = js.Global().Get("navigator").Get("clipboard") // want
	_ = js.Global().Get("navigator").Get(`share`)     // want
	_, _ = dom.Get(js.Global(), "sessionStorage")
	_ = js.Global().Get("location").Get("search")
}
