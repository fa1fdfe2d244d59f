package rules

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// top is the repository's top directory as seen from this one.
const top = "../../.."

// testsOnly is a package that reads files and compares, for the tests of the environments. The import
// table keeps it out of them.
const testsOnly = "env/envtest"

// source is one Go file of the module.
type source struct {
	path string // from the top of the repository, with slashes
	pkg  string // the directory of path: the import path without "tandem/"
	test bool   // it is built into tests only
	file *ast.File
	fset *token.FileSet
	info *types.Info // nil where the file was only parsed
}

// finding is a place that breaks a rule.
type finding struct {
	path string
	line int
	text string
}

func (f finding) String() string { return fmt.Sprintf("%s:%d: %s", f.path, f.line, f.text) }

func (s *source) at(n ast.Node, format string, args ...any) finding {
	return finding{s.path, s.fset.Position(n.Pos()).Line, fmt.Sprintf(format, args...)}
}

// imports lists what the file imports: the path, and the spec to point at.
func (s *source) imports(visit func(path string, at *ast.ImportSpec)) {
	for _, spec := range s.file.Imports {
		visit(strings.Trim(spec.Path.Value, `"`), spec)
	}
}

// report fails the test with every finding and the rule's reason.
func report(t *testing.T, findings []finding, reason string) {
	t.Helper()
	if len(findings) == 0 {
		return
	}
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "\n  %s", f)
	}
	t.Errorf("%s\nThe reason: %s", b.String(), reason)
}

// parse reads one Go file.
func parse(t *testing.T, fset *token.FileSet, file, asPath string) *source {
	t.Helper()
	f, err := parser.ParseFile(fset, file, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return &source{
		path: asPath, pkg: dirOf(asPath), test: strings.HasSuffix(asPath, "_test.go") || dirOf(asPath) == testsOnly, file: f, fset: fset,
	}
}

func dirOf(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i]
	}
	return "."
}

// everyFile parses all Go files of the module, for all systems, tests included.
func everyFile(t *testing.T) []*source {
	t.Helper()
	var all []*source
	fset := token.NewFileSet()
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if rel != "." && (d.Name() == "testdata" || d.Name() == "build" || strings.HasPrefix(d.Name(), ".")) {
				return fs.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(rel, ".go") {
			all = append(all, parse(t, fset, path, rel))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("found %d Go files: the rules look in the wrong place", len(all))
	}
	return all
}

// listed is what `go list` tells about a package.
type listed struct {
	Dir, ImportPath, Export string
	GoFiles                 []string
	Module                  *struct{ Main bool }
}

// list names the packages of the patterns and all that they import, imported ones first. The
// importer reads what the compiler has noted about their types.
func list(t *testing.T, fset *token.FileSet, patterns ...string) ([]listed, types.Importer) {
	t.Helper()
	args := append([]string{"list", "-export", "-deps", "-json=Dir,ImportPath,Export,GoFiles,Module"}, patterns...)
	cmd := exec.Command("go", args...)
	cmd.Dir = top
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	exports := map[string]string{}
	var packages []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		packages = append(packages, p)
	}
	return packages, importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("no export data for %s", path)
		}
		return os.Open(exports[path])
	})
}

// typed loads packages of the module with their types, without their tests, as built here.
func typed(t *testing.T, patterns ...string) []*source {
	t.Helper()
	fset := token.NewFileSet()
	packages, imp := list(t, fset, patterns...)
	var all []*source
	for _, p := range packages {
		if p.Module == nil || !p.Module.Main {
			continue
		}
		var sources []*source
		for _, name := range p.GoFiles {
			asPath := strings.TrimPrefix(p.ImportPath, "tandem/") + "/" + name
			sources = append(sources, parse(t, fset, filepath.Join(p.Dir, name), asPath))
		}
		check(t, fset, imp, p.ImportPath, sources)
		all = append(all, sources...)
	}
	return all
}

// check finds the types of one package's files.
func check(t *testing.T, fset *token.FileSet, imp types.Importer, path string, sources []*source) {
	t.Helper()
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{},
		Uses:  map[*ast.Ident]types.Object{},
		Defs:  map[*ast.Ident]types.Object{},
	}
	var files []*ast.File
	for _, s := range sources {
		files = append(files, s.file)
		s.info = info
	}
	if _, err := (&types.Config{Importer: imp}).Check(path, fset, files, info); err != nil {
		t.Fatal(err)
	}
}
