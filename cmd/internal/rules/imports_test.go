package rules

import (
	"fmt"
	"go/ast"
	"path"
	"strings"
	"testing"
)

// row says what the packages that match a pattern may import, next to the standard library.
type row struct {
	pkg    string   // a package, or a path.Match pattern; the first row that matches counts
	may    []string // packages of the module ("env/..." means env and all below it), or other modules
	reason string
}

const (
	ebiten  = "github.com/hajimehoshi/ebiten/v2/..."
	xxh3    = "github.com/zeebo/xxh3"
	zstd    = "github.com/klauspost/compress/zstd"
	msgpack = "github.com/vmihailenco/msgpack/v5"
)

// table is the order of the packages: each row names all that its packages may know.
var table = []row{
	{"env", []string{"env/draw"}, "the contract knows no environment: anyone can add one without changing it"},
	{"env/draw", nil, "a display list is data: it must reach a renderer, a browser or a file alike"},
	{"env/sprite", []string{"env/draw"}, "pictures are shapes on any surface: environments bring them, and programs without a window link no renderer for them"},
	{"env/watch", []string{"env/draw"}, "what is noticed is told from pictures"},
	{"env/*/watch", []string{"env/draw", "env/watch"}, "who watches knows no more than who plays: pictures, and never the state"},
	{"env/*/sprites", []string{"env/draw", "env/sprite"}, "an environment's pictures are drawn from roles and names, and never ask for its state"},
	{"env/numpyrand", nil, "the generators are plain arithmetic"},
	{"env/bots", []string{"env", "env/numpyrand"}, "a bot decides from observations, as a person would"},
	{"env/all", []string{"env/..."}, "its only purpose is to name the environments that are switched on"},
	{"env/*", []string{"env", "env/draw", "env/numpyrand"},
		"an environment must give the same bits everywhere, so it uses nothing whose results it does not control; pictures are made by the renderer"},

	{"netcode/protocol", []string{msgpack, "github.com/rivo/uniseg"}, "the bytes on the wire depend on nothing but their format, and on how many letters a name has"},
	{"netcode/internal/race", nil, "it says how tests were built"},
	{"netcode/session/timing", nil, "what a link takes is told from times and delays alone"},
	{"netcode/session/options", []string{"netcode/protocol", "netcode/session/timing"}, "what a room is made with is words and numbers"},
	{"netcode/session/replica", []string{"netcode/protocol"}, "a match is bundles, states and orders, whatever game they are of"},
	{"netcode/session/verify", []string{"netcode/protocol", "netcode/session/timing"}, "whose state holds is judged by hashes alone, whatever they are of"},
	{"netcode/session/recovery", []string{"netcode/protocol", "netcode/session/replica"}, "what is put together again is bundles, whatever room they are of"},
	{"netcode/session/roster", []string{"netcode/protocol", "netcode/session/options"}, "who may sit where is told by tokens and names, whatever is played"},
	{"netcode/session", []string{"netcode/protocol", "netcode/session/..."}, "the state machines decide from their inputs alone, so that a whole match can be replayed from one seed"},
	{"netcode/transport/repeat", nil, "what is repeated when, and what is in order, is decided from packets and the time alone, so that hours of a bad line run in a second"},
	{"netcode/transport", []string{"netcode/transport/repeat", "github.com/gorilla/websocket", "github.com/coder/websocket", "github.com/quic-go/quic-go", "github.com/quic-go/quic-go/http3", "github.com/quic-go/quic-go/quicvarint", "golang.org/x/time/rate"},
		"a connection carries bytes whatever they mean"},
	{"netcode/netsim", []string{"netcode/transport"}, "a simulated network carries bytes whatever they mean"},
	{"netcode/sessiontest", []string{"netcode/session", "netcode/session/options", "netcode/session/replica", "netcode/session/roster", "netcode/protocol", "netcode/netsim", xxh3}, "it joins sessions and simulated links, sums what they send, and knows no environment"},
	{"netcode/original/wire", nil, "its bytes depend on nothing but their format"},
	{"netcode/original/socket", []string{"netcode/original/wire", "netcode/transport", "github.com/gorilla/websocket"},
		"its Engine.IO mixes text and binary frames, which transport refuses"},
	{"netcode/original/server", []string{"netcode/original/lobby", "netcode/relay", "netcode/protocol", "netcode/transport", "netcode/original/wire", "netcode/original/socket", "github.com/prometheus/client_golang/...", "golang.org/x/time/rate"},
		"it runs the original relay's lobby behind a relay's port"},
	{"netcode/original", nil, "it says what is where"},
	{"netcode/original/stock", nil, "it only installs packages for tests"},
	{"netcode/original/peer", []string{"netcode/session", "netcode/session/options", "netcode/session/replica", "netcode/session/timing", "netcode/protocol", "netcode/transport", "netcode/original/wire", "netcode/original/socket"},
		"a player on the original's relay uses a session's orders and events, and knows no game"},
	{"netcode/original/originaltest", []string{"netcode/original/peer", "netcode/sessiontest", "netcode/session", "netcode/session/options", "netcode/session/replica", "netcode/protocol", "netcode/netsim", "netcode/original/wire"},
		"it plays queue mode on simulated lines, and knows no environment"},
	{"netcode/original/lobby", []string{"netcode/original/wire"}, "the original relay's decisions come from their inputs alone, as a session's do"},
	{"netcode/relay", []string{"netcode/session", "netcode/session/options", "netcode/session/replica", "netcode/session/roster", "netcode/protocol", "netcode/transport", "netcode/recording",
		"github.com/prometheus/client_golang/...", "golang.org/x/net/netutil", "golang.org/x/time/rate", "golang.org/x/crypto/acme/autocert"},
		"the relay passes inputs on and knows no game; a witness is handed to it from outside"},
	{"netcode/recording", []string{"netcode/protocol"}, "a recording is readable without the game that made it, and is written by every client"},
	{"netcode/lan", []string{"github.com/libp2p/zeroconf/v2"}, "finding a relay needs nothing of what is played there"},

	{"game/sim", []string{"env", "env/draw", "netcode/protocol", "netcode/session", "netcode/session/options", "netcode/session/replica", "netcode/session/roster", "netcode/recording", xxh3, zstd},
		"it executes a session's commands on any environment, without a window or a network"},
	{"game/original", []string{"env", "game/sim", "game/client", "netcode/session", "netcode/session/options", "netcode/session/replica", "netcode/protocol", "netcode/transport", "netcode/original/peer", "netcode/original/wire"},
		"it plays a seat by the original's rules and puts a match's state into their words"},
	{"game/words", []string{"netcode/protocol", "netcode/session", "netcode/session/options"}, "sentences are made from codes and values alone, whoever shows them"},
	{"game/solo", []string{"netcode/session", "netcode/session/options", "netcode/session/replica", "netcode/session/roster", "netcode/protocol"},
		"who plays alone needs a session's orders and events; bots and the match are asked and ordered, not known"},
	{"game/client", []string{"env", "env/draw", "netcode/...", "game/sim", "game/solo", "game/words", "github.com/HdrHistogram/hdrhistogram-go"},
		"it connects transport, session and simulation; a headless peer uses it without a window"},
	{"game/input", []string{"env", "env/draw", ebiten}, "devices become actions by the environment's key table alone"},
	{"game/dom", nil, "it knows the browser and nothing of what is shown in it"},
	{"game/sound", []string{"game/dom", "github.com/ebitengine/oto/v3", "github.com/ebitengine/purego"}, "it plays sounds, and knows neither what they are for nor any window"},
	{"game/render", []string{"env/draw", "env/sprite", "assets", ebiten, "golang.org/x/image/..."}, "it paints display lists and knows no game"},
	{"game/render/rendertest", []string{ebiten}, "it serves the tests of every package that draws"},
	{"game/scene", []string{"env", "env/draw", "env/watch", "game/sound", "assets", "game/sim", "game/client", "game/words", "game/input", "game/render", "game/dom", ebiten, "golang.org/x/image/...", "github.com/rivo/uniseg"},
		"screens show what the client tells and never reach past it to the network"},

	{"assets", []string{"golang.org/x/image/font/gofont/..."}, "assets are files"},
	{"assets/web", nil, "the page is files"},
	{"assets/web/build", []string{"github.com/andybalholm/brotli"}, "it packs files; brotli's encoder is not in the standard library"},
	{"cmd/internal/site", nil, "it serves files"},
	{"cmd/internal/rules", nil, "the rules judge the packages and use none"},
	{"cmd/internal/*", []string{"..."}, "what the programs share wires things together as they do"},
	{"cmd/*", []string{"..."}, "programs wire everything together"},
}

