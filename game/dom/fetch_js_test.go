package dom

import (
	"context"
	"errors"
	"strings"
	"syscall/js"
	"testing"
	"time"
)

// TestFetch asks, and lets go of every function that it gave to the browser: a page asks anew with every try
// to connect.
func TestFetch(t *testing.T) {
	// The real fetch, and what its promises were given.
	js.Global().Call("eval", `
		globalThis.given = [];
		globalThis.realFetch = globalThis.fetch;
		const watched = (p) => ({ then(...f) { globalThis.given.push(...f); return watched(p.then(...f)); } });
		globalThis.fetch = (address, init) => watched(address === "never" ? new Promise((_, no) => init.signal.addEventListener("abort", () => no(init.signal.reason))) : realFetch(address, init));`)
	defer js.Global().Call("eval", `globalThis.fetch = realFetch`)
	// released counts those that do nothing any more: Go says so on the console.
	released := func() int {
		return js.Global().Call("eval", `(() => {
			let n = 0;
			const error = console.error;
			console.error = (text) => { if (text === "call to released function") n++; else error(text); };
			for (const f of given) f({ status: 1, text: () => "" });
			console.error = error;
			return n;
		})()`).Int()
	}
	for _, c := range []struct {
		name, address, body, fault string
	}{
		{"an answer", "data:text/plain,hello", "hello", ""},
		{"no answer", "http://127.0.0.1:1/", "", "TypeError"},
		{"no address", "http://a b/", "", "TypeError"},
		{"silence", "never", "", "deadline"},
	} {
		js.Global().Get("given").Set("length", 0)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		if c.address == "never" {
			ctx, cancel = context.WithTimeout(t.Context(), time.Millisecond)
		}
		status, body, err := Fetch(ctx, c.address)
		if body != c.body || (status == 200) != (err == nil) || (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%s: %d %q %v", c.name, status, body, err)
		}
		want := 3
		if errors.Is(err, context.DeadlineExceeded) {
			// The promise hears of that in the browser's own time, before another one is kept.
			if _, _, err := Fetch(t.Context(), "data:,"); err != nil {
				t.Error(err)
			}
			want = 6
		}
		if n := released(); n != want {
			t.Errorf("%s: %d of %d functions were let go", c.name, n, want)
		}
		cancel()
	}
	js.Global().Set("fetch", js.Undefined())
	if _, _, err := Fetch(t.Context(), "data:,"); err == nil {
		t.Error("without fetch: no error")
	}
}
