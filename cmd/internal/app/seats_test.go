//go:build !js

package app

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// left lists what seats have left behind.
func left(t *testing.T, home string) []string {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(home, "seats"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	return names
}

func testSeat(room string) *Seat {
	s := NewSeat("ws://127.0.0.1:7777", "", slog.New(slog.NewTextHandler(io.Discard, nil)))
	s.Token(room)
	return s
}

// Whoever has joined rooms and left them has no files of theirs afterwards. A token that was kept stays,
// and its lock does not.
func TestSeatsLeaveNoLocks(t *testing.T) {
	home := t.TempDir()
	t.Setenv("TANDEM_HOME", home)
	for _, room := range []string{"lusab", "lusac", "lusad"} {
		s, second := testSeat(room), testSeat(room)
		if s.path == "" || second.path == "" || s.path == second.path {
			t.Errorf("two programs have the places %q and %q", s.path, second.path)
		}
		s.Keep(room, []byte{1})
		s.Keep(room, nil)
		s.Close()
		second.Close()
		second.Close()
	}
	if names := left(t, home); len(names) != 0 {
		t.Errorf("left behind: %v", names)
	}
	s := testSeat("lusab")
	s.Keep("lusab", []byte{1, 2})
	s.Close()
	if names := left(t, home); len(names) != 1 || filepath.Ext(names[0]) == lockSuffix {
		t.Errorf("left behind with a token: %v", names)
	}
	s = testSeat("lusab")
	defer s.Close()
	if token := s.Token("lusab"); len(token) != 2 {
		t.Errorf("the token left behind is %v", token)
	}
}

// However programs come and go, a place has one at a time: none keeps the lock of a file that another
// has removed.
func TestAPlaceHasOneProgram(t *testing.T) {
	t.Setenv("TANDEM_HOME", t.TempDir())
	var mu sync.Mutex
	owned := map[string]bool{}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				s := testSeat("lusab")
				mu.Lock()
				if s.path != "" && owned[s.path] {
					t.Errorf("%s has two programs", filepath.Base(s.path))
				}
				path := s.path
				owned[path] = true
				mu.Unlock()
				mu.Lock()
				delete(owned, path)
				mu.Unlock()
				s.Close()
			}
		})
	}
	all.Wait()
}

// A lock whose file was removed is worth nothing, also when there is another file of that name.
func TestALockIsOfTheFileThatIsThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a"+lockSuffix)
	lock, err := take(path)
	if err != nil || lock == nil {
		t.Fatalf("got %v, %v", lock, err)
	}
	if ok, err := current(lock); !ok || err != nil {
		t.Errorf("with its file it is current: %v, %v", ok, err)
	}
	if err := os.Rename(path, path+".old"); err != nil {
		t.Skip("this system moves no file that is open, so none is lost that way: ", err)
	}
	if ok, err := current(lock); ok || err != nil {
		t.Errorf("without a file it is current: %v, %v", ok, err)
	}
	second, err := take(path)
	if err != nil || second == nil {
		t.Fatalf("the new file cannot be locked: %v, %v", second, err)
	}
	if ok, err := current(lock); ok || err != nil {
		t.Errorf("with another's file it is current: %v, %v", ok, err)
	}
	for _, l := range []*flock.Flock{second, lock} {
		if err := letGo(l); err != nil {
			t.Error(err)
		}
	}
}

// What a crash left behind goes after a while. What is in use stays, however old it is.
func TestOldSeatsAreRemoved(t *testing.T) {
	home := t.TempDir()
	t.Setenv("TANDEM_HOME", home)
	running := testSeat("lusab")
	defer running.Close()
	running.Keep("lusab", []byte{1, 2}) // and then the clock was set
	crashed := running.path + "-crashed"
	old := time.Now().Add(-48 * time.Hour)
	for _, path := range []string{crashed, crashed + lockSuffix} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{crashed, crashed + lockSuffix, running.path, running.path + lockSuffix} {
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	prune(filepath.Dir(running.path))
	own := filepath.Base(running.path)
	if names := left(t, home); !slices.Equal(names, []string{own, own + lockSuffix}) {
		t.Errorf("left: %v", names)
	}
}
