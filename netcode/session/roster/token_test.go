package roster

import (
	"encoding/hex"
	"testing"
	"time"

	"tandem/netcode/protocol"
)

var full = Token{StandIn: true, Seat: 3, Serial: 0x01020304, Owner: 5, ID: 6, Made: 7, Expires: 8, Seed: 9, Room: "ABCDE", Options: "players=4\ndelay=3"}

func TestTokenOnTheWire(t *testing.T) {
	const want = "010304030201" + "0500000000000000" + "0600000000000000" + "0700000000000000" + "0800000000000000" + "0900000000000000" +
		"05" + "4142434445" + "706c61796572733d340a64656c61793d33"
	sealed := full.Seal([]byte("key"))
	if got := hex.EncodeToString(sealed[:len(sealed)-macSize]); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	for _, tok := range []Token{full, {}, {Seat: protocol.MaxSeats - 1, Room: "x"}} {
		if got, ok := Open([]byte("key"), tok.Seal([]byte("key"))); !ok || got != tok {
			t.Errorf("%+v %v, want %+v", got, ok, tok)
		}
	}
}

// Nobody without the key makes a token, or changes or shortens one.
func TestForgedTokens(t *testing.T) {
	key := []byte("key")
	sealed := full.Seal(key)
	if _, ok := Open([]byte("another"), sealed); ok {
		t.Error("a token of another relay is opened")
	}
	for i := range sealed {
		forged := append([]byte(nil), sealed...)
		forged[i] ^= 1
		if tok, ok := Open(key, forged); ok {
			t.Errorf("byte %d changed: %+v", i, tok)
		}
		if _, ok := Open(key, sealed[:i]); ok {
			t.Errorf("%d bytes of it are opened", i)
		}
	}
	// Even a token that was signed says nothing that cannot be.
	for name, tok := range map[string]Token{"a seat too far": {Seat: protocol.MaxSeats}} {
		if _, ok := Open(key, tok.Seal(key)); ok {
			t.Errorf("%s: opened", name)
		}
	}
}

func TestTicket(t *testing.T) {
	key, wall := []byte("key"), time.Unix(1_800_000_000, 0)
	tok := full
	tok.Expires = wall.Unix()
	if got, ok := ReadTicket(key, tok.Seal(key), wall.Add(-time.Second)); !ok || got != (Ticket{Room: "ABCDE", ID: 6, StandIn: true, Made: 7}) {
		t.Errorf("%+v %v", got, ok)
	}
	if _, ok := ReadTicket(key, tok.Seal(key), wall); ok {
		t.Error("an expired token is a ticket")
	}
}

func TestHolders(t *testing.T) {
	var h Holders
	if h.Of(0) != (Holder{}) {
		t.Error("seats have holders before there is a match")
	}
	seats := func(a, b protocol.RosterEntry) []protocol.RosterEntry { return []protocol.RosterEntry{a, b} }
	ann, bob := protocol.RosterEntry{Name: "Ann", Taken: true}, protocol.RosterEntry{Name: "Bob", Taken: true, Since: 50}
	h.Begin(seats(ann, protocol.RosterEntry{}))
	h.Take(seats(ann, bob))
	if h.Of(0) != (Holder{"Ann", 0}) || h.Of(1) != (Holder{"Bob", 50}) || h.Of(2) != (Holder{}) {
		t.Errorf("%+v, %+v", h.Of(0), h.Of(1))
	}
	// A relay that was restarted has forgotten names and beginnings.
	h.Take(seats(protocol.RosterEntry{Taken: true}, protocol.RosterEntry{Name: "Bob", Taken: true}))
	if h.Of(0) != (Holder{"Ann", 0}) || h.Of(1) != (Holder{"Bob", 50}) {
		t.Errorf("%+v, %+v after a restart", h.Of(0), h.Of(1))
	}
	h.Begin(seats(bob, ann))
	if h.Of(0).Name != "Bob" || h.Of(1) != (Holder{"Ann", 0}) {
		t.Errorf("%+v, %+v in the next match", h.Of(0), h.Of(1))
	}
}
