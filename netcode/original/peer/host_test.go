package peer_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/netcode/original/originaltest"
	"tandem/netcode/original/peer"
	"tandem/netcode/original/wire"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
)

// A relay that names another host in mid-game, which the original's never does: the frames that are
// closed stay as they are, the new host closes the next ones, and no frame differs, whether the old
// host stays or is gone, on any line, and however often.
func TestQueueHostChanges(t *testing.T) {
	for _, seed := range queueSeeds() {
		for _, gone := range []bool{false, true} {
			r := rand.New(rand.NewPCG(seed, 0x0910))
			players := 2 + r.IntN(3)
			lines := make([]originaltest.Line, players)
			for i := range lines {
				lines[i] = randomQueueLine(r, 0)
				if r.IntN(3) == 0 { // a computer under heavy load
					lines[i].Late, lines[i].Slow, lines[i].SlowFor = 30*time.Millisecond, 0.2, 400*time.Millisecond
				}
			}
			m := newQueueMatch(t, seed, queueSetup{players: players, delay: r.IntN(7), frames: 900, lines: lines,
				parser: []wire.Parser{wire.JSON, wire.Msgpack}[r.IntN(2)]})
			m.forgetVoid()
			dropped := -1
			for at := 5 * time.Second; at < 25*time.Second; {
				m.Run(at)
				if r.IntN(3) > 0 { // before the one before has been heard of
					at += time.Duration(r.IntN(200)) * time.Millisecond
				} else {
					at += time.Duration(r.IntN(6000)) * time.Millisecond
				}
				to := r.IntN(players)
				if to == dropped || to == m.Relay.Host() {
					continue
				}
				old := m.Relay.Host()
				m.NameHost(to)
				if gone && dropped < 0 {
					dropped = old
					m.Drop(old)
				}
			}
			if !m.Run(time.Hour) {
				t.Fatalf("seed %d: it does not end: %s", seed, m.Describe())
			}
			m.sameHistory(t, dropped, 900)
			if t.Failed() {
				t.Fatalf("replay with: go test ./netcode/original/peer -run TestQueueHostChanges -seed %d", seed)
			}
		}
	}
}

// forgetVoid leaves out of the comparison what a player that was host stepped before it heard that its
// words count no more: it takes the new host's state over.
func (m *queueMatch) forgetVoid() {
	was := make([]uint32, len(m.Nodes)) // the lowest frame that may be void
	for i, n := range m.Nodes {
		plain := n.OnEvent
		n.OnEvent = func(n *originaltest.Node, at time.Duration, e *session.Event) {
			switch {
			case e.Kind == session.EventRoster && n.Peer.State() == session.PeerPlaying:
				was[i] = max(n.Peer.Frame(), 150) - 150
			case e.Kind == peer.EventStateTaken:
				for f := range m.states[i] {
					if f >= was[i] {
						delete(m.states[i], f)
						delete(m.vectors[i], f)
					}
				}
				was[i] = uint32(max(0, int(e.Frame)+e.N)) // from here on it is the host's state
			}
			plain(n, at, e)
		}
	}
}

// sameHistory checks that all players but one ended well, in the same state, with the same actions and
// states in every frame. Of a frame that was stepped twice, the last time counts.
func (m *queueMatch) sameHistory(t *testing.T, but, frames int) {
	t.Helper()
	for i, n := range m.Nodes {
		if i == but {
			continue
		}
		if e := n.Peer.End(); e.Code != 0 || n.Peer.Frame() != uint32(frames) || len(m.states[i]) == 0 {
			t.Errorf("seat %d ended with %+v after %d frames, of which %d count", i, e, n.Peer.Frame(), len(m.states[i]))
		}
		for k := range m.Nodes {
			if k == but {
				continue
			}
			for f, s := range m.states[i] {
				if other, ok := m.states[k][f]; ok && (s != other || m.vectors[i][f] != m.vectors[k][f]) {
					t.Errorf("frame %d of seat %d differs from that of seat %d: actions %v and %v (asked %v, taken %v)", f, i, k, m.vectors[i][f], m.vectors[k][f], m.asked, m.taken)
					break
				}
			}
			if m.folds[i].State != m.folds[k].State {
				t.Errorf("seats %d and %d ended in different states", i, k)
			}
		}
	}
}

