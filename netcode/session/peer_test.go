package session_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/netcode/netsim"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
)

var lan, line = sessiontest.LAN, sessiontest.LineOf

func foldWorld(seed uint64, cfg options.Config, lines ...sessiontest.Line) *sessiontest.World {
	return sessiontest.NewWorld(seed, cfg, lines, func(seat int) sessiontest.Game {
		return sessiontest.NewFold(len(lines), cfg.Actions, cfg.Frames, seed+uint64(seat))
	})
}

// A seat that stands still for two seconds delays nobody: every other seat steps every frame in its
// time. The seat itself catches up and ends with the same state.
func TestStalledSeatDelaysNobody(t *testing.T) {
	for _, seed := range []uint64{1, 2, 3, 4, 5} {
		w := foldWorld(seed, matchConfig(600), lan(), lan(), line("rtt=100ms,jitter=20ms"))
		var last [3]time.Duration
		var worst [3]time.Duration
		for i, n := range w.Nodes {
			n.OnStep = func(n *sessiontest.Node, c *replica.Command) {
				if c.Frame > 0 {
					worst[i] = max(worst[i], w.Now-last[i])
				}
				last[i] = w.Now
				if i == 1 && c.Frame == 200 {
					w.Sleep(1, w.Now+2*time.Second)
				}
			}
		}
		if !w.Run(time.Minute) {
			t.Fatalf("seed %d: the match did not end", seed)
		}
		if worst[0] > 40*ms {
			t.Errorf("seed %d: seat 0 waited %v for a frame", seed, worst[0])
		}
		if worst[1] < 2*time.Second {
			t.Fatalf("seed %d: seat 1 did not stand still", seed)
		}
		a, b := w.Nodes[0].Game.Hash(), w.Nodes[1].Game.Hash()
		if a.Total != b.Total || w.Nodes[1].Peer.End().Code != protocol.CodeOK {
			t.Errorf("seed %d: the stalled seat ended with %x and %+v, want %x", seed, b.Total, w.Nodes[1].Peer.End(), a.Total)
		}
	}
}

// With a fixed delay the own input is stepped D frames after it was sampled, on any link that is
// fast enough, and no input is late.
func TestFixedDelay(t *testing.T) {
	for _, d := range []int{2, 3, 5} {
		cfg := matchConfig(450)
		cfg.Delay = options.Delay{Frames: d}
		w := foldWorld(7, cfg, lan(), line("rtt=40ms"))
		n, bad := 0, 0
		for _, node := range w.Nodes {
			node.OnEvent = func(node *sessiontest.Node, _ time.Duration, e *session.Event) {
				switch e.Kind {
				case session.EventInputDelay:
					n++
					if diff := e.Dur - session.FrameTime(int64(d)); diff < -2*ms || diff > 2*ms {
						bad++
					}
				case session.EventSubstituted:
					t.Errorf("D=%d: input of frame %d was substituted", d, e.Frame)
				}
			}
		}
		if !w.Run(time.Minute) || n < 800 {
			t.Fatalf("D=%d: %d inputs were stepped", d, n)
		}
		if bad > 0 {
			t.Errorf("D=%d: %d of %d inputs took another time than %v", d, bad, n, session.FrameTime(int64(d)))
		}
	}
}

// A delay that is too short for the link is told with what it needs; the match stays in step.
func TestTooShortDelayIsTold(t *testing.T) {
	cfg := matchConfig(600)
	cfg.Delay = options.Delay{Frames: 1}
	w := foldWorld(3, cfg, lan(), line("rtt=150ms"))
	var warning *session.Warning
	w.Nodes[1].OnEvent = func(_ *sessiontest.Node, _ time.Duration, e *session.Event) {
		if e.Warning != nil && warning == nil {
			first := *e.Warning
			warning = &first
		}
	}
	if !w.Run(time.Minute) || w.Nodes[0].Peer.End().Code != protocol.CodeOK {
		t.Fatalf("ended with %+v", w.Nodes[0].Peer.End())
	}
	// 150 ms and the margin need 5 frames; the relay and a lossless line add nothing.
	if warning == nil || warning.Why != session.LinkOverFixed || warning.Need != 5 || warning.Room != 1 {
		t.Errorf("warning %+v", warning)
	}
}

