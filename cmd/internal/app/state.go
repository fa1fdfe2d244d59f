//go:build !js

package app

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"tandem/netcode/relay"
)

// stateDir is where Tandem keeps what must outlive a program: TANDEM_HOME, or its folder in the
// user's configuration.
func stateDir() (string, error) {
	if dir := os.Getenv("TANDEM_HOME"); dir != "" {
		return dir, nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("this system names no folder for configuration (%w): set TANDEM_HOME to a folder", err)
	}
	return filepath.Join(dir, "tandem"), nil
}

// NoKey is the -key for a relay that forgets its rooms when it ends.
const NoKey = "none"

// RelayKey reads the key that signs seats from a file, which is made if it does not exist. Without a
// name it is in the user's configuration; where that cannot be written, or is no secret, the relay does
// without, and the log says so. insecure takes one that is no secret.
func RelayKey(name string, insecure bool, log *slog.Logger) ([]byte, error) {
	if name == NoKey {
		return nil, nil
	}
	path := name
	if path == "" {
		dir, err := stateDir()
		if err != nil {
			log.Warn("matches will not survive a restart of this relay", "reason", err)
			return nil, nil
		}
		path = filepath.Join(dir, "relay.key")
	}
	var key []byte
	var err error
	if !insecure {
		err = CheckPrivate(path)
	}
	if err == nil {
		key, err = readKey(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		key, err = makeKey(path)
	}
	if err != nil && name == "" {
		log.Warn("matches will not survive a restart of this relay", "reason", err)
		return nil, nil
	}
	return key, err
}

func readKey(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the relay's key cannot be read: %w", err)
	}
	key, err := hex.DecodeString(string(bytes.TrimSpace(text)))
	if err != nil || len(key) != relay.KeySize {
		return nil, fmt.Errorf("%s is not a relay's key: it should hold %d hexadecimal digits. Give another file with -key, or delete it and let the relay make one", path, 2*relay.KeySize)
	}
	return key, nil
}

func makeKey(path string) ([]byte, error) {
	key := make([]byte, relay.KeySize)
	// crypto/rand.Read never fails: it ends the program rather than answer predictable bytes.
	_, _ = rand.Read(key)
	if err := writeFile(path, []byte(hex.EncodeToString(key)+"\n")); err != nil {
		return nil, fmt.Errorf("the relay's key cannot be kept: %w", err)
	}
	// Two relays that begin at once must agree on one.
	return readKey(path)
}

// writeFile writes a file that only its user may read, whole or not at all.
func writeFile(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".new-*") // made with mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
