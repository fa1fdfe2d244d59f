package solo_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tandem/game/solo"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
)

// bot plays its seed's and frame's action, and takes its time.
type bot struct {
	seed  uint64
	takes time.Duration
	now   *time.Duration
}

func (b *bot) Reset(seed uint64) { b.seed = seed }
func (b *bot) SampleFrame(frame uint32) (int, bool) {
	*b.now += b.takes
	return int((b.seed + uint64(frame)) % 5), true
}

// person does what the time says, so that a sample of another moment would be seen.
type person struct {
	now *time.Duration
	n   int
}

func does(at time.Duration) int { return int(at/time.Millisecond) % 7 }

func (p *person) Sample() int { p.n++; return does(*p.now) }

// world drives a peer as a client does, in virtual time.
type world struct {
	t      *testing.T
	p      *solo.Peer
	now    time.Duration
	person person
	bots   []*bot
	in     session.In
	length uint32 // frames of a match

	steps   []replica.Command
	stepped []time.Duration // when
	resets  []uint64
	events  map[session.EventKind]int
	wake    time.Duration
	behind  bool
}

func newWorld(t *testing.T, set ...string) *world {
	t.Helper()
	cfg := options.DefaultConfig()
	cfg.Seed, cfg.Players, cfg.Actions = 7, 3, 8
	for _, s := range set {
		if err := cfg.Set(s); err != nil {
			t.Fatal(err)
		}
	}
	w := &world{t: t, now: time.Hour, length: 300, events: map[session.EventKind]int{},
		p: solo.New(solo.Config{Room: cfg, Name: "Ada", Bot: "ace"})}
	w.person.now = &w.now
	var seats []solo.Bot
	for range cfg.Players - 1 {
		b := &bot{now: &w.now}
		w.bots, seats = append(w.bots, b), append(seats, b)
	}
	w.p.Seats(seats)
	w.in = session.In{Input: &w.person, Prepared: true}
	w.update()
	w.update()
	return w
}

// update is one turn of a client's loop.
func (w *world) update() {
	w.p.Think()
	w.in.Now = w.now
	out := w.p.Update(w.in)
	w.wake, w.behind = out.Wake, out.Behind
	for _, e := range out.Events {
		w.events[e.Kind]++
	}
	for _, c := range out.Commands {
		switch c.Kind {
		case replica.CommandReset:
			w.resets = append(w.resets, c.Seed)
			w.in.Finished, w.in.Again = false, false
		case replica.CommandStep:
			if want := does(w.now); int(c.Actions[0]) != want || c.Substituted != 0 {
				w.t.Fatalf("frame %d at %v has %d, substituted %b; the person does %d", c.Frame, w.now, c.Actions[0], c.Substituted, want)
			}
			for i, b := range w.bots {
				if want := (b.seed + uint64(c.Frame)) % 5; uint64(c.Actions[i+1]) != want {
					w.t.Fatalf("frame %d has %d for bot %d, which chose %d", c.Frame, c.Actions[i+1], i, want)
				}
			}
			w.steps, w.stepped = append(w.steps, c), append(w.stepped, w.now)
			if c.Frame+1 == w.length {
				w.in.Finished, w.in.Frames = true, w.length
			}
		}
	}
}

// run passes time, and lets the peer be woken by up to late too late.
func (w *world) run(d time.Duration, late func() time.Duration) {
	for end := w.now + d; w.now < end; {
		if !w.behind && (!w.in.Finished || w.p.State() == session.PeerAfter) {
			w.now = min(max(w.now, w.wake), end)
			if late != nil {
				w.now += late()
			}
		}
		w.update()
	}
}

