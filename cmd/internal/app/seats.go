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

	"github.com/gofrs/flock"

	"tandem/cmd/internal/visit"
	"tandem/netcode/transport"
)

// Seat keeps the token of one seat on disk, so that its player comes back to it after a crash of the
// program. Two programs that join the same room from one computer have a Seat each: a lock that
// lives as long as its program tells whose is in use.
//
// It never stops a player from playing: what goes wrong is logged, and the seat is not kept.
type Seat struct {
	relay string
	who   string
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
// local network. who tells seats of one program apart: "" is the player's, others are its bots'.
func NewSeat(relay, who string, log *slog.Logger) *Seat {
	if u, err := transport.ParseURL(relay); err == nil {
		relay = u.String()
	}
	return &Seat{relay: relay, who: who, log: log}
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
	if err := letGo(s.lock); err != nil {
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
	sum := sha256.Sum256([]byte(s.relay + "\x00" + visit.Key(room) + s.who))
	for i := range seatsPerRoom {
		path := filepath.Join(dir, fmt.Sprintf("%s-%d", hex.EncodeToString(sum[:12]), i))
		lock, err := take(path + lockSuffix)
		if err != nil {
			s.log.Warn("the seat is not kept for a restart of this program", "reason", err)
			return
		}
		if lock != nil {
			s.path, s.lock, s.quit = path, lock, make(chan struct{})
			go s.touch(path, s.quit)
			return
		}
	}
}

const lockSuffix = ".lock"

// take locks a file, which is made if it does not exist; nil says that another program has it.
func take(path string) (*flock.Flock, error) {
	for range seatsPerRoom { // each round, another program has just let it go
		lock := flock.New(path)
		if ok, err := lock.TryLock(); err != nil || !ok {
			return nil, err
		}
		ok, err := current(lock)
		if ok {
			return lock, nil
		}
		if uerr := lock.Unlock(); uerr != nil || err != nil {
			return nil, errors.Join(err, uerr)
		}
	}
	return nil, nil
}

// current reports whether a lock is that of the file which others will find. Its last owner may have
// removed that after it was opened here.
func current(lock *flock.Flock) (bool, error) {
	held, err := lock.Stat()
	if err != nil {
		return false, err
	}
	there, err := os.Stat(lock.Path())
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(held, there), err
}

// letGo removes the file of a lock and unlocks it. The file goes first: once it is unlocked, it may be
// another program's. Windows removes no file that is open, so there it is the other way round, and
// another program's stays because that has it open.
func letGo(lock *flock.Flock) error {
	removed := os.Remove(lock.Path())
	err := lock.Unlock()
	if removed != nil && !errors.Is(removed, os.ErrNotExist) {
		removed = os.Remove(lock.Path())
	}
	if errors.Is(removed, os.ErrNotExist) {
		removed = nil
	}
	return errors.Join(err, removed)
}

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

// prune removes what programs have left behind that nobody comes back for. What belongs to a program that
// runs stays, whatever its age: the clock may have been set since.
func prune(dir string) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return // the next attempt to write there tells
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || time.Since(info.ModTime()) < 2*seatAge {
			continue
		}
		path := strings.TrimSuffix(filepath.Join(dir, f.Name()), lockSuffix)
		if lock, err := take(path + lockSuffix); err == nil && lock != nil {
			_ = os.Remove(path) // a lock may have none
			_ = letGo(lock)     // the next program that comes along tries again
		}
	}
}
