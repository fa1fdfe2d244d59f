package rules

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// example is the environment that the README adds, step by step.
const example = "magpies"

// TestAnEnvironmentIsOneFolderAndOneImport holds the README to its word: nothing of the project but the
// example's own folder and env/all knows that it exists.
func TestAnEnvironmentIsOneFolderAndOneImport(t *testing.T) {
	folder, imports := false, 0
	var found []finding
	for _, path := range tracked(t) {
		switch {
		case strings.HasPrefix(path, "env/"+example+"/"):
			folder = true
			continue
		case path == "README.md", path == "CHANGELOG.md", strings.HasPrefix(path, "cmd/internal/rules/"), filepath.Ext(path) == ".png":
			continue // they tell about it
		}
		data, err := os.ReadFile(filepath.Join(top, filepath.FromSlash(path)))
		if os.IsNotExist(err) {
			continue // removed, and not yet committed
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(data), "\n") {
			if !strings.Contains(strings.ToLower(line), strings.TrimSuffix(example, "s")) {
				continue
			}
			if path == "env/all/all.go" {
				switch strings.TrimSpace(line) {
				case `_ "tandem/env/` + example + `"`:
					imports++
					continue
				case `_ "tandem/env/` + example + `/watch"`: // what it sounds like, if it does
					continue
				}
			}
			found = append(found, finding{path, i + 1, "names the environment " + example})
		}
	}
	report(t, found, "a new environment is one folder under env and one import in env/all; what else it needs, its Spec says")
	if !folder || imports != 1 {
		t.Errorf("env/%s exists: %v; env/all imports it %d times, want once", example, folder, imports)
	}
}
