//go:build !js

package app

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/gofrs/flock"

	"tandem/netcode/transport"
)

// Seat keeps the token of one seat on disk, so that its player comes back to it after a crash of the
// program. Two programs that join the same room from one computer have a Seat each: a lock that
// lives as long as its program tells whose is in use.
//
// It never stops a player from playing: what goes wrong is logged, and the seat is not kept.
type Seat struct {
	relay string
	log   *slog.Logger

	mu     sync.Mutex
	opened bool
	path   string // "" when there is no place
	lock   *flock.Flock
	quit   chan struct{}
}

const (
	// seatsPerRoom is how many programs of one computer keep a seat in one room.
	seatsPerRoom = 16
	// seatAge is for how long a token is of use after its program is gone: longer than any room
	// waits for anybody, with a restart of the relay on top.
	seatAge = 5 * time.Minute
	// seatTouch is how often a running program says that its token is still in use.
	seatTouch = 30 * time.Second
)

// NewSeat returns a place for a seat on a relay, which is named as the user does; "" is the one on the
// local network.
func NewSeat(relay string, log *slog.Logger) *Seat {
	if u, err := transport.ParseURL(relay); err == nil {
		relay = u.String()
	}
	return &Seat{relay: relay, log: log}
}

// codeKey is a room's code without what does not matter in it.
func codeKey(code string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, code)
}

// Token returns what a program that is no more has left behind for a room; nil when there is nothing.
func (s *Seat) Token(room string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open(room)
	if s.path == "" {
		return nil
	}
	info, err := os.Stat(s.path)
	if err != nil || time.Since(info.ModTime()) > seatAge {
		return nil
	}
	text, err := os.ReadFile(s.path)
	if err != nil {
		s.log.Warn("the seat that was left behind cannot be read", "reason", err)
		return nil
	}
	token, err := hex.DecodeString(string(text))
	if err != nil {
		s.log.Warn("the seat that was left behind is damaged; it is not used", "file", s.path)
		return nil
	}
	return token
}

// Keep keeps a room's token in place of the one before; nil forgets it.
func (s *Seat) Keep(room string, token []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open(room)
	if s.path == "" {
		return
	}
	var err error
	if token == nil {
		if err = os.Remove(s.path); errors.Is(err, os.ErrNotExist) {
			err = nil
		}
	} else {
		err = writeFile(s.path, []byte(hex.EncodeToString(token)))
	}
	if err != nil {
		s.log.Warn("the seat is not kept for a restart of this program", "reason", err)
	}
}

// Close lets another program have the place.
func (s *Seat) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lock == nil {
		return
	}
	close(s.quit)
	if err := s.lock.Unlock(); err != nil {
		s.log.Debug("seat", "error", err)
	}
	s.lock, s.path = nil, ""
}

// open takes a place for the room's seat that no running program has.
func (s *Seat) open(room string) {
	if s.opened || room == "" {
		return
	}
	s.opened = true
	dir, err := stateDir()
	if err == nil {
		dir = filepath.Join(dir, "seats")
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		s.log.Warn("the seat is not kept for a restart of this program", "reason", err)
		return
	}
	prune(dir)
	sum := sha256.Sum256([]byte(s.relay + "\x00" + codeKey(room)))
	for i := range seatsPerRoom {
		path := filepath.Join(dir, fmt.Sprintf("%s-%d", hex.EncodeToString(sum[:12]), i))
		lock := flock.New(path + lockSuffix)
		ok, err := lock.TryLock()
		if err != nil {
			s.log.Warn("the seat is not kept for a restart of this program", "reason", err)
			return
		}
		if ok {
			s.path, s.lock, s.quit = path, lock, make(chan struct{})
			go s.touch(path, s.quit)
			return
		}
	}
}

const lockSuffix = ".lock"

// touch keeps the token from getting old while its program runs.
func (s *Seat) touch(path string, quit <-chan struct{}) {
	t := time.NewTicker(seatTouch)
	defer t.Stop()
	for {
		select {
		case now := <-t.C:
			if err := os.Chtimes(path, now, now); err != nil && !errors.Is(err, os.ErrNotExist) {
				s.log.Debug("seat", "error", err)
			}
		case <-quit:
			return
		}
	}
}

// prune removes what programs have left behind that nobody comes back for. Locks go only with a day's
// age: one that is in use must not be pulled from under its program.
func prune(dir string) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return // the next attempt to write there tells
	}
	for _, f := range files {
		limit := 2 * seatAge
		if strings.HasSuffix(f.Name(), lockSuffix) {
			limit = 24 * time.Hour
		}
		if info, err := f.Info(); err == nil && time.Since(info.ModTime()) > limit {
			_ = os.Remove(filepath.Join(dir, f.Name())) // another program may have been faster
		}
	}
}
