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

// couple starts a relay and two peers, each a process of its own, and waits until both play.
func couple(t *testing.T, frames string, relay ...string) (server *process, addr string, peers [2]*process, reports [2]string) {
	t.Helper()
	server, addr = relayServer(t, relay...)
	dir := t.TempDir()
	for i, name := range []string{"Ann", "Bob"} {
		reports[i] = filepath.Join(dir, name+".json")
		peers[i] = begin(t, nil, "tandem-peer", "-relay", addr, "-room", "three", "-env", "slime", "-name", name,
			"-frames", frames, "-set", "countdown_ms=500", "-delay", "6", "-report", reports[i])
		peers[i].says(&peers[i].errs, "of room three")
	}
	intoPlay(t, addr, played)
	return server, addr, peers, reports
}

func signal(t *testing.T, p *process, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// TestStoppedProcess stops one of two peers for 2 s. The other plays on, and both end with the same
// state. What a busy machine does to the two besides, it does to both.
func TestStoppedProcess(t *testing.T) {
	t.Parallel()
	server, addr, peers, files := couple(t, "210")
	before := counted(t, addr, "frames_total")
	signal(t, peers[1], syscall.SIGSTOP)
	time.Sleep(2 * time.Second)
	intoPlay(t, addr, before+played) // without it
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
	if stopped.Stalls.Count < 1 || stopped.Stalls.MS < 1500 || stopped.Substituted < 40 || stopped.Substituted < on.Substituted+20 {
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
	_, _, peers, files := couple(t, "3000")
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

// TestStoppingRelay interrupts a relay that will not know its rooms again: everybody hears why.
func TestStoppingRelay(t *testing.T) {
	t.Parallel()
	server, _, peers, _ := couple(t, "3000", "-key", "none")
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
	server, _, peers, _ := couple(t, "3000")
	signal(t, server, os.Kill)
	for i, p := range peers {
		if code := p.wait(); code != failed || !strings.Contains(p.errs.String(), "connection to the relay is lost") {
			t.Errorf("peer %d ended with %d:\n%s", i, code, p.errs.String())
		}
	}
}

// TestKilledWhileRecording kills a player and the relay without warning: what both have recorded, up
// to the last second, can be verified and exported.
func TestKilledWhileRecording(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server, addr := relayServer(t, "-record", dir)
	var peers [2]*process
	files := []string{filepath.Join(dir, "a.tandem"), filepath.Join(dir, "b.tandem")}
	for i := range peers {
		peers[i] = begin(t, nil, "tandem-peer", "-relay", addr, "-room", "killed", "-env", "testenv", "-frames", "3000",
			"-set", "countdown_ms=0", "-record", files[i])
		peers[i].says(&peers[i].errs, "of room killed")
	}
	intoPlay(t, addr, 180) // 60 of them must have reached the disk of a player who may be behind
	for _, p := range []*process{peers[1], server} {
		signal(t, p, os.Kill)
		p.wait()
	}
	signal(t, peers[0], os.Kill) // it would try to reach the relay for 30 s
	for _, file := range []string{files[1], only(t, filepath.Join(dir, "2*.tandem"))} {
		frames, rows := cutOff(t, file)
		if frames < 60 || rows != frames {
			t.Errorf("%d rows of %d frames", rows, frames)
		}
	}
}
