//go:build !js

package programs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/cmd/internal/app"
	"tandem/game/client"
)

// patience bounds what these tests wait for; nothing takes so long unless it fails.
const patience = 3 * time.Minute

// within bounds a program's life.
func within() time.Duration {
	if *long {
		return time.Hour
	}
	return patience
}

// long makes some tests what they are in short in every run, see where it is read.
var long = flag.Bool("long", false, "TestLateJoiner joins at frame 3,000, TestForeignRooms has each attack go on for half a minute, TestFingers presses 40 keys and keeps every core busy, and TestLossTable (eight minutes) and TestSoak (25 rooms for half an hour) run")

var bin string // the folder of the programs

// attackEnv holds the orders of a process that attacks, see TestAttack.
const attackEnv = "TANDEM_ATTACK"

func TestMain(m *testing.M) {
	// The programs mostly wait for time to pass, so more of them run at once than there are cores, unless
	// -parallel says something else.
	if err := flag.Set("test.parallel", "12"); err != nil {
		panic(err)
	}
	flag.Parse()
	if os.Getenv(attackEnv) != "" { // this process attacks programs that are running
		os.Exit(m.Run())
	}
	code := build(m)
	if err := stockPackages.Remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// build makes the programs once for all tests.
func build(m *testing.M) int {
	dir, err := os.MkdirTemp("", "programs")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	bin = dir
	// What programs keep for another time is kept here, unless a test says where.
	if err := os.Setenv("TANDEM_HOME", filepath.Join(dir, "home")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	cmd := exec.Command("go", "build", "-o", dir+string(filepath.Separator), "./cmd/tandem", "./cmd/tandem-relay", "./cmd/tandem-peer", "./cmd/tandem-replay")
	cmd.Dir = filepath.Join("..", "..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the programs: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// process is a running program.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	out    lines
	errs   lines
	done   chan struct{}
	cancel context.CancelFunc
}

// lines collects what a program writes and tells when something was seen.
type lines struct {
	mu   sync.Mutex
	buf  bytes.Buffer
	more chan struct{} // one token: something new was written
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.more <- struct{}{}:
	default:
	}
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// begin starts a program with changes to its environment.
func begin(t *testing.T, env []string, name string, args ...string) *process {
	t.Helper()
	return beginBy(t, nil, env, name, args...)
}

// beginBy starts a program by way of another, which is to become it: "ip netns exec NAME".
func beginBy(t *testing.T, by, env []string, name string, args ...string) *process {
	t.Helper()
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return start(t, by, env, filepath.Join(bin, name), args...)
}

// start is beginBy for any file.
func start(t *testing.T, by, env []string, file string, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), within())
	p := &process{t: t, done: make(chan struct{}), cancel: cancel}
	line := append(append([]string{}, by...), file)
	line = append(line, args...)
	p.cmd = exec.CommandContext(ctx, line[0], line[1:]...)
	p.cmd.Env = append(os.Environ(), env...)
	p.out.more, p.errs.more = make(chan struct{}, 1), make(chan struct{}, 1)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.errs
	if err := p.cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		var exit *exec.ExitError
		if err := p.cmd.Wait(); err != nil && !errors.As(err, &exit) {
			t.Errorf("%s: %v", file, err)
		}
	}()
	t.Cleanup(func() { // what a failed test leaves behind
		cancel()
		<-p.done
	})
	return p
}

// says waits until l holds words, and returns what it holds.
func (p *process) says(l *lines, words string) string {
	p.t.Helper()
	for {
		select {
		case <-l.more:
		case <-p.done:
			if s := l.String(); strings.Contains(s, words) {
				return s
			}
			p.t.Fatalf("%v ended without %q:\n%s%s", p.cmd.Args[1:], words, p.out.String(), p.errs.String())
		}
		if s := l.String(); strings.Contains(s, words) && strings.HasSuffix(s, "\n") {
			return s
		}
	}
}

