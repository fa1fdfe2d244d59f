package input

import "syscall/js"

// OnHidden calls f whenever the page is hidden, unloaded, seen again or loses the focus, and tells whether it
// is hidden; at once if it is so already. In a hidden page the browser stops the game's Update, so
// nothing else would notice that no finger is on a key any more. f must not wait for anything. stop
// ends it.
func OnHidden(f func(hidden bool)) (stop func()) {
	document, window := js.Global().Get("document"), js.Global().Get("window")
	hidden := func() bool { return document.Get("visibilityState").String() == "hidden" }
	call := js.FuncOf(func(js.Value, []js.Value) any {
		f(hidden())
		return nil
	})
	left := js.FuncOf(func(js.Value, []js.Value) any {
		f(true)
		return nil
	})
	document.Call("addEventListener", "visibilitychange", call)
	window.Call("addEventListener", "pagehide", left)
	window.Call("addEventListener", "pageshow", call)
	window.Call("addEventListener", "blur", call)
	if hidden() {
		f(true)
	}
	return func() {
		document.Call("removeEventListener", "visibilitychange", call)
		window.Call("removeEventListener", "blur", call)
		window.Call("removeEventListener", "pagehide", left)
		window.Call("removeEventListener", "pageshow", call)
		call.Release()
		left.Release()
	}
}