// A strict delay is exactly that, for a seat whose link holds it; it warns at once when that ends.
func TestStrictDelay(t *testing.T) {
	cfg := matchConfig(900)
	cfg.Delay = options.Delay{Mode: options.DelayStrict, Frames: 4}
	worse := sessiontest.Line{Net: netsim.Schedule{{Spec: netsim.Spec{RTT: 40 * ms}}, {At: 15 * time.Second, Spec: netsim.Spec{RTT: 400 * ms}}}}
	w := foldWorld(9, cfg, lan(), worse)
	var firstLate, warned time.Duration
	var warning session.Warning
	for i, n := range w.Nodes {
		n.OnEvent = func(_ *sessiontest.Node, at time.Duration, e *session.Event) {
			switch {
			case e.Kind == session.EventInputDelay && at < 15*time.Second:
				if d := e.Dur - session.FrameTime(4); d < -2*ms || d > 2*ms {
					t.Errorf("seat %d: frame %d took %v", i, e.Frame, e.Dur)
				}
			case e.Kind == session.EventSlack && e.Dur < 0 && firstLate == 0:
				firstLate = at
			case e.Warning != nil && warned == 0:
				warned, warning = at, *e.Warning
			}
		}
	}
	if !w.Run(time.Minute) || w.Nodes[0].Peer.End().Code != protocol.CodeOK {
		t.Fatalf("ended with %+v", w.Nodes[0].Peer.End())
	}
	if firstLate == 0 || warned != firstLate {
		t.Errorf("the first late input was known at %v, the warning came at %v", firstLate, warned)
	}
	if warning.Why != session.LinkOverStrict || warning.Need <= 4 || warning.Room != 4 {
		t.Errorf("warning %+v", warning)
	}
}

// A link that cannot hold a strict delay does not begin, and learns what it would take.
func TestStrictDelayIsRefused(t *testing.T) {
	cfg := matchConfig(300)
	cfg.Delay = options.Delay{Mode: options.DelayStrict, Frames: 2}
	w := foldWorld(4, cfg, lan(), line("rtt=150ms"))
	w.Run(20 * time.Second)
	end := w.Nodes[1].Peer.End()
	if end.Code != protocol.CodeLink || !strings.Contains(end.Text, "5 frames (166 ms)") || !strings.Contains(end.Text, "strict:5") {
		t.Errorf("ended with %+v", end)
	}
	// What no room can have is no advice.
	far := foldWorld(4, cfg, lan(), line("rtt=1100ms"))
	far.Run(30 * time.Second)
	if end := far.Nodes[1].Peer.End(); end.Code != protocol.CodeLink || strings.Contains(end.Text, "strict:") || !strings.Contains(end.Text, "more than a room can have (30)") {
		t.Errorf("over 1.1 s it ended with %+v", end)
	}
	if s := w.Nodes[0].Peer.State(); s != session.PeerReady {
		t.Errorf("the other seat is in state %v, want it to wait for somebody else", s)
	}
}

// Whoever joins in mid-match must hold a strict delay as well. One who cannot is told what it would take,
// and the others play on, whatever their room does when somebody is gone: that one never played.
func TestStrictDelayForWhoJoinsLate(t *testing.T) {
	for _, policy := range []string{"pause", "end", "substitute", "bot"} {
		for spec, fits := range map[string]bool{"rtt=150ms": false, "rtt=20ms": true} {
			cfg := matchConfig(900)
			cfg.Players, cfg.MinPlayers = 3, 2
			cfg.Delay = options.Delay{Mode: options.DelayStrict, Frames: 3}
			if err := cfg.Set("on_disconnect=" + policy); err != nil {
				t.Fatal(err)
			}
			w := foldWorld(4, cfg, lan(), lan())
			for i := range w.Nodes {
				w.SetGame(i, newFold(w, 900, uint64(i)))
			}
			at(w, 0, 300, func() {
				w.Add(session.PeerConfig{Program: "test", Name: "late", Room: "test", Seat: -1}, line(spec), newFold(w, 900, 9))
			})
			if !w.Run(2 * time.Minute) {
				t.Fatalf("%s, %s: the match did not end", policy, spec)
			}
			ended(t, w, 0, 1)
			end := w.Nodes[2].Peer.End()
			if fits && end.Code != protocol.CodeOK || !fits && (end.Code != protocol.CodeLink || !strings.Contains(end.Text, "exactly 3")) {
				t.Errorf("%s, %s: who came late ended with %+v", policy, spec, end)
			}
		}
	}
}

