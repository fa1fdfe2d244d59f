package rules

import (
	"fmt"
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	quoted   = regexp.MustCompile("`([^`\n]+)`")
	testName = regexp.MustCompile(`^(Test|Fuzz|Benchmark|Example)[A-Z]\w*$`)
	declared = regexp.MustCompile(`^\w+\.\w+$`)
)

// exact are the papers that also name functions, types and folders.
var exact = map[string]bool{"ARCHITECTURE.md": true, "netcode/GUARANTEES.md": true}

const papersReason = "a promise that names a test or a function which is gone is no promise: name what holds it now, or take it back"

// names lists all functions and types: Test…, Type.method, package.Name.
func names(files []*source) map[string]bool {
	all := map[string]bool{}
	for _, s := range files {
		for _, d := range s.file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				switch {
				case d.Recv != nil:
					all[receiver(d)+"."+d.Name.Name] = true
				case testName.MatchString(d.Name.Name):
					all[d.Name.Name] = true
				default:
					all[path.Base(s.pkg)+"."+d.Name.Name] = true
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if t, ok := spec.(*ast.TypeSpec); ok {
						all[path.Base(s.pkg)+"."+t.Name.Name] = true
					}
				}
			}
		}
	}
	return all
}

func receiver(d *ast.FuncDecl) string {
	t := d.Recv.List[0].Type
	if p, ok := t.(*ast.StarExpr); ok {
		t = p.X
	}
	if g, ok := t.(*ast.IndexExpr); ok {
		t = g.X
	}
	return fmt.Sprint(t)
}

// checkPaper looks for names in backquotes that stand for nothing.
func checkPaper(file, text string, known map[string]bool, there func(string) bool) (found []finding) {
	for i, line := range strings.Split(text, "\n") {
		for _, m := range quoted.FindAllStringSubmatch(line, -1) {
			word := m[1]
			folder, _, isPath := strings.Cut(word, "/")
			switch {
			case testName.MatchString(word):
				if !known[word] {
					found = append(found, finding{file, i + 1, "there is no test " + word})
				}
			case !exact[file]:
			case isPath && there(folder):
				if !there(word) {
					found = append(found, finding{file, i + 1, "there is no " + word})
				}
			case declared.MatchString(word) && !there(word) && path.Ext(word) != ".go" && path.Ext(word) != ".md":
				if !known[word] {
					found = append(found, finding{file, i + 1, "nothing is called " + word})
				}
			}
		}
	}
	return found
}

func TestPapers(t *testing.T) {
	known := names(everyFile(t))
	there := func(name string) bool {
		_, err := os.Stat(filepath.Join(top, filepath.FromSlash(name)))
		return err == nil
	}
	var found []finding
	for _, file := range tracked(t) {
		if path.Ext(file) != ".md" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(top, filepath.FromSlash(file)))
		if os.IsNotExist(err) {
			continue // removed, and not yet committed
		}
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, checkPaper(file, string(text), known, there)...)
	}
	report(t, found, papersReason)
}

func TestPapersFixture(t *testing.T) {
	known := map[string]bool{"TestThere": true, "Room.close": true, "session.Peer": true}
	there := func(name string) bool { return name == "netcode" || name == "netcode/session" || name == "go.mod" }
	good := "`TestThere` `Room.close` `session.Peer` `netcode/session` `go.mod` `make test STAGE=quick` `/healthz` `doc.go`"
	if found := checkPaper("ARCHITECTURE.md", good, known, there); len(found) != 0 {
		t.Errorf("objects to good words: %v", found)
	}
	for _, bad := range []string{"`TestGone`", "`Room.gone`", "`netcode/gone`"} {
		if found := checkPaper("ARCHITECTURE.md", good+"\n"+bad, known, there); len(found) != 1 || found[0].line != 2 {
			t.Errorf("%s: %v, want one finding in line 2", bad, found)
		}
	}
	if found := checkPaper("README.md", "`Room.gone` `netcode/gone` `TestGone`", known, there); len(found) != 1 {
		t.Errorf("an ordinary paper: %v, want one finding", found)
	}
}
