package rules

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// refusable are properties of a page that a browser may refuse by throwing while they are read, or may
// not have: storage where a site's data are blocked; history, cookies and workers in a frame without an
// origin of its own; other windows; and what needs a permission or https.
var refusable = strings.Fields(`
	sessionStorage localStorage indexedDB caches cookie serviceWorker
	history parent top opener frameElement contentDocument
	clipboard share canShare getGamepads wakeLock
	requestFullscreen exitFullscreen fullscreenElement
	AudioContext webkitAudioContext audioWorklet`)

// refusals finds such a property read where nothing can catch it. game/dom has what can.
func refusals(s *source) (found []finding) {
	js := false
	s.imports(func(path string, _ *ast.ImportSpec) { js = js || path == "syscall/js" })
	if !js || s.pkg == "game/dom" {
		return nil
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		name, lit := call.Args[0].(*ast.BasicLit)
		if ok && lit && method.Sel.Name == "Get" && slices.Contains(refusable, strings.Trim(name.Value, "`\"")) {
			found = append(found, s.at(n, "reads %s by Value.Get: use dom.Get", name.Value))
		}
		return true
	})
	return found
}

const refusalsReason = "nothing in WebAssembly can catch what a property throws while it is read, and a browser may throw for these: the program ends"

// scriptRefusals does the same for the page's JavaScript, where allowed(() => …) catches it.
func scriptRefusals(path string, data []byte) (found []finding) {
	for i, line := range strings.Split(string(data), "\n") {
		code, _, _ := strings.Cut(line, "//")
		if name := refusableInScript.FindString(code); name != "" && !strings.Contains(code, "allowed(") {
			found = append(found, finding{path, i + 1, "reads " + name + " outside of allowed(() => …)"})
		}
	}
	return found
}

// refusableInScript finds them as properties of something, and those that need not be of anything.
var refusableInScript = regexp.MustCompile(`\.(` + strings.Join(refusable, "|") + `)\b|` +
	`(^|[^\w.'"-])(sessionStorage|localStorage|indexedDB|caches|history|(webkit)?AudioContext)\b[^:"']`)

func TestScriptRefusals(t *testing.T) {
	scripts, err := filepath.Glob(top + "/assets/web/page/*.js")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("the page's scripts are not found (%v)", err)
	}
	var found []finding
	for _, path := range scripts {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, scriptRefusals("assets/web/page/"+filepath.Base(path), data)...)
	}
	report(t, found, refusalsReason)
}

func TestScriptRefusalsFixture(t *testing.T) {
	for script, want := range map[string]int{
		`sessionStorage.setItem("a", "b");`:                    1,
		`const s = window.localStorage;`:                       1,
		`if (navigator.share) share();`:                        1,
		`  history.replaceState(null, "", url);`:               1,
		`const s = allowed(() => window.sessionStorage);`:      0,
		`at("x").hidden = true; // sessionStorage throws here`: 0,
		`function share() { say("the top of history"); }`:      0,
	} {
		if found := scriptRefusals("x.js", []byte(script)); len(found) != want {
			t.Errorf("%s: %v, want %d findings", script, found, want)
		}
	}
}
