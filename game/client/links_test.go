package client

import (
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/env"
	_ "tandem/env/all"
	"tandem/game/sim"
	"tandem/netcode/netsim"
	"tandem/netcode/protocol"
	"tandem/netcode/recording"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
	"tandem/netcode/sessiontest"
)

var linkSeeds = flag.Uint64("links.seeds", 2, "seeds of each link on which verdicts are held to the truth")

// disk is a recording in memory.
type disk struct{ bytes.Buffer }

func (d *disk) Truncate(n int64) error { d.Buffer.Truncate(int(n)); return nil }
func (d *disk) Close() error           { return nil }

// watched is a match in virtual time in which every seat measures and records, and what really happened is
// known.
type watched struct {
	*sessiontest.World
	truth *sessiontest.Truth
	seats []*watchedSeat
}

type watchedSeat struct {
	*sim.Match
	session.Sampler
	w        *watched
	i        int
	stats    stats
	recorder *sim.Recorder
	disk     disk
	told     []float64 // the latencies of which it told, as they were in truth
}

func (s *watchedSeat) node() *sessiontest.Node { return s.w.Nodes[s.i] }
func (s *watchedSeat) now() time.Duration      { return s.node().Clock.Local(s.w.Now) }

func (s *watchedSeat) Reset(seed uint64) {
	s.stats.begin(&replica.Command{Seed: seed}, s.Match.Frame(), s.Scores())
	s.Match.Reset(seed)
	s.recorder.Reset(s.now(), s.node().Peer, s.Match, &replica.Command{Kind: replica.CommandReset, Seed: seed})
}

func (s *watchedSeat) Step(c *replica.Command) {
	s.Match.Step(c)
	if s.stats.counted(c) {
		s.stats.step(s.now(), c)
	}
	s.recorder.Step(s.now(), s.node().Peer, s.Match, c)
}

func (s *watchedSeat) report() Report {
	r := s.stats.measured(s.node().Peer.Frame(), s.node().Peer.Room().Delay.String())
	r.Verdict = r.Judge()
	return r
}

func watchedMatch(t *testing.T, seed uint64, environment, delay string, lines []sessiontest.Line, words ...string) *watched {
	t.Helper()
	cfg := options.DefaultConfig()
	opts, err := env.ParseOptions(words)
	if err == nil {
		_, err = sim.Configure(&cfg, environment, opts)
	}
	if err == nil {
		err = cfg.Set("delay=" + delay)
	}
	if err != nil {
		t.Fatal(err)
	}
	cfg.Frames, cfg.Disconnect = 900, options.DisconnectSubstitute
	w := &watched{}
	w.World = sessiontest.NewWorld(seed, cfg, lines, func(i int) sessiontest.Game {
		m, err := sim.NewMatch(&cfg)
		if err != nil {
			t.Fatal(err)
		}
		b, err := sim.NewBotInput("random", m, i, seed+uint64(i))
		if err != nil {
			t.Fatal(err)
		}
		s := &watchedSeat{Match: m, Sampler: b, w: w, i: i}
		s.stats.init()
		s.stats.seat(m, i)
		s.recorder = &sim.Recorder{Open: func(*recording.Header) (recording.File, error) { return &s.disk, nil }, Program: "test",
			Wall: func() time.Time { return time.Unix(0, 0) }, Trouble: func(err error) { t.Error(err) }}
		w.seats = append(w.seats, s)
		return s
	})
	for i, n := range w.Nodes {
		s := w.seats[i]
		n.OnSend = func(_ *sessiontest.Node, p *session.Packet) { s.stats.sent(p.Type, p.Name, len(p.Data)) }
		n.OnEvent = func(n *sessiontest.Node, _ time.Duration, e *session.Event) {
			s.stats.event(e)
			s.recorder.Event(s.now(), n.Peer, e)
			s.recorder.Tick(s.now())
			switch e.Kind {
			case session.EventRoster:
				s.stats.roster(n.Peer.Roster())
			case session.EventLatency:
				if d, ok := w.truth.Latency(e.Seat, i, e.Frame); ok {
					s.told = append(s.told, millis(d))
				}
			}
		}
	}
	w.truth = sessiontest.Watch(w.World)
	return w
}