func find(pkg string) *row {
	for i := range table {
		if ok, _ := path.Match(table[i].pkg, pkg); ok {
			return &table[i]
		}
	}
	return nil
}

// module returns the package's path within the module, if it belongs to it.
func module(imported string) (pkg string, ours bool) {
	return strings.CutPrefix(imported, "tandem/")
}

func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".") && first != "tandem"
}

// matches reports whether an import falls under an entry of a row.
func matches(imported, entry string) bool {
	if prefix, ok := strings.CutSuffix(entry, "..."); ok {
		return strings.HasPrefix(imported+"/", prefix)
	}
	return imported == entry
}

// importTable applies the table to the files that are built into programs.
func importTable(s *source) (found []finding) {
	if s.test {
		return nil
	}
	r := find(s.pkg)
	if r == nil {
		return []finding{s.at(s.file.Name, "package %s has no row in the table of cmd/internal/rules/imports_test.go: say there what it may import, and why", s.pkg)}
	}
	s.imports(func(imported string, at *ast.ImportSpec) {
		if standard(imported) {
			return
		}
		name, _ := module(imported)
		for _, entry := range r.may {
			if matches(name, entry) {
				return
			}
		}
		may := "only the standard library"
		if len(r.may) > 0 {
			may = "only " + strings.Join(r.may, ", ")
		}
		found = append(found, s.at(at, "%s must not import %s: it may import %s, because %s", s.pkg, imported, may, r.reason))
	})
	return found
}