// Every frame has what the person does when it is stepped, however late this computer runs the program, and
// the pace holds as long as it gets to run.
func TestAtOnce(t *testing.T) {
	for _, c := range []struct {
		name  string
		late  time.Duration
		least int
	}{{"exact", 0, 300}, {"busy", 40 * time.Millisecond, 300}, {"very busy", 140 * time.Millisecond, 300}} {
		t.Run(c.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, uint64(c.late)))
			w := newWorld(t, "countdown_ms=1000")
			w.run(11*time.Second+c.late, func() time.Duration { return time.Duration(rng.Int64N(int64(c.late) + 1)) })
			if len(w.steps) < c.least || w.person.n != len(w.steps) || w.events[session.EventInputDelay] != len(w.steps) || w.events[session.EventSubstituted] != 0 {
				t.Fatalf("%d frames of 11 s, %d samples, events %v", len(w.steps), w.person.n, w.events)
			}
			if w.p.State() != session.PeerAfter || w.events[session.EventMatchOver] != 1 {
				t.Errorf("it is in state %d, events %v", w.p.State(), w.events)
			}
			if first := w.stepped[0] - time.Hour; first < time.Second || first > time.Second+c.late {
				t.Errorf("the first frame came after %v", first)
			}
			for i, cmd := range w.steps {
				if int(cmd.Frame) != i || cmd.Hash != ((i+1)%30 == 0) || !cmd.Own {
					t.Fatalf("step %d is %+v", i, cmd)
				}
			}
		})
	}
}

// A pause passes no frame, at any moment and of any length, and what goes on is where it was.
func TestPause(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	w := newWorld(t, "countdown_ms=500")
	paused := 0
	for w.p.State() != session.PeerAfter {
		w.run(time.Duration(rng.Int64N(int64(400*time.Millisecond))), nil)
		if w.p.State() == session.PeerAfter {
			break
		}
		n, left := len(w.steps), w.p.PlayoutTime(w.p.Frame())-w.now
		w.in.Away = true
		w.update()
		w.run(time.Duration(rng.Int64N(int64(time.Hour))), nil)
		if len(w.steps) != n {
			t.Fatalf("%d frames passed in a pause", len(w.steps)-n)
		}
		if w.wake < w.now+time.Hour {
			t.Fatalf("a paused match wants to be woken in %v", w.wake-w.now)
		}
		w.in.Away = false
		w.update()
		if again := w.p.PlayoutTime(w.p.Frame()) - w.now; again > max(left, 0) || again < min(left, 0) {
			t.Fatalf("frame %d was due in %v, and behind the pause in %v", n, left, again)
		}
		paused++
	}
	if paused < 20 || w.events[session.EventPaused] != paused || w.events[session.EventResumed] != paused || len(w.steps) != 300 {
		t.Errorf("%d pauses in %d frames, events %v", paused, len(w.steps), w.events)
	}
}

// A computer that has slept goes on where it was; it does not play what nobody has seen.
func TestStoodStill(t *testing.T) {
	for _, c := range []struct {
		name   string
		before time.Duration
	}{{"in the countdown", 1200 * time.Millisecond}, {"in play", 4 * time.Second}} {
		w := newWorld(t)
		w.run(c.before, nil)
		n := len(w.steps)
		w.now += time.Hour
		w.update()
		w.run(100*time.Millisecond, nil)
		if more := len(w.steps) - n; more > 5 {
			t.Errorf("%s: %d frames after an hour of sleep", c.name, more)
		}
	}
}

// A bot that takes longer than a frame makes the match slow; nothing piles up behind it.
func TestSlowBot(t *testing.T) {
	for _, takes := range []time.Duration{50 * time.Millisecond, 400 * time.Millisecond} {
		w := newWorld(t, "countdown_ms=0")
		w.bots[0].takes = takes
		w.run(10*time.Second, nil)
		n := len(w.steps)
		if least, most := int(10*time.Second/takes)-2, int(10*time.Second/takes)+2; n < least || n > most {
			t.Errorf("%v: %d frames in 10 s", takes, n)
		}
		w.bots[0].takes = 0
		w.length = 10_000
		w.run(2*time.Second, nil)
		if more := len(w.steps) - n; more > 60+9 {
			t.Errorf("%v: %d frames in 2 s, once it is quick again", takes, more)
		}
	}
}

