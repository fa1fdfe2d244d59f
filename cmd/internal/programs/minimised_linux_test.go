//go:build !js

package programs

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tandem/game/client"
)

// TestMinimisedWindow has a real window minimised in mid-match: it takes a fraction of the processor time
// that it took before over as many frames, and plays the match to the same end as the others.
func TestMinimisedWindow(t *testing.T) {
	for _, tool := range []string{"Xvfb", "openbox", "xdotool"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed: there is no window here that could be minimised", tool)
		}
	}
	t.Parallel()
	display := screen(t)
	dir := t.TempDir()
	reports := [2]string{filepath.Join(dir, "window.json"), filepath.Join(dir, "peer.json")}
	const frames, sample = 360, 60
	_, addr := relayServer(t)
	tool := func(args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "xdotool", args...)
		cmd.Env = append(os.Environ(), display)
		out, err := cmd.Output()
		return strings.TrimSpace(string(out)), err
	}
	window := begin(t, []string{display}, "tandem", "-relay", addr, "-room", "small", "-env", "slime", "-name", "Ann",
		"-set", "countdown_ms=0", "-set", fmt.Sprintf("frames=%d", frames), "-report", reports[0])
	until(t, "the window is seen", func() bool {
		id, err := tool("search", "--onlyvisible", "--class", "^Tandem$")
		return err == nil && id != ""
	})
	id, err := tool("search", "--onlyvisible", "--class", "^Tandem$")
	if err != nil || strings.Contains(id, "\n") {
		t.Fatalf("the window is %q: %v", id, err)
	}
	peer := begin(t, nil, "tandem-peer", "-relay", addr, "-room", "small", "-name", "Bob", "-report", reports[1])
	over := func() (ms int) { // so many frames
		begun, before := counted(t, addr, "frames_total"), processor(t, window)
		intoPlay(t, addr, begun+sample)
		return processor(t, window) - before
	}
	intoPlay(t, addr, played)
	visible := over()
	if out, err := tool("windowminimize", id); err != nil {
		t.Fatalf("minimising: %v: %s", err, out)
	}
	until(t, "the window is minimised", func() bool { id, _ := tool("search", "--onlyvisible", "--class", "^Tandem$"); return id == "" })
	hidden := over()
	t.Logf("processor time in %d frames: visible %d ms, minimised %d ms", sample, visible, hidden)
	if 2*hidden > visible {
		t.Errorf("minimised the window takes %d ms of processor time in %d frames, visible %d ms", hidden, sample, visible)
	}
	if code := peer.wait(); code != 0 {
		t.Errorf("the peer ended with %d: %s", code, peer.errs.String())
	}
	signal(t, window, syscall.SIGTERM)
	if code := window.wait(); code != 0 {
		t.Errorf("the window ended with %d: %s", code, window.errs.String())
	}
	var a client.Report // of one seat
	data, err := os.ReadFile(reports[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &a); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	b := readReport(t, reports[1]).Seats[0]
	if a.Frames != frames || b.Frames != frames || a.FinalHash == "" || a.FinalHash != b.FinalHash || a.Desyncs+a.Resyncs+b.Desyncs+b.Resyncs != 0 {
		t.Errorf("the reports are\n%+v\n%+v", a, b)
	}
}

// screen starts a screen with a window manager and returns the variable that names it. more are Xvfb's arguments.
func screen(t *testing.T, more ...string) (display string) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	start := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(name, args...)
		cmd.Env = append(os.Environ(), display)
		if name == "Xvfb" {
			cmd.ExtraFiles = []*os.File{write}
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Kill() // unless it has ended
			_ = cmd.Wait()
		})
		return cmd
	}
	start("Xvfb", append([]string{"-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp"}, more...)...)
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	// It writes the line's end by itself, and ends if nobody reads that any more.
	number, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb tells no display: %v", err)
	}
	display = "DISPLAY=:" + strings.TrimSpace(number)
	start("openbox")
	return display
}

// until waits for something that another program does.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it is not so that %s", what)
		}
	}
}

// processor is the processor time that a process has taken, in ms: fields 14 and 15 of proc(5)'s stat, in
// hundredths of a second.
func processor(t *testing.T, p *process) (ms int) {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+2:]))
	for _, f := range fields[11:13] {
		n, err := strconv.Atoi(f)
		if err != nil {
			t.Fatal(err)
		}
		ms += 10 * n
	}
	return ms
}
