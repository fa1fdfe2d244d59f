//go:build !js

package app

import (
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
)

// fakeRoot makes a folder with these files.
func fakeRoot(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// TestMemoryScarce: what GOMEMLIMIT or else the control group allows is what counts; without either there is
// nothing to watch.
func TestMemoryScarce(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	large := strconv.Itoa(1<<40) + "\n"
	for name, c := range map[string]struct {
		env   int64
		group string // "": no file
		want  string
	}{
		"nothing":             {math.MaxInt64, "", "none"},
		"a group without":     {math.MaxInt64, "max\n", "none"},
		"a strange group":     {math.MaxInt64, "many\n", "none"},
		"a large group":       {math.MaxInt64, large, "enough"},
		"a small group":       {math.MaxInt64, "1000\n", "scarce"},
		"a large GOMEMLIMIT":  {1 << 40, "1000\n", "enough"},
		"a small GOMEMLIMIT":  {1000, large, "scarce"},
		"GOMEMLIMIT, no file": {1000, "", "scarce"},
	} {
		debug.SetMemoryLimit(c.env)
		files := map[string]string{}
		if c.group != "" {
			files["sys/fs/cgroup/memory.max"] = c.group
		}
		scarce, got := memoryScarce(fakeRoot(t, files)), "none"
		if scarce != nil {
			if got = "enough"; scarce() {
				got = "scarce"
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestGroupLimit reads the limits of a service, of a container and of what is around them.
func TestGroupLimit(t *testing.T) {
	const unlimited = math.MaxInt64
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"a service": {map[string]string{
			"proc/self/cgroup": "0::/system.slice/relay.service\n",
			"sys/fs/cgroup/system.slice/relay.service/memory.max": "500\n",
			"sys/fs/cgroup/system.slice/memory.max":               "max\n"}, 500},
		"the group around it": {map[string]string{
			"proc/self/cgroup": "0::/system.slice/relay.service\n",
			"sys/fs/cgroup/system.slice/relay.service/memory.max": "500\n",
			"sys/fs/cgroup/system.slice/memory.max":               "300\n"}, 300},
		"a service that is slowed down first": {map[string]string{
			"proc/self/cgroup": "0::/system.slice/relay.service\n",
			"sys/fs/cgroup/system.slice/relay.service/memory.max":  "500\n",
			"sys/fs/cgroup/system.slice/relay.service/memory.high": "400\n"}, 400},
		"a container": {map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "700\n"}, 700},
		"a container that reads its group's outer name": {map[string]string{
			"proc/self/cgroup": "0::/system.slice/docker-1.scope\n", "sys/fs/cgroup/memory.max": "700\n"}, 700},
		"a group outside of what is seen": {map[string]string{
			"proc/self/cgroup": "0::/../../relay\n", "sys/fs/cgroup/memory.max": "700\n"}, 700},
		"version 1": {map[string]string{
			"proc/self/cgroup": "4:cpu:/b\n3:hugetlb,memory:/a\n0::/\n",
			"sys/fs/cgroup/memory/a/memory.limit_in_bytes": "600\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
			"sys/fs/cgroup/memory/b/memory.limit_in_bytes": "1\n"}, 600},
		"no limit": {map[string]string{
			"proc/self/cgroup": "0::/user.slice\n", "sys/fs/cgroup/user.slice/memory.max": "max\n", "sys/fs/cgroup/other/memory.max": "1\n"}, unlimited},
		"no groups": {nil, unlimited},
	} {
		if got := groupLimit(fakeRoot(t, c.files)); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// TestMemoryThreshold: nothing is added from 90 % of GOMEMLIMIT and 80 % of a group's limit on.
func TestMemoryThreshold(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // so that what is used stays the same
	runtime.GC()
	used := used()
	for share, want := range map[float64]bool{0.7: false, 0.9: true} {
		debug.SetMemoryLimit(math.MaxInt64)
		group := strconv.FormatInt(int64(used/share), 10)
		if got := memoryScarce(fakeRoot(t, map[string]string{"sys/fs/cgroup/memory.max": group}))(); got != want {
			t.Errorf("%.0f %% of the group's is used, and it is scarce: %v", 100*share, got)
		}
	}
	for share, want := range map[float64]bool{0.8: false, 0.99: true} {
		debug.SetMemoryLimit(int64(used / share))
		if got := memoryScarce("")(); got != want {
			t.Errorf("%.0f %% of GOMEMLIMIT is used, and it is scarce: %v", 100*share, got)
		}
	}
}

// TestGarbageIsNoUse: what waits to be collected is no reason to take no more.
func TestGarbageIsNoUse(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	runtime.GC()
	debug.SetMemoryLimit(200 << 20)
	scarce := memoryScarce("")
	kept := make([][]byte, 0, 190)
	for range 185 {
		kept = append(kept, make([]byte, 1<<20))
	}
	kept = kept[:0:0]
	if scarce() {
		t.Error("garbage is taken for what is used")
	}
	debug.SetMemoryLimit(math.MaxInt64)
	for range 185 {
		kept = append(kept, make([]byte, 1<<20))
	}
	runtime.GC()
	debug.SetMemoryLimit(200 << 20)
	if !scarce() {
		t.Error("what is used is taken for garbage")
	}
	runtime.KeepAlive(kept)
}
