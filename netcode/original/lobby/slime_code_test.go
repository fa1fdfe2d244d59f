package lobby

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// pythonWithNumpy finds an interpreter that has numpy, as a page's has.
func pythonWithNumpy(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"python3", "/usr/bin/python3"} { // the system's, where another one comes first
		if path, err := exec.LookPath(name); err == nil && exec.CommandContext(t.Context(), path, "-c", "import numpy").Run() == nil {
			return path
		}
	}
	const words = "the code for stock pages is Python with numpy, and there is no python3 with numpy here"
	if os.Getenv("TANDEM_NEED_PYTHON") != "" {
		t.Fatal(words)
	}
	t.Skip(words)
	return ""
}

// The environment that stock pages get plays the recorded reference game to the last bit, draws what the
// reference draws, and gives observations that a page can convert. Without numpy it is skipped, or fails
// where TANDEM_NEED_PYTHON is set.
func TestSlimeCode(t *testing.T) {
	python := pythonWithNumpy(t)
	const golden = "../../../env/slime/testdata/golden/"
	out, err := exec.CommandContext(t.Context(), python, "testdata/check.py", "scenes/slime.py",
		golden+"slime_base_s1_random_random_l1.jsonl.gz", golden+"render.jsonl.gz").CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "ok 600 14" {
		t.Errorf("it says %q (%v), want 600 steps and 14 pictures", out, err)
	}
}
