package programs

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// smallDisk is a disk of so many bytes of which only programs that are started by way of it know; when they
// are gone, what is on it is in kept.
func smallDisk(t *testing.T, size string) (by []string, disk, kept string) {
	t.Helper()
	disk, kept = t.TempDir(), t.TempDir()
	unshare := []string{"unshare", "--user", "--map-root-user", "--mount"}
	if os.Geteuid() == 0 {
		unshare = []string{"unshare", "--mount"}
	}
	by = append(unshare, "sh", "-c", `mount -t tmpfs -o size=$1 none "$2" || exit 99; kept=$3; disk=$2; shift 3; "$@"; s=$?; cp -r "$disk/." "$kept"; exit $s`, "sh", size, disk, kept)
	if out, err := exec.Command(by[0], append(by[1:len(by):len(by)], "true")...).CombinedOutput(); err != nil {
		t.Skipf("this machine lets nobody mount a small disk (%v): %s", err, out)
	}
	return by, disk, kept
}

// TestRecordingOnAFullDisk: play goes on, the program ends with the reason, and what there is of the
// recording never passes for all of it.
func TestRecordingOnAFullDisk(t *testing.T) {
	t.Parallel()
	by, disk, kept := smallDisk(t, "8k")
	p := beginBy(t, by, nil, "tandem-peer", "-relay", "embedded", "-env", "testenv", "-players", "2", "-frames", "500", "-set", "countdown_ms=0",
		"-record", filepath.Join(disk, "a.tandem"), "-report", "-")
	if code := p.wait(); code != failed || !strings.Contains(p.errs.String(), "no space left on device") || !strings.Contains(p.out.String(), `"frames": 500`) {
		t.Fatalf("exit code %d: %s%s", code, p.out.String(), p.errs.String())
	}
	for _, name := range []string{"a-0.tandem", "a-1.tandem"} {
		if frames, rows := cutOff(t, filepath.Join(kept, name)); frames < 30 || frames >= 500 || rows != frames {
			t.Errorf("%s: %d rows of %d frames", name, rows, frames)
		}
	}
}

// TestReportOnAFullDisk: a report that cannot be written, to a file or to standard output, is told, and
// the exit status is not 0; nothing is left of it.
func TestReportOnAFullDisk(t *testing.T) {
	t.Parallel()
	by, disk, kept := smallDisk(t, "4k")
	for _, name := range []string{"r.html", "r.json"} {
		p := beginBy(t, by, nil, "tandem-peer", "-relay", "embedded", "-env", "testenv", "-players", "4", "-frames", "60", "-set", "countdown_ms=0",
			"-report", filepath.Join(disk, name))
		if code := p.wait(); code != failed || !strings.Contains(p.errs.String(), "cannot be written (no space left on device)") {
			t.Errorf("%s: exit code %d: %s", name, code, p.errs.String())
		}
	}
	if left, err := os.ReadDir(kept); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
	full := []string{"sh", "-c", `exec "$@" >/dev/full`, "sh"}
	rec := filepath.Join(t.TempDir(), "a.tandem")
	p := beginBy(t, full, nil, "tandem-peer", "-relay", "embedded", "-env", "testenv", "-players", "2", "-frames", "60", "-set", "countdown_ms=0",
		"-report", "-", "-record", rec)
	if code := p.wait(); code != failed || !strings.Contains(p.errs.String(), "standard output (no space left on device)") {
		t.Errorf("exit code %d: %s", code, p.errs.String())
	}
	rec = strings.TrimSuffix(rec, ".tandem") + "-0.tandem"
	for _, args := range [][]string{{"verify", rec}, {"info", rec}, {"export", rec, "-o", "-"}, {"export", rec, "-o", "-", "-format", "parquet"}} {
		p := beginBy(t, full, nil, "tandem-replay", args...)
		if code := p.wait(); code != failed || !strings.Contains(p.errs.String(), "no space left on device") {
			t.Errorf("%v: exit code %d: %s", args, code, p.errs.String())
		}
	}
}
