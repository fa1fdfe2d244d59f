package session_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/zeebo/xxh3"
)

var updateSums = flag.Bool("update-sums", false, "write the sums of outputs to testdata/sums: for a change that means to change them, and says so")

// sums compares the outputs of whole matches with those of before (testdata/sums, a line for ten seeds):
// what a change of the inside leaves as it is. Times are sums of floating-point numbers in places, which
// other processors round otherwise, so only one kind compares.
type sums struct {
	t    *testing.T
	file string
	ten  string
	next uint64
	list []string
}

func newSums(t *testing.T, name string) *sums {
	return &sums{t: t, file: filepath.Join("testdata", "sums", name+".txt"), next: 1}
}

// add takes the sum of a seed; seeds count from 1.
func (s *sums) add(seed, sum uint64) {
	if seed != s.next {
		return // a single one is replayed
	}
	s.next++
	s.ten += fmt.Sprintf("%016x", sum)
	if seed%10 == 0 {
		s.list = append(s.list, fmt.Sprintf("%016x", xxh3.HashString(s.ten)))
		s.ten = ""
	}
}

func (s *sums) done() {
	s.t.Helper()
	if *updateSums {
		if err := os.MkdirAll(filepath.Dir(s.file), 0o755); err != nil {
			s.t.Error(err)
		}
		if err := os.WriteFile(s.file, []byte(strings.Join(s.list, "\n")+"\n"), 0o644); err != nil {
			s.t.Error(err)
		}
		return
	}
	if runtime.GOARCH != "amd64" {
		s.t.Logf("the outputs are not compared on %s", runtime.GOARCH)
		return
	}
	text, err := os.ReadFile(s.file)
	if err != nil {
		s.t.Fatal(err)
	}
	want := strings.Fields(string(text))
	for i, sum := range s.list {
		if i >= len(want) || sum != want[i] {
			s.t.Errorf("the outputs of the seeds %d to %d are not what they were (%s): if that is meant, write them anew with -update-sums and say so", 10*i+1, 10*i+10, s.file)
			return
		}
	}
}
