package relay

import (
	"regexp"
	"strings"
	"testing"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
)

func TestRoomCode(t *testing.T) {
	for _, c := range []struct {
		bits uint32
		want string
	}{
		// 127.0.0.1 and 63.84.220.193, the examples of the proquint paper (Wilkerson 2009).
		{0x7f000001, "lusab-babad"},
		{0x3f54dcc1, "gutih-tugad"},
		{0, "babab-babab"},
		{0xffffffff, "zuzuz-zuzuz"},
	} {
		if got := roomCode(c.bits); got != c.want {
			t.Errorf("roomCode(%#x) = %q, want %q", c.bits, got, c.want)
		}
	}
	seen := map[string]bool{}
	form := regexp.MustCompile(`^[a-z]{5}-[a-z]{5}$`)
	random := counter()
	for range 10000 {
		code := roomCode(uint32(random() >> 32))
		if clean, err := cleanCode(code); err != nil || clean != code || !form.MatchString(code) {
			t.Fatalf("code %q is not clean: %q, %v", code, clean, err)
		}
		seen[code] = true
	}
	if len(seen) < 9990 {
		t.Errorf("10000 draws gave %d codes", len(seen))
	}
}

func TestCleanCode(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"friends", "friends"},
		{"  LuSab-BABAD\n", "lusab-babad"},
		{"a_1-b", "a_1-b"},
		{strings.Repeat("x", protocol.MaxRoom), strings.Repeat("x", protocol.MaxRoom)},
	} {
		if got, err := cleanCode(c.in); err != nil || got != c.want {
			t.Errorf("cleanCode(%q) = %q, %v; want %q", c.in, got, err, c.want)
		}
	}
	for _, in := range []string{"two words", "naïve", "a/b", "a\x00b", "..", strings.Repeat("x", protocol.MaxRoom+1)} {
		if got, err := cleanCode(in); err == nil || got != "" {
			t.Errorf("cleanCode(%q) = %q, want a refusal", in, got)
		}
	}
}

// TestDrawnCodesAvoidOthers lets the generator draw the code of a room that exists.
func TestDrawnCodesAvoidOthers(t *testing.T) {
	draws := []uint64{1, 2, 3, 4, // the relay's key
		7, 1, 100, // code, seed, owner of the first seat
		7, 7, 8, 2, 101} // code taken, code taken, code, seed, owner
	opts := Options{Random: func() uint64 { d := draws[0]; draws = draws[1:]; return d }}
	virtual(t, opts, func(t *testing.T, s *Server) {
		a := newPlayer(session.PeerConfig{Seat: -1, Create: roomOptions()}, 1)
		endA := start(a, dial(s))
		if code := <-a.seated; code != roomCode(7) {
			t.Errorf("the first room is %q, want %q", code, roomCode(7))
		}
		b := newPlayer(session.PeerConfig{Seat: -1, Create: roomOptions()}, 2)
		endB := start(b, dial(s))
		if code := <-b.seated; code != roomCode(8) {
			t.Errorf("the second room is %q, want %q", code, roomCode(8))
		}
		close(a.leave)
		close(b.leave)
		<-endA
		<-endB
	})
}

func TestJoinCleansItsCode(t *testing.T) {
	virtual(t, Options{}, func(t *testing.T, s *Server) {
		a := newPlayer(session.PeerConfig{Room: "Friends", Seat: -1, Create: roomOptions()}, 1)
		endA := start(a, dial(s))
		if code := <-a.seated; code != "friends" {
			t.Errorf("the room is called %q", code)
		}
		b := newPlayer(session.PeerConfig{Room: " FRIENDS ", Seat: -1}, 2)
		endB := start(b, dial(s))
		for _, end := range []session.End{<-endA, <-endB} {
			if end.Code != protocol.CodeOK {
				t.Errorf("ended with %+v", end)
			}
		}
	})
}
