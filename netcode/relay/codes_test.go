//go:build !js

package relay

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/transport"
)

// draw makes the code of some bits that are not unlucky.
func draw(t *testing.T, bits uint64) string {
	t.Helper()
	code, ok := roomCode(bits)
	if !ok {
		t.Fatalf("the bits %#x make the unlucky code %s", bits, code)
	}
	return code
}

func TestRoomCode(t *testing.T) {
	for _, c := range []struct {
		bits uint64
		want string
	}{
		{0, "babab-babab-babab"},
		// 127.0.0.1 is lusab-babad in the proquint paper (Wilkerson 2009); ten bits and the check follow.
		{0x7f000001 << 10, "lusab-babad-babop"},
		{1, "babab-babab-badag"},
		{1<<42 - 1, "zuzuz-zuzuz-zuzur"},
		{1<<64 - 1, "zuzuz-zuzuz-zuzur"}, // only 42 bits count
	} {
		if got := draw(t, c.bits); got != c.want {
			t.Errorf("roomCode(%#x) = %q, want %q", c.bits, got, c.want)
		}
	}
	const seed = 7
	random := rand.New(rand.NewPCG(seed, 0))
	seen := map[string]bool{}
	form := regexp.MustCompile(`^[a-z]{5}-[a-z]{5}-[a-z]{5}$`)
	bad := 0
	for range 100_000 {
		code, ok := roomCode(random.Uint64())
		if !ok {
			bad++
			continue
		}
		got, err := readCode(code)
		if err != nil || got.shown != code || !got.drawn || !form.MatchString(code) || got.key != strings.ReplaceAll(code, "-", "") {
			t.Fatalf("seed %d: code %q is read as %+v, %v", seed, code, got, err)
		}
		seen[code] = true
	}
	if len(seen)+bad < 100_000 || bad > 7000 {
		t.Errorf("seed %d: 100000 draws gave %d codes, %d were unlucky", seed, len(seen), bad)
	}
	for _, u := range unlucky {
		for c := range seen {
			if strings.Contains(c, u) {
				t.Errorf("%s was drawn", c)
			}
		}
	}
	if got, err := readCode(exampleCode); err != nil || !got.drawn {
		t.Errorf("the example %s could not be drawn: %v", exampleCode, err)
	}
}

// TestSlips makes every slip of one letter in some codes, exchanges neighbouring letters and words,
// and counts which of them would be taken for another room's code.
func TestSlips(t *testing.T) {
	const seed = 8
	random := rand.New(rand.NewPCG(seed, 0))
	swaps, swapped := 0, 0
	for range 200 {
		code, ok := roomCode(random.Uint64())
		if !ok {
			continue
		}
		for i := range code {
			for c := 'a'; c <= 'z'; c++ {
				wrong := code[:i] + string(c) + code[i+1:]
				if wrong == code {
					continue
				}
				if got, err := readCode(wrong); err == nil && got.drawn {
					t.Fatalf("seed %d: %s instead of %s passes", seed, wrong, code)
				}
			}
			if left, err := readCode(code[:i] + code[i+1:]); code[i] != '-' && err == nil && left.drawn {
				t.Fatalf("seed %d: %s without its letter %d passes", seed, code, i)
			}
		}
		words := strings.Split(code, "-")
		for _, other := range []string{words[1] + words[0] + words[2], words[0] + words[2] + words[1], words[2] + words[1] + words[0]} {
			swaps++
			if got, err := readCode(other); err == nil && got.drawn {
				swapped++
			}
		}
	}
	if swapped*20 > swaps {
		t.Errorf("seed %d: %d of %d exchanged words pass", seed, swapped, swaps)
	}
}

