package session_test

import (
	"strings"
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
)

const ms = time.Millisecond

func TestBundleLeavesWhenEveryInputIsThere(t *testing.T) {
	d := newDriver(t, 2).start()
	d.at(0, -60*ms)
	if d.action(1, 0, 1); len(d.bundles(1)) != 0 {
		t.Fatal("a bundle left without seat 1's input")
	}
	d.action(2, 0, 2)
	for conn := session.ConnID(1); conn <= 2; conn++ {
		b := d.bundles(conn)
		if len(b) != 1 || b[0].Frame != 0 || b[0].Actions[0] != 1 || b[0].Actions[1] != 2 || b[0].Substituted != 0 {
			t.Fatalf("connection %d got %+v", conn, b)
		}
		if b[0].Early != 60 {
			t.Fatalf("the bundle says it left %d ms early, want 60", b[0].Early)
		}
	}
	// Frame 2 is complete before frame 1: it waits for its turn.
	d.action(1, 2, 3)
	if d.action(2, 2, 3); len(d.bundles(1)) != 0 {
		t.Fatal("frame 2 overtook frame 1")
	}
	d.action(1, 1, 5)
	if b := d.action(2, 1, 5).bundles(1); len(b) != 2 || b[0].Frame != 1 || b[1].Frame != 2 {
		t.Fatalf("got %+v, want frames 1 and 2", b)
	}
}

func TestFrameClosesInTimeWithoutAnInput(t *testing.T) {
	d := newDriver(t, 2).start()
	d.at(0, -50*ms).action(1, 0, 3)
	if len(d.at(0, -ms).bundles(1)) != 0 {
		t.Fatal("the frame closed before its time")
	}
	b := d.at(0, 0).bundles(1)
	if len(b) != 1 || b[0].Actions[0] != 3 || b[0].Actions[1] != 6 || b[0].Substituted != 2 || b[0].Early != 0 {
		t.Fatalf("got %+v", b)
	}
}

func TestFirstInputWins(t *testing.T) {
	d := newDriver(t, 2).start()
	d.at(0, -50*ms)
	d.action(1, 0, 1)
	d.action(1, 0, 2)
	if b := d.action(2, 0, 0).bundles(1); len(b) != 1 || b[0].Actions[0] != 1 {
		t.Fatalf("got %+v, want the first input", b)
	}
}

// A held action is repeated for ten frames and then gives way to the default; a one-shot action is
// never repeated.
func TestSubstitution(t *testing.T) {
	for _, tc := range []struct {
		name    string
		action  uint8
		options []string
		want    func(i int) uint8
	}{
		{"held", 3, nil, func(i int) uint8 {
			if i <= 10 {
				return 3
			}
			return 6
		}},
		{"one-shot", 4, nil, func(int) uint8 { return 6 }},
		{"default_action", 3, []string{"action_population_method=default_action"}, func(int) uint8 { return 6 }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDriver(t, 2, tc.options...).start()
			d.at(0, -20*ms)
			d.action(1, 0, 1)
			d.action(2, 0, tc.action)
			for i := 1; i < 25; i++ {
				d.at(uint32(i), -20*ms).action(1, uint32(i), 1)
				b := d.at(uint32(i), 0).bundles(1)
				if len(b) != 1 || b[0].Actions[1] != tc.want(i) || b[0].Substituted != 2 {
					t.Fatalf("frame %d: %+v, want action %d substituted", i, b, tc.want(i))
				}
			}
		})
	}
}

// A late input does not count for its frame, but it is the seat's latest word.
func TestLateInputIsTheLastAction(t *testing.T) {
	d := newDriver(t, 2).start()
	d.at(0, 0)
	if b := d.at(1, -10*ms).action(2, 0, 5).bundles(1); len(b) != 0 {
		t.Fatalf("a late input made %+v", b)
	}
	if b := d.at(1, 0).bundles(1); len(b) != 1 || b[0].Actions[1] != 5 || b[0].Substituted != 3 {
		t.Fatalf("got %+v, want the late action repeated", b)
	}
}

