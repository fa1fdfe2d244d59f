//go:build unix

package programs

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"tandem/game/client"
)

// party is one room of real processes: each player and spectator has a folder for its state, as if it
// had a computer of its own.
type party struct {
	t      *testing.T
	addr   string
	room   string
	frames uint32
	flags  []string // of whoever plays
	dir    string
}

func newParty(t *testing.T, addr string, frames uint32, flags ...string) *party {
	flags = append([]string{"-frames", strconv.Itoa(int(frames)), "-set", "countdown_ms=500", "-delay", "6"}, flags...)
	return &party{t: t, addr: addr, room: "party", frames: frames, flags: flags, dir: t.TempDir()}
}

func (p *party) begin(name string, flags ...string) *process {
	p.t.Helper()
	home := "TANDEM_HOME=" + filepath.Join(p.dir, name)
	args := append([]string{"-relay", p.addr, "-room", p.room, "-name", name, "-desync", p.dir, "-report", p.file(name)}, flags...)
	return begin(p.t, []string{home}, "tandem-peer", args...)
}

func (p *party) file(name string) string { return filepath.Join(p.dir, name+".json") }

// player starts a player and waits until it has a seat, which it names.
func (p *party) player(name string) (*process, int) {
	p.t.Helper()
	peer := p.begin(name, p.flags...)
	line := peer.says(&peer.errs, "of room "+p.room)
	line = line[strings.Index(line, "seat ")+len("seat "):]
	seat, err := strconv.Atoi(line[:strings.IndexByte(line, ' ')])
	if err != nil {
		p.t.Fatal(err)
	}
	return peer, seat
}

func (p *party) spectator(name string) *process {
	p.t.Helper()
	peer := p.begin(name, "-watch")
	peer.says(&peer.errs, "watching room "+p.room)
	return peer
}

// together checks that all ended well, with the same state after the same frames, and returns their
// reports in the order of names.
func (p *party) together(names []string, peers ...*process) []client.Report {
	p.t.Helper()
	var reports []client.Report
	for i, peer := range peers {
		if code := peer.wait(); code != 0 {
			p.t.Fatalf("%s: exit code %d:\n%s", names[i], code, peer.errs.String())
		}
		r := readReport(p.t, p.file(names[i])).Seats[0]
		if r.Frames != p.frames || r.End != "ok" || r.Desyncs != 0 || r.FinalHash == "" || i > 0 && r.FinalHash != reports[0].FinalHash {
			p.t.Errorf("%s of %+v reports %+v", names[i], reports, r)
		}
		p.t.Logf("%-5s %d frames, hash %s, interval p99 %.1f ms, stalls %+v, pauses %d, returns %d, rewinds %d, snapshots %d",
			names[i], r.Frames, r.FinalHash, r.Interval.P99, r.Stalls, r.Pauses, r.Reconnects, r.Rewinds, r.Resyncs)
		reports = append(reports, r)
	}
	return reports
}

// kill ends a process as a power cut does.
func kill(t *testing.T, p *process) {
	t.Helper()
	signal(t, p, os.Kill)
	p.wait()
}

// TestRelayIsBack ends the relay in mid-game, without warning or as an operator does, and starts it
// again with the same key: both players and a spectator come back by themselves and play to the end.
func TestRelayIsBack(t *testing.T) {
	for name, how := range map[string]struct {
		signal os.Signal
		words  string // that players hear
	}{"killed": {os.Kill, "connection to the relay is lost"}, "stopped": {syscall.SIGTERM, "The relay is being restarted"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key := filepath.Join(t.TempDir(), "relay.key")
			server, addr := relayServer(t, "-key", key)
			p := newParty(t, addr, 240, "-env", "slime", "-set", "pause_ms=20000")
			ann, _ := p.player("ann")
			bob, _ := p.player("bob")
			eve := p.spectator("eve")
			intoPlay(t, addr, played)
			signal(t, server, how.signal)
			server.wait()
			again := begin(t, nil, "tandem-relay", "-listen", addr, "-key", key)
			again.says(&again.out, "listens on ")
			for i, r := range p.together([]string{"ann", "bob", "eve"}, ann, bob, eve) {
				if r.Reconnects == 0 {
					t.Errorf("player %d has never been cut off", i)
				}
			}
			for _, peer := range []*process{ann, bob, eve} {
				if !strings.Contains(peer.errs.String(), how.words) {
					t.Errorf("nobody says %q: %s", how.words, peer.errs.String())
				}
			}
		})
	}
}

