//go:build !js

package app

import (
	"math"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
)

// A Go program that gets no more memory from the system ends with a dump that nothing can turn into a
// sentence, and one that takes more than its container may is killed without a word. So a relay stops
// taking on more before that. How much there is says GOMEMLIMIT, or else the control groups that the
// program is in; a machine's own memory belongs to others, too, and an address space's limit (ulimit -v)
// says little of a program that reserves much and uses little.

const (
	// memoryShare is how much of GOMEMLIMIT may be used before nothing is added.
	memoryShare = 0.9
	// groupShare is the part of a control group's memory that the Go runtime may use: the rest is for the
	// program itself and for what the system buffers on its behalf.
	groupShare = 0.9
	// groupScarce is how much of a control group's memory the runtime may use before nothing is added.
	groupScarce = 0.8
)

// MemoryScarce takes over the limit of the control groups, unless GOMEMLIMIT has set one, and returns what
// tells whether memory is nearly used up; nil where it has no limit.
func MemoryScarce() func() bool { return memoryScarce("/") }

func memoryScarce(root string) func() bool {
	var most float64
	if limit := debug.SetMemoryLimit(-1); limit != math.MaxInt64 {
		most = memoryShare * float64(limit)
	} else {
		group := groupLimit(root)
		if group == math.MaxInt64 {
			return nil
		}
		debug.SetMemoryLimit(int64(groupShare * float64(group)))
		most = groupScarce * float64(group)
	}
	return func() bool { return used() > most }
}

// used is what the runtime counts against its limit and could not give back: without what is free, and without
// what was garbage when it was last collected or has become so since. That grows up to the limit before it
// is collected again, also where little is used.
func used() float64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"}, {Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	n := float64(s[0].Value.Uint64()) + float64(s[1].Value.Uint64())
	for _, spare := range s[2:] {
		n -= float64(spare.Value.Uint64())
	}
	return n
}

// groupLimit is the least that the program's control groups may use, math.MaxInt64 where none has a limit.
// A service's group lies below others, and all their limits hold; a container sees its own as the root.
func groupLimit(root string) int64 {
	const mounted = "sys/fs/cgroup"
	least := int64(math.MaxInt64)
	// look reads the files of a group and of those above it.
	look := func(dir, group string, files ...string) {
		for group = path.Clean("/" + group); ; group = path.Dir(group) {
			for _, name := range files {
				text, err := os.ReadFile(filepath.Join(root, dir, group, name))
				if err != nil {
					continue // there is no such group here, or it has no say in memory
				}
				// Version 2 writes "max" for no limit, version 1 the largest number of whole pages.
				if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && n > 0 && n < 1<<62 {
					least = min(least, n)
				}
			}
			if group == "/" {
				return
			}
		}
	}
	// Lines are NUMBER:CONTROLLERS:GROUP; version 2 is number 0 and names no controllers. Where the file
	// cannot be read, the root's limit is still one.
	text, err := os.ReadFile(filepath.Join(root, "proc/self/cgroup"))
	if err != nil {
		text = []byte("0::/")
	}
	for line := range strings.Lines(string(text)) {
		number, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		controllers, group, _ := strings.Cut(rest, ":")
		switch {
		case number == "0" && controllers == "":
			look(mounted, group, "memory.max", "memory.high")
		case slices.Contains(strings.Split(controllers, ","), "memory"):
			look(mounted+"/memory", group, "memory.limit_in_bytes")
		}
	}
	return least
}
