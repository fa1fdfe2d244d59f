package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"

	"tandem/netcode/recording"
)

// RecordingExt is how recordings' names end where the user does not choose them.
const RecordingExt = ".tandem"

// CheckRecord refuses recordings of so many players that could not be made, before anything begins.
// "" is fine.
func CheckRecord(file string, players int) error {
	if file == "" {
		return nil
	}
	if st, err := os.Stat(file); err == nil && st.IsDir() {
		return Usagef("-record %s: that is a folder; name a file", file)
	}
	for i := range players {
		if err := checkRecord(SeatFile(file, i, players)); err != nil {
			return err
		}
	}
	return nil
}

func checkRecord(file string) error {
	switch _, err := os.Lstat(file); {
	case err == nil:
		return Usagef("-record %s: that file exists, and a recording never takes another's place; choose another name or move it away", file)
	case !errors.Is(err, fs.ErrNotExist):
		return Usagef("-record %s cannot be written (%v); name a file in a folder that exists and that you may write to", file, reason(err))
	}
	f, err := os.OpenFile(partial(file), os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		err = errors.Join(f.Close(), os.Remove(partial(file)))
	}
	if err != nil {
		return Usagef("-record %s cannot be written (%v); name a file in a folder that exists and that you may write to", file, reason(err))
	}
	return nil
}

// RecordFile makes the opener of a recording in a file; nil for "".
func RecordFile(file string) func(*recording.Header) (recording.File, error) {
	if file == "" {
		return nil
	}
	return func(*recording.Header) (recording.File, error) { return create(file) }
}

// create makes a file that is only ever appended to, and that was not there before.
func create(file string) (*os.File, error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be made (%w)", file, reason(err))
	}
	return f, nil
}

// SeatFile is the file of one of several players: "out.tandem" becomes "out-0.tandem".
func SeatFile(file string, player, players int) string {
	if file == "" || players == 1 {
		return file
	}
	ext := filepath.Ext(file)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(file, ext), player, ext)
}

func writable(dir string) error {
	f, err := os.CreateTemp(dir, ".tandem-*")
	if err != nil {
		return reason(err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// SafeName makes a file's name of words that came from somewhere else: letters, digits, - and _, and
// never one that a system keeps for itself.
func SafeName(s string) string {
	var b strings.Builder
	for _, c := range s {
		if b.Len() == 64 {
			break
		}
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-' && b.Len() > 0, c == '_':
			b.WriteRune(c)
		default:
			b.WriteByte('_')
		}
	}
	// Windows takes these for devices, whatever follows the name.
	switch name := strings.ToLower(b.String()); {
	case name == "", name == "con", name == "prn", name == "aux", name == "nul",
		len(name) == 4 && (strings.HasPrefix(name, "com") || strings.HasPrefix(name, "lpt")):
		return "room_" + b.String()
	}
	return b.String()
}

// keptDesyncs is how many desync reports a folder keeps: the oldest give way.
const keptDesyncs = 50

const (
	desyncPrefix = "tandem-desync-"
	desyncExt    = ".json"
)

// DesyncFolder keeps desync reports in a folder.
type DesyncFolder struct {
	Dir string

	mu sync.Mutex
}

// Keep writes a report and says where. It may be called by several goroutines at once; a later
// version of a report takes the place of the one before.
func (d *DesyncFolder) Keep(r *recording.DesyncReport) (where string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	seat := "spectator"
	if r.Header.Seat >= 0 {
		seat = fmt.Sprintf("seat%d", r.Header.Seat)
	}
	file := filepath.Join(d.Dir, fmt.Sprintf("%s%s-%s-%s-frame%d%s", desyncPrefix, r.Written.Format("20060102-150405.000"), SafeName(r.Header.Room), seat, r.Frame, desyncExt))
	data, err := r.Encode()
	if err != nil {
		return file, err
	}
	if err := os.MkdirAll(d.Dir, 0o755); err != nil {
		return file, fmt.Errorf("the folder %s cannot be made (%w)", d.Dir, reason(err))
	}
	err = os.WriteFile(partial(file), data, 0o644)
	if err == nil {
		err = os.Rename(partial(file), file)
	}
	if err != nil {
		_ = os.Remove(partial(file)) // it may not be there
		return file, fmt.Errorf("%s cannot be written (%w)", file, reason(err))
	}
	return file, d.prune()
}

// prune removes the oldest reports of the folder beyond keptDesyncs. Their names sort by time.
func (d *DesyncFolder) prune() error {
	files, err := filepath.Glob(filepath.Join(d.Dir, desyncPrefix+"*"+desyncExt))
	if err != nil || len(files) <= keptDesyncs {
		return err
	}
	sort.Strings(files)
	for _, f := range files[:len(files)-keptDesyncs] {
		if rerr := os.Remove(f); rerr != nil {
			err = rerr
		}
	}
	return err
}

// DataFolder is where this user's programs keep what nobody named a place for; "" where there is
// none, as in a browser.
func DataFolder() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "tandem")
}
