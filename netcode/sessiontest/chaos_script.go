package sessiontest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/netcode/netsim"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
)

// Script is a match with everything that goes wrong in it. It follows from its seed, and reads as
// what it is: the room's options, the lines, and what happens when.
type Script struct {
	Seed    uint64
	Options []string // of the room
	Lines   []Line   // of those who are there from the beginning
	Witness bool
	Again   int           // matches that the players want at most
	Tick    time.Duration // World.RelayTick
	Ops     []Op          // in the order of their times
}

// OpKind is what an Op does.
type OpKind string

// What can happen. Node counts through the nodes there are at that time.
const (
	OpCut     OpKind = "cut"     // Node's connection breaks and is tried again For later; for ever where For is 0
	OpHalf    OpKind = "half"    // the same, and the relay does not notice
	OpHost    OpKind = "host"    // the host's connection breaks, as in OpCut
	OpKill    OpKind = "kill"    // Node's process dies and comes back For later with its token
	OpSleep   OpKind = "sleep"   // Node's process stands still
	OpLid     OpKind = "lid"     // Node's process stands still, and its clock with it
	OpLeave   OpKind = "leave"   // Node leaves by its own act
	OpJoin    OpKind = "join"    // somebody new wants a seat
	OpWatch   OpKind = "watch"   // somebody comes to watch
	OpCrash   OpKind = "crash"   // the relay dies and is started again For later
	OpBounce  OpKind = "bounce"  // the relay is stopped in good order and started again For later
	OpFreeze  OpKind = "freeze"  // the relay's process stands still
	OpFlip    OpKind = "flip"    // a bit of Node's state is turned over
	OpAway    OpKind = "away"    // nobody is at Node's controls
	OpSlow    OpKind = "slow"    // Node does not take what it is sent
	OpDelay   OpKind = "delay"   // the host changes the input delay to Arg frames
	OpHostile OpKind = "hostile" // Node sends For milliseconds of Arg's messages
	OpChurn   OpKind = "churn"   // somebody comes to watch and goes again, twenty times a second
	OpPinger  OpKind = "pinger"  // Node sends as many pings and wishes as it may
	OpSquat   OpKind = "squat"   // the relay crashes as in OpCrash, and somebody opens a room of the code when it is back
	OpThief   OpKind = "thief"   // somebody brings a token of a room of the same code and seed that was before
	OpMiser   OpKind = "miser"   // from now on Node answers nothing that it is asked
	OpClock   OpKind = "clock"   // the relay's clock on the wall is set forward by as many seconds as Arg says, an hour at most, or back where it is odd
	OpForge   OpKind = "forge"   // from now on Node lies about its history, and the relay crashes as in OpCrash
)

// Op is one thing that happens.
type Op struct {
	At   time.Duration // world time
	Kind OpKind
	Node int
	For  time.Duration
	Arg  uint64
}

// String is one line of a script.
func (o Op) String() string {
	s := fmt.Sprintf("%v %s %d", o.At, o.Kind, o.Node)
	if o.For > 0 {
		s += fmt.Sprintf(" for %v", o.For)
	}
	if o.Arg != 0 {
		s += fmt.Sprintf(" arg %d", o.Arg)
	}
	return s
}

// String writes the script, for people and for ParseScript.
func (s *Script) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d\nroom %s\n", s.Seed, strings.Join(s.Options, " "))
	if s.Witness {
		b.WriteString("witness\n")
	}
	if s.Again > 1 {
		fmt.Fprintf(&b, "matches %d\n", s.Again)
	}
	if s.Tick > 0 {
		fmt.Fprintf(&b, "relay %v\n", s.Tick)
	}
	for _, l := range s.Lines {
		fmt.Fprintf(&b, "node %s offset=%v skew=%d tick=%v\n", l.Net[0].Spec, l.Clock.Offset, l.Clock.Skew, l.Tick)
	}
	for _, o := range s.Ops {
		b.WriteString(o.String() + "\n")
	}
	return b.String()
}

// ParseScript reads what String writes. Lines that begin with # are remarks.
func ParseScript(text string) (*Script, error) {
	s := &Script{Again: 1}
	for i, row := range strings.Split(text, "\n") {
		words := strings.Fields(row)
		if len(words) == 0 || words[0][0] == '#' {
			continue
		}
		if err := s.row(words); err != nil {
			return nil, fmt.Errorf("line %d, %q: %w", i+1, row, err)
		}
	}
	_, err := s.Config()
	return s, err
}

