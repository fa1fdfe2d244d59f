package envtest

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write recorded traces anew; say in the commit why they changed")

// Trace compares what a long game came to, line by line, with the recording in the file, which was made on
// amd64: every processor must come to the same. A changed rule changes it, and needs a new version of
// the environment.
func Trace(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	here, recorded := strings.Split(got, "\n"), strings.Split(string(data), "\n")
	for i := range max(len(here), len(recorded)) {
		if i >= len(here) || i >= len(recorded) || here[i] != recorded[i] {
			t.Fatalf("line %d of %s: recorded %q, here %q", i+1, file, recorded[min(i, len(recorded)-1)], here[min(i, len(here)-1)])
		}
	}
}