// Slack is close minus arrival, for every input, late ones included; a late one is told at once.
func TestSlackIsReturned(t *testing.T) {
	d := newDriver(t, 2).start()
	slack := map[uint32]int32{}
	learn := func() {
		for _, h := range d.got {
			if h.typ == protocol.TypeFrameSync && h.conn == 1 {
				for i, s := range h.dec.FrameSync.Own.List {
					slack[h.dec.FrameSync.Own.First+uint32(i)] = s
				}
			}
		}
	}
	for f := uint32(0); f < 10; f++ {
		d.at(f, -30*ms)
		if f == 4 {
			d.at(f, 5*ms) // late
		}
		d.action(1, f, 0)
		learn()
		if f == 4 && slack[4] != -50 {
			t.Errorf("the late input was not told at once: %v", slack)
		}
		d.action(2, f, 0)
		learn()
	}
	for f := uint32(0); f < 10; f++ {
		want := int32(300)
		if f == 4 {
			want = -50
		}
		if got, ok := slack[f]; !ok || got != want {
			t.Errorf("slack of frame %d is %d (%v), want %d", f, got, ok, want)
		}
	}
}

func TestRefusalsInPlay(t *testing.T) {
	for _, tc := range []struct {
		name string
		code protocol.Code
		send func(d *driver) []byte
	}{
		{"garbage", protocol.CodeMalformed, func(*driver) []byte { return []byte{0xc1, 0xff} }},
		{"cut off", protocol.CodeMalformed, func(d *driver) []byte {
			return protocol.AppendAction(nil, &protocol.Action{Epoch: 1, Frame: 900})[:4]
		}},
		{"an action that does not exist", protocol.CodeMalformed, func(d *driver) []byte {
			return protocol.AppendAction(nil, &protocol.Action{Epoch: d.epoch, Action: 7})
		}},
		{"a frame far ahead", protocol.CodeWindow, func(d *driver) []byte {
			return protocol.AppendAction(nil, &protocol.Action{Epoch: d.epoch, Frame: 61})
		}},
		{"an epoch to come", protocol.CodeUnexpected, func(d *driver) []byte {
			return protocol.AppendAction(nil, &protocol.Action{Epoch: d.epoch + 1})
		}},
		{"a relay's message", protocol.CodeUnexpected, func(d *driver) []byte {
			return protocol.AppendBundle(nil, &protocol.Bundle{Seats: 2})
		}},
		{"a later version's message", protocol.CodeReserved, func(*driver) []byte { return []byte{0x91, 40} }},
		{"the HUD from a guest", protocol.CodeNotHost, func(*driver) []byte {
			return protocol.Append(nil, &protocol.HUDUpdate{Text: "x"})
		}},
		{"a hash of a frame to come", protocol.CodeUnexpected, func(d *driver) []byte {
			return protocol.AppendStateHash(nil, &protocol.StateHash{Epoch: d.epoch, Frame: 5})
		}},
		{"an end that cannot be", protocol.CodeUnexpected, func(d *driver) []byte {
			return protocol.Append(nil, &protocol.Finished{Epoch: d.epoch, Frames: 100})
		}},
		{"a frame over the limit", protocol.CodeTooLarge, func(*driver) []byte { return make([]byte, protocol.MaxFrame+1) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDriver(t, 2, "on_disconnect=substitute").start()
			d.at(0, -50*ms).message(2, tc.send(d))
			d.refused(2, tc.code)
			// The room goes on for the other.
			if b := d.action(1, 0, 1).bundles(1); len(b) != 1 || b[0].Actions[0] != 1 || b[0].Actions[1] != 6 {
				t.Fatalf("the other seat got %+v", b)
			}
		})
	}
}

