package original

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The environment that stock pages get plays the recorded reference game to the last bit, and draws
// what the reference draws. Without python3 it is skipped, or fails where TANDEM_NEED_PYTHON is set.
func TestSlimeCode(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		const words = "the code for stock pages is Python, and there is no python3 here"
		if os.Getenv("TANDEM_NEED_PYTHON") != "" {
			t.Fatal(words)
		}
		t.Skip(words)
	}
	const golden = "../../env/slime/testdata/golden/"
	out, err := exec.CommandContext(t.Context(), python, "testdata/check.py", "scenes/slime.py",
		golden+"slime_base_s1_random_random_l1.jsonl.gz", golden+"render.jsonl.gz").CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "ok 600 14" {
		t.Errorf("it says %q (%v), want 600 steps and 14 pictures", out, err)
	}
}