// row reads one line of a script.
func (s *Script) row(words []string) (err error) {
	arg := words[min(1, len(words)-1)]
	switch words[0] {
	case "seed":
		s.Seed, err = strconv.ParseUint(arg, 10, 64)
	case "room":
		s.Options = words[1:]
	case "witness":
		s.Witness = true
	case "matches":
		s.Again, err = strconv.Atoi(arg)
	case "relay":
		s.Tick, err = time.ParseDuration(arg)
	case "node":
		err = s.node(words[1:])
	default:
		err = s.op(words)
	}
	return err
}

func (s *Script) node(words []string) error {
	var l Line
	for _, w := range words {
		name, value, _ := strings.Cut(w, "=")
		var err error
		switch name {
		case "offset":
			l.Clock.Offset, err = time.ParseDuration(value)
		case "skew":
			l.Clock.Skew, err = strconv.Atoi(value)
		case "tick":
			l.Tick, err = time.ParseDuration(value)
		default:
			var spec netsim.Spec
			spec, err = netsim.ParseSpec(w)
			l.Net = netsim.Schedule{{Spec: spec}}
		}
		if err != nil {
			return err
		}
	}
	if l.Net == nil {
		l.Net = netsim.Schedule{{}}
	}
	s.Lines = append(s.Lines, l)
	return nil
}

func (s *Script) op(words []string) (err error) {
	o := Op{}
	if o.At, err = time.ParseDuration(words[0]); err != nil || len(words) < 3 || len(words)%2 == 0 {
		return fmt.Errorf("write TIME WHAT NODE [for TIME] [arg NUMBER]")
	}
	o.Kind = OpKind(words[1])
	if !slices.Contains(kinds, o.Kind) {
		return fmt.Errorf("nothing is called %q", o.Kind)
	}
	if o.Node, err = strconv.Atoi(words[2]); err != nil {
		return err
	}
	for i := 3; i < len(words) && err == nil; i += 2 {
		switch words[i] {
		case "for":
			o.For, err = time.ParseDuration(words[i+1])
		case "arg":
			o.Arg, err = strconv.ParseUint(words[i+1], 10, 64)
		default:
			err = fmt.Errorf("%q is neither for nor arg", words[i])
		}
	}
	s.Ops = append(s.Ops, o)
	return err
}

// Config returns the room's options.
func (s *Script) Config() (options.Config, error) { return options.ParseConfig(s.Options) }

const ms = time.Millisecond

// NewScript writes the script of a seed. frames is about how long its match is; the more, the more
// happens.
func NewScript(seed uint64, frames int) *Script {
	r := rand.New(rand.NewPCG(seed, 0xc4a05))
	s := &Script{Seed: seed}
	players := 2 + r.IntN(3)
	if r.IntN(4) == 0 {
		players = 2 + r.IntN(7)
	}
	frames = frames/2 + r.IntN(frames)
	s.options(r, players, frames)
	present := players
	cfg, err := s.Config()
	if err != nil {
		panic(fmt.Sprintf("a script with options that cannot be: %v", err))
	}
	if cfg.MinPlayers > 0 {
		present = cfg.MinPlayers + r.IntN(players-cfg.MinPlayers+1)
	}
	for range present {
		s.Lines = append(s.Lines, randomLine(r))
	}
	s.Witness = r.IntN(3) == 0
	s.Again = 1
	if r.IntN(4) == 0 {
		s.Again = 2 + r.IntN(2)
	}
	if r.IntN(8) == 0 {
		s.Tick = time.Duration(1+r.IntN(40)) * ms
	}
	s.happenings(r, present, session.FrameTime(int64(frames)))
	return s
}

// options draws the room's options.
func (s *Script) options(r *rand.Rand, players, frames int) {
	set := func(format string, args ...any) { s.Options = append(s.Options, fmt.Sprintf(format, args...)) }
	pick := func(name string, words ...string) { set("%s=%s", name, words[r.IntN(len(words))]) }
	set("env=fold")
	set("actions=7")
	set("one_shot=4")
	set("players=%d", players)
	set("frames=%d", frames)
	switch r.IntN(4) {
	case 0:
		set("delay=auto")
	case 1:
		lo := r.IntN(6)
		set("delay=auto:%d-%d", lo, lo+r.IntN(25))
	default:
		set("delay=%d", r.IntN(9))
	}
	if r.IntN(4) == 0 {
		set("late_policy=wait")
		set("grace_ms=%d", r.IntN(400))
	}
	pick("action_population_method", "previous_submitted_action", "default_action", "predicted")
	set("state_sync_frequency_frames=%d", 1+r.IntN(60))
	pick("on_disconnect", "pause", "pause", "end", "substitute", "substitute", "bot", "bot")
	if r.IntN(2) == 0 {
		set("pause_ms=%d", r.IntN(20000))
	}
	set("countdown_ms=%d", r.IntN(1500))
	if r.IntN(3) == 0 {
		set("min_players=%d", 1+r.IntN(players))
	}
	set("spectators=%d", r.IntN(4))
	if r.IntN(3) != 0 {
		set("rematch_ms=%d", r.IntN(8000))
	}
	pick("authority", "peers", "peers", "witness")
	if r.IntN(2) == 0 {
		set("seed=%d", r.Uint64())
	}
}

