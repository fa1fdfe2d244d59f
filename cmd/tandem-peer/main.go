// Command tandem-peer plays without a screen, to test links, relays and environments.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"tandem/cmd/internal/app"
	"tandem/cmd/internal/reportpage"
	"tandem/env"
	_ "tandem/env/all" // every environment and bot
	"tandem/game/client"
	"tandem/game/sim"
	"tandem/game/words"
	"tandem/netcode/netsim"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/transport"
)

const usage = `tandem-peer plays without a screen and reports what it measured.

  tandem-peer -relay embedded -players 2 -env slime -bot random -frames 900 -report out.json
                                  relay and players in this process
  tandem-peer -relay HOST:PORT -room test -env slime
                                  one player on a relay; the first to come makes the room
  tandem-peer -room test -env slime
                                  the same on the relay of the local network
  tandem-peer -relay HOST:PORT -room test -watch
                                  a spectator: steps the match, and has no part in it
  tandem-peer -relay socketio://HOST:PORT
                                  one player on a relay of the original system
  tandem-peer -sync-test -env slime -frames 9000
                                  is the environment deterministic? no relay, as fast as it goes

Exit status 0 only if the match ended as it should and no desync was seen; in queue mode also only if
the actions were there in time, no full state had to make the games equal again, and players of ours
have compared their states; and only if none of -fail-if is true of a player.`

func main() { os.Exit(app.Main("tandem-peer", run)) }

type request struct {
	relay   string
	mode    string
	ca      string
	by      transport.By
	dial    app.Dialer
	room    string
	watch   bool
	keep    bool
	players int
	bot     string
	net     []string
	report  string
	failIf  []client.Condition
	record  string
	desync  string
	sync    bool
	name    string
	verbose bool
	exact   bool // the match is to be the same every time
	flags   app.RoomFlags
}

func run(ctx context.Context, args []string) error {
	var o request
	fs := flag.NewFlagSet("tandem-peer", flag.ContinueOnError)
	fs.StringVar(&o.relay, "relay", "", "relay's `address`: HOST, HOST:PORT or a ws:// or wss:// URL (default port 7777,\nin a URL its scheme's); embedded to run one in this process;\nwith -room alone, the one on the local network")
	fs.StringVar(&o.mode, "mode", "", "`mode` of play: sequenced, or queue as the original system does (default: what the relay speaks)")
	fs.StringVar(&o.ca, "tls-ca", "", "PEM `file` with certificates to trust besides the system's, for wss:// relays")
	o.by = transport.Auto
	fs.Var(&o.by, "transport", app.TransportHelp)
	fs.StringVar(&o.room, "room", "", "room's `code`")
	fs.BoolVar(&o.watch, "watch", false, "watch the match of -room, without a part in it; the report's agent is spectator")
	fs.BoolVar(&o.keep, "keep-seat", true, "on another's relay: keep the seat on disk, so that this command, started again within five minutes after a crash, has it again")
	fs.StringVar(&o.flags.Env, "env", "", "`environment`: "+strings.Join(env.Offered(), ", "))
	fs.IntVar(&o.players, "players", 0, "`number` of players in this process (default: every seat with -relay embedded, else 1)")
	fs.StringVar(&o.bot, "bot", "random", "`bot` that plays: "+app.BotWords())
	fs.Var(&o.flags.EnvOpts, "env-opt", "environment `option`, K=V; may be repeated")
	fs.Var(&o.flags.Set, "set", "room `option`, K=V; may be repeated:\n"+options.OptionHelp())
	fs.UintVar(&o.flags.Frames, "frames", 0, "end the match after exactly this many `frames`")
	fs.Var(&o.flags.Seed, "seed", "`seed` of the room and the bots (default: drawn; the report names it). With -relay embedded and without -net\nit repeats a match exactly: late_policy is hold then. Elsewhere it repeats what the bots draw, frame by frame")
	fs.StringVar(&o.flags.Delay, "delay", "", "input delay: auto (the default), `frames` (more where a link needs it), strict:FRAMES or auto:MIN-MAX")
	fs.Func("net", "make the connections as bad as `SPEC` says; may be repeated\n"+netsim.Help(), func(s string) error {
		o.net = append(o.net, s)
		return nil
	})
	fs.StringVar(&o.report, "report", "", "write the report to this `file`: .json for programs (- for standard output), .html for people")
	fs.Func("fail-if", "exit with status 1 where this is true of a player, `CONDITION`: substituted>1%, input_delay.p95>120ms, verdict>=red …;\nmay be repeated. Metrics: "+strings.Join(client.Conditions(), ", "), func(s string) error {
		c, err := client.ParseCondition(s)
		if err == nil {
			o.failIf = append(o.failIf, c)
		}
		return err
	})
	fs.StringVar(&o.record, "record", "", "record the session in this `file`; with several players FILE-0.EXT, FILE-1.EXT …")
	fs.StringVar(&o.desync, "desync", "", "`folder` for the reports of desyncs (default: the recording's, else the current one)")
	fs.BoolVar(&o.sync, "sync-test", false, "step every frame three times from its snapshot and compare; without -relay as fast as it goes, with no network")
	fs.StringVar(&o.name, "name", "", "player's `name`")
	fs.BoolVar(&o.verbose, "v", false, "log everything, not only warnings")
	if err := app.Parse(fs, args, usage, os.Stdout); err != nil {
		return err
	}
	return play(ctx, o, app.Given(fs))
}

