package main

import (
	"encoding/base64"
	"strings"
	"syscall/js"
)

// A seat's token lives in the tab's session storage: a page that is loaded again takes its seat
// again, and one that is closed has forgotten it. A tab that is duplicated has the token as well; it
// takes the seat over, and the first one is told so and does not take it back.

// remembered returns the token of the seat that this tab had in a room; nil for none.
func remembered(code string) []byte {
	var kept js.Value
	if !storage(func(s js.Value) { kept = s.Call("getItem", seatKey(code)) }) || kept.Type() != js.TypeString {
		return nil
	}
	seat, err := base64.StdEncoding.DecodeString(kept.String())
	if err != nil {
		return nil // not ours
	}
	return seat
}

// remember keeps a seat's token, or forgets it with nil.
func remember(code string, seat []byte) {
	storage(func(s js.Value) {
		if seat == nil {
			s.Call("removeItem", seatKey(code))
			return
		}
		s.Call("setItem", seatKey(code), base64.StdEncoding.EncodeToString(seat))
	})
}

func seatKey(code string) string { return "tandem.seat." + strings.ToLower(strings.TrimSpace(code)) }

// storage calls f with the tab's session storage; false where the browser denies it to this page, as
// some do in private windows. The seat is then lost with the page.
func storage(f func(js.Value)) (ok bool) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case js.Error:
			ok = false
		default:
			panic(v)
		}
	}()
	f(js.Global().Get("sessionStorage"))
	return true
}