// lines20 are even lines of 20 ms.
func lines20(n int) (list []originaltest.Line) {
	for range n {
		list = append(list, evenLine(20*time.Millisecond))
	}
	return list
}

// The new host's own actions stand as the old one has closed them, also where it put others in their
// place because they were late.
func TestQueueNewHostKeepsWhatIsClosed(t *testing.T) {
	m := newQueueMatch(t, 21, queueSetup{players: 3, delay: 3, frames: 600, lines: lines20(3)})
	m.Run(8 * time.Second)
	to := (m.Relay.Host() + 1) % 3
	m.Sleep(to, m.Now+600*time.Millisecond)
	m.Run(m.Now + 500*time.Millisecond)
	m.Drop(m.Relay.Host())
	m.NameHost(to)
	m.Run(time.Hour)
	gone := (to + 2) % 3
	m.sameHistory(t, gone, 600)
	replaced := 0
	for _, mask := range m.replaced[to] {
		if mask&(1<<to) != 0 {
			replaced++
		}
	}
	if replaced < 3 || len(m.asked) != 0 {
		t.Errorf("%d of the new host's own actions were replaced, asked %v", replaced, m.asked)
	}
}

// Whoever finds its state different from the new host's asks for it, and the new host answers: among
// peers of ours, and with an original player in the room.
func TestQueueNewHostAnswers(t *testing.T) {
	m := newQueueMatch(t, 22, queueSetup{players: 3, delay: 3, frames: 900, lines: lines20(3)})
	m.Run(6 * time.Second)
	old := m.Relay.Host()
	to, bad := (old+1)%3, (old+2)%3
	m.NameHost(to)
	m.Run(10 * time.Second)
	m.folds[bad].State ^= 1
	m.Run(14 * time.Second)
	m.folds[old].State ^= 2 // it has no say any more
	m.end(t)
	if m.folds[0].State != m.folds[1].State || m.folds[0].State != m.folds[2].State {
		t.Errorf("states %x, %x and %x", m.folds[0].State, m.folds[1].State, m.folds[2].State)
	}
	if m.taken[bad] == 0 || m.taken[old] == 0 || m.taken[to] != 0 || m.folds[to].Exports == 0 || m.asked["hash_mismatch"] != 2 {
		t.Errorf("taken %v, the new host sent %d, asked %v", m.taken, m.folds[to].Exports, m.asked)
	}

	m = newQueueMatch(t, 23, queueSetup{players: 2, ours: []bool{true, false}, frames: 600, lines: lines20(2), stock: originaltest.StockOptions{ByFrame: true}})
	m.Run(6 * time.Second)
	old = m.Relay.Host()
	m.NameHost(1 - old)
	m.Run(8 * time.Second)
	sent := m.folds[old].Exports
	m.Sleep(old, m.Now+2*time.Second) // its queue runs over
	m.end(t)
	if m.taken[old] == 0 || m.taken[1-old] != 0 || m.folds[1-old].Exports == 0 || m.folds[old].Exports != sent {
		t.Errorf("with an original player: taken %v, the new host sent %d, the old one %d after %d", m.taken, m.folds[1-old].Exports, m.folds[old].Exports, sent)
	}
}

