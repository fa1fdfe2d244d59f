package rules

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"strings"
	"testing"
)

// drawing reports whether a file of an environment only makes pictures. Everything else in an
// environment is simulation code: every peer executes it and must arrive at the same bits.
func drawing(s *source) bool {
	if base := path.Base(s.pkg); s.pkg == "env/sprite" || base == "sprites" || base == "watch" {
		return true // the table of imports keeps these from environments
	}
	name := path.Base(s.path)
	return strings.HasPrefix(s.pkg, "env/") && (strings.HasPrefix(name, "render") || strings.HasPrefix(name, "draw_"))
}

// noMapOrder finds ranges over maps. One form is allowed, because the order is gone afterwards:
// collecting the keys in a slice that the same function sorts.
func noMapOrder(s *source) (found []finding) {
	for _, decl := range s.file.Decls {
		ast.Inspect(decl, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.RangeStmt:
				if t := s.info.TypeOf(n.X); t != nil && isMap(t) && !sortedKeys(s, decl, n) {
					found = append(found, s.at(n, "ranges over a map (%s)", t))
				}
			case *ast.Ident:
				if f := used(s, n, "maps"); f == "Keys" || f == "Values" || f == "All" {
					found = append(found, s.at(n, "maps.%s runs in the map's order", f))
				}
			}
			return true
		})
	}
	return found
}

func isMap(t types.Type) bool {
	if p, ok := t.(*types.TypeParam); ok {
		t = p.Constraint()
	}
	switch u := t.Underlying().(type) {
	case *types.Map:
		return true
	case *types.Interface: // a constraint such as ~map[K]V
		for e := range u.EmbeddedTypes() {
			if union, ok := e.(*types.Union); ok {
				for term := range union.Terms() {
					if isMap(term.Type()) {
						return true
					}
				}
			} else if isMap(e) {
				return true
			}
		}
	}
	return false
}

// sortedKeys reports whether the loop does nothing but append the keys, at most under one if, to a
// slice that decl sorts later.
func sortedKeys(s *source, decl ast.Node, loop *ast.RangeStmt) bool {
	key, ok := loop.Key.(*ast.Ident)
	if !ok || len(loop.Body.List) != 1 {
		return false
	}
	stmt := loop.Body.List[0]
	if cond, ok := stmt.(*ast.IfStmt); ok && cond.Init == nil && cond.Else == nil && len(cond.Body.List) == 1 {
		stmt = cond.Body.List[0]
	}
	assign, ok := stmt.(*ast.AssignStmt)
	if !ok || len(assign.Lhs) != 1 || len(assign.Rhs) != 1 {
		return false
	}
	slice, ok := assign.Lhs[0].(*ast.Ident)
	if !ok {
		return false
	}
	call, ok := assign.Rhs[0].(*ast.CallExpr)
	if !ok || len(call.Args) != 2 {
		return false
	}
	if f, ok := call.Fun.(*ast.Ident); !ok || f.Name != "append" {
		return false
	}
	same := func(e ast.Expr, id *ast.Ident) bool {
		got, ok := e.(*ast.Ident)
		return ok && s.info.ObjectOf(got) == s.info.ObjectOf(id)
	}
	if !same(call.Args[0], slice) || !same(call.Args[1], key) {
		return false
	}
	sorted := false
	ast.Inspect(decl, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || call.Pos() < loop.End() || len(call.Args) == 0 || !same(call.Args[0], slice) {
			return true
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
			f := used(s, sel.Sel, "sort") + used(s, sel.Sel, "slices")
			sorted = sorted || f == "Strings" || f == "Ints" || strings.HasPrefix(f, "Sort")
		}
		return true
	})
	return sorted
}

// used returns the name of the function or variable of the package pkg that id stands for, or "".
func used(s *source, id *ast.Ident, pkg string) string {
	o := s.info.Uses[id]
	if o == nil || o.Pkg() == nil || o.Pkg().Path() != pkg {
		return ""
	}
	switch o := o.(type) {
	case *types.Func:
		if o.Signature().Recv() != nil {
			return "" // a method: Time.Truncate is arithmetic, only functions read clocks
		}
		return o.Name()
	case *types.Var:
		return o.Name()
	}
	return ""
}

