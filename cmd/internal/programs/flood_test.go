//go:build !js

package programs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRecordingsCannotBeFlooded: rooms that somebody makes and leaves, and a match of one person alone, make
// no file; a match of two does, under a name that does not tell the room's code; and where the folder's
// limit is reached the relay says so and play goes on.
func TestRecordingsCannotBeFlooded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	relay, addr := relayServer(t, "-record", dir, "-record-limit", "3kB")
	play := func(room string, players int, more ...string) {
		t.Helper()
		var peers []*process
		for range players {
			p := begin(t, nil, "tandem-peer", append([]string{"-relay", addr, "-room", room, "-env", "testenv", "-frames", "60", "-set", "countdown_ms=0"}, more...)...)
			p.says(&p.errs, "of room "+room)
			peers = append(peers, p)
		}
		for _, p := range peers {
			if code := p.wait(); code != 0 {
				t.Fatalf("%s: exit code %d: %s", room, code, p.errs.String())
			}
		}
	}
	names := func() (list []string) {
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			list = append(list, f.Name())
		}
		return list
	}
	play("alone", 1, "-set", "min_players=1")
	if got := names(); len(got) > 0 {
		t.Errorf("a match of one person has made %q", got)
	}
	play("secret", 2)
	file := only(t, filepath.Join(dir, "*.tandem"))
	if strings.Contains(file, "secret") {
		t.Errorf("the recording's name %s tells the room's code", file)
	}
	for n := 0; n < 5 && !strings.Contains(relay.errs.String(), "limit of 3kB"); n++ {
		play("more", 2)
	}
	if said := relay.says(&relay.errs, "limit of 3kB"); !strings.Contains(said, "-record-limit") {
		t.Errorf("the relay says %s", said)
	}
	size := int64(0)
	for _, name := range names() {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	if size == 0 || size > 3000 {
		t.Errorf("the folder holds %d bytes", size)
	}
	begin(t, nil, "tandem-relay", "-listen", "127.0.0.1:0", "-record-limit", "much").sentence(usage, "for example 10GB")
}