func play(ctx context.Context, o request, given map[string]bool) error {
	if err := o.flags.TakeSeed(); err != nil {
		return err
	}
	o.flags.Seed.Draw()
	if o.relay == "" && o.sync {
		if err := o.checkAlone(given); err != nil {
			return err
		}
		return syncTest(ctx, &o)
	}
	if o.relay == "" && o.room == "" {
		return app.Usagef("say where to play: -relay HOST:PORT, -relay embedded for one in this process, or -room CODE for one on the local network")
	}
	specs, err := netsim.ParseSpecs(o.net)
	if err != nil {
		return &app.UsageError{Err: err}
	}
	if o.name, err = protocol.PlayerName(o.name); err != nil {
		return app.Usagef("-name: %w", err)
	}
	queued, err := o.checkMode()
	if err != nil {
		return err
	}
	if err := o.checkWatch(given, queued); err != nil {
		return err
	}
	if err := o.checkIdle(given, queued); err != nil {
		return err
	}
	if queued {
		rep := newReport(&o)
		err := playQueue(ctx, &o, specs, app.Log(o.verbose), rep)
		return rep.finish(&o, err)
	}
	embedded := o.relay == "embedded"
	if embedded && o.flags.Env == "" {
		o.flags.Env = "slime"
	}
	o.exact = embedded && o.flags.Seed.Given && len(o.net) == 0 && !slices.ContainsFunc(o.flags.Set, func(w string) bool { return strings.HasPrefix(w, "late_policy=") })
	if o.exact {
		o.flags.Set = append(o.flags.Set, "late_policy=hold")
	}
	if embedded && o.players > 0 {
		addSeats(&o.flags, o.players)
	}
	create, require, err := o.flags.Room("")
	if err != nil {
		return err
	}
	if o.watch {
		create = nil
	}
	seats, err := seatsOf(create)
	if err != nil {
		return err
	}
	if len(create) > 0 {
		if _, err := env.NewBot(o.bot, o.flags.Env); err != nil {
			return &app.UsageError{Err: err}
		}
	}
	if o.players == 0 {
		if o.players = 1; embedded {
			o.players = seats
		}
	}
	if o.players < 0 || (embedded && o.players != seats) || o.players > protocol.MaxSeats {
		return app.Usagef("-players %d: %s has %d seats, and with -relay embedded all of them must be played", o.players, o.flags.Env, seats)
	}
	if o.room == "" && len(create) == 0 {
		return app.Usagef("give the room's code with -room, or an environment with -env to make a room")
	}
	if err := o.checkLines(); err != nil {
		return err
	}
	if o.room == "" && !embedded && o.players > 1 {
		return app.Usagef("-players %d needs -room: choose a code, so that they meet in one room", o.players)
	}
	if err := app.CheckReport(o.report, ".json", ".html"); err != nil {
		return err
	}
	if err := app.CheckRecord(o.record, o.players); err != nil {
		return err
	}
	if o.desync == "" {
		o.desync = filepath.Dir(o.record) // "." without one
	}
	log := app.Log(o.verbose)
	rep := newReport(&o)
	var em *app.Embedded
	if embedded {
		if em, err = app.Embed("127.0.0.1:0", log); err != nil {
			return err
		}
		o.relay = em.URL
		if o.room == "" {
			o.room = "embedded"
		}
	}
	if o.relay != "" {
		o.dial, err = app.NewDialer(o.by, o.ca, o.relay)
	} else {
		o.relay = "the local network"
		o.dial, err = app.LANDialer(o.by, o.ca)
	}
	if err != nil {
		return err
	}
	rep.Relay.Address = o.relay
	err = playSeats(ctx, &o, embedded, specs, create, require, log, rep)
	if em != nil {
		if serr := em.Stop(); err == nil {
			err = serr
		}
	}
	return rep.finish(&o, err)
}

