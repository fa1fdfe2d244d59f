//go:build unix

package programs

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// couple starts a relay and two peers, each a process of its own, and waits until both are seated.
func couple(t *testing.T, frames string) (server *process, peers [2]*process, reports [2]string) {
	t.Helper()
	server, addr := relayServer(t)
	dir := t.TempDir()
	for i, name := range []string{"Ann", "Bob"} {
		reports[i] = filepath.Join(dir, name+".json")
		peers[i] = begin(t, nil, "tandem-peer", "-relay", addr, "-room", "three", "-env", "slime", "-name", name,
			"-frames", frames, "-set", "countdown_ms=500", "-delay", "6", "-report", reports[i])
		peers[i].says(&peers[i].errs, "of room three")
	}
	return server, peers, reports
}

// intoPlay lets a match of real processes run for a while: they say nothing while they play.
func intoPlay() { time.Sleep(2500 * time.Millisecond) }

func signal(t *testing.T, p *process, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// TestStoppedProcess stops one of two peers for 2 s. The other plays on, and both end with the same
// state: a pause of two seconds is many times what a busy machine adds.
func TestStoppedProcess(t *testing.T) {
	t.Parallel()
	server, peers, files := couple(t, "210")
	intoPlay()
	signal(t, peers[1], syscall.SIGSTOP)
	time.Sleep(2 * time.Second)
	signal(t, peers[1], syscall.SIGCONT)
	for _, p := range peers {
		if code := p.wait(); code != 0 {
			t.Fatalf("exit code %d:\n%s", code, p.errs.String())
		}
	}
	on, stopped := readReport(t, files[0]).Seats[0], readReport(t, files[1]).Seats[0]
	if on.FinalHash == "" || on.FinalHash != stopped.FinalHash || on.Frames != 210 || stopped.Frames != 210 || on.Desyncs+stopped.Desyncs != 0 {
		t.Errorf("the reports are\n%+v\n%+v", on, stopped)
	}
	if on.Stalls.MS > 1000 || on.StepsPerS < 25 {
		t.Errorf("who was not stopped stood still for %v ms, at %v steps/s", on.Stalls.MS, on.StepsPerS)
	}
	if stopped.Stalls.Count < 1 || stopped.Stalls.MS < 1500 || stopped.Substituted < 40 || stopped.Substituted <= on.Substituted {
		t.Errorf("who was stopped reports stalls %+v and %d substituted (the other %d)", stopped.Stalls, stopped.Substituted, on.Substituted)
	}
	signal(t, server, syscall.SIGTERM)
	if code := server.wait(); code != 0 || server.errs.String() != "" {
		t.Errorf("the relay ended with %d: %s", code, server.errs.String())
	}
}

// TestInterruptedPeer ends one player by Ctrl-C: it says so, and tells the other.
func TestInterruptedPeer(t *testing.T) {
	t.Parallel()
	_, peers, files := couple(t, "3000")
	intoPlay()
	signal(t, peers[1], os.Interrupt)
	for i, words := range []string{"Bob left the match", "You left the room"} {
		if code := peers[i].wait(); code != failed || !strings.Contains(peers[i].errs.String(), words) {
			t.Errorf("peer %d ended with %d, want words with %q:\n%s", i, code, words, peers[i].errs.String())
		}
		if s := readReport(t, files[i]).Seats[0]; s.End != "left" || s.Frames == 0 {
			t.Errorf("peer %d reports the end %q after %d frames", i, s.End, s.Frames)
		}
	}
}

// TestStoppingRelay interrupts the relay in mid-game: everybody hears why.
func TestStoppingRelay(t *testing.T) {
	t.Parallel()
	server, peers, _ := couple(t, "3000")
	intoPlay()
	signal(t, server, os.Interrupt)
	for i, p := range peers {
		if code := p.wait(); code != failed || !strings.Contains(p.errs.String(), "shutting down") {
			t.Errorf("peer %d ended with %d:\n%s", i, code, p.errs.String())
		}
	}
	if code := server.wait(); code != 0 || server.errs.String() != "" {
		t.Errorf("the relay ended with %d: %s", code, server.errs.String())
	}
}

// TestKilledRelay has the relay die without a word.
func TestKilledRelay(t *testing.T) {
	t.Parallel()
	server, peers, _ := couple(t, "3000")
	intoPlay()
	signal(t, server, os.Kill)
	for i, p := range peers {
		if code := p.wait(); code != failed || !strings.Contains(p.errs.String(), "connection to the relay is lost") {
			t.Errorf("peer %d ended with %d:\n%s", i, code, p.errs.String())
		}
	}
}
