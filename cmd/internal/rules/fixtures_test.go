package rules

import (
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The files of testdata break the rules on purpose. The first line of each says which rules are
// applied and which file of the module it plays: "//rules: bans, table env/slime/game.go". A rule
// must object to the lines that end in "// want" and to no others. A line "// want meeting" is for
// the rule of that name alone.

func rulesByName() map[string]func(*source) []finding {
	m := map[string]func(*source) []finding{}
	for _, r := range importRules {
		m[r.name] = r.check
	}
	for _, r := range simulationRules {
		m[r.name] = r.check
	}
	return m
}

// needsTypes tells the rules about what code does from those about imports.
func needsTypes(names []string) bool {
	for _, r := range simulationRules {
		if slices.Contains(names, r.name) {
			return true
		}
	}
	return false
}

func TestFixtures(t *testing.T) {
	files, err := filepath.Glob("testdata/*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	_, std := list(t, fset, "maps", "math", "slices", "sort", "time") // what the typed files import
	broken := map[string]bool{}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(string(data), "\n")
			header, ok := strings.CutPrefix(lines[0], "//rules: ")
			words := strings.Fields(strings.ReplaceAll(header, ",", " "))
			if !ok || len(words) < 2 {
				t.Fatal("the first line must be //rules: NAME, NAME PATH")
			}
			names, asPath := words[:len(words)-1], words[len(words)-1]
			s := parse(t, fset, file, asPath)
			if needsTypes(names) {
				sources := []*source{s}
				rest, err := filepath.Glob(strings.TrimSuffix(file, ".go") + "/*.go") // of the same package
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range rest {
					sources = append(sources, parse(t, fset, f, s.pkg+"/"+filepath.Base(f)))
				}
				check(t, fset, std, "tandem/"+s.pkg, sources)
			}
			for _, name := range names {
				rule := rulesByName()[name]
				if rule == nil {
					t.Fatalf("there is no rule %q", name)
				}
				var want, got []int
				for i, line := range lines {
					if _, mark, ok := strings.Cut(line, "// want"); ok && (mark == "" || strings.TrimSpace(mark) == name) {
						want = append(want, i+1)
					}
				}
				for _, f := range rule(s) {
					if f.path != asPath {
						t.Errorf("%s: names %s, not %s", name, f.path, asPath)
					}
					got = append(got, f.line)
				}
				slices.Sort(got)
				got = slices.Compact(got)
				if !slices.Equal(got, want) {
					t.Errorf("%s objects to lines %v, want %v", name, got, want)
				}
				if len(got) > 0 {
					broken[name] = true
				}
			}
		})
	}
	for name := range rulesByName() {
		if !broken[name] {
			t.Errorf("no file of testdata breaks the rule %q", name)
		}
	}
}

func TestTopLevelFixture(t *testing.T) {
	must := slices.Concat(topFolders, topFiles)
	good := append(slices.Clone(must), "env/slime/env.go", ".gitattributes")
	if found := checkTop(good); len(found) != 0 {
		t.Errorf("objects to a good tree: %v", found)
	}
	for _, extra := range []string{"docs/design.md", "main.go", "scripts/run"} {
		if found := checkTop(append(slices.Clone(good), extra)); len(found) != 1 || found[0].path != extra {
			t.Errorf("with %s: %v, want one finding", extra, found)
		}
	}
	for i, missing := range must {
		files := slices.Delete(slices.Clone(must), i, i+1)
		if found := checkTop(files); len(found) != 1 || found[0].path != missing {
			t.Errorf("without %s: %v, want one finding", missing, found)
		}
	}
}

func TestTextFixture(t *testing.T) {
	data, err := os.ReadFile("testdata/text.txt")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []int
	for i, line := range strings.Split(string(data), "\n") {
		if strings.HasPrefix(line, "bad: ") {
			want = append(want, i+1)
		}
	}
	for _, f := range checkText("text.txt", data) {
		got = append(got, f.line)
	}
	if !slices.Equal(got, want) || len(want) == 0 {
		t.Errorf("objects to lines %v, want %v", got, want)
	}
	if found := checkText("picture.png", append(data, 0)); len(found) != 0 {
		t.Errorf("objects to a binary file: %v", found)
	}
}