func TestReadCode(t *testing.T) {
	for _, c := range []struct{ in, key, shown string }{
		{"", "", ""},
		{" \t", "", ""},
		{"friends", "friends", "friends"},
		{"Two  Words", "twowords", "two-words"},
		{"a_1-b.c,d", "a1bcd", "a_1-b-c-d"},
		{"  LuSab-BABAD babop\n", "lusabbabadbabop", "lusab-babad-babop"},
		{"lusabbabadbabop", "lusabbabadbabop", "lusab-babad-babop"},
		{"1usab-babad-bab0p", "lusabbabadbabop", "lusab-babad-babop"},
		{"zuzuz-zuzuz-zuzur", "zuzuzzuzuzzuzur", "zuzuz-zuzuz-zuzur"},
		{draw(t, 0x10), "bababbababbibub", "babab-babab-bibub"},
		{"babab-babab-b1bub", "bababbababbibub", "babab-babab-bibub"},
		{strings.Repeat("x", protocol.MaxRoom), strings.Repeat("x", protocol.MaxRoom), strings.Repeat("x", protocol.MaxRoom)},
	} {
		if got, err := readCode(c.in); err != nil || got.key != c.key || got.shown != c.shown {
			t.Errorf("%q is read as %+v, %v; want %q, shown %q", c.in, got, err, c.key, c.shown)
		}
	}
	for in, say := range map[string]string{
		"naïve": "letters, digits", "a/b": "letters, digits", "a\x00b": "letters, digits",
		"..": "at least one", "- _": "at least one",
		strings.Repeat("x", protocol.MaxRoom+1): "at most 32",
		"lusab-babad-babar":                     "room code lusab-babad-babar has a typo",
		"LUSAB BABAB BABOP":                     "room code lusab-babab-babop has a typo",
	} {
		if got, err := readCode(in); err == nil || got != (typed{}) || err.Code != protocol.CodeNoRoom || !strings.Contains(err.Text, say) {
			t.Errorf("%q is read as %+v, %v; want %q", in, got, err, say)
		}
	}
}

// TestUnknownCodes says what may be the matter, and the same whatever rooms there are.
func TestUnknownCodes(t *testing.T) {
	for in, say := range map[string]string{
		"friends":           `no room "friends" on this relay. Check the code with your host: a room ends`,
		"lusab-babad-baba":  "three words of five letters",
		"lusab-babad-babax": "three words of five letters",
		"lusab-babad-babop": "no slip, so perhaps",
	} {
		code, err := readCode(in)
		if err != nil {
			t.Fatal(err)
		}
		if e := code.unknown(); e.Code != protocol.CodeNoRoom || !strings.Contains(e.Text, say) {
			t.Errorf("%q: %q, want %q", in, e.Text, say)
		}
	}
}

// TestGuessing lets an address name wrong codes until the answers are held back. Right codes and rooms of
// one's own are no guesses, and are never held back; others are not affected.
func TestGuessing(t *testing.T) {
	var now atomic.Int64 // rooms read it, too
	s := New(Options{Random: counter(), Now: func() time.Duration { return time.Duration(now.Load()) }})
	defer s.Close()
	other := placeOf("203.0.113.8")
	room, refused := s.roomFor(&client{server: s, place: other}, &protocol.Join{Create: roomOptions()})
	if refused != nil {
		t.Fatal(refused)
	}
	code := room.state.Code()
	lab := placeOf("203.0.113.7")
	want := func(what string, at place, j *protocol.Join, want protocol.Code, held time.Duration) {
		t.Helper()
		c, code := &client{server: s, place: at}, protocol.CodeOK
		if _, refused := s.roomFor(c, j); refused != nil {
			code = refused.Code
			if (code == protocol.CodeTries) != strings.Contains(refused.Text, "a right one is answered at once") {
				t.Errorf("%s: the refusal says %q", what, refused.Text)
			}
		}
		if code != want || c.penalty != held {
			t.Errorf("%s: %s after %v, want %s after %v", what, code, c.penalty, want, held)
		}
	}
	mine := func(name string) *protocol.Join { return &protocol.Join{Room: name, Create: roomOptions()} }
	for i := range 20 { // forty peers, two in each room
		name := fmt.Sprintf("pair%d", i)
		want("the first of "+name, lab, mine(name), protocol.CodeOK, 0)
		want("the second of "+name, lab, mine(name), protocol.CodeOK, 0)
	}
	for i := range triesBurst {
		want("the right code between wrong ones", lab, &protocol.Join{Room: code}, protocol.CodeOK, 0)
		want("a wrong code", lab, &protocol.Join{Room: fmt.Sprintf("guess%d", i), Watch: i%2 == 0, Create: roomOptions()[:0]}, protocol.CodeNoRoom, 0)
	}
	want("the 31st wrong code", lab, &protocol.Join{Room: "z"}, protocol.CodeTries, triesEvery)
	want("the 32nd wrong code", lab, &protocol.Join{Room: "z"}, protocol.CodeTries, 2*triesEvery)
	want("the right code", lab, &protocol.Join{Room: code}, protocol.CodeOK, 0)
	want("a room of one's own", lab, mine("pair77"), protocol.CodeOK, 0)
	want("a room with a code that is drawn", lab, &protocol.Join{Create: roomOptions()}, protocol.CodeOK, 0)
	want("a wrong code from another address", other, &protocol.Join{Room: "z"}, protocol.CodeNoRoom, 0)
	want("a wrong code without an address", place{}, &protocol.Join{Room: "z"}, protocol.CodeNoRoom, 0)
	for range 1000 { // as fast as joins are taken: what is owed for wrong codes still grows
		now.Add(int64(time.Second / joinsPerSecond))
		_, _ = s.roomFor(&client{server: s, place: lab}, &protocol.Join{Room: "z"}) // each is refused
	}
	now.Add(int64(time.Second)) // for two more joins
	want("one after a thousand", lab, &protocol.Join{Room: "z"}, protocol.CodeTries, triesMost)
	want("the right code after a thousand", lab, &protocol.Join{Room: code}, protocol.CodeOK, 0)
	now.Add(int64(triesMost + triesEvery)) // all that is owed is paid
	want("a wrong code later", lab, &protocol.Join{Room: "z"}, protocol.CodeNoRoom, 0)
}