// Inputs of an epoch that is over were sent before their sender could know: no fault.
func TestOldEpochIsIgnored(t *testing.T) {
	d := newDriver(t, 2).start()
	d.at(0, -50*ms).message(2, protocol.AppendAction(nil, &protocol.Action{Epoch: d.epoch - 1, Action: 1}))
	if len(d.out.Close) != 0 {
		t.Fatalf("closed: %+v", d.out.Close)
	}
	d.action(1, 0, 1)
	if b := d.at(0, 0).bundles(1); len(b) != 1 || b[0].Substituted != 2 {
		t.Fatalf("got %+v: an input of an old epoch was used", b)
	}
}

func TestTooManyMessages(t *testing.T) {
	d := newDriver(t, 2, "on_disconnect=substitute").start()
	ping := protocol.AppendPing(nil, &protocol.Ping{Sent: 1})
	for range 289 {
		if d.message(2, ping); len(d.out.Close) != 0 {
			t.Fatal("refused within the burst that is allowed")
		}
	}
	for range 20 {
		if d.message(2, ping); len(d.out.Close) != 0 {
			d.refused(2, protocol.CodeTooFrequent)
			return
		}
	}
	t.Fatal("a flood was not refused")
}

func TestJoinRefusals(t *testing.T) {
	d := newDriver(t, 2)
	d.join(1, protocol.Join{Room: "test", Seat: -1, Require: []string{"env=fold", "delay=auto"}})
	if d.count(1, protocol.TypeHostElected) != 1 {
		t.Fatal("the first player was not seated")
	}
	d.join(2, protocol.Join{Room: "test", Seat: 0})
	d.refused(2, protocol.CodeSeat)
	d.join(3, protocol.Join{Room: "test", Seat: 2})
	d.refused(3, protocol.CodeSeat)
	d.join(4, protocol.Join{Room: "test", Seat: -1, Require: []string{"delay=5"}})
	d.refused(4, protocol.CodeOptions)
	if !strings.Contains(d.out.Close[0].Text, "delay=auto") {
		t.Errorf("the words do not name the host's choice: %s", d.out.Close[0].Text)
	}
	d.join(5, protocol.Join{Room: "test", Seat: -1, Require: []string{"colour=red"}})
	d.refused(5, protocol.CodeOptions)
	d.join(6, protocol.Join{Room: "test", Seat: -1})
	d.join(7, protocol.Join{Room: "test", Seat: -1})
	d.refused(7, protocol.CodeRoomFull)
	d.message(1, protocol.Append(nil, &protocol.Ready{}))
	d.message(6, protocol.Append(nil, &protocol.Ready{}))
	d.join(8, protocol.Join{Room: "test", Seat: -1})
	d.refused(8, protocol.CodeRoomStarted)
}

// Whoever leaves the lobby frees the seat, and the next seat becomes host: no ghosts.
func TestLobbyHasNoGhosts(t *testing.T) {
	d := newDriver(t, 2)
	d.join(1, protocol.Join{Seat: -1, Name: "ann"})
	d.join(2, protocol.Join{Seat: -1, Name: "bob"})
	d.do(session.RoomInput{Kind: session.InputClosed, Conn: 1})
	elected := false
	for _, h := range d.got {
		if m, ok := h.dec.Cold.(*protocol.HostChanged); ok && h.conn == 2 {
			elected = m.Seat == 1
		}
	}
	if !elected {
		t.Error("the seat that stayed did not become host")
	}
	d.join(3, protocol.Join{Seat: -1, Name: "cid"})
	if d.count(3, protocol.TypeHostElected) != 1 {
		t.Fatal("the freed seat was not given away")
	}
	d.message(2, protocol.Append(nil, &protocol.Ready{}))
	d.message(3, protocol.Append(nil, &protocol.Ready{}))
	if d.count(2, protocol.TypeStart) != 1 || d.count(3, protocol.TypeStart) != 1 {
		t.Error("the match did not start for both")
	}
	// Both gone: the room is over.
	d = newDriver(t, 2).join(1, protocol.Join{Seat: -1})
	if d.do(session.RoomInput{Kind: session.InputClosed, Conn: 1}); !d.out.Over {
		t.Error("an empty lobby lives on")
	}
}