// A one-shot action whose frame was substituted is sent again by its owner, and happens once.
func TestOneShotIsSentAgain(t *testing.T) {
	cfg := matchConfig(400)
	w := foldWorld(11, cfg, lan(), lan())
	// Seat 1 presses once, just when its line stops for 250 ms: the input comes too late.
	press := &pressOnce{Fold: sessiontest.NewFold(2, 7, 400, 1), at: 150, action: 4, idle: 0}
	w.SetGame(1, press)
	w.Nodes[1].Up = netsim.NewScheduledLink(netsim.Schedule{
		{Spec: netsim.Spec{RTT: 2 * ms}},
	}, 5)
	done := 0
	w.Nodes[0].OnStep = func(_ *sessiontest.Node, c *replica.Command) {
		if c.Actions[1] == 4 {
			done++
		}
	}
	press.onPress = func() {
		w.Nodes[1].Up = netsim.NewScheduledLink(netsim.Schedule{
			{Spec: netsim.Spec{RTT: 300 * ms}},                  // this input and those with it arrive too late
			{At: w.Now + 30*ms, Spec: netsim.Spec{RTT: 2 * ms}}, // then the line is well again
		}, 6)
	}
	if !w.Run(time.Minute) {
		t.Fatal("the match did not end")
	}
	if !press.pressed {
		t.Fatal("nothing was pressed")
	}
	if done != 1 {
		t.Errorf("the one-shot action happened %d times, want once", done)
	}
}

// pressOnce is a player who presses one button once.
type pressOnce struct {
	*sessiontest.Fold
	at      uint32
	action  int
	idle    int
	pressed bool
	onPress func()
}

func (p *pressOnce) Sample() int {
	if p.Frames < p.at || p.pressed {
		return p.idle
	}
	p.pressed = true
	p.onPress()
	return p.action
}

// The clock is right to a few milliseconds whatever its offset, skew and jitter. Each estimate is as good
// as the shortest of the last 16 round trips allows: what that took beyond the line's least may have gone
// either way. How short it was is luck, which evens out over the seeds.
func TestClockOffset(t *testing.T) {
	t.Parallel()
	const (
		pings = 16
		least = 20 * ms                            // of a round trip: each way takes 40 ms with a jitter of 30 ms up and down
		drift = pings * time.Second / 5000 * 3 / 2 // 200 ppm while a ping is remembered, and what its age counts
	)
	sum, seeds := time.Duration(0), 40
	for seed := range seeds {
		l := line("rtt=80ms,jitter=60ms")
		l.Clock = netsim.Clock{Offset: time.Duration(seed) * time.Hour, Skew: seed*10 - 200}
		w := foldWorld(uint64(seed)+1, matchConfig(900), l, lan())
		var trips []time.Duration
		w.Nodes[0].OnEvent = func(_ *sessiontest.Node, _ time.Duration, e *session.Event) {
			if e.Kind == session.EventRTT {
				trips = append(trips, e.Dur)
			}
		}
		if w.Run(20*time.Second) || len(trips) < pings {
			t.Fatalf("seed %d: the match is over, or has no time for pings: %d", seed+1, len(trips))
		}
		d := (w.Nodes[0].Peer.ClockOffset() - (w.Now - l.Clock.Local(w.Now))).Abs()
		if best := slices.Min(trips[len(trips)-pings:]); d > (best-least)/2+drift {
			t.Errorf("seed %d: the offset is off by %v with a round trip of %v", seed+1, d, best)
		}
		sum += d
	}
	if mean := sum / time.Duration(seeds); mean > 9*ms {
		t.Errorf("the offsets are off by %v on average", mean)
	} else {
		t.Logf("the offsets are off by %v on average", mean)
	}
}

// A room of another version, another program, a wrong order: the peer says so and closes.
func TestPeerRefusals(t *testing.T) {
	welcome := func(v uint32) []byte {
		return protocol.Append(nil, &protocol.Welcome{Magic: protocol.Magic, Version: v})
	}
	elected := func(options ...string) []byte {
		return protocol.Append(nil, &protocol.HostElected{Room: "r", Seed: 1, Options: options})
	}
	good := []string{"env=fold", "actions=7", "players=2"}
	for _, tc := range []struct {
		name   string
		frames [][]byte
		code   protocol.Code
		words  string
	}{
		{"a newer relay", [][]byte{welcome(protocol.Version + 1)}, protocol.CodeVersion, "update this program"},
		{"an older relay", [][]byte{welcome(0)}, protocol.CodeVersion, "update the other side"},
		{"no relay at all", [][]byte{[]byte("HTTP/1.1 200 OK")}, protocol.CodeMalformed, "same version"},
		{"another program", [][]byte{protocol.Append(nil, &protocol.Welcome{Magic: "gopher"})}, protocol.CodeUnexpected, "no Tandem relay"},
		{"an unknown option", [][]byte{welcome(protocol.Version), elected("env=fold", "gravity=0")}, protocol.CodeOptions, "gravity"},
		{"a seat that is not there", [][]byte{welcome(protocol.Version), protocol.Append(nil, &protocol.HostElected{Seat: 5, Seed: 1, Options: good})}, protocol.CodeUnexpected, "seat"},
		{"a start before ready", [][]byte{welcome(protocol.Version), elected(good...), protocol.Append(nil, &protocol.Start{Epoch: 1})}, protocol.CodeUnexpected, "started"},
		{"a bundle before the start", [][]byte{welcome(protocol.Version), elected(good...), protocol.AppendBundle(nil, &protocol.Bundle{Seats: 2})}, protocol.CodeUnexpected, "frame 0"},
		{"a peer's message", [][]byte{welcome(protocol.Version), protocol.AppendPing(nil, &protocol.Ping{})}, protocol.CodeUnexpected, "only peers"},
		{"a refusal", [][]byte{welcome(protocol.Version), protocol.Append(nil, &protocol.Refusal{Code: protocol.CodeRoomFull, Text: "Full."})}, protocol.CodeRoomFull, "Full."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := session.NewPeer(session.PeerConfig{Room: "r", Seat: -1})
			p.Update(session.In{Now: time.Second})
			p.Update(session.In{Now: time.Second + ms, Messages: tc.frames})
			e := p.End()
			if p.State() != session.PeerClosed || e.Code != tc.code || !strings.Contains(e.Text, tc.words) {
				t.Errorf("state %d, %s: %q; want %s with %q", p.State(), e.Code, e.Text, tc.code, tc.words)
			}
			if out := p.Update(session.In{Now: 2 * time.Second}); len(out.Send) != 0 {
				t.Errorf("a closed peer still sends")
			}
		})
	}
}

