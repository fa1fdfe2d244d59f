package main

import (
	"encoding/base64"
	"strings"
	"syscall/js"

	"tandem/cmd/internal/visit"
	"tandem/game/dom"
)

// A seat's token lives in the tab's session storage: a page that is loaded again takes its seat
// again, and one that is closed has forgotten it. A tab that is duplicated has the token as well; it
// takes the seat over, and the first one is told so and does not take it back.

// Beside it lie what the player calls themselves, the address's parameters that are not the game's, and
// for a room what its address asked for first: since there is a room, the address is an invitation.
const (
	nameKey = "tandem.name"
	keptKey = "tandem.parameters"
)

const roomPrefix = "tandem.room."

func roomKey(code string) string { return roomPrefix + visit.Key(code) }

func seatKey(code string) string { return "tandem.seat." + visit.Key(code) }

// stored returns what was kept under a key; "" for nothing.
func stored(key string) string {
	var kept js.Value
	if !storage(func(s js.Value) { kept = s.Call("getItem", key) }) || kept.Type() != js.TypeString {
		return ""
	}
	return kept.String()
}

// store keeps a text, or forgets it with "".
func store(key, text string) {
	storage(func(s js.Value) {
		if text == "" {
			s.Call("removeItem", key)
			return
		}
		s.Call("setItem", key, text)
	})
}

// token returns the token of a seat that this tab had; nil for none.
func token(key string) []byte {
	seat, err := base64.StdEncoding.DecodeString(stored(key))
	if err != nil || len(seat) == 0 {
		return nil // not ours
	}
	return seat
}

// keepToken keeps a seat's token, or forgets it with nil.
func keepToken(key string, seat []byte) { store(key, base64.StdEncoding.EncodeToString(seat)) }

// forgetRooms forgets what the addresses of rooms asked for.
func forgetRooms() {
	storage(func(s js.Value) {
		for i := s.Get("length").Int() - 1; i >= 0; i-- {
			if key := s.Call("key", i); strings.HasPrefix(key.String(), roomPrefix) {
				s.Call("removeItem", key)
			}
		}
	})
}

// storage calls f with the tab's session storage; false where the browser denies it to this page: its
// site's data are blocked, or the storage is full. The seat is then lost with the page.
func storage(f func(js.Value)) (ok bool) {
	kept, err := dom.Get(js.Global(), "sessionStorage")
	return err == nil && dom.Try(func() { f(kept) }) == nil
}