// Two of one name are told apart, by the room and once: everybody reads the same, and who comes back is
// called as before.
func TestDistinctNames(t *testing.T) {
	d := newDriver(t, 4)
	names := func() (names [4]string) {
		t.Helper()
		for _, h := range d.got {
			var seats []protocol.RosterEntry
			switch m := h.dec.Cold.(type) {
			case *protocol.WaitingRoom:
				seats = m.Seats
			case *protocol.GameReady:
				seats = m.Seats
			}
			for i, s := range seats {
				names[i] = s.Name
				if s.Name != d.room.Name(i) && s.Taken {
					t.Errorf("the roster calls seat %d %q, the room %q", i, s.Name, d.room.Name(i))
				}
			}
		}
		return names
	}
	long := strings.Repeat("я", protocol.MaxLetters)
	for i, name := range []string{"Player", "play\u200ber", "Player", long} {
		d.join(session.ConnID(i+1), protocol.Join{Seat: -1, Name: name})
	}
	if got := names(); got != [4]string{"Player", "play\u200ber 2", "Player 3", long} {
		t.Errorf("the seats are called %q", got)
	}
	// The first leaves, and its name is free again; who has a number keeps it.
	d.do(session.RoomInput{Kind: session.InputClosed, Conn: 1})
	d.do(session.RoomInput{Kind: session.InputClosed, Conn: 3})
	d.join(5, protocol.Join{Seat: -1, Name: "Player"})
	d.join(6, protocol.Join{Seat: -1, Name: long})
	if got := names(); got != [4]string{"Player", "play\u200ber 2", strings.Repeat("я", protocol.MaxLetters-2) + " 2", long} {
		t.Errorf("the seats are called %q", got)
	}
	d.join(7, protocol.Join{Room: "test", Seat: -1, Name: "Player"})
	d.refused(7, protocol.CodeRoomFull)

	// Nobody says a name.
	d = newDriver(t, 2).join(1, protocol.Join{Seat: 1}).join(2, protocol.Join{Seat: 0, Name: "Player 2"})
	if a, b := d.room.Name(0), d.room.Name(1); a != "Player 2 2" || b != "Player 2" {
		t.Errorf("the seats are called %q and %q", a, b)
	}

	// A seat that is free in mid-match goes to another of the same name.
	d = newDriver(t, 2, "on_disconnect=substitute")
	d.join(1, protocol.Join{Seat: 0, Name: "Player"}).join(2, protocol.Join{Seat: 1, Name: "Ann"})
	d.message(1, protocol.Append(nil, &protocol.Ready{})).message(2, protocol.Append(nil, &protocol.Ready{}))
	d.message(1, protocol.Append(nil, &protocol.Leave{}))
	d.join(3, protocol.Join{Seat: -1, Name: "Player"})
	if got := d.room.Name(0); got != "Player 2" {
		t.Errorf("another Player after one who has left is called %q", got)
	}
}

// Two of one name keep theirs through a restart of the relay, whoever is back first.
func TestDistinctNamesOutliveTheRelay(t *testing.T) {
	cfg := matchConfig(600)
	cfg.Players = 2
	w := foldWorld(5, cfg)
	for i := range 2 {
		w.Add(session.PeerConfig{Program: "test", Name: "Player", Room: "test", Seat: i}, lan(), newFold(w, 600, uint64(i)))
	}
	down := false
	at(w, 1, 200, func() { down = true })
	for !down && !w.Run(w.Now+50*ms) {
	}
	w.StopRelay()
	w.Run(w.Now + time.Second)
	w.StartRelay()
	for _, i := range []int{1, 0} {
		w.Reconnect(i)
		w.Run(w.Now + 700*ms)
	}
	if a, b := w.Room.Name(0), w.Room.Name(1); a != "Player" || b != "Player 2" {
		t.Errorf("after the restart the seats are called %q and %q", a, b)
	}
	if !w.Run(w.Now + 5*time.Minute) {
		t.Fatal("the match did not end")
	}
	ended(t, w, 0, 1)
}