// finish writes the report and finds what the program has to say in the end.
func (r *report) finish(o *request, err error) error {
	r.summarise()
	werr := r.write(o.report)
	for i := range r.Seats {
		s := &r.Seats[i]
		if s.Desyncs > 0 && err == nil {
			err = errors.New(words.English.DesyncsSeen(s.Desyncs))
		}
		if faults := s.Faults(); len(faults) > 0 && err == nil {
			err = fmt.Errorf("seat %d: %s", s.Seat, strings.Join(faults, "; "))
		}
	}
	if err == nil {
		err = r.failed(o.failIf)
	}
	return errors.Join(err, werr)
}

// failed says which conditions of -fail-if are true, and of whom.
func (r *report) failed(conditions []client.Condition) error {
	var list []error
	for i := range r.Seats {
		s := &r.Seats[i]
		for k := range conditions {
			if what := conditions[k].Check(s); what != "" {
				list = append(list, fmt.Errorf("%s: %s", s.Title(), what))
			}
		}
	}
	return errors.Join(list...)
}

// addSeats passes -players on to an environment that lets one choose its seats.
func addSeats(f *app.RoomFlags, players int) {
	r, err := env.Lookup(f.Env)
	if err != nil {
		return // Room says it in words
	}
	for _, w := range f.EnvOpts {
		if strings.HasPrefix(w, "seats=") {
			return
		}
	}
	for _, opt := range r.Options {
		if opt.Name == "seats" {
			f.EnvOpts = append(f.EnvOpts, fmt.Sprintf("seats=%d", players))
		}
	}
}

func seatsOf(create []string) (int, error) {
	if len(create) == 0 {
		return 0, nil
	}
	cfg, err := options.ParseConfig(create)
	return cfg.Players, err
}

// playSeats runs the players of this process.
func playSeats(ctx context.Context, o *request, embedded bool, specs netsim.Specs, create, require []string, log *slog.Logger, rep *report) error {
	seed := o.flags.Seed.N
	clients := make([]*client.Client, o.players)
	keep := o.keep && !embedded && !o.watch
	reports := &app.DesyncFolder{Dir: o.desync}
	for i := range clients {
		var place *app.Seat
		if keep {
			place = app.NewSeat(o.relay, "", log)
			defer place.Close()
		}
		c, err := newClient(o, embedded, i, seed, specs.For(i), create, require, reports, place, log)
		if err != nil {
			return err
		}
		clients[i] = c
	}
	return runSeats(ctx, clients, rep)
}

// runSeats lets players play and collects their reports. When one cannot even begin to play, the
// others are called off: they would wait for ever.
func runSeats(ctx context.Context, clients []*client.Client, rep *report) error {
	together, callOff := context.WithCancelCause(ctx)
	defer callOff(nil)
	errs := make([]error, len(clients))
	var wg sync.WaitGroup
	for i, c := range clients {
		wg.Go(func() {
			_, errs[i] = c.Run(together)
			if errs[i] == nil {
				errs[i] = c.RecordErr() // it was told when it happened; the exit status tells it again
			}
			if errs[i] != nil && c.Report().Frames == 0 {
				callOff(errs[i])
			}
		})
	}
	wg.Wait()
	for _, c := range clients {
		rep.add(c)
	}
	if cause := context.Cause(together); cause != nil && ctx.Err() == nil {
		return cause
	}
	return errors.Join(dedupe(errs)...)
}

// dedupe keeps one of several equal sentences.
func dedupe(errs []error) []error {
	seen := map[string]bool{}
	var out []error
	for _, err := range errs {
		if err != nil && !seen[err.Error()] {
			seen[err.Error()] = true
			out = append(out, err)
		}
	}
	return out
}

func newClient(o *request, embedded bool, i int, seed uint64, line netsim.Spec, create, require []string, reports *app.DesyncFolder, place *app.Seat, log *slog.Logger) (*client.Client, error) {
	shaper, err := netsim.NewShaper(netsim.Schedule{{Spec: line}}, seed+uint64(i)*2)
	if err != nil {
		return nil, &app.UsageError{Err: err}
	}
	seat := -1
	if embedded {
		seat = i
	}
	name := o.name
	if name == "" {
		name = fmt.Sprintf("%s %d", o.bot, i+1)
		if o.watch {
			name = fmt.Sprintf("spectator %d", i+1)
		}
	}
	cfg := client.Config{
		Dial: func(ctx context.Context) (transport.Conn, error) {
			conn, err := o.dial(ctx)
			if err != nil {
				return nil, err
			}
			return shaper.Wrap(conn)
		},
		Peer: session.PeerConfig{Program: app.Program("tandem-peer"), Name: name, Room: o.room, Seat: seat,
			Create: create, Require: require, Watch: o.watch, Zstd: sim.Zstd()},
		StandIn: func(m *sim.Match, seat int) (session.Sampler, error) {
			return sim.NewBotInput(env.DefaultBot(m.Spec().Name), m, seat, sim.EpisodeSeed(seed, seat+1))
		},
		Input: func(m *sim.Match, seat int) (session.Sampler, error) {
			b, err := sim.NewBotInput(o.bot, m, seat, sim.EpisodeSeed(seed, seat+1))
			if err == nil {
				b.Exact = o.exact
			}
			return b, err
		},
		Now:        skewed(line),
		Log:        log,
		Record:     app.RecordFile(app.SeatFile(o.record, i, o.players)),
		KeepDesync: reports.Keep,
		SyncTest:   o.sync,
		OnSeated: func(code string, seat int) {
			switch {
			case o.watch:
				fmt.Fprintf(os.Stderr, "watching room %s on %s\n", code, o.relay)
			case !embedded: // others need the code to join
				fmt.Fprintf(os.Stderr, "seat %d of room %s on %s\n", seat, code, o.relay)
			}
		},
	}
	if place != nil {
		cfg.Keep = place.Keep
		if o.room != "" {
			cfg.Peer.Token = place.Token(o.room)
		}
	}
	return client.New(cfg), nil
}