// A result stays as long as its player does, and the next match is another one.
func TestAgain(t *testing.T) {
	w := newWorld(t, "countdown_ms=0")
	seen := map[uint64]bool{}
	for n := range 300 { // more than an epoch counts
		w.run(11*time.Second, nil)
		if w.p.State() != session.PeerAfter || len(w.steps) != 300 {
			t.Fatalf("match %d: state %d after %d frames", n, w.p.State(), len(w.steps))
		}
		if end := w.p.End(); end.Code != protocol.CodeOK || end.Again < 100*24*time.Hour {
			t.Fatalf("match %d: the end is %+v", n, end)
		}
		seeds := []uint64{w.p.MatchSeed(), w.bots[0].seed, w.bots[1].seed}
		for _, s := range seeds {
			if s == 0 || seen[s] {
				t.Fatalf("match %d: a seed of %v was there before", n, seeds)
			}
			seen[s] = true
		}
		epoch := w.p.Epoch()
		w.now += 1000 * time.Hour
		w.steps, w.stepped, w.in.Again = nil, nil, true
		w.update()
		if w.p.Epoch() == epoch || w.resets[len(w.resets)-1] != w.p.MatchSeed() {
			t.Fatalf("match %d: epoch %d follows %d", n, w.p.Epoch(), epoch)
		}
	}
	if first := w.resets[0]; first != 7 {
		t.Errorf("the first match has seed %d, not the room's", first)
	}
}

// Whoever leaves has left, also from a result, which stays as it was.
func TestLeave(t *testing.T) {
	for _, c := range []struct {
		name string
		play time.Duration
		code protocol.Code
	}{{"at once", 0, protocol.CodeLeft}, {"in play", 5 * time.Second, protocol.CodeLeft}, {"after", 20 * time.Second, protocol.CodeOK}} {
		w := newWorld(t, "countdown_ms=0")
		w.run(c.play, nil)
		frames := uint32(len(w.steps))
		out := w.p.Leave(w.now)
		if end := w.p.End(); w.p.State() != session.PeerClosed || end.Code != c.code || end.Frames != frames || end.Text == "" {
			t.Errorf("%s: %+v after %d frames", c.name, end, frames)
		}
		if !slices.ContainsFunc(out.Events, func(e session.Event) bool { return e.Kind == session.EventEnd && e.Code == c.code }) {
			t.Errorf("%s: it tells %+v", c.name, out.Events)
		}
		w.in.Again = true
		w.update()
		if n := len(w.p.Leave(w.now).Events) + len(w.p.Abort(protocol.CodeInternal, "late").Events); n != 0 || w.p.State() != session.PeerClosed || w.p.End().Code != c.code {
			t.Errorf("%s: it ends once more", c.name)
		}
	}
}

// There is no connection, so no word about one changes anything.
func TestNoConnection(t *testing.T) {
	w := newWorld(t, "countdown_ms=0")
	w.run(time.Second, nil)
	for _, out := range []*session.Out{w.p.Lost(protocol.CodeGone, "gone"), w.p.CutOff(w.now, protocol.CodeGone, "gone"), w.p.Connected(w.now), w.p.SetDelay("9")} {
		if len(out.Events)+len(out.Commands)+len(out.Send) != 0 || w.p.State() != session.PeerPlaying {
			t.Errorf("%+v, state %d", out, w.p.State())
		}
	}
	if d := w.p.Room().Delay; d != (options.Delay{}) || w.p.Code() != "" || !w.p.IsHost() {
		t.Errorf("delay %v, code %q", d, w.p.Code())
	}
}

// What runs in every frame leaves the garbage collector alone.
func TestAllocatesNothing(t *testing.T) {
	w := newWorld(t, "countdown_ms=0")
	w.run(time.Second, nil)
	in := w.in
	if n := testing.AllocsPerRun(200, func() {
		w.now += session.FrameInterval
		in.Now = w.now
		w.p.Think()
		w.p.Update(in)
	}); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}