// A lobby to which nobody comes ends after half an hour, and says so before. One that somebody came to
// in between has half an hour again.
func TestLonelyLobbyEnds(t *testing.T) {
	const minute = time.Minute
	d := newDriver(t, 2).join(1, protocol.Join{Seat: -1})
	began, told := d.now, 0
	wait := func(until time.Duration) {
		for d.now < until && !d.out.Over {
			d.now += time.Second
			d.message(1, protocol.AppendPing(nil, &protocol.Ping{}))
			for _, h := range d.got {
				if m, ok := h.dec.Cold.(*protocol.HUDSync); ok && strings.Contains(m.Text, "in 5 minutes") {
					told++
				}
			}
		}
	}
	wait(began + 24*minute)
	if told != 0 || d.out.Over {
		t.Fatalf("after 24 minutes: told %d times, over %v", told, d.out.Over)
	}
	d.join(2, protocol.Join{Seat: -1})
	d.do(session.RoomInput{Kind: session.InputClosed, Conn: 2})
	wait(began + 48*minute)
	if told != 0 || d.out.Over {
		t.Fatalf("24 minutes after a visit: told %d times, over %v", told, d.out.Over)
	}
	wait(began + 50*minute)
	if told != 1 || d.out.Over {
		t.Fatalf("26 minutes after a visit: told %d times, over %v", told, d.out.Over)
	}
	wait(began + 60*minute)
	if !d.out.Over || d.now > began+55*minute || len(d.out.Close) != 1 || d.out.Close[0].Code != protocol.CodeRoomOver || !strings.Contains(d.out.Close[0].Text, "within 30 minutes") {
		t.Errorf("after %v: over %v, %+v", d.now-began, d.out.Over, d.out.Close)
	}
}

func TestDisconnectEndsOrSubstitutes(t *testing.T) {
	d := newDriver(t, 2, "on_disconnect=end").start()
	d.at(5, -10*ms)
	d.do(session.RoomInput{Kind: session.InputClosed, Conn: 2})
	if d.count(1, protocol.TypeEndGame) != 1 || !d.out.Over {
		t.Fatal("on_disconnect=end did not end the match")
	}
	for _, h := range d.got {
		if m, ok := h.dec.Cold.(*protocol.EndGame); ok && (m.Code != protocol.CodeGone || !strings.Contains(m.Text, "Player 2")) {
			t.Errorf("end_game says %+v", m)
		}
	}
	d = newDriver(t, 2).start()
	if d.at(5, -10*ms).message(2, protocol.Append(nil, &protocol.Leave{})); d.count(1, protocol.TypeEndGame) != 1 {
		t.Fatal("leaving did not end the match")
	}
	d = newDriver(t, 2, "on_disconnect=substitute").start()
	d.at(0, -50*ms).action(2, 0, 3)
	d.action(1, 0, 1)
	d.do(session.RoomInput{Kind: session.InputClosed, Conn: 2})
	b := d.action(1, 1, 1).bundles(1)
	if len(b) != 1 || b[0].Actions[1] != 6 {
		t.Fatalf("the absent seat has %+v, want the default at once and no waiting", b)
	}
}

// A seat that says nothing for five seconds has lost its connection; the others never wait for it.
// A relay that stood still blames nobody for what it did not hear meanwhile.
func TestRelayThatSleptBlamesNobody(t *testing.T) {
	d := newDriver(t, 2)
	d.start()
	d.now += 20 * time.Second
	d.do()
	if len(d.out.Close) > 0 {
		t.Fatalf("after 20 s asleep the relay closes %+v", d.out.Close)
	}
	// They have half of the usual time to be heard; who is not is gone.
	for end := d.now + 4*time.Second; d.now < end && len(d.out.Close) == 0; d.now += 10 * time.Millisecond {
		d.do()
	}
	if len(d.out.Close) == 0 {
		t.Error("seats that stay silent after that are kept for ever")
	}
}