// randomLine draws a line between a LAN and a bad link, with a clock of its own.
func randomLine(r *rand.Rand) Line {
	spec := netsim.Spec{RTT: time.Duration(r.IntN(300)) * ms}
	spec.Jitter = time.Duration(r.Int64N(int64(spec.RTT)/2 + 1)).Truncate(ms)
	if r.IntN(3) == 0 {
		spec.StallPercent, spec.StallFor = float64(r.IntN(10)), time.Duration(r.IntN(400))*ms
	}
	if r.IntN(4) == 0 {
		spec.TailScale, spec.TailShape = time.Duration(1+r.IntN(20))*ms, 1.5
	}
	line := Line{Net: netsim.Schedule{{Spec: spec}},
		Clock: netsim.Clock{Offset: time.Duration(r.Int64N(int64(time.Hour))), Skew: r.IntN(401) - 200}}
	if r.IntN(3) == 0 {
		line.Tick = time.Second / 60 // a window's loop rather than an event-driven one
	}
	return line
}

// kinds is what happens, as often as it stands here.
var kinds = []OpKind{
	OpCut, OpCut, OpCut, OpHalf, OpHalf, OpHost, OpKill, OpKill, OpSleep, OpSleep, OpLid, OpLeave, OpJoin, OpJoin,
	OpWatch, OpWatch, OpCrash, OpCrash, OpBounce, OpFreeze, OpFlip, OpFlip, OpAway, OpSlow, OpDelay, OpHostile, OpForge,
	OpChurn, OpPinger, OpSquat, OpThief, OpMiser, OpClock,
}

// happenings draws what happens while a match of that length is played.
func (s *Script) happenings(r *rand.Rand, nodes int, length time.Duration) {
	n := r.IntN(8) + int(length/(10*time.Second))
	at := time.Second
	end := time.Second + 2*time.Second + length
	for range n {
		// Things that happen at nearly the same time are where the bugs are.
		if r.IntN(3) == 0 {
			at += time.Duration(r.IntN(400)) * ms
		} else {
			at += time.Duration(r.Int64N(int64(end-time.Second)*2/int64(n) + 1)).Truncate(ms)
		}
		if at > end {
			break
		}
		o := Op{At: at, Kind: kinds[r.IntN(len(kinds))], Node: r.IntN(nodes + 1)}
		switch o.Kind {
		case OpCut, OpHalf, OpHost, OpKill:
			o.For = s.absence(r)
		case OpSleep, OpLid, OpAway, OpSlow:
			o.For = time.Duration(r.IntN(3000)+1) * ms
			if r.IntN(4) == 0 {
				o.For *= 4
			}
		case OpCrash, OpBounce, OpForge, OpSquat:
			o.For = time.Duration(r.IntN(4000)+1) * ms
			if r.IntN(6) == 0 {
				o.For *= 6
			}
		case OpFreeze:
			o.For = time.Duration(r.IntN(2000)+1) * ms
		case OpHostile:
			o.For = time.Duration(r.IntN(2000)+1) * ms
		case OpChurn, OpPinger:
			o.For = time.Duration(r.IntN(8000)+1) * ms
		case OpJoin, OpWatch:
			nodes++
		}
		switch o.Kind {
		case OpHostile, OpForge, OpFlip, OpJoin, OpWatch, OpSquat, OpThief, OpClock:
			o.Arg = r.Uint64N(1 << 20)
		case OpDelay:
			o.Arg = r.Uint64N(10)
		}
		s.Ops = append(s.Ops, o)
	}
}

// absence draws how long somebody is gone: mostly for seconds, sometimes for ever (0).
func (s *Script) absence(r *rand.Rand) time.Duration {
	switch r.IntN(10) {
	case 0:
		return 0
	case 1:
		return time.Duration(r.IntN(28000)+1) * ms
	case 2, 3:
		return time.Duration(r.IntN(300)+1) * ms
	}
	return time.Duration(r.IntN(6000)+1) * ms
}

// Calm is when the last of it is over.
func (s *Script) Calm() time.Duration {
	calm := time.Duration(0)
	for _, o := range s.Ops {
		calm = max(calm, o.At+o.For)
	}
	return calm
}

// Without returns the script without one of its ops.
func (s *Script) Without(i int) *Script {
	t := *s
	t.Ops = append(append([]Op(nil), s.Ops[:i]...), s.Ops[i+1:]...)
	return &t
}
