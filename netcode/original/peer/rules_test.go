package peer_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/netcode/netsim"
	"tandem/netcode/original/originaltest"
	"tandem/netcode/original/peer"
	"tandem/netcode/original/wire"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
)

// These tests hold the original's rules for a client, number by number, against one peer.

// playing is a peer that has played so many frames with an original player, or with one of ours.
func playing(t *testing.T, ours, host bool, frames int) *steadyQueue {
	t.Helper()
	s := newSteadyQueue(t, wire.JSON, ours, host)
	for range frames {
		s.frame()
	}
	return s
}

// quiet lets time pass in which nothing comes.
func (s *steadyQueue) quiet(frames int) {
	for range frames {
		s.update(nil)
		s.now += session.FrameTime(1)
	}
}

func action(frame int64) string {
	return fmt.Sprintf(`42["pyodide_other_player_action",{"player_id":"p1","action":2,"frame_number":%d,"timestamp":1}]`, frame)
}

// The 51st action in a queue leads to one request; there is no second while it is in flight, and the
// next overflow after the state has come leads to another.
func TestQueueThreshold(t *testing.T) {
	s := playing(t, false, false, 60)
	held := 0
	s.event = func(e *session.Event) {
		if e.Kind == session.EventQueue {
			held = e.N - 1 // one of them is stepped
		}
	}
	s.update(nil) // the frame that is due is stepped
	for range 50 - held {
		s.receive(action(100))
	}
	if s.asked != 0 {
		t.Fatalf("50 actions wait, and %d states were asked for", s.asked)
	}
	s.receive(action(100))
	if s.asked != 1 {
		t.Fatalf("51 actions wait, and %d states were asked for", s.asked)
	}
	for range 200 {
		s.receive(action(100))
	}
	if s.asked != 1 {
		t.Errorf("while one was in flight, %d states were asked for", s.asked)
	}
	s.receive(`42["pyodide_apply_full_state",{"state":{}}]`)
	s.answers.Imported = peer.Imported{Done: true, Frame: 90}
	s.quiet(2)
	s.update(nil)
	if s.imports != 1 || held > 0 {
		t.Errorf("%d states were taken over, %d actions are left", s.imports, held)
	}
	for range 51 {
		s.receive(action(100))
	}
	if s.asked != 2 {
		t.Errorf("after the state, %d states were asked for", s.asked)
	}
}

// The host answers with its state and then its HUD, and forgets what waits; its own request is in flight
// no more.
func TestQueueHostAnswers(t *testing.T) {
	s := playing(t, false, true, 60)
	s.more.HUD = "Score: 07"
	s.quiet(1)
	for range 55 { // it asks, too
		s.receive(action(100))
	}
	if s.asked != 1 {
		t.Fatalf("%d states were asked for", s.asked)
	}
	s.command = func(c *replica.Command) {
		if c.Kind == peer.CommandExport {
			s.answers.Exported = []byte(`{"env_state":{}}`)
		}
	}
	var said []string
	s.send = func(p *session.Packet) {
		if p.Name != "pyodide_player_action" && p.Name != "ping" {
			said = append(said, p.Name)
		}
	}
	s.receive(`42["pyodide_request_full_state",{"frame_number":60}]`)
	held := -1
	s.event = func(e *session.Event) {
		if e.Kind == session.EventQueue {
			held = e.N
		}
	}
	s.quiet(2)
	if want := []string{"pyodide_send_full_state", "pyodide_hud_update"}; !slices.Equal(said, want) || held != 0 {
		t.Errorf("the host said %q, and %d actions wait", said, held)
	}
	for range 55 {
		s.receive(action(200))
	}
	if s.asked != 2 {
		t.Errorf("after its answer it asked %d times", s.asked)
	}
}