// wait returns the exit code once the program has ended.
func (p *process) wait() int {
	<-p.done
	return p.cmd.ProcessState.ExitCode()
}

// monitors has the operators' address of each relay of relayServer, by that of its players.
var monitors sync.Map

// relayServer starts a relay and returns its address.
func relayServer(t *testing.T, args ...string) (p *process, addr string) {
	t.Helper()
	return relayBy(t, nil, args...)
}

// relayBy starts a relay by way of another program.
func relayBy(t *testing.T, by []string, args ...string) (p *process, addr string) {
	t.Helper()
	p = beginBy(t, by, nil, "tandem-relay", append([]string{"-listen", "127.0.0.1:0", "-metrics", "0"}, args...)...)
	line := p.says(&p.out, "listens on ")
	_, addr, _ = strings.Cut(strings.TrimSpace(line), "listens on ")
	_, rest, _ := strings.Cut(line, "metrics at http://")
	monitor, _, _ := strings.Cut(rest, "/")
	monitors.Store(addr, monitor)
	return p, addr
}

// monitored is what a relay of relayServer tells its operators.
func monitored(t *testing.T, addr, path string) string {
	t.Helper()
	monitor, ok := monitors.Load(addr)
	if !ok {
		t.Fatalf("no relay of relayServer listens on %s", addr)
	}
	return page(t, monitor.(string), path)
}

// page is what a relay answers to a request for a page.
func page(t *testing.T, addr, path string) string {
	t.Helper()
	resp, err := http.Get("http://" + addr + path)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if closed := resp.Body.Close(); err != nil || closed != nil {
		t.Fatal(err, closed)
	}
	return string(body)
}

// counted is what a relay says it has counted under a name of its metrics.
func counted(t *testing.T, addr, name string) (n int) {
	t.Helper()
	_, rest, _ := strings.Cut(monitored(t, addr, "/metrics"), "\ntandem_"+name+" ")
	if _, err := fmt.Sscan(rest, &n); err != nil {
		t.Fatalf("the relay does not tell its %s: %v", name, err)
	}
	return n
}

// played is how many frames a match of real processes is played before something happens to it.
const played = 45

// intoPlay waits until a relay has closed so many frames: real processes say nothing while they play,
// and how long they take to begin is the machine's affair.
func intoPlay(t *testing.T, addr string, frames int) {
	t.Helper()
	for tick := time.Tick(20 * time.Millisecond); counted(t, addr, "frames_total") < frames; <-tick {
	}
}

// sentence checks that a program has ended with one clear sentence and this exit code.
func (p *process) sentence(code int, words string) {
	p.t.Helper()
	got := p.wait()
	said := strings.TrimSuffix(p.errs.String(), "\n")
	name := strings.TrimSuffix(filepath.Base(p.cmd.Path), ".exe")
	switch {
	case got != code:
		p.t.Errorf("%s %q: exit code %d, want %d: %s", name, p.cmd.Args[1:], got, code, said)
	case !strings.HasPrefix(said, name+": ") || !strings.HasSuffix(said, ".") || strings.Contains(said, "\n"):
		p.t.Errorf("%s %q does not say one sentence, but %q", name, p.cmd.Args[1:], said)
	case !strings.Contains(said, words):
		p.t.Errorf("%s %q says %q, want something with %q", name, p.cmd.Args[1:], said, words)
	case p.out.String() != "":
		p.t.Errorf("%s %q writes to standard output: %q", name, p.cmd.Args[1:], p.out.String())
	}
}

// peerReport is the layout of tandem-peer's report.
type peerReport struct {
	Seats   []client.Report
	Relay   struct{ Address string }
	Machine struct{ OS, Arch, Go string }
}

func readReport(t *testing.T, file string) peerReport {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r peerReport
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return r
}

// The exit codes that the tests below name.
const (
	failed  = app.ExitFailed
	usage   = app.ExitUsage
	partial = app.ExitPartial
)