func TestSilentSeatIsGone(t *testing.T) {
	d := newDriver(t, 2, "on_disconnect=substitute").start()
	gone := false
	for f := uint32(0); f < 400; f++ {
		for _, step := range []func(){func() { d.at(f, -20*ms) }, func() { d.action(1, f, 0) }, func() { d.at(f, 0) }} {
			step()
			for _, c := range d.out.Close {
				gone = true
				if c.Conn != 2 || c.Code != protocol.CodeSilent {
					t.Fatalf("closed %+v", c)
				}
			}
		}
		if d.room.Frames() != f+1 {
			t.Fatalf("frame %d did not close in time", f)
		}
		if gone && f < 59 {
			t.Fatalf("given up at frame %d, before 5 s had passed since the seat was last heard", f)
		}
	}
	if gone {
		return
	}
	t.Fatal("a silent seat was never given up")
}

func TestHashesNameTheOutlier(t *testing.T) {
	hash := func(d *driver, conn session.ConnID, total uint64, sections ...uint32) {
		m := protocol.StateHash{Epoch: d.epoch, Frame: 29, Total: total, Count: len(sections)}
		copy(m.Sections[:], sections)
		d.message(conn, protocol.AppendStateHash(nil, &m))
	}
	verdict := func(t *testing.T, d *driver) protocol.VerifyState {
		t.Helper()
		for _, h := range d.got {
			if h.typ == protocol.TypeVerifyState && h.conn == 1 {
				return h.dec.VerifyState
			}
		}
		t.Fatal("no verdict")
		return protocol.VerifyState{}
	}
	play := func(n int) *driver {
		d := newDriver(t, n).start()
		for f := range uint32(30) {
			d.at(f, 0)
		}
		if b := d.bundles(1); len(b) != 1 || b[0].Flags&protocol.FlagHash == 0 {
			t.Fatalf("frame 29 carries no hash flag: %+v", b)
		}
		return d
	}
	d := play(3)
	hash(d, 1, 10, 1, 2, 3)
	hash(d, 2, 11, 1, 9, 3)
	if d.count(1, protocol.TypeVerifyState) != 0 {
		t.Fatal("a verdict before everybody was heard")
	}
	hash(d, 3, 10, 1, 2, 3)
	if v := verdict(t, d); v.Compared != 7 || v.Differing != 2 || v.Sections != 2 {
		t.Errorf("three seats: %+v, want seat 1 in section 1", v)
	}
	d = play(2)
	hash(d, 1, 10, 1)
	hash(d, 2, 11, 2)
	if v := verdict(t, d); v.Differing != 3 || v.Sections != 1 {
		t.Errorf("two seats: %+v, want both, for want of a majority", v)
	}
	d = play(2)
	hash(d, 1, 10, 1)
	hash(d, 2, 10, 1)
	if v := verdict(t, d); v.Differing != 0 || v.Compared != 3 {
		t.Errorf("equal hashes: %+v", v)
	}
}

func TestMatchEndsWhenAllReportTheSame(t *testing.T) {
	end := func(second protocol.Finished) *driver {
		d := newDriver(t, 2).start()
		for f := range uint32(20) {
			d.at(f, 0)
		}
		d.message(1, protocol.Append(nil, &protocol.Finished{Epoch: d.epoch, Frames: 20, Hash: 5}))
		if d.count(1, protocol.TypeEndGame) != 0 {
			t.Fatal("ended before everybody had reported")
		}
		second.Epoch = d.epoch
		return d.message(2, protocol.Append(nil, &second))
	}
	code := func(d *driver) protocol.Code {
		for _, h := range d.got {
			if m, ok := h.dec.Cold.(*protocol.EndGame); ok {
				return m.Code
			}
		}
		t.Fatal("no end_game")
		return 0
	}
	if c := code(end(protocol.Finished{Frames: 20, Hash: 5})); c != protocol.CodeOK {
		t.Errorf("equal ends: %s", c)
	}
	if c := code(end(protocol.Finished{Frames: 20, Hash: 6})); c != protocol.CodeDesync {
		t.Errorf("other hash: %s, want desync", c)
	}
	if c := code(end(protocol.Finished{Frames: 19, Hash: 5})); c != protocol.CodeDesync {
		t.Errorf("other length: %s, want desync", c)
	}
}

