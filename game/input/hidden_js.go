package input

import "syscall/js"

// OnHidden calls f whenever the page is hidden or loses the focus. In a hidden page the browser
// stops the game's Update, so nothing else would notice that no finger is on a key any more.
// stop ends it.
func OnHidden(f func()) (stop func()) {
	document, window := js.Global().Get("document"), js.Global().Get("window")
	call := js.FuncOf(func(js.Value, []js.Value) any {
		f()
		return nil
	})
	document.Call("addEventListener", "visibilitychange", call)
	window.Call("addEventListener", "blur", call)
	return func() {
		document.Call("removeEventListener", "visibilitychange", call)
		window.Call("removeEventListener", "blur", call)
		call.Release()
	}
}
