package app

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"tandem/netcode/recording"
)

// RecordLimit is how much a folder of recordings may hold.
type RecordLimit struct {
	Bytes  int64 // 0 for no limit
	Oldest bool  // the oldest recordings give way; else there are no more
}

// DefaultRecordLimit is 10 GB: two years of play in one room. Data are never removed unasked.
var DefaultRecordLimit = RecordLimit{Bytes: 10e9}

var units = []struct {
	name  string
	bytes int64
}{{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}}

// String writes the limit as Set reads it.
func (l *RecordLimit) String() string {
	text := strconv.FormatInt(l.Bytes, 10)
	for _, u := range units {
		if l.Bytes > 0 && l.Bytes%u.bytes == 0 {
			text = strconv.FormatInt(l.Bytes/u.bytes, 10) + u.name
			break
		}
	}
	if l.Oldest {
		text += ",oldest"
	}
	return text
}

// Set reads "10GB" or "500MB,oldest"; 0 is no limit.
func (l *RecordLimit) Set(text string) error {
	size, rest, more := strings.Cut(text, ",")
	unit := int64(1)
	for _, u := range units {
		if n, ok := strings.CutSuffix(size, u.name); ok {
			size, unit = n, u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(size, 10, 64)
	if err != nil || n < 0 || n > 1e18/unit || more && rest != "oldest" {
		return errors.New("write a size, for example 10GB or 500MB, 0 for no limit; 10GB,oldest removes the oldest recordings for new ones")
	}
	l.Bytes, l.Oldest = n*unit, rest == "oldest"
	return nil
}

// RecordFolder makes the opener of recordings in a folder, one file per match. They are named after the
// time and a random number: a room's code would let whoever may list the folder into the room. The folder
// is made where it is missing; one that cannot be written to is refused.
func RecordFolder(dir string, limit RecordLimit) (func(*recording.Header) (recording.File, error), error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, Usagef("-record %s: the folder cannot be made (%v)", dir, reason(err))
	}
	if err := writable(dir); err != nil {
		return nil, Usagef("-record %s: the folder cannot be written to (%v); choose another", dir, err)
	}
	f := &recordFolder{dir: dir, limit: limit, open: map[string]int64{}}
	return func(h *recording.Header) (recording.File, error) {
		return f.create(h.Began.Format("20060102-150405"))
	}, nil
}

// recordFolder keeps a folder of recordings within its limit. Files that others put there or take away
// count as well: it is looked at again before anything is refused.
type recordFolder struct {
	dir   string
	limit RecordLimit

	mu   sync.Mutex
	used int64            // by all recordings, as far as is known
	open map[string]int64 // sizes of those that are being written
}

// reserve is what is kept free for each recording that is being written, so that it can say at its end why it
// ends there: a sentence, with the folder's name in it.
const reserve = 512

// create makes a recording's file.
func (f *recordFolder) create(began string) (recording.File, error) {
	if err := f.begin(); err != nil {
		return nil, err
	}
	for {
		name := fmt.Sprintf("%s-%08x%s", began, rand.Uint32(), RecordingExt)
		file, err := create(filepath.Join(f.dir, name))
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.open[name] = 0
		return &limitedFile{File: file, folder: f, name: name}, nil
	}
}

// begin sees to it that there is room for one more recording.
func (f *recordFolder) begin() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.room(1 + reserve*int64(len(f.open)+1))
}

// room sees to it that so many bytes more may be written, or says why they may not.
func (f *recordFolder) room(more int64) error {
	if f.limit.Bytes == 0 || f.used > 0 && f.used+more <= f.limit.Bytes {
		return nil
	}
	type file struct {
		name string
		size int64
		at   time.Time
	}
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return fmt.Errorf("the folder %s cannot be read (%w)", f.dir, reason(err))
	}
	var closed []file
	f.used = 0
	for _, e := range entries {
		if info, err := e.Info(); err == nil && filepath.Ext(e.Name()) == RecordingExt && info.Mode().IsRegular() {
			f.used += info.Size()
			if _, open := f.open[e.Name()]; !open {
				closed = append(closed, file{e.Name(), info.Size(), info.ModTime()})
			}
		}
	}
	if f.limit.Oldest && f.used+more > f.limit.Bytes {
		// More gives way than is needed now: looking through a folder of many takes its time.
		least := f.limit.Bytes - f.limit.Bytes/100
		slices.SortFunc(closed, func(a, b file) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.name, b.name)) })
		for _, old := range closed {
			if f.used+more <= least {
				break
			}
			if err := os.Remove(filepath.Join(f.dir, old.name)); err == nil {
				f.used -= old.size
			}
		}
	}
	if f.used+more <= f.limit.Bytes {
		return nil
	}
	limit := RecordLimit{Bytes: f.limit.Bytes}
	return fmt.Errorf("the recordings in %s have reached their limit of %s: move some away, or give another -record-limit (with \",oldest\" the oldest give way)", f.dir, &limit)
}

// limitedFile is a recording that counts.
type limitedFile struct {
	*os.File
	folder *recordFolder
	name   string
	full   bool // there was no room for what came last
}

// Write appends to the recording, where the folder has room for it. Where it had none what comes next says so,
// and has the reserve.
func (l *limitedFile) Write(b []byte) (int, error) {
	f := l.folder
	f.mu.Lock()
	defer f.mu.Unlock()
	more := int64(len(b))
	if !l.full || more > reserve {
		more += reserve * int64(len(f.open))
	}
	if err := f.room(more); err != nil {
		l.full = true
		return 0, err
	}
	l.full = false
	n, err := l.File.Write(b)
	f.used += int64(n)
	f.open[l.name] += int64(n)
	return n, err
}

// Truncate cuts the recording.
func (l *limitedFile) Truncate(size int64) error {
	f := l.folder
	f.mu.Lock()
	defer f.mu.Unlock()
	f.used -= max(0, f.open[l.name]-size)
	f.open[l.name] = size
	return l.File.Truncate(size)
}

// Close closes the recording, which may then have to give way.
func (l *limitedFile) Close() error {
	l.folder.mu.Lock()
	delete(l.folder.open, l.name)
	l.folder.mu.Unlock()
	return l.File.Close()
}