// A relay that tells a new host to some of the players and not to the others cannot be played with. It
// ends in words, and nobody waits for ever.
func TestQueueHostIsNamedToSome(t *testing.T) {
	for _, told := range [][]int{{0}, {1}, {2}, {0, 1}, {0, 2}, {1, 2}} {
		m := newQueueMatch(t, 24, queueSetup{players: 3, delay: 3, frames: 1800, lines: lines20(3)})
		m.Run(6 * time.Second)
		m.NameHost(1, told...)
		if !m.Run(10 * time.Minute) {
			t.Fatalf("told %v: it does not end: %s", told, m.Describe())
		}
		words := 0
		for i, n := range m.Nodes {
			e := n.Peer.End()
			if strings.Contains(e.Text, "did not tell this player") || strings.Contains(e.Text, "20 s") {
				words++
			}
			for k := range m.Nodes {
				// Who has played to the end has played the same.
				if m.Nodes[k].Peer.End().Code == protocol.CodeOK && e.Code == protocol.CodeOK && m.folds[i].State != m.folds[k].State {
					t.Errorf("told %v: seats %d and %d ended in different states", told, i, k)
				}
			}
		}
		if words == 0 {
			t.Errorf("told %v: %s", told, m.Describe())
		}
	}
}

// What is still on its way of a host before counts for nothing, be it words or a state, and neither
// does a state that no peer of ours has sent.
func TestQueueOldHostsWords(t *testing.T) {
	for _, c := range []struct {
		name string
		say  []string
		ends string
	}{
		{"words of a term before", []string{`{"player_id":"p1","action":{"a":[5],"v":[6],"t":1,"c":%d},"frame_number":%d,"timestamp":1}`}, ""},
		{"words of another player", []string{`{"player_id":"p2","action":{"a":[5],"v":[6],"t":2,"c":%d},"frame_number":%d,"timestamp":1}`}, ""},
		{"words of a later term", []string{`{"player_id":"p1","action":{"a":[5],"v":[6],"t":3,"c":%d},"frame_number":%d,"timestamp":1}`}, "did not tell this player"},
	} {
		s := newSteadyQueue(t, wire.JSON, true, false)
		for range 300 {
			s.frame()
		}
		s.update([][]byte{[]byte(`42["pyodide_host_changed",{"new_host_id":"p0"}]`), []byte(`42["pyodide_host_changed",{"new_host_id":"p1"}]`)})
		s.term = 2
		for _, text := range c.say {
			text = strings.Replace(text, "%d", itoa(s.other.Frame-1), 1)
			s.receive(`42["pyodide_other_player_action",` + strings.Replace(text, "%d", itoa(s.other.Frame), 1) + `]`)
		}
		for _, mark := range []string{`{}`, `{"tandem":{"mark":1}}`, `{"tandem":{"mark":1048577}}`, `{"tandem":{"mark":-5}}`} {
			s.receive(`42["pyodide_apply_full_state",{"state":` + mark + `}]`)
		}
		if s.imports != 0 {
			t.Errorf("%s: %d states were taken over", c.name, s.imports)
		}
		before := s.steps
		for range 300 {
			s.frame()
		}
		if c.ends == "" && (s.steps < before+298 || s.asked != 0) || c.ends != "" && !strings.Contains(s.peer.End().Text, c.ends) {
			t.Errorf("%s: %d steps, %d states asked for, end %+v", c.name, s.steps-before, s.asked, s.peer.End())
		}
		if c.ends != "" {
			continue
		}
		s.receive(`42["pyodide_apply_full_state",{"state":{"tandem":{"mark":2097153}}}]`)
		if s.imports != 1 {
			t.Errorf("%s: a state of the host's term was not taken over", c.name)
		}
	}
}

// A state that the relay asked the old host for is not sent any more.
func TestQueueOldHostsState(t *testing.T) {
	const asks, changes = `42["pyodide_request_full_state",{"frame_number":5}]`, `42["pyodide_host_changed",{"new_host_id":"p1"}]`
	for _, messages := range [][]string{{asks}, {asks, changes}, {changes, asks}} {
		s := newSteadyQueue(t, wire.JSON, true, true)
		for range 60 {
			s.frame()
		}
		var in session.In
		for _, m := range messages {
			in.Messages = append(in.Messages, []byte(m))
		}
		sent, ordered := 0, 0
		for range 60 {
			in.Now, in.Input, in.Prepared = s.now, s.fold, true
			out := s.peer.Update(in)
			in = session.In{}
			for i := range out.Commands {
				if out.Commands[i].Kind == peer.CommandExport {
					ordered++
					in.Other = &peer.Answers{Exported: []byte(`{}`)}
				}
			}
			for i := range out.Send {
				if out.Send[i].Name == "pyodide_send_full_state" {
					sent++
				}
			}
			s.now += session.FrameTime(1)
		}
		if want := len(messages) == 1; (sent == 1) != want || sent > ordered {
			t.Errorf("%q: %d states ordered, %d sent", messages, ordered, sent)
		}
	}
}