// Frames are numbered from 0 in every episode; a hash goes out every state_sync_frequency_frames, with
// the new number. Pings go out once a second, the first without a round trip.
func TestQueueNumbers(t *testing.T) {
	s := newSteadyQueue(t, wire.JSON, false, false)
	var frames, hashes []string
	pings := 0
	s.send = func(p *session.Packet) {
		text := string(p.Data)
		_, number, _ := strings.Cut(text, `"frame_number":`)
		number = number[:max(0, strings.IndexAny(number, ",}"))]
		switch p.Name {
		case "pyodide_player_action":
			frames = append(frames, number)
		case "pyodide_state_hash":
			n := itoa(int64(20 * (len(hashes) + 1)))
			if number != n || !strings.Contains(text, wire.OriginalHash(int64(20*(len(hashes)+1)), int64(20*(len(hashes)+1)))) {
				t.Errorf("hash %d is %s", len(hashes), text)
			}
			hashes = append(hashes, number)
		case "ping":
			if pings++; strings.Contains(text, "ping_ms") {
				t.Errorf("no pong has come, and a ping says %s", text)
			}
		}
	}
	s.command = func(c *replica.Command) {
		if c.Kind == replica.CommandStep {
			s.answers.EpisodeStep++
		}
	}
	s.answers.EpisodeStep = 1 // the first frame was stepped when the game started
	start := s.now
	for len(frames) < 100 {
		s.frame()
	}
	if frames[0] != "1" || frames[1] != "2" || frames[99] != "100" || len(hashes) != 5 {
		t.Errorf("frames %v, hashes after %v", frames, hashes)
	}
	if want := int((s.now-start)/time.Second) + 1; pings < want-1 || pings > want {
		t.Errorf("%d pings in %v", pings, s.now-start)
	}
	s.answers.Episode, s.answers.EpisodeStep = 1, 0
	frames, hashes = nil, nil
	s.frame()
	s.frame()
	if !slices.Equal(frames, []string{"0", "1"}) {
		t.Errorf("the next episode begins with the frames %v", frames)
	}
}

// Where a queue is empty, the last action goes on or the default one takes its place, for as long as it
// lasts.
func TestQueueFallback(t *testing.T) {
	for method, want := range map[string]uint8{"previous_submitted_action": 2, "default_action": 0} {
		s := newSteadyQueueWith(t, wire.JSON, false, false, method)
		for range 60 {
			s.frame()
		}
		s.quiet(10) // what waits is stepped
		steps := 0
		s.command = func(c *replica.Command) {
			if steps++; c.Actions[1] != want || c.Substituted != 1<<1 {
				t.Errorf("%s: step %d has the action %d, replaced %b", method, steps, c.Actions[1], c.Substituted)
			}
		}
		s.quiet(60)
		if steps != 60 {
			t.Errorf("%s: %d steps", method, steps)
		}
	}
}

// Words of the host's that come twice, late, torn or beyond what can be change nothing; where some are
// missing nothing is stepped until the host's state has come.
func TestQueueHostsWords(t *testing.T) {
	for _, c := range []struct {
		name         string
		below, frame int64 // from the frame that the host names next
		closed       string
		asks         int
	}{
		{"twice", -3, 0, "[3]", 0},
		{"old", -30, 0, "[3,3]", 0},
		{"an action that there is not", -2, 0, "[120]", 0},
		{"beyond the host's own", 2, 0, "[3,3,3,3]", 1},
		{"far ahead", 2000, 2000, "[3]", 1},
		{"an action of the ring's next round", -3, 2048 - 3, "[3]", 0},
	} {
		s := playing(t, true, false, 300)
		s.command = func(cmd *replica.Command) {
			for _, a := range cmd.Actions[:2] {
				if a >= queueActions {
					t.Errorf("%s: the action %d is stepped", c.name, a)
				}
			}
		}
		n := s.other.Frame
		s.receive(fmt.Sprintf(`42["pyodide_other_player_action",{"player_id":"p1","action":{"a":[2],"v":%s,"c":%d},"frame_number":%d,"timestamp":1}]`, c.closed, n+c.below, n+c.frame))
		before := s.steps
		for range 80 { // less than until it asks again
			s.frame()
		}
		if s.steps < before+78 || s.asked != c.asks || s.peer.End().Text != "" {
			t.Errorf("%s: %d steps in 80 frames, asked %d times, %+v", c.name, s.steps-before, s.asked, s.peer.End())
		}
	}

	s := playing(t, true, false, 300)
	s.quiet(1)
	s.other.Frame += 2 // the words of two frames
	before := s.steps
	for range 100 {
		s.frame()
	}
	if s.steps > before+4 || s.asked == 0 || s.asked > 3 {
		t.Fatalf("words are missing: %d steps, asked %d times", s.steps-before, s.asked)
	}
	s.receive(`42["pyodide_apply_full_state",{"state":{"tandem":{"mark":1}}}]`)
	s.answers.Imported = peer.Imported{Done: true, Frame: uint32(s.other.Frame - 20), Mark: 1, Whole: true}
	before = s.steps
	for range 100 {
		s.frame()
	}
	if s.steps < before+98 {
		t.Errorf("after the state: %d steps in 100 frames", s.steps-before)
	}
}

