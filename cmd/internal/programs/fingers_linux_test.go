package programs

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"tandem/game/client"
)

// TestFingers plays alone in a window, presses keys as a person does and waits for the picture to change, also
// while every core is busy. What decides is that each press is seen and that no input is replaced; how long it
// takes from the key to the pixel is another machine's on another day, and is only logged.
func TestFingers(t *testing.T) {
	for _, program := range []string{"Xvfb", "openbox", "xdotool"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("there is nothing to press keys on or to see them with: %v", err)
		}
	}
	s := newWatched(t)
	for _, c := range []struct {
		name string
		load int
	}{{"at rest", 0}, {"every core busy", runtime.NumCPU()}} {
		t.Run(c.name, func(t *testing.T) {
			presses := 8
			if *long {
				presses = 40
			} else if c.load > 0 {
				t.Skip("it takes every core from the tests beside it: -long")
			}
			file := filepath.Join(t.TempDir(), "f.json")
			// A kitchen stands still until somebody moves.
			p := begin(t, []string{s.display}, "tandem", "-env", "overcooked/cramped_room", "-bot", "idle", "-set", "countdown_ms=0", "-set", "frames=100000", "-report", file)
			s.still(t, p)
			defer loaded(c.load)()
			var took []time.Duration
			for i := range presses {
				time.Sleep(time.Duration(i*7%33) * time.Millisecond) // at any moment of a frame
				took = append(took, s.press(t, p, [...]string{"Right", "Left"}[i%2]))
				s.still(t, p)
			}
			signal(t, p, os.Interrupt)
			if code := p.wait(); code != 0 {
				t.Fatalf("exit code %d:\n%s", code, p.errs.String())
			}
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var r client.Report
			if err := json.Unmarshal(data, &r); err != nil {
				t.Fatal(err)
			}
			slices.Sort(took)
			t.Logf("key to pixel: p50 %v, p95 %v of %d; key to effect by F3: p50 %.1f ms, p99 %.1f ms; %d frames, %d substituted, woken %.1f ms late at p99",
				took[presses/2].Round(time.Millisecond), took[presses*95/100].Round(time.Millisecond), presses, r.InputDelay.P50, r.InputDelay.P99, r.Frames, r.Substituted, r.Overslept.P99)
			if r.Frames == 0 || r.Substituted+r.Absent != 0 || r.Executed != int(r.Frames) || r.InputDelay.N != int64(r.Frames) || !r.Alone {
				t.Errorf("the report is %+v", r)
			}
		})
	}
}

// watched is a screen whose picture lies in a file, and a hand that presses keys on it.
type watched struct {
	display string // the variable that names it
	picture *os.File
	hand    io.Writer // takes xdotool's commands, one a line

	before, now []byte
}

func newWatched(t *testing.T) *watched {
	t.Helper()
	dir := t.TempDir()
	s := &watched{display: screen(t, "-fbdir", dir)}
	var err error
	if s.picture, err = os.Open(filepath.Join(dir, "Xvfb_screen0")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.picture.Close() })
	hand := exec.Command("xdotool", "-")
	hand.Env = append(os.Environ(), s.display)
	in, err := hand.StdinPipe()
	if err == nil {
		err = hand.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	s.hand = in
	t.Cleanup(func() {
		in.Close()
		_ = hand.Wait() // it ends with its orders, however they ended
	})
	return s
}

// look takes a strip of the screen, the row of the kitchen in which the cooks are: above it a guide's arrow moves,
// and scores, time and what stands below are none of this.
func (s *watched) look(t *testing.T) {
	t.Helper()
	s.before, s.now = s.now, s.before
	var head [100]byte
	if _, err := s.picture.ReadAt(head[:], 0); err != nil {
		t.Fatal(err)
	}
	be := binary.BigEndian
	start, height, line := int64(be.Uint32(head[0:]))+12*int64(be.Uint32(head[76:])), int64(be.Uint32(head[20:])), int64(be.Uint32(head[48:]))
	from, rows := height*46/100, height*14/100
	if int64(len(s.now)) != rows*line {
		s.now = make([]byte, rows*line)
	}
	if _, err := s.picture.ReadAt(s.now, start+from*line); err != nil {
		t.Fatal(err)
	}
}

// still waits until the picture stands still.
func (s *watched) still(t *testing.T, p *process) {
	t.Helper()
	s.look(t)
	since := time.Now()
	for end := since.Add(patience); time.Since(since) < 300*time.Millisecond; time.Sleep(5 * time.Millisecond) {
		if s.look(t); !bytes.Equal(s.before, s.now) || len(bytes.Trim(s.now, "\x00")) == 0 {
			since = time.Now()
		}
		if time.Now().After(end) {
			t.Fatalf("the picture never stands still: %s", p.errs.String())
		}
	}
}

// press presses a key for a moment, and returns how long it took until the picture was another.
func (s *watched) press(t *testing.T, p *process, key string) time.Duration {
	t.Helper()
	s.look(t)
	begin := time.Now()
	if _, err := fmt.Fprintf(s.hand, "keydown %s\n", key); err != nil {
		t.Fatal(err)
	}
	for {
		time.Sleep(time.Millisecond)
		if s.look(t); !bytes.Equal(s.before, s.now) {
			break
		}
		if time.Since(begin) > patience/10 {
			t.Fatalf("%s changes nothing: %s", key, p.errs.String())
		}
	}
	took := time.Since(begin)
	time.Sleep(50 * time.Millisecond)
	if _, err := fmt.Fprintf(s.hand, "keyup %s\n", key); err != nil {
		t.Fatal(err)
	}
	return took
}
