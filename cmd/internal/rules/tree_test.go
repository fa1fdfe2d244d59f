package rules

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// tracked lists the files that git tracks, from the top of the repository, with slashes.
func tracked(t *testing.T) []string {
	t.Helper()
	cmd := exec.Command("git", "-c", "safe.directory=*", "ls-files", "-z")
	cmd.Dir = top
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("git does not list the files (%v): this is no clone", err)
	}
	return strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
}

// topFolders are all the folders at the top, topFiles the files that must not get lost there.
var (
	topFolders = []string{".ci", "assets", "cmd", "env", "game", "netcode"}
	topFiles   = []string{
		".editorconfig", ".gitignore", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "NOTICE",
		"README.md", "SECURITY.md", "go.mod", "go.sum", "staticcheck.conf",
	}
)

const topLevelReason = "the top of the repository is the first thing people see: five folders, the module, and the files that people look " +
	"for beside them. Scripts go to .ci, pictures to assets, everything else into its package"

// checkTop compares the top level of the tracked files with what it has to be.
func checkTop(files []string) (found []finding) {
	have := map[string]bool{}
	for _, f := range files {
		first, _, folder := strings.Cut(f, "/")
		have[first] = true
		if folder && !slices.Contains(topFolders, first) || strings.HasSuffix(first, ".go") {
			found = append(found, finding{f, 0, "does not belong at the top level"})
		}
	}
	for _, want := range slices.Concat(topFolders, topFiles) {
		if !have[want] {
			found = append(found, finding{want, 0, "is missing"})
		}
	}
	return found
}

func TestTopLevel(t *testing.T) {
	report(t, checkTop(tracked(t)), topLevelReason)
}

// The words below are put together so that this file does not contain what it looks for.
var forbidden = []struct {
	what   string
	re     *regexp.Regexp
	reason string
}{
	{"the path of somebody's machine",
		regexp.MustCompile(`(^|[^\w./~-])(/` + `(root|work|home/\w+|Users/\w+)/|[A-Z]:\\` + `Users\\)`),
		"a path of one machine means nothing on another, and tells about its owner"},
	{"the host of a package registry",
		regexp.MustCompile(strings.Join([]string{
			`proxy\.` + `golang\.org`, `sum\.` + `golang\.org`, `goproxy\.` + `\w+`, `deb\.` + `debian\.org`, `archive\.` + `ubuntu\.com`,
			`registry\.` + `(npmjs|yarnpkg)\.`, `(^|[^\w])pypi\.` + `org`, `deb\.` + `nodesource\.com`,
		}, "|")),
		"where packages come from is set on each machine, by its owner; a host written here would override or disclose it"},
}

// checkText looks for what no file may contain.
func checkText(path string, data []byte) (found []finding) {
	if bytes.IndexByte(data, 0) >= 0 {
		return nil // not a text
	}
	for i, line := range strings.Split(string(data), "\n") {
		for _, f := range forbidden {
			if m := f.re.FindString(line); m != "" {
				found = append(found, finding{path, i + 1, "contains " + f.what + " (" + strings.TrimSpace(m) + "): " + f.reason})
			}
		}
	}
	return found
}

func TestText(t *testing.T) {
	var found []finding
	for _, path := range tracked(t) {
		if strings.HasPrefix(path, "cmd/internal/rules/testdata/") {
			continue // breaks the rules on purpose
		}
		data, err := os.ReadFile(filepath.Join(top, filepath.FromSlash(path)))
		if os.IsNotExist(err) {
			continue // removed, and not yet committed
		}
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, checkText(path, data)...)
	}
	report(t, found, "each finding names its own")
}