// separation holds for tests, too.
func separation(s *source) (found []finding) {
	side := strings.SplitN(s.pkg, "/", 2)[0]
	other := map[string]string{"env": "netcode", "netcode": "env"}[side]
	if other == "" {
		return nil
	}
	s.imports(func(imported string, at *ast.ImportSpec) {
		if name, ours := module(imported); ours && matches(name, other+"/...") {
			found = append(found, s.at(at, "%s imports %s", s.pkg, imported))
		}
	})
	return found
}

// knowsBoth lists the packages that may see environments and netcode at once.
var knowsBoth = []string{"game/sim", "game/original", "game/client", "cmd/..."}

func meeting(s *source) (found []finding) {
	if s.test {
		return nil
	}
	for _, p := range knowsBoth {
		if matches(s.pkg, p) {
			return nil
		}
	}
	var env, netcode bool
	s.imports(func(imported string, at *ast.ImportSpec) {
		name, ours := module(imported)
		if !ours {
			return
		}
		env = env || matches(name, "env/...")
		netcode = netcode || matches(name, "netcode/...")
		if env && netcode && len(found) == 0 {
			found = append(found, s.at(at, "%s imports both environments and netcode", s.pkg))
		}
	})
	return found
}

// speaksOriginal lists the packages that may see the original's protocol.
var speaksOriginal = []string{"netcode/original/...", "game/original", "cmd/..."}

// apart holds for tests, too: all else builds and passes with the folders of the original's protocol deleted
// (TestBuildsWithoutTheOriginal).
func apart(s *source) (found []finding) {
	for _, p := range speaksOriginal {
		if matches(s.pkg, p) {
			return nil
		}
	}
	s.imports(func(imported string, at *ast.ImportSpec) {
		if name, ours := module(imported); ours && (matches(name, "netcode/original/...") || name == "game/original") {
			found = append(found, s.at(at, "%s imports %s", s.pkg, imported))
		}
	})
	return found
}

func noC(s *source) (found []finding) {
	s.imports(func(imported string, at *ast.ImportSpec) {
		if imported == "C" {
			found = append(found, s.at(at, "uses cgo"))
		}
	})
	return found
}