// TestGuessesKeepTheirPlace: who hangs up instead of waiting for an answer gets no place for another
// guess, and a relay that ends waits for nobody.
func TestGuessesKeepTheirPlace(t *testing.T) {
	virtual(t, Options{ConnsPerAddress: 40}, func(t *testing.T, s *Server) {
		guess := func() transport.Conn {
			near, far := transport.PipeOptions(connOptions, connOptions)
			go s.ServeConn(placed{far})
			write(t, near, protocol.Append(hello(protocol.Version), &protocol.Join{Room: "z", Seat: -1}))
			return near
		}
		for range triesBurst {
			refusedWith(t, guess(), protocol.CodeNoRoom, "no room")
		}
		held := []transport.Conn{}
		for range 40 {
			held = append(held, guess())
		}
		synctest.Wait()
		for _, c := range held {
			if err := c.Close(transport.CodeNormal, ""); err != nil {
				t.Error(err)
			}
		}
		synctest.Wait()
		refusedWith(t, guess(), protocol.CodeConnectLimit, "(40)")
		time.Sleep(triesMost + 2*triesEvery)
		refusedWith(t, guess(), protocol.CodeNoRoom, "no room")
	})
}

// placed is a connection in memory that has an address.
type placed struct{ transport.Conn }

func (placed) Remote() string { return "203.0.113.7:1" }

// TestDrawnCodesAvoidOthers lets the generator draw the code of a room that exists.
func TestDrawnCodesAvoidOthers(t *testing.T) {
	const unlucky = 0x6180 << 26 // kakab…
	if code, ok := roomCode(unlucky); ok {
		t.Fatalf("%s is no unlucky code", code)
	}
	draws := []uint64{1, 2, 3, 4, // the relay's key
		unlucky, 7, 50, 1, 100, // no code, code, room's number, seed, owner of the first seat
		7, unlucky, 7, 8, 51, 2, 101} // code taken, none, code taken, code, number, seed, owner
	opts := Options{Random: func() uint64 { d := draws[0]; draws = draws[1:]; return d }}
	virtual(t, opts, func(t *testing.T, s *Server) {
		a := newPlayer(session.PeerConfig{Seat: -1, Create: roomOptions()}, 1)
		endA := start(a, dial(s))
		if code := <-a.seated; code != draw(t, 7) {
			t.Errorf("the first room is %q, want %q", code, draw(t, 7))
		}
		b := newPlayer(session.PeerConfig{Seat: -1, Create: roomOptions()}, 2)
		endB := start(b, dial(s))
		if code := <-b.seated; code != draw(t, 8) {
			t.Errorf("the second room is %q, want %q", code, draw(t, 8))
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
		b := newPlayer(session.PeerConfig{Room: " FRIEN DS ", Seat: -1}, 2)
		endB := start(b, dial(s))
		for _, end := range []session.End{<-endA, <-endB} {
			if end.Code != protocol.CodeOK {
				t.Errorf("ended with %+v", end)
			}
		}
	})
}