// rows are those of a seat's recording, each column by its name.
func (s *watchedSeat) rows(t *testing.T) (columns map[string][]string) {
	t.Helper()
	if done := s.recorder.Close(); done != nil {
		<-done
	}
	table, err := sim.NewTable(bytes.NewReader(s.disk.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := table.WriteCSV(&text); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&text).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	columns = map[string][]string{}
	for k, name := range rows[0] {
		for _, r := range rows[1:] {
			columns[name] = append(columns[name], r[k])
		}
	}
	return columns
}

// judged is how good a seat's play was in truth, by the recordings and the world's clock.
type judged struct {
	level Level
	why   []string
	p50   float64 // of the own inputs' delay
}

func (j *judged) over(v, amber, red float64, what string) {
	const edge = 1.02 // a figure is read to a thousandth
	l := Green
	if v > red*edge {
		l = Red
	} else if v > amber*edge {
		l = Amber
	}
	if l > Green {
		j.level = max(j.level, l)
		j.why = append(j.why, fmt.Sprintf("%s %.3g", what, v))
	}
}

// truly judges seat i's play. replaced are the columns of what was substituted, of each seat.
func (w *watched) truly(i int, replaced [][]string, differ bool) (j judged) {
	lost := func(s int) (n, of, longest int) {
		begun, run := false, 0
		for _, cell := range replaced[s] {
			begun = begun || cell == "False" // before its first input can be there nobody has any
			switch {
			case begun && cell == "True":
				n, run = n+1, run+1
				longest = max(longest, run)
			default:
				run = 0
			}
			if begun {
				of++
			}
		}
		if !begun {
			n, of, longest = 1, 1, len(replaced[s])
		}
		return n, of, longest
	}
	n, of, longest := lost(i)
	j.over(float64(n)/float64(of), lostAmber, lostRed, "lost")
	j.over(float64(longest), runAmber, runRed, "in a row")
	for s := range replaced {
		if s != i {
			n, of, _ := lost(s)
			j.over(float64(n)/float64(of), lostAmber, lostRed, "lost by others")
		}
	}
	var own []float64
	for f := range w.truth.Seats[i].Stepped {
		if d, ok := w.truth.Latency(i, i, f); ok {
			own = append(own, millis(d))
		}
	}
	slices.Sort(own)
	if len(own) > 0 {
		j.p50 = own[len(own)/2]
		j.over(j.p50, delayAmber, delayRed, "delay")
		j.over(own[len(own)*99/100], tailAmber, tailRed, "longest delays")
	}
	var steps []time.Duration
	for _, at := range w.truth.Seats[i].Stepped {
		steps = append(steps, at)
	}
	slices.Sort(steps)
	still, most := 0.0, 0.0
	for k := 1; k < len(steps); k++ {
		if d := millis(steps[k] - steps[k-1]); d > 100 {
			still += d - 1000.0/session.FrameRate
			most = max(most, d)
		}
	}
	j.over(still/(float64(len(steps))*1000/session.FrameRate), stillAmber, stillRed, "still")
	j.over(most, stallAmber, stallRed, "still at once")
	if differ {
		j.level, j.why = Red, append(j.why, "the states differ")
	}
	return j
}

// hold plays a match and holds what each seat reports to the truth.
func hold(t *testing.T, w *watched, play func(w *watched)) (levels []Level) {
	t.Helper()
	differ := false
	room := w.OnRoom
	w.OnRoom = func(at time.Duration, e *session.RoomEvent) {
		differ = differ || e.Kind == session.RoomDesync
		room(at, e)
	}
	if play != nil {
		play(w)
	}
	if !w.Run(3 * time.Minute) {
		t.Fatal("the match does not end")
	}
	columns := make([]map[string][]string, len(w.seats))
	var replaced [][]string
	for i, s := range w.seats {
		columns[i] = s.rows(t)
		for name, cells := range columns[i] {
			if !strings.HasPrefix(name, "local.") && len(cells) == len(columns[0][name]) && !slices.Equal(cells, columns[0][name]) && !differ {
				t.Errorf("column %s of seat %d is not seat 0's", name, i)
			}
		}
	}
	for _, agent := range w.seats[0].Spec().Agents {
		replaced = append(replaced, columns[0]["substituted."+agent])
	}
	for i, s := range w.seats {
		r, want := s.report(), w.truly(i, replaced, differ)
		levels = append(levels, r.Verdict.Level)
		if r.Verdict.Level < want.level {
			t.Errorf("seat %d: %s (%q), in truth %s: %q", i, r.Verdict.Level, r.Verdict.Reasons, want.level, want.why)
		}
		if len(r.Verdict.Reasons) == 0 || r.Verdict.Level > Green && r.Verdict.Reasons[0] == "" {
			t.Errorf("seat %d: %+v says no reason", i, r.Verdict)
		}
		if d := r.InputDelay; d.N > 0 && math.Abs(d.P50-want.p50) > 0.3+want.p50/500 && d.N == int64(r.Executed) {
			t.Errorf("seat %d: input delay %v, in truth %v", i, d.P50, want.p50)
		}
		slices.Sort(s.told)
		if l := r.Latency; l.N > 0 {
			for q, v := range map[float64]float64{0.5: l.P50, 0.95: l.P95, 0.99: l.P99} {
				truth := s.told[max(0, int(math.Ceil(q*float64(len(s.told))))-1)]
				if !l.Bounded() || math.Abs(v-truth) > l.Bound {
					t.Errorf("seat %d: the latency at %v is %v ± %v, in truth %v", i, q, v, l.Bound, truth)
				}
			}
		}
		if wf := r.Waterfall; wf != nil && math.Abs(wf.Sample+wf.Up+wf.Others+wf.Down+wf.Due+wf.Timer-wf.Whole) > 0.01 {
			t.Errorf("seat %d: the parts of %+v do not add up", i, *wf)
		}
		t.Logf("seat %d: %s, in truth %s %q: %q; %s", i, r.Verdict.Level, want.level, want.why, r.Verdict.Reasons, r.Verdict.Advice)
	}
	return levels
}

// No verdict is better than the game was, on every link that play is tried on, and what is reported of the
// delays is true within what is stated.
func TestVerdictsHoldOnLinks(t *testing.T) {
	for _, row := range sessiontest.Links() {
		t.Run(row.Name, func(t *testing.T) {
			for seed := uint64(1); seed <= *linkSeeds; seed++ {
				for _, delay := range []string{"auto", "3", "10"} {
					hold(t, watchedMatch(t, seed, "slime", delay, row.Seats[:], "lives=3", "episodes=100"), nil)
					if t.Failed() {
						t.Fatalf("seed %d, delay %s", seed, delay)
					}
				}
			}
		})
	}
}

// A good link is called good.
func TestGoodLinksAreGreen(t *testing.T) {
	for _, row := range sessiontest.Links() {
		if !slices.Contains([]string{"LAN", "50 ms each way", "5 up, 40 down", "40 up, 5 down", "crossed"}, row.Name) {
			continue
		}
		for i, l := range hold(t, watchedMatch(t, 1, "slime", "auto", row.Seats[:], "lives=3", "episodes=100"), nil) {
			if l != Green {
				t.Errorf("%s: seat %d is %s", row.Name, i, l)
			}
		}
	}
}

// Games that go wrong are never called good, and the worst are red.
func TestVerdictsHoldWhenPlayGoesWrong(t *testing.T) {
	near := sessiontest.Line{Net: netsim.Schedule{{Spec: netsim.Spec{RTT: 2 * time.Millisecond}}}}
	far := sessiontest.Line{Net: netsim.Schedule{{Spec: netsim.Spec{RTT: 60 * time.Millisecond}}, {At: 6 * time.Second, Spec: netsim.Spec{RTT: 400 * time.Millisecond}}}}
	until := func(w *watched, frame uint32) {
		for w.Nodes[0].Peer.Frame() < frame && w.Now < time.Minute {
			w.Run(w.Now + 100*time.Millisecond)
		}
	}
	for _, c := range []struct {
		name, env, delay string
		line             sessiontest.Line
		want             Level // of the seat that it happens to, at least
		play             func(w *watched)
		options          []string
	}{
		{"all inputs are late", "slime", "strict:3", far, Red, nil, nil},
		{"the computer sleeps", "slime", "auto", near, Red, func(w *watched) { until(w, 300); w.Sleep(1, w.Now+3*time.Second) }, nil},
		{"the computer stops again and again", "slime", "auto", near, Amber, func(w *watched) {
			for f := uint32(60); f < 850; f += 60 {
				until(w, f)
				w.Sleep(1, w.Now+240*time.Millisecond)
			}
		}, nil},
		{"the line breaks", "slime", "auto", near, Red, func(w *watched) {
			until(w, 300)
			w.Disconnect(1)
			w.Run(w.Now + 3*time.Second)
			w.Reconnect(1)
		}, nil},
		{"the computer is busy", "slime", "3", near, Amber, func(w *watched) {
			w.Nodes[1].Busy = func() time.Duration { return time.Duration(w.Rand.Int64N(int64(200 * time.Millisecond))) }
		}, nil},
		{"the games differ", "testenv", "auto", near, Red, nil, []string{"flaw=1"}},
		{"it says nonsense of its times", "slime", "strict:3", far, Red, func(w *watched) {
			batch := w.OnBatch
			w.OnBatch = func(n *sessiontest.Node, data []byte) []byte {
				if n.Index == 1 {
					data = laterTimes(data)
				}
				return batch(n, data)
			}
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for seed := uint64(1); seed <= *linkSeeds; seed++ {
				options := c.options
				if options == nil {
					options = []string{"lives=3", "episodes=100"}
				}
				w := watchedMatch(t, seed, c.env, c.delay, []sessiontest.Line{near, c.line}, options...)
				if levels := hold(t, w, c.play); levels[1] < c.want {
					t.Errorf("seed %d: the seat's play is %s, want %s", seed, levels[1], c.want)
				}
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
		})
	}
}

// laterTimes is a batch whose frame_syncs claim that inputs were sampled half a second later than they were.
func laterTimes(data []byte) []byte {
	var d protocol.Decoder
	d.Reset(data)
	out := []byte(nil)
	for rest := data; ; {
		kind, err := d.Next()
		if err != nil {
			return append(out, rest...)
		}
		if kind == protocol.TypeFrameSync {
			for i := range d.FrameSync.Own.List {
				d.FrameSync.Own.List[i] += 5000
			}
			out = protocol.AppendFrameSync(out, &d.FrameSync)
		} else {
			out = append(out, rest[:d.Size()]...)
		}
		rest = rest[d.Size():]
	}
}