// After the last episode the next scene is asked for 3 s later, and when the game's scene is over the
// record goes out.
func TestQueueEndsAsOriginal(t *testing.T) {
	s := playing(t, false, false, 60)
	var advanced, uploaded time.Duration
	s.send = func(p *session.Packet) {
		switch p.Name {
		case "advance_scene":
			advanced = s.now
		case "emit_remote_game_data":
			uploaded = s.now
		}
	}
	s.event = func(e *session.Event) {
		if e.Kind == peer.EventUpload {
			s.answers.Upload = []byte{0x80}
		}
	}
	s.more.Finished, s.more.Frames = true, 60
	end := s.now
	s.quiet(5 * session.FrameRate)
	if wait := advanced - end; wait < 3*time.Second || wait > 3100*time.Millisecond {
		t.Errorf("the next scene was asked for after %v", wait)
	}
	s.receive(`42["terminate_scene",{"scene_id":"game","scene_type":"GymScene","status":2,"should_export_metadata":false}]`)
	s.quiet(1)
	if uploaded == 0 || s.peer.State() == session.PeerClosed {
		t.Errorf("uploaded at %v, state %d", uploaded, s.peer.State())
	}
	s.receive(`42["activate_scene",{"scene_id":"end","scene_type":"EndScene","status":1,"should_export_metadata":false}]`, `42["pong",{"max_latency":null,"min_ping_measurements":5}]`,
		`42["pong",{"max_latency":null,"min_ping_measurements":5}]`)
	s.quiet(4 * session.FrameRate)
	if !s.peer.Done() || s.peer.State() == session.PeerClosed {
		t.Errorf("it does not stay for the other: state %d, done %v", s.peer.State(), s.peer.Done())
	}
	s.quiet(2 * session.FrameRate)
	if e := s.peer.End(); e.Code != protocol.CodeOK || s.peer.State() != session.PeerClosed {
		t.Errorf("state %d, %+v", s.peer.State(), e)
	}
}

// Who is first at the end stays, as a page does, while an original player still plays and for its upload
// after that: a relay of the original would end the other's game with this one's goodbye. It stays a
// minute at most, and for players of ours not at all.
func TestQueueFirstAtTheEndStays(t *testing.T) {
	finish := func(t *testing.T, ours bool) *steadyQueue {
		s := playing(t, ours, true, 60)
		s.event = func(e *session.Event) {
			if e.Kind == peer.EventUpload {
				s.answers.Upload = []byte{0x80}
			}
		}
		s.more.Finished, s.more.Frames = true, 60
		for range 4 * session.FrameRate {
			s.frame()
		}
		s.receive(`42["terminate_scene",{"scene_id":"game","scene_type":"GymScene","status":2,"should_export_metadata":false}]`)
		s.frame()
		const pong = `42["pong",{"max_latency":null,"min_ping_measurements":5}]`
		s.receive(pong, pong, pong, pong, pong, pong, pong, pong, pong)
		s.frame()
		return s
	}
	t.Run("a slower one", func(t *testing.T) {
		s := finish(t, false)
		for range 20 * session.FrameRate {
			s.frame()
		}
		s.quiet(10*session.FrameRate - 2)
		if s.peer.State() != session.PeerFinished || !s.peer.Done() {
			t.Fatalf("state %d, %+v", s.peer.State(), s.peer.End())
		}
		s.quiet(4)
		if e := s.peer.End(); e.Code != protocol.CodeOK || s.peer.State() != session.PeerClosed {
			t.Errorf("state %d, %+v", s.peer.State(), e)
		}
	})
	t.Run("one that never ends", func(t *testing.T) {
		s := finish(t, false)
		for range 55 * session.FrameRate {
			s.frame()
		}
		if s.peer.State() != session.PeerFinished {
			t.Fatalf("state %d, %+v", s.peer.State(), s.peer.End())
		}
		for range 2 * session.FrameRate {
			s.frame()
		}
		if e := s.peer.End(); e.Code != protocol.CodeOK || s.peer.State() != session.PeerClosed {
			t.Errorf("state %d, %+v", s.peer.State(), e)
		}
	})
	t.Run("told that the others are gone", func(t *testing.T) {
		s := finish(t, false)
		s.receive(`42["end_game",{"message":"gone"}]`)
		s.quiet(1)
		if e := s.peer.End(); e.Code != protocol.CodeOK || s.peer.State() != session.PeerClosed {
			t.Errorf("state %d, %+v", s.peer.State(), e)
		}
	})
	t.Run("the player's own goodbye", func(t *testing.T) {
		s := finish(t, false)
		s.peer.Leave(s.now)
		if e := s.peer.End(); e.Code != protocol.CodeOK || s.peer.State() != session.PeerClosed {
			t.Errorf("state %d, %+v", s.peer.State(), e)
		}
	})
	t.Run("players of ours", func(t *testing.T) {
		if s := finish(t, true); s.peer.State() != session.PeerClosed {
			t.Errorf("state %d", s.peer.State())
		}
	})
}