// TestHostKilled kills the player who opened the room: the next one is host, and the bot that plays for
// the killed one from then on runs there.
func TestHostKilled(t *testing.T) {
	t.Parallel()
	const frames = 300
	server, addr := relayServer(t, "-v")
	// The delay is far above what a busy machine makes of its timers: a seat is substituted only where
	// nobody plays it.
	p := newParty(t, addr, frames, "-env", "testenv", "-env-opt", "seats=3", "-set", "on_disconnect=bot", "-delay", "30", "-v")
	ann, _ := p.player("ann")
	bob, _ := p.player("bob")
	cleo, _ := p.player("cleo")
	eve := p.spectator("eve")
	intoPlay(t, addr, played)
	kill(t, ann)
	server.says(&server.errs, "(bot)")
	begun, without := counted(t, addr, "frames_total"), counted(t, addr, "substituted_inputs_total")
	p.together([]string{"bob", "cleo", "eve"}, bob, cleo, eve)
	if n := counted(t, addr, "substituted_inputs_total") - without; begun < frames-60 && n > (frames-begun)/2 {
		t.Errorf("%d inputs were substituted in the %d frames after the bot had come", n, frames-begun)
	}
	if !strings.Contains(bob.errs.String(), "msg=seated bot=0 room="+p.room+" seat=0") {
		t.Errorf("no bot ran in the new host:\n%s", bob.errs.String())
	}
}

// TestBotForKilled kills a player in a room where a bot then plays for them: it runs in the host.
func TestBotForKilled(t *testing.T) {
	t.Parallel()
	_, addr := relayServer(t)
	p := newParty(t, addr, 300, "-env", "slime", "-set", "on_disconnect=bot")
	ann, _ := p.player("ann")
	bob, seat := p.player("bob")
	eve := p.spectator("eve")
	intoPlay(t, addr, played)
	kill(t, bob)
	if seat != 1 {
		t.Errorf("the killed one had seat %d", seat)
	}
	p.together([]string{"ann", "eve"}, ann, eve)
}

// TestKilledPlayerReturns kills a player in mid-game and starts the same command again: it has its
// seat again by the token on disk, and the match waits for it meanwhile.
func TestKilledPlayerReturns(t *testing.T) {
	t.Parallel()
	_, addr := relayServer(t)
	p := newParty(t, addr, 240, "-env", "slime", "-set", "pause_ms=20000")
	ann, _ := p.player("ann")
	bob, seat := p.player("bob")
	eve := p.spectator("eve")
	intoPlay(t, addr, played)
	kill(t, bob)
	back, same := p.player("bob")
	if same != seat {
		t.Errorf("seat %d became seat %d", seat, same)
	}
	if r := p.together([]string{"ann", "bob", "eve"}, ann, back, eve); r[0].Pauses != 1 || r[1].Seat != seat {
		t.Errorf("the partner saw %d pauses; who returned has seat %d", r[0].Pauses, r[1].Seat)
	}
	left, err := filepath.Glob(filepath.Join(p.dir, "bob", "seats", "*-0"))
	if err != nil || len(left) != 0 {
		t.Errorf("a match that is over leaves tokens behind: %v, %v", left, err)
	}
}

// TestLateJoiner takes a free seat in mid-match, and a spectator comes even later.
func TestLateJoiner(t *testing.T) {
	t.Parallel()
	frames, join := uint32(300), 100
	if *long {
		frames, join = 3300, 3000
	}
	_, addr := relayServer(t)
	p := newParty(t, addr, frames, "-env", "testenv", "-env-opt", "seats=3", "-set", "min_players=2")
	ann, _ := p.player("ann")
	bob, _ := p.player("bob")
	intoPlay(t, addr, join)
	cleo, seat := p.player("cleo")
	eve := p.spectator("eve")
	reports := p.together([]string{"ann", "bob", "cleo", "eve"}, ann, bob, cleo, eve)
	if seat != 2 || reports[2].Substituted != 0 && reports[2].InputDelay.N == 0 || reports[2].InputDelay.N >= int64(frames) {
		t.Errorf("the late one, of seat %d, reports %+v", seat, reports[2])
	}
}