// banned are standard packages that some packages must not import, each with its reason.
var banned = []struct {
	pkg     string   // where
	imports []string // what
	reason  string
}{
	{"env/...", []string{"time"}, "a step depends on its frame and never on a clock"},
	{"env/...", []string{"math/rand", "math/rand/v2", "crypto/rand", "hash/maphash"},
		"chance comes from env/numpyrand: its position belongs to the state, and the references draw the same numbers"},
	{"env/...", []string{"math/cmplx"}, "its functions round differently on different processors"},
	{"env/...", []string{"sync", "sync/atomic", "context"}, "simulation code is one thread of plain arithmetic"},
	{"env/...", []string{"os", "net", "net/http", "os/exec", "syscall", "runtime", "runtime/debug", "unsafe", "plugin"},
		"what a machine is like must not reach the simulation"},
	{"env/...", []string{"log", "log/slog"}, "a step reports by its result; printing in it costs every frame"},
	{"netcode/session/...", []string{"log", "log/slog"}, "the state machines tell by events; whoever runs them logs"},
	{"netcode/session/...", []string{"os", "os/exec", "net", "net/http", "net/url", "syscall", "runtime", "runtime/debug", "unsafe"},
		"the state machines see messages and the time they are given, so that matches with faults run in virtual time"},
	{"netcode/session/...", []string{"sync", "sync/atomic", "context"}, "one caller owns a state machine; there is nothing to share or to wait for"},
	{"netcode/session/...", []string{"math/rand", "math/rand/v2", "crypto/rand", "hash/maphash"}, "the same inputs must give the same outputs; what is random is handed in"},
	{"game/solo", []string{"log", "log/slog", "os", "net", "sync", "sync/atomic", "context", "math/rand", "math/rand/v2", "crypto/rand"},
		"its state machine is of the session's kind: one caller, who hands in the time"},
	{"netcode/original/peer", []string{"log", "log/slog", "os", "os/exec", "syscall", "runtime", "unsafe", "sync", "sync/atomic",
		"math/rand", "math/rand/v2", "crypto/rand", "hash/maphash"},
		"its state machine is of the session's kind; what dials beside it needs a network and no more"},
	{"netcode/original/lobby", []string{"log", "log/slog", "os", "os/exec", "net", "net/http", "net/url", "syscall", "runtime", "unsafe",
		"sync", "sync/atomic", "context", "math/rand", "math/rand/v2", "crypto/rand", "hash/maphash"},
		"its state machines are of the session's kind: one caller, who hands in time, chance and events"},
}

// exempt names the imports that are wanted all the same.
var exempt = map[string]string{
	"env/testenv math/rand/v2": "its option flaw differs between processes on purpose: tests of desync detection need an environment that is not deterministic",
	"env/testenv sync/atomic":  "the counter behind the option flaw is shared by all environments of a process",
}

func bans(s *source) (found []finding) {
	if s.test {
		return nil
	}
	s.imports(func(imported string, at *ast.ImportSpec) {
		if exempt[s.pkg+" "+imported] != "" {
			return
		}
		for _, b := range banned {
			if !matches(s.pkg, b.pkg) {
				continue
			}
			for _, i := range b.imports {
				if i == imported {
					found = append(found, s.at(at, "%s must not import %s: %s", s.pkg, imported, b.reason))
				}
			}
		}
	})
	return found
}

// importRules are the rules about imports, with the reasons that their findings do not carry.
var importRules = []struct {
	name   string
	check  func(*source) []finding
	reason string
}{
	{"table", importTable, "a package that knows little can be tested, replaced and understood by itself (the table gives each row's reason)"},
	{"separation", separation, "env and netcode never know each other: any environment runs over any session, and netcode tests need no game"},
	{"meeting", meeting, fmt.Sprintf("environments and netcode meet in %s only", strings.Join(knowsBoth, ", "))},
	{"original", apart, fmt.Sprintf("the original's protocol is a guest: only %s know of it", strings.Join(speaksOriginal, ", "))},
	{"cgo", noC, "without cgo every system's programs are built on any machine, with Go alone"},
	{"refusals", refusals, refusalsReason},
	{"banned", bans, "each finding names its own"},
}

func TestImports(t *testing.T) {
	files := everyFile(t)
	for _, r := range importRules {
		t.Run(r.name, func(t *testing.T) {
			var found []finding
			for _, s := range files {
				found = append(found, r.check(s)...)
			}
			report(t, found, r.reason)
		})
	}
}

// TestTable keeps the table itself in order.
func TestTable(t *testing.T) {
	for i, r := range table {
		if r.reason == "" {
			t.Errorf("the row of %s gives no reason", r.pkg)
		}
		for _, earlier := range table[:i] {
			if ok, _ := path.Match(earlier.pkg, r.pkg); ok {
				t.Errorf("the row of %s is never reached: that of %s matches first", r.pkg, earlier.pkg)
			}
		}
	}
}