// With an original player in the room nobody says anything that it would not understand, whatever is
// wanted.
func TestQueueMixedSaysNothingOfOurs(t *testing.T) {
	play := peer.OurPlay(3)
	m := newQueueMatch(t, 28, queueSetup{players: 3, ours: []bool{true, false, true}, play: &play, delay: 3, frames: 120, lines: lines20(3)})
	for _, n := range m.Nodes {
		n.OnSend = func(n *originaltest.Node, p *session.Packet) {
			if p.Name == "pyodide_player_action" && strings.Contains(string(p.Data), `"action":{`) {
				t.Fatalf("seat %d says %s", n.Index, p.Data)
			}
		}
	}
	m.end(t)
	if m.Relay.Count["pyodide_state_hash"] == 0 {
		t.Error("no hash of the original's was sent")
	}
}

// A warning asks for a longer delay than the game has, or for none.
func TestQueueWarnsWithSense(t *testing.T) {
	for _, c := range []struct {
		name  string
		delay int
		line  string
		words string
	}{
		{"a line that the delay covers, but for its stalls", 6, "rtt=2ms,stall=8%/900ms", "is long enough for this line"},
		{"a line that needs more", 2, "rtt=300ms", "Start again with -delay"},
		{"a line that needs more than there is", 30, "rtt=2500ms", "a game has 30 at most"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := netsim.ParseSpec(c.line)
			if err != nil {
				t.Fatal(err)
			}
			lines := []originaltest.Line{evenLine(2 * time.Millisecond), evenLine(2 * time.Millisecond)}
			lines[1].Net = netsim.Schedule{{Spec: s}}
			m := newQueueMatch(t, 1, queueSetup{players: 2, delay: c.delay, frames: 900, lines: lines,
				// Without one who closes frames everybody hopes for the others' actions to be there.
				play: &peer.Rules{Delay: c.delay, Tagged: true, OwnHash: true, FixedStep: true, FrameSync: true}})
			advice := regexp.MustCompile(`input delay of about (\d+) frames, the game has (\d+)`)
			said := 0
			for _, n := range m.Nodes {
				seen := n.OnEvent
				n.OnEvent = func(n *originaltest.Node, at time.Duration, e *session.Event) {
					seen(n, at, e)
					if e.Kind != session.EventWarning || e.Text == "" {
						return
					}
					if strings.Contains(e.Text, c.words) {
						said++
					}
					if m := regexp.MustCompile(`-delay (\d+)`).FindStringSubmatch(e.Text); m != nil {
						if d, _ := strconv.Atoi(m[1]); d > options.MaxDelay {
							t.Errorf("said: %s", e.Text)
						}
					}
					if m := advice.FindStringSubmatch(e.Text); m != nil {
						need, _ := strconv.Atoi(m[1])
						has, _ := strconv.Atoi(m[2])
						if need <= has {
							t.Errorf("said: %s", e.Text)
						}
					}
				}
			}
			m.Run(10 * time.Minute)
			if said == 0 {
				t.Errorf("nobody was told %q", c.words)
			}
		})
	}
}
