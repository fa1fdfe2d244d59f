//go:build unix

package app

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPrivateFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key.pem")
	for mode, ok := range map[os.FileMode]bool{0o600: true, 0o640: true, 0o400: true, 0o644: false, 0o604: false, 0o602: false, 0o777: false} {
		if err := os.WriteFile(file, []byte("key"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		if err := CheckPrivate(file); (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "chmod o= "+file+", or give -insecure-key") {
			t.Errorf("%o: %v", mode, err)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	if err := CheckPrivate(file); err != nil { // others say that it is not there
		t.Error(err)
	}
}

// The key that a relay makes for itself is as secret as one that it is given: it does without one that
// everybody can read, says so, and takes it where that is meant.
func TestRelayKeyIsPrivate(t *testing.T) {
	home := t.TempDir()
	t.Setenv("TANDEM_HOME", home)
	var said bytes.Buffer
	log := slog.New(slog.NewTextHandler(&said, nil))
	made, err := RelayKey("", false, log)
	if err != nil || len(made) == 0 || said.Len() > 0 {
		t.Fatalf("made %d bytes, %v, said %q", len(made), err, &said)
	}
	file := filepath.Join(home, "relay.key")
	if again, err := RelayKey("", false, log); err != nil || !bytes.Equal(again, made) {
		t.Fatalf("at the next start: %d bytes, %v", len(again), err)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if key, err := RelayKey("", false, log); err != nil || key != nil || !strings.Contains(said.String(), "chmod o= "+file) {
		t.Errorf("the key that all can read: %d bytes, %v, said %q", len(key), err, &said)
	}
	if _, err := RelayKey(file, false, log); err == nil || !strings.Contains(err.Error(), "-insecure-key") {
		t.Errorf("the same by its name: %v", err)
	}
	if key, err := RelayKey("", true, log); err != nil || !bytes.Equal(key, made) {
		t.Errorf("with -insecure-key: %d bytes, %v", len(key), err)
	}
}
