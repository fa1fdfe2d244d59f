package sim_test

import (
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/game/sim"
	"tandem/netcode/netsim"
	"tandem/netcode/protocol"
	"tandem/netcode/recording"
	"tandem/netcode/relay"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
)

// parityRuns is how many seeds of each link are played; more with -parity.runs.
var parityRuns = flag.Int("parity.runs", 3, "seeds of each link of TestParity")

// file is a recording in memory.
type file struct {
	mu   sync.Mutex
	data []byte
}

func (f *file) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.data = append(f.data, p...)
	return len(p), nil
}
func (f *file) Truncate(n int64) error                         { f.data = f.data[:n]; return nil }
func (f *file) Close() error                                   { return nil }
func (f *file) open(*recording.Header) (recording.File, error) { return f, nil }
func (f *file) reader(t testing.TB) *recording.Reader          { return readerOf(t, f.data) }
func (f *file) wall(offset time.Duration) func() (now time.Time) {
	return func() time.Time { return time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC).Add(offset) }
}

func readerOf(t testing.TB, data []byte) *recording.Reader {
	t.Helper()
	r, err := recording.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// recorded is a world in which every seat and the room keep a recording.
type recordedWorld struct {
	*sessiontest.World
	peers     []*file
	relay     *file
	recorders []*sim.Recorder
	room      *relay.Recorder
}

// recordedSeat is a seat whose match records what it plays.
type recordedSeat struct {
	*seat
	w *recordedWorld
	i int
}

func (s *recordedSeat) node() *sessiontest.Node { return s.w.Nodes[s.i] }
func (s *recordedSeat) now() time.Duration      { return s.node().Clock.Local(s.w.Now) }

func (s *recordedSeat) Reset(seed uint64) {
	s.seat.Reset(seed)
	s.w.recorders[s.i].Reset(s.now(), s.node().Peer, s.Match, &replica.Command{Kind: replica.CommandReset, Seed: seed})
}

func (s *recordedSeat) Step(c *replica.Command) {
	s.seat.Step(c)
	r := s.w.recorders[s.i]
	r.Step(s.now(), s.node().Peer, s.Match, c)
	_, over := s.Over()
	if c.Hash || over {
		h := s.Match.Hash()
		h.Frame = c.Frame
		r.Hash(s.now(), s.i, &h)
	}
}

// recordWorld plays bots over lines and records all of it.
func recordWorld(t *testing.T, seed uint64, cfg *options.Config, lines []sessiontest.Line, bot string) *recordedWorld {
	t.Helper()
	w := &recordedWorld{relay: &file{}}
	trouble := func(err error) { t.Errorf("seed %d: %v", seed, err) }
	w.World = sessiontest.NewWorld(seed, *cfg, lines, func(i int) sessiontest.Game {
		m, err := sim.NewMatch(cfg)
		if err != nil {
			t.Fatal(err)
		}
		b, err := sim.NewBotInput(bot, m, i, seed+uint64(i))
		if err != nil {
			t.Fatal(err)
		}
		f := &file{}
		w.peers = append(w.peers, f)
		w.recorders = append(w.recorders, &sim.Recorder{Open: f.open, Program: "test", Wall: f.wall(time.Duration(i) * time.Minute), Trouble: trouble})
		return &recordedSeat{&seat{m, b}, w, i}
	})
	for i, n := range w.Nodes {
		n.OnEvent = func(n *sessiontest.Node, _ time.Duration, e *session.Event) {
			w.recorders[i].Event(n.Clock.Local(w.Now), n.Peer, e)
			w.recorders[i].Tick(n.Clock.Local(w.Now))
		}
	}
	w.room = &relay.Recorder{Open: w.relay.open, Program: "test", Wall: w.relay.wall(-time.Hour), Log: slog.New(slog.DiscardHandler)}
	w.OnRoomOut = func(at time.Duration, out *session.RoomOut) { w.room.Update(at, w.Room, out) }
	return w
}

// finish closes the recordings.
func (w *recordedWorld) finish() {
	for _, r := range w.recorders {
		if done := r.Close(); done != nil {
			<-done
		}
	}
	w.room.Close()
	<-w.room.Done()
}

// export is a recording as its rows of text; the columns' names come first.
func export(t *testing.T, f *file) (rows [][]string, table *sim.Table) {
	t.Helper()
	table, err := sim.NewTable(bytes.NewReader(f.data))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := table.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	rows, err = csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows, table
}

// linesOf makes the seats' lines of what -net takes, or those that are stepped.
func linesOf(t *testing.T, words []string, seats int) (lines []sessiontest.Line) {
	t.Helper()
	step := netsim.Schedule(nil)
	if words[0] == stepped {
		near, far := netsim.Spec{RTT: 50 * time.Millisecond, Jitter: 4 * time.Millisecond}, netsim.Spec{RTT: 200 * time.Millisecond, Jitter: 4 * time.Millisecond}
		step = netsim.Schedule{{Spec: near}, {At: 10 * time.Second, Spec: far}, {At: 20 * time.Second, Spec: near}}
		words = []string{"rtt=2ms"}
	}
	specs, err := netsim.ParseSpecs(words)
	if err != nil {
		t.Fatal(err)
	}
	for i := range seats {
		spec := specs.For(i)
		lines = append(lines, sessiontest.Line{Net: netsim.Schedule{{Spec: spec}},
			Clock: netsim.Clock{Offset: time.Duration(i) * 7 * time.Second, Skew: 100 - 150*i}})
	}
	if step != nil {
		lines[1].Net = step
	}
	return lines
}

// parityLinks are the links over which the data of all participants must be equal.
var parityLinks = [][]string{
	{"rtt=100ms"}, {"rtt=200ms"}, {"rtt=500ms"},
	{"rtt=50ms,seat=0", "rtt=200ms,seat=1"},
	{"rtt=100ms,jitter=75ms,seat=1"},
	{"rtt=60ms,tail=5ms/1.5,seat=1"},
	{"rtt=50ms,stall=15%/200ms,seat=1"},
	{"rtt=50ms,drop=10s/3s,seat=1"},
	{stepped},
}

// stepped stands for a link whose round trip becomes four times as long in mid-game, and short again.
const stepped = "rtt=50ms to 200ms"

// TestParity: the exports of both players' recordings and of the relay's are equal in every column
// that is not local, row by row, over every link.
func TestParity(t *testing.T) {
	for _, words := range parityLinks {
		for _, c := range []struct {
			env, bot string
			words    []string
			delay    string
		}{
			{"slime", "random", []string{"frames=900", "lives=2"}, "auto"},
			{"testenv", "sticky", []string{"frames=700", "episode_steps=150"}, "3"},
			{"overcooked/cramped_room", "random", []string{"episodes=2", "max_steps=300"}, "auto"},
		} {
			t.Run(strings.Join(words, " ")+"/"+c.env, func(t *testing.T) {
				cfg := config(t, c.env, c.words...)
				if err := cfg.Set("delay=" + c.delay); err != nil {
					t.Fatal(err)
				}
				for seed := range uint64(*parityRuns) {
					lines := linesOf(t, words, cfg.Players)
					drop := false
					for _, w := range words {
						drop = drop || strings.Contains(w, "drop=")
					}
					parity(t, seed, recordWorld(t, seed, cfg, lines, c.bot), drop)
					if t.Failed() {
						t.Fatalf("seed %d; more seeds with: go test ./game/sim -run TestParity -parity.runs 100", seed)
					}
				}
			})
		}
	}
}

// parity plays a world to its end and compares the exports.
func parity(t *testing.T, seed uint64, w *recordedWorld, drop bool) {
	if drop { // the simulated line loses what is under way; breaking the connection is the world's
		w.Run(w.Now + 10*time.Second)
		w.Disconnect(1)
		w.Run(w.Now + 3*time.Second)
		w.Reconnect(1)
	}
	if !w.Run(time.Hour) {
		t.Fatal("the match does not end")
	}
	w.finish()
	for i, n := range w.Nodes {
		if end := n.Peer.End(); end.Code != protocol.CodeOK {
			t.Fatalf("seat %d ended with %+v", i, end)
		}
	}
	frames, _ := w.Nodes[0].Game.Over()
	reference, columns := export(t, w.relay)
	if len(reference) != int(frames)+1 {
		t.Fatalf("the relay's export has %d rows for %d frames", len(reference)-1, frames)
	}
	shared := 0
	measured := make([]int, len(w.peers))
	for i, f := range w.peers {
		rows, table := export(t, f)
		if len(rows) != len(reference) {
			t.Fatalf("seat %d's export has %d rows, the relay's %d", i, len(rows)-1, len(reference)-1)
		}
		for r, row := range rows {
			for k, c := range columns.Columns {
				if c.Local() {
					if r > 0 && row[k] != "" && strings.HasPrefix(c.Name, "local.latency_ms.") {
						measured[i]++
					}
					continue
				}
				shared++
				if row[k] != reference[r][k] {
					t.Fatalf("row %d, column %s: seat %d's export has %q, the relay's %q", r, c.Name, i, row[k], reference[r][k])
				}
			}
		}
		for _, check := range []sim.Check{table.Replay.Check, columns.Replay.Check} {
			if check.Different != 0 || check.Unknown != 0 || check.Compared < int(frames)/30 || check.Frames != int(frames) {
				t.Errorf("seat %d: the hashes say %+v, first %v", i, check, check.First)
			}
		}
		if measured[i] < int(frames)*9/10 { // late inputs have no delay of their own
			t.Errorf("seat %d: only %d latencies for %d frames of two seats", i, measured[i], frames)
		}
	}
	if shared == 0 {
		t.Error("nothing was compared")
	}
}

// Rows say where the owner's input took longer than the frames that the room has fixed: everywhere on a link
// that needs more, nowhere on one that does not. Where it was replaced there is nothing to say.
func TestExceededDelayIsInTheRows(t *testing.T) {
	for _, c := range []struct {
		delay string
		far   bool // the second seat's link is beyond it
	}{{"3", true}, {"8", false}, {"auto", false}} {
		cfg := config(t, "testenv", "frames=600")
		if err := cfg.Set("delay=" + c.delay); err != nil {
			t.Fatal(err)
		}
		w := recordWorld(t, 1, cfg, linesOf(t, []string{"rtt=2ms,seat=0", "rtt=200ms,seat=1"}, 2), "random")
		if !w.Run(time.Hour) {
			t.Fatal("no end")
		}
		w.finish()
		for i, f := range w.peers {
			rows, _ := export(t, f)
			agent := w.Nodes[i].Game.(*recordedSeat).Spec().Agents[i]
			at := func(name string) int { return slices.Index(rows[0], name) }
			n := map[string]int{}
			for _, row := range rows[1:] {
				flag, took := row[at("local.delay_exceeded")], row[at("local.latency_ms."+agent)]
				n[flag]++
				if (flag == "") != (took == "") || row[at("substituted."+agent)] == "True" && flag != "" {
					t.Fatalf("delay %s, seat %d: %q ms, exceeded %q", c.delay, i, took, flag)
				}
			}
			want := "False"
			if c.far && i == 1 {
				want = "True"
			}
			if n[want] < 560 || n["True"]+n["False"] != n[want] {
				t.Errorf("delay %s, seat %d: %v rows by what local.delay_exceeded says, want %s", c.delay, i, n, want)
			}
		}
		if rows, _ := export(t, w.relay); slices.ContainsFunc(rows[1:], func(r []string) bool { return r[slices.Index(rows[0], "local.delay_exceeded")] != "" }) {
			t.Error("the relay's rows say something of a delay, of which it has none")
		}
	}
}

// TestVerifyNamesTheDifference changes one action of a recording: the hashes say where.
func TestVerifyNamesTheDifference(t *testing.T) {
	cfg := config(t, "testenv", "frames=200")
	w := recordWorld(t, 1, cfg, linesOf(t, []string{"rtt=100ms"}, 2), "random")
	if !w.Run(time.Hour) {
		t.Fatal("no end")
	}
	w.finish()
	for name, f := range map[string]*file{"relay": w.relay, "seat": w.peers[0]} {
		changed := rewrite(t, f, func(r *recording.Record) bool {
			if r.Kind == recording.KindBundle && r.Frame == 70 {
				r.Actions[1] = (r.Actions[1] + 1) % 8
			}
			return true
		})
		p, err := sim.NewReplay(readerOf(t, changed))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Verify(); err != nil {
			t.Fatal(err)
		}
		d := p.Check.First
		if d == nil || d.Frame < 70 || d.Frame > 89 || !slices.Contains(d.Sections, "words") || !slices.Contains(d.Sections, "floats") || slices.Contains(d.Sections, "clock") {
			t.Errorf("%s: the first difference is %v", name, d)
		}
		if d != nil && !strings.Contains(d.String(), fmt.Sprintf("after frame %d the state of seat", d.Frame)) {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// rewrite copies a recording with changes; a record that change answers false for is left out.
func rewrite(t *testing.T, f *file, change func(*recording.Record) bool) []byte {
	t.Helper()
	r := f.reader(t)
	out := &file{}
	w, err := recording.Start(func() (recording.File, error) { return out, nil }, r.Header, 0, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	for {
		rec, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if !change(rec) {
			continue
		}
		switch rec.Kind {
		case recording.KindReset:
			w.Reset(rec.At, rec.Epoch, rec.Seed)
		case recording.KindBundle:
			w.Bundle(rec.At, rec.Actions[:], rec.Substituted, rec.Flags, rec.Dur)
		case recording.KindHash:
			w.Hash(rec.At, rec.Frame, rec.Seat, &rec.Hash)
		case recording.KindSnapshot:
			w.Snapshot(rec.At, rec.Frame, rec.State)
		case recording.KindEnd:
			w.End(rec.At, rec.Code, rec.Frame, rec.Text)
		}
	}
	w.Close()
	if err := w.Err(); err != nil {
		t.Fatal(err)
	}
	return out.data
}

// recordedPair plays and records a match of two, and returns with it what the first exports and a match to play it
// again.
func recordedPair(t *testing.T, seed uint64, cfg *options.Config, line string) (w *recordedWorld, whole [][]string, m *sim.Match) {
	t.Helper()
	w = recordWorld(t, seed, cfg, linesOf(t, []string{line}, 2), "random")
	if !w.Run(time.Hour) {
		t.Fatal("no end")
	}
	w.finish()
	whole, _ = export(t, w.peers[0])
	m, err := sim.NewMatch(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return w, whole, m
}

// TestReplayFromSnapshot: a recording that begins with a snapshot, as a spectator's may, is played
// from there, and a snapshot in the middle is compared with what was played.
func TestReplayFromSnapshot(t *testing.T) {
	cfg := config(t, "slime", "frames=300")
	w, whole, m := recordedPair(t, 2, cfg, "rtt=100ms")
	var state []byte
	m.Reset(w.Room.Seed())
	for f := range uint32(120) {
		b, _ := w.Room.Log(f)
		m.Step(&replica.Command{Frame: f, Actions: b.Actions})
	}
	state = m.AppendState(nil)
	// A recording from there on.
	out := &file{}
	h := *w.peers[0].reader(t).Header
	h.Owner, h.Seat = recording.OwnerSpectator, recording.NoSeat
	sw, err := recording.Start(func() (recording.File, error) { return out, nil }, &h, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	sw.Snapshot(0, 119, state)
	for f := uint32(120); f < 300; f++ {
		b, _ := w.Room.Log(f)
		sw.Bundle(0, b.Actions[:], b.Substituted, b.Flags, 0)
		if f == 200 { // what it had already, once more
			for g := m.Frame(); g <= f; g++ {
				b, _ := w.Room.Log(g)
				m.Step(&replica.Command{Frame: g, Actions: b.Actions})
			}
			sw.Snapshot(0, f, m.AppendState(nil))
		}
	}
	sw.Close()
	<-sw.Done()
	rows, table := export(t, out)
	if len(rows) != 181 || table.Replay.Check.Different != 0 {
		t.Fatalf("%d rows, %+v", len(rows), table.Replay.Check)
	}
	for r := 1; r < len(rows); r++ {
		for k, c := range table.Columns {
			if !c.Local() && rows[r][k] != whole[r+120][k] {
				t.Fatalf("row %d, column %s: %q, want %q", r, c.Name, rows[r][k], whole[r+120][k])
			}
		}
	}
}

// TestRecorderAllocatesNothing: what a recorder does in every frame leaves the garbage collector
// alone.
func TestRecorderAllocatesNothing(t *testing.T) {
	cfg := config(t, "slime", "frames=1000000")
	w := recordWorld(t, 5, cfg, linesOf(t, []string{"rtt=20ms"}, 2), "random")
	if w.Run(w.Now + 20*time.Second) {
		t.Fatal("the match is over")
	}
	n := w.Nodes[0]
	m, now := newMatch(t, "slime"), n.Clock.Local(w.Now)
	m.Reset(1)
	c := replica.Command{Frame: n.Peer.Frame()}
	h := m.Hash()
	r := w.recorders[0]
	if a := testing.AllocsPerRun(60, func() { // two seconds: no more than the disk's queue
		now += session.FrameTime(1)
		r.Event(now, n.Peer, &session.Event{Kind: session.EventInputDelay, Frame: c.Frame, Dur: time.Millisecond})
		r.Step(now, n.Peer, m, &c)
		r.Event(now, n.Peer, &session.Event{Kind: session.EventLatency, Frame: c.Frame, Seat: 1, Dur: time.Millisecond})
		r.Hash(now, 0, &h)
		r.Tick(now)
		c.Frame++
	}); a != 0 {
		t.Errorf("%v allocations per frame", a)
	}
	w.finish()
}

func TestReplayRefuses(t *testing.T) {
	cfg := config(t, "testenv", "frames=60")
	w := recordWorld(t, 3, cfg, linesOf(t, []string{"rtt=40ms"}, 2), "random")
	if !w.Run(time.Hour) {
		t.Fatal("no end")
	}
	w.finish()
	for name, c := range map[string]struct {
		change func(*recording.Record) bool
		words  string
	}{
		"an action there is not": {func(r *recording.Record) bool { r.Actions[0] = 100; return true }, "does not have"},
	} {
		p, err := sim.NewReplay(readerOf(t, rewrite(t, w.relay, c.change)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Verify(); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]struct {
		change func(*recording.Header)
		words  string
	}{
		"another environment": {func(h *recording.Header) { h.Options = append(h.Options, "env=chess") }, "chess"},
		"another version":     {func(h *recording.Header) { h.Options = append(h.Options, "env_version=99") }, "version"},
		"a strange option":    {func(h *recording.Header) { h.Options = append(h.Options, "gravity=3") }, "gravity"},
		"other seats":         {func(h *recording.Header) { h.Seats = h.Seats[:1] }, "seats"},
	} {
		r := w.relay.reader(t)
		c.change(r.Header)
		if _, err := sim.NewReplay(r); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