// A host that goes on saying everything but which frames are closed, as an original player would that
// calls itself one of ours, does not keep the others waiting for ever.
func TestQueueHostClosesNothing(t *testing.T) {
	s := newSteadyQueue(t, wire.JSON, true, false)
	for range 300 {
		s.frame()
	}
	s.hosted = false // it says bare actions
	s.other.Action = wire.IntValue(2)
	warned := false
	s.event = func(e *session.Event) {
		warned = warned || e.Kind == session.EventWarning && strings.Contains(e.Text, "waits for the host")
	}
	for range 25 * session.FrameRate {
		s.frame()
	}
	if e := s.peer.End(); !warned || e.Code != protocol.CodeGone || !strings.Contains(e.Text, "has not let the game go on") {
		t.Errorf("warned %v, ended with %+v", warned, e)
	}
}

// A state that is lost on its way, and one that the host has not sent, leave a player whose hashes
// nobody can compare: it finds that out and asks.
func TestQueueStatesApart(t *testing.T) {
	for _, forged := range []bool{false, true} {
		setup := queueSetup{players: 3, delay: 3, frames: 900, lines: lines20(3)}
		if !forged {
			setup.stock.LoseStates = 1
		}
		m := newQueueMatch(t, 25, setup)
		m.Run(6 * time.Second)
		bad := (m.Relay.Host() + 1) % 3
		if forged {
			f := m.Nodes[bad].Peer.Frame()
			m.Inject(bad, fmt.Appendf(nil, `42["pyodide_apply_full_state",{"state":{"episode_num":0,"step_num":%d,"frame_number":%d,"total":%d,"state":%q,"tandem":{"mark":77}}}]`,
				f, f, f, base64.StdEncoding.EncodeToString([]byte("00000000deadbeef"))))
		} else {
			m.folds[(bad+1)%3].State ^= 1 // it asks, the state goes to both others, and bad does not get it
		}
		m.end(t)
		if m.folds[0].State != m.folds[1].State || m.folds[0].State != m.folds[2].State || m.asked["state_missed"] == 0 {
			t.Errorf("forged %v: states %x, %x and %x, asked %v", forged, m.folds[0].State, m.folds[1].State, m.folds[2].State, m.asked)
		}
	}
}

// Where the host leaves the waiting room, the next in order is host, and everybody is elected anew.
func TestQueueElectedAnew(t *testing.T) {
	scene := strings.Replace(gameScene, `"p1":"human"`, `"p1":"human","p2":"human"`, 1)
	is := func(host string) string {
		return `42["pyodide_host_elected",{"is_host":` + strconv.FormatBool(host == "p0") + `,"host_id":"` + host + `","player_id":"p0","game_id":"g1","game_seed":7,"num_players":3}]`
	}
	for _, hosts := range [][]string{{"p1", "p0"}, {"p1", "p2"}, {"p1", "p2", "p0"}} {
		frames := []string{scene}
		for _, h := range hosts {
			frames = append(frames, is(h))
		}
		p, _ := lobby(t, append(frames, strings.Replace(is("p1"), `"g1"`, `"another"`, 1))...)
		last := hosts[len(hosts)-1]
		if p.IsHost() != (last == "p0") || p.Roster()[0].Host != (last == "p0") || p.State() != session.PeerSeated {
			t.Errorf("%v: host %v, roster %+v, state %d", hosts, p.IsHost(), p.Roster(), p.State())
		}
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