type machine struct {
	OS   string `json:"os"`
	Arch string `json:"arch"`
	CPUs int    `json:"cpus"`
	Go   string `json:"go"`
}

type relayReport struct {
	Address string `json:"address"`
}

type report struct {
	Seed    uint64          `json:"seed,string"` // of this process's bots, and of the room it made: -seed repeats them
	Seats   []client.Report `json:"seats"`
	Relay   relayReport     `json:"relay"`
	Machine machine         `json:"machine"`

	lines []client.Timeline // of the seats; the page shows them
}

// add takes what a client measured.
func (r *report) add(c *client.Client) {
	r.Seats, r.lines = append(r.Seats, c.Report()), append(r.lines, c.Timeline())
}

// write writes the report as JSON, or as a page where the file's name says so.
func (r *report) write(file string) error {
	if filepath.Ext(file) != ".html" {
		return app.WriteReport(file, r, os.Stdout)
	}
	m := &r.Machine
	p := reportpage.Page{Seed: r.Seed, Relay: r.Relay.Address, Machine: fmt.Sprintf("%s/%s, %d processors, %s", m.OS, m.Arch, m.CPUs, m.Go), JSON: r}
	for i := range r.Seats {
		p.Seats = append(p.Seats, reportpage.Seat{Report: r.Seats[i], Line: r.lines[i]})
	}
	var page bytes.Buffer
	if err := p.Write(&page); err != nil {
		return err
	}
	return app.WriteReportFile(file, page.Bytes())
}

func newReport(o *request) *report {
	return &report{Seed: o.flags.Seed.N, Machine: machine{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), Go: runtime.Version()}}
}

// summarise prints one line per seat for people.
func (r *report) summarise() {
	if slices.ContainsFunc(r.Seats, func(s client.Report) bool { return s.Frames > 0 }) {
		fmt.Fprintf(os.Stderr, "seed %d\n", r.Seed)
	}
	for i := range r.Seats {
		s := &r.Seats[i]
		if s.Frames == 0 {
			continue // nothing was measured
		}
		if s.Seat < 0 {
			fmt.Fprintf(os.Stderr, "spectator %d frames at %.2f/s, desyncs %d, interval p99 %.1f ms, hash %s, %s\n",
				s.Frames, s.StepsPerS, s.Desyncs, s.Interval.P99, s.FinalHash, s.End)
			continue
		}
		fmt.Fprintf(os.Stderr, "%s: %s\n", s.Title(), s.Verdict)
		fmt.Fprintf(os.Stderr, "seat %d %-12s %d frames at %.2f/s, desyncs %d of %d comparisons, resyncs %d, substituted %d of %d, %sinput delay p50 %s, action latency p50 %s, interval p99 %.1f ms, hash %s, %s\n",
			s.Seat, s.Agent, s.Frames, s.StepsPerS, s.Desyncs, s.Verified, s.Resyncs, s.Substituted, s.Inputs(), missing(s), median(s.InputDelay), median(s.Latency), s.Interval.P99, s.FinalHash, s.End)
	}
}

// median says a distribution's median, by how much it may be off, and of how many it is.
func median(q client.Percentiles) string {
	switch {
	case q.N == 0:
		return fmt.Sprintf("not measured (0 of %d)", q.Of)
	case q.Bounded():
		return fmt.Sprintf("%.1f ± %.1f ms (%d of %d)", q.P50, q.Bound, q.N, q.Of)
	}
	return fmt.Sprintf("%.1f ms (%d of %d)", q.P50, q.N, q.Of)
}

// missing says how many actions of others were not there, which only queue mode has.
func missing(s *client.Report) string {
	if s.QueueMode == nil {
		return ""
	}
	return fmt.Sprintf("missing %d of %d actions, ", s.QueueMode.Missing, s.Others())
}
