package input

import "syscall/js"

// OnHidden calls f whenever the page is hidden, seen again or loses the focus, and tells whether it is
// hidden; at once if it is so already. In a hidden page the browser stops the game's Update, so
// nothing else would notice that no finger is on a key any more. f must not wait for anything. stop
// ends it.
func OnHidden(f func(hidden bool)) (stop func()) {
	document, window := js.Global().Get("document"), js.Global().Get("window")
	hidden := func() bool { return document.Get("visibilityState").String() == "hidden" }
	look := func() { f(hidden()) }
	ends := []func(){on(document, "visibilitychange", look), on(window, "pageshow", look), on(window, "blur", look)}
	if hidden() {
		f(true)
	}
	return func() {
		for _, end := range ends {
			end()
		}
	}
}

// OnUnload calls f with true when the page is being closed, left or loaded again, and with false when
// the browser had only put it aside and shows it once more. f must not wait for anything. stop ends it.
func OnUnload(f func(unloads bool)) (stop func()) {
	window := js.Global().Get("window")
	left := on(window, "pagehide", func() { f(true) })
	back := on(window, "pageshow", func() { f(false) })
	return func() {
		left()
		back()
	}
}

// on calls f at every event of a name, until it is stopped.
func on(target js.Value, event string, f func()) (stop func()) {
	call := js.FuncOf(func(js.Value, []js.Value) any {
		f()
		return nil
	})
	target.Call("addEventListener", event, call)
	return func() {
		target.Call("removeEventListener", event, call)
		call.Release()
	}
}
