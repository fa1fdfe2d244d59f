package rules

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestBuildsWithoutTheOriginal builds all but the programs as if the folders of the original's protocol were
// deleted. That their tests import none of it either is the rule "original" of TestImports.
func TestBuildsWithoutTheOriginal(t *testing.T) {
	root, err := filepath.Abs(top)
	if err != nil {
		t.Fatal(err)
	}
	gone := map[string]string{}
	for _, dir := range []string{"netcode/original", "game/original"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".go") {
				gone[path] = ""
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": gone})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "overlay.json")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-overlay", file, "./assets/...", "./env/...", "./game/...", "./netcode/...")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	program := exec.Command("go", "build", "-overlay", file, "./cmd/tandem-relay")
	program.Dir = root
	if out, err := program.CombinedOutput(); err == nil || !strings.Contains(string(out), "original") {
		t.Errorf("the folders were not taken away: a relay's program, which needs them, builds (%v)\n%s", err, out)
	}
}