// A relay that does not answer, or falls silent, is given up in words.
func TestSilentRelay(t *testing.T) {
	p := session.NewPeer(session.PeerConfig{Seat: -1})
	for now := time.Duration(0); now < 12*time.Second; now += 100 * ms {
		p.Update(session.In{Now: now})
	}
	if e := p.End(); e.Code != protocol.CodeSilent || e.Text == "" {
		t.Errorf("no answer: %+v", e)
	}
	w := foldWorld(1, matchConfig(3000), lan(), lan())
	w.Run(10 * time.Second)
	w.Nodes[0].Down.Reset()
	w.Nodes[0].Down = netsim.NewScheduledLink(netsim.Schedule{{Spec: netsim.Spec{RTT: time.Hour}}}, 1)
	w.Run(20 * time.Second)
	if st := w.Nodes[0].Peer.State(); st != session.PeerCutOff {
		t.Errorf("silence in play: state %d, want the peer to look for a new connection", st)
	}
	w.Run(60 * time.Second)
	if e := w.Nodes[0].Peer.End(); e.Code != protocol.CodeGone || e.Text == "" {
		t.Errorf("no way back: %+v", e)
	}
}

// FuzzPeer throws bytes at a peer in play: no panic, and the match goes on or ends in words.
func FuzzPeer(f *testing.F) {
	f.Add(protocol.AppendBundle(nil, &protocol.Bundle{Epoch: 1, Seats: 2}))
	f.Add(protocol.AppendFrameSync(nil, &protocol.FrameSync{Epoch: 1, Own: protocol.Times{List: []int32{1}}, Others: []protocol.Times{{Seat: 1, List: []int32{5}}}}))
	f.Add(protocol.AppendPong(nil, &protocol.Pong{Sent: -5, Now: 1 << 62}))
	f.Add(protocol.Append(nil, &protocol.Start{Epoch: 2, Close: 1 << 62}))
	f.Fuzz(func(t *testing.T, data []byte) {
		w := foldWorld(1, matchConfig(200), lan(), lan())
		w.Run(6 * time.Second)
		p := w.Nodes[0].Peer
		for i := range 3 {
			now := w.Nodes[0].Clock.Local(w.Now) + time.Duration(i)*50*ms
			out := p.Update(session.In{Now: now, Messages: [][]byte{data}})
			if p.State() != session.PeerClosed && out.Wake < now {
				t.Fatalf("wants to be woken at %v, before now (%v)", out.Wake, now)
			}
			for _, c := range out.Commands {
				if c.Kind == replica.CommandStep && int(c.Actions[1]) >= p.Room().Actions {
					t.Fatalf("orders a step with action %d", c.Actions[1])
				}
			}
		}
	})
}

func TestWorldIsDeterministic(t *testing.T) {
	run := func() (uint64, int) {
		r := rand.New(rand.NewPCG(42, 2))
		w := foldWorld(42, matchConfig(500), sessiontest.DrawLine(r), sessiontest.DrawLine(r))
		events := 0
		w.Nodes[0].OnEvent = func(*sessiontest.Node, time.Duration, *session.Event) { events++ }
		w.Run(time.Minute)
		return w.Nodes[0].Game.Hash().Total, events
	}
	h1, n1 := run()
	h2, n2 := run()
	if h1 != h2 || n1 != n2 {
		t.Errorf("the same seed gave %x with %d events and %x with %d", h1, n1, h2, n2)
	}
}