func noGoroutines(s *source) (found []finding) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = append(found, s.at(n, "starts a goroutine"))
		case *ast.SelectStmt:
			found = append(found, s.at(n, "selects between channels"))
		case *ast.SendStmt:
			found = append(found, s.at(n, "sends to a channel"))
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				found = append(found, s.at(n, "receives from a channel"))
			}
		}
		return true
	})
	return found
}

var clocks = map[string]bool{
	"Now": true, "Since": true, "Until": true, "Sleep": true, "After": true, "AfterFunc": true,
	"Tick": true, "NewTimer": true, "NewTicker": true, "Local": true, "LoadLocation": true,
}

func noClock(s *source) (found []finding) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if f := used(s, id, "time"); clocks[f] {
				found = append(found, s.at(n, "uses time.%s", f))
			}
		}
		return true
	})
	return found
}

// portable are the functions of package math whose results IEEE 754 fixes to the last bit. All
// others may differ between processors, because Go computes them in assembly on some, or fuses
// operations inside them.
var portable = map[string]bool{
	"Abs": true, "Sqrt": true, "Floor": true, "Ceil": true, "Trunc": true, "Round": true, "RoundToEven": true,
	"Mod": true, "Modf": true, "Max": true, "Min": true, "Copysign": true, "Signbit": true,
	"Inf": true, "IsInf": true, "NaN": true, "IsNaN": true, "Frexp": true, "Ldexp": true,
	"Float64bits": true, "Float64frombits": true, "Float32bits": true, "Float32frombits": true,
	"Nextafter": true, "Nextafter32": true,
}

func portableMath(s *source) (found []finding) {
	if drawing(s) {
		return nil
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if f := used(s, id, "math"); f != "" && !portable[f] {
				found = append(found, s.at(n, "uses math.%s", f))
			}
		}
		return true
	})
	return found
}

// noDrawingCode keeps simulation code from reaching what portableMath lets pass.
func noDrawingCode(s *source) (found []finding) {
	if drawing(s) {
		return nil
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		switch o := s.info.Uses[id].(type) {
		case *types.Func, *types.Var:
			if !o.Pos().IsValid() {
				return true
			}
			where := s.fset.Position(o.Pos()).Filename
			of := &source{path: s.pkg + "/" + path.Base(where), pkg: s.pkg}
			if o.Pkg() != nil && "tandem/"+s.pkg == o.Pkg().Path() && drawing(of) {
				found = append(found, s.at(n, "uses %s of %s", o.Name(), of.path))
			}
		}
		return true
	})
	return found
}

// simulationRules are the rules about what code does, for the packages in which they hold.
var simulationRules = []struct {
	name   string
	where  []string
	check  func(*source) []finding
	reason string
}{
	{"maps", []string{"env/...", "netcode/session/...", "netcode/original/peer"}, noMapOrder,
		"a map's order differs from run to run, so two peers, or two runs of one seed, would differ. Use a slice, or collect the keys and sort them"},
	{"goroutines", []string{"env/...", "netcode/session/...", "netcode/original/peer"}, noGoroutines,
		"the scheduler's order differs from run to run. Simulation code and the session's state machines are called, and answer"},
	{"clock", []string{"netcode/session/...", "netcode/original/peer"}, noClock,
		"the state machines are given the time with every call; one that reads a clock can neither run in virtual time nor be replayed"},
	{"math", []string{"env/..."}, portableMath,
		"only operations that IEEE 754 fixes to the last bit give every processor the same game. Write the function out with + - * / in a fixed order, or move it to a render*.go file if it only makes pictures"},
	{"drawing", []string{"env/..."}, noDrawingCode,
		"drawing code may use functions that differ between processors, so nothing of it may reach the simulation"},
}

func TestSimulation(t *testing.T) {
	files := typed(t, "./env/...", "./netcode/session/...", "./netcode/original/peer")
	for _, r := range simulationRules {
		t.Run(r.name, func(t *testing.T) {
			var found []finding
			seen := 0
			for _, s := range files {
				for _, w := range r.where {
					if matches(s.pkg, w) && !s.test {
						seen++
						found = append(found, r.check(s)...)
					}
				}
			}
			if seen == 0 {
				t.Fatalf("no file is under the rule: %v name nothing", r.where)
			}
			report(t, found, r.reason)
		})
	}
}