func TestShutdownTellsWhy(t *testing.T) {
	d := newDriver(t, 2).start()
	d.out = d.room.Update(session.RoomIn{Now: d.now, Stop: true})
	if !d.out.Over || len(d.out.Close) != 2 || d.out.Close[0].Code != protocol.CodeShutdown || d.out.Close[0].Text == "" {
		t.Fatalf("got %+v", d.out.Close)
	}
}

func TestHandshake(t *testing.T) {
	hello := func(v uint32) []byte {
		return protocol.Append(nil, &protocol.Hello{Magic: protocol.Magic, Version: v, Program: "x"})
	}
	var h session.Handshake
	reply, join, err := h.Receive(hello(protocol.Version))
	if len(reply) == 0 || join != nil || err != nil {
		t.Fatalf("hello: %v %v %v", reply, join, err)
	}
	if _, join, err = h.Receive(protocol.Append(nil, &protocol.Join{Room: "r"})); join == nil || join.Room != "r" || err != nil {
		t.Fatalf("join: %v %v", join, err)
	}
	h = session.Handshake{}
	if reply, _, err = h.Receive(hello(protocol.Version + 1)); err == nil || err.Code != protocol.CodeVersion || len(reply) == 0 || !strings.Contains(err.Text, "update") {
		t.Errorf("another version: %v", err)
	}
	h = session.Handshake{}
	if _, _, err = h.Receive(protocol.Append(nil, &protocol.Join{})); err == nil || err.Code != protocol.CodeUnexpected {
		t.Errorf("join before hello: %v", err)
	}
	h = session.Handshake{}
	if _, _, err = h.Receive(protocol.Append(nil, &protocol.Hello{Magic: "gopher", Version: 1})); err == nil || err.Code != protocol.CodeUnexpected {
		t.Errorf("another program: %v", err)
	}
	h = session.Handshake{}
	if _, _, err = h.Receive([]byte("GET / HTTP/1.1")); err == nil || err.Code != protocol.CodeMalformed {
		t.Errorf("not the protocol: %v", err)
	}
}

// FuzzRoom throws bytes at a room in play: it must refuse them without a panic, and the other
// seat's frames must close in time.
func FuzzRoom(f *testing.F) {
	f.Add([]byte{0x94, 8, 1, 0, 3})
	f.Add(protocol.AppendFrameSync(nil, &protocol.FrameSync{Epoch: 1, Own: protocol.Times{List: []int32{1, 2}}}))
	f.Add(protocol.AppendStateHash(nil, &protocol.StateHash{Epoch: 1, Count: 3}))
	f.Add(protocol.AppendActionBatch(nil, &protocol.ActionBatch{Epoch: 1, Actions: make([]byte, 64)}))
	f.Fuzz(func(t *testing.T, data []byte) {
		d := newDriver(t, 2, "on_disconnect=substitute").start()
		for i := range uint32(3) {
			d.at(i, -10*ms).message(2, data)
			d.action(1, i, 1)
			d.at(i, 0)
			if d.room.Frames() < i+1 {
				t.Fatalf("frame %d did not close", i)
			}
			if b, ok := d.room.Log(i); !ok || b.Actions[0] != 1 {
				t.Fatalf("frame %d: %+v", i, b)
			}
		}
	})
}
