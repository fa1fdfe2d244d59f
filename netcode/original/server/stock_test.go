//go:build !js

package server

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vmihailenco/msgpack/v5"
	"go.uber.org/goleak"

	"tandem/netcode/original/stock"
	"tandem/netcode/relay"
)

// packages are the stock ones, installed when a test needs them first.
var packages = stock.Packages{Scripts: "testdata/stock"}

// loadRelayEnv makes this test binary a relay: the one to measure must be a process of its own.
const loadRelayEnv = "TANDEM_LOAD_RELAY"

var loadRelay func() // nil where nothing is measured

func TestMain(m *testing.M) {
	if loadRelay != nil && os.Getenv(loadRelayEnv) != "" {
		loadRelay()
		return
	}
	code := m.Run()
	// Goroutines that are about to end get the time that a busy machine needs, which is more than goleak
	// gives them.
	leak := goleak.Find()
	for until := time.Now().Add(longest); leak != nil && time.Now().Before(until); {
		leak = goleak.Find()
	}
	if leak != nil && code == 0 {
		fmt.Fprintln(os.Stderr, leak)
		code = 1
	}
	if err := packages.Remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// seen is what player.js tells at its end.
type seen struct {
	Subject  string
	Scenes   []string
	Events   []string
	Actions  int
	HUD      []string
	Pongs    int
	Session  string
	Metadata map[string]any
	Waiting  map[string]float64
	Players  []string
	Subjects map[string]string
	Seat     string
	Other    string
	Host     bool
	Seed     int64
	Game     string
	State    bool
	Wanted   *int64
	End      string
}

// stockPlayer runs player.js to its end.
func stockPlayer(t *testing.T, addr string, args ...string) (s seen) {
	t.Helper()
	node := packages.Node(t.Context(), t, "player.js", slices.Insert(args, 2, "http://"+addr)...)
	record, err := msgpack.Marshal(map[string]any{"t": []int{1, 2, 3}, "actions": map[string]any{"agent_left": []int{0, 5}}})
	if err != nil {
		t.Error(err)
	}
	node.Env = append(os.Environ(), "RECORD="+hex.EncodeToString(record))
	said, err := node.Output()
	last := stock.Last(said)
	if err == nil {
		err = json.Unmarshal([]byte(last), &s)
	}
	if err != nil {
		t.Errorf("player.js %q says %q (%v)", args, said, err)
	}
	return s
}

// stockPair lets two stock clients play at the same time.
func stockPair(t *testing.T, addr string, a, b []string) (first, second seen) {
	t.Helper()
	packages.Dir(t)
	var both sync.WaitGroup
	both.Go(func() { first = stockPlayer(t, addr, a...) })
	both.Go(func() { second = stockPlayer(t, addr, b...) })
	both.Wait()
	return first, second
}

// metric compares one line of /metrics.
func metric(t *testing.T, s *relayed, name, value string) {
	t.Helper()
	rec := httptest.NewRecorder()
	s.Monitor().ServeHTTP(rec, httptest.NewRequest("GET", "http://localhost/metrics", nil))
	if want := name + " " + value + "\n"; !strings.Contains(rec.Body.String(), want) {
		t.Errorf("/metrics lacks %q", want)
	}
}

// Two stock clients play 300 frames, in both versions and parsers and mixed: everything arrives, in
// order, and a resync brings the host's state over unchanged.
func TestStockClientsPlay(t *testing.T) {
	for _, c := range []struct{ a, b [2]string }{
		{[2]string{"4.7.2", "json"}, [2]string{"4.8", "json"}},
		{[2]string{"4.7.2", "msgpack"}, [2]string{"4.8", "msgpack"}},
		{[2]string{"4.8", "json"}, [2]string{"4.8", "msgpack"}},
	} {
		t.Run(fmt.Sprint(c.a, c.b), func(t *testing.T) {
			s, addr := onPort(t, relay.Options{}, Options{})
			a, b := stockPair(t, addr, []string{c.a[0], c.a[1], "alice", "300", "resync"}, []string{c.b[0], c.b[1], "bob", "300", "resync"})
			if t.Failed() {
				return
			}
			for _, p := range []seen{a, b} {
				if p.Actions != 300 || fmt.Sprint(p.Scenes) != "[StartScene GymScene EndScene]" || p.Pongs != 1 || p.Session != a.Session || len(p.Session) != 22 {
					t.Errorf("%s saw %+v", p.Subject, p)
				}
				if p.Game != a.Game || p.Seed != a.Seed || p.Seed < 1 || p.Seed > 1<<32-1 || !slices.Equal(p.Players, a.Players) {
					t.Errorf("%s is in the game %s with seed %d and %v", p.Subject, p.Game, p.Seed, p.Players)
				}
				if p.Subjects[p.Seat] != p.Subject || len(p.Subjects) != 2 {
					t.Errorf("%s sits on %s of %v", p.Subject, p.Seat, p.Subjects)
				}
				if !slices.Equal(p.HUD, []string{"Score: 01 | Time left:  95.0s"}) {
					t.Errorf("%s saw the HUD %q", p.Subject, p.HUD)
				}
				if p.Metadata["pyodide_multiplayer"] != true || p.Metadata["state_sync_frequency_frames"] != 20.0 || p.Metadata["queue_resync_threshold"] != 50.0 {
					t.Errorf("%s got the scene %v", p.Subject, p.Metadata)
				}
			}
			host, guest := a, b
			if b.Host {
				host, guest = b, a
			}
			if !host.Host || guest.Host || host.Players[0] != host.Seat {
				t.Errorf("hosts: %v and %v", a.Host, b.Host)
			}
			if !guest.State || host.State || host.Wanted == nil || guest.Wanted != nil || *host.Wanted != 150 {
				t.Errorf("the resync: host %+v, guest %+v", host, guest)
			}
			if w := host.Waiting; w["cur_num_players"] != 1 || w["players_needed"] != 1 || w["ms_remaining"] <= 0 || w["ms_remaining"] > 120_000 {
				t.Errorf("the host was told %v", w)
			}
			order := func(p seen) string {
				return strings.ReplaceAll(strings.Join(p.Events, " "), "pyodide_", "")
			}
			begin := "server_session_id activate_scene terminate_scene activate_scene host_elected "
			if want := begin + "waiting_room game_ready start_game request_full_state hud_sync terminate_scene activate_scene"; order(host) != want {
				t.Errorf("the host saw %s", order(host))
			}
			if want := begin + "game_ready start_game apply_full_state hud_sync terminate_scene activate_scene"; order(guest) != want {
				t.Errorf("the guest saw %s", order(guest))
			}
			metric(t, s, `tandem_original_events_total{direction="in",event="pyodide_player_action"}`, "600")
			metric(t, s, `tandem_original_events_total{direction="out",event="pyodide_other_player_action"}`, "600")
			metric(t, s, `tandem_original_notes_total{what="desync"}`, "0")
		})
	}
}

// Stock clients that begin by polling, and those that go on so, play with one that does not.
func TestStockClientsPoll(t *testing.T) {
	for _, transports := range []string{"polling", "polling,websocket"} {
		t.Run(transports, func(t *testing.T) {
			s, addr := onPort(t, relay.Options{ConnsPerAddress: 2}, Options{})
			a, b := stockPair(t, addr, []string{"4.8", "json", "alice", "100", "upload", transports}, []string{"4.7.2", "msgpack", "bob", "100", "resync"})
			if t.Failed() {
				return
			}
			for _, p := range []seen{a, b} {
				if p.Actions != 100 || fmt.Sprint(p.Scenes) != "[StartScene GymScene EndScene]" {
					t.Errorf("%s saw %+v", p.Subject, p)
				}
			}
			metric(t, s, `tandem_original_events_total{direction="in",event="pyodide_player_action"}`, "200")
			metric(t, s, `tandem_original_events_total{direction="in",event="emit_remote_game_data"}`, "1")
		})
	}
}

// A page of another origin that is listed may poll, and reads what is answered.
func TestPollingOfAnotherOrigin(t *testing.T) {
	_, addr := onPort(t, relay.Options{Origins: []string{"https://study.example"}}, Options{})
	ask := func(method, origin string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+addr+"/socket.io/?EIO=4&transport=polling", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", origin)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	}
	for _, c := range []struct {
		method, origin, allowed string
		status                  int
	}{
		{"GET", "https://study.example", "https://study.example", http.StatusOK},
		{"OPTIONS", "https://study.example", "https://study.example", http.StatusNoContent},
		{"GET", "https://evil.example", "", http.StatusForbidden},
		{"OPTIONS", "https://evil.example", "", http.StatusForbidden},
	} {
		resp := ask(c.method, c.origin)
		if got := resp.Header.Get("Access-Control-Allow-Origin"); resp.StatusCode != c.status || got != c.allowed {
			t.Errorf("%s from %s: %d, allowed %q", c.method, c.origin, resp.StatusCode, got)
		}
	}
}

// A stock client's partner leaves or vanishes in mid-game: it is told, and keeps what it has seen.
func TestStockPartnerIsTold(t *testing.T) {
	for _, role := range []string{"leave", "vanish"} {
		t.Run(role, func(t *testing.T) {
			packages.Dir(t)
			_, addr := onPort(t, relay.Options{}, Options{})
			var both sync.WaitGroup
			var stays seen
			both.Go(func() { stays = stockPlayer(t, addr, "4.7.2", "json", "stays", "300", "linger") })
			both.Go(func() {
				node := packages.Node(t.Context(), t, "player.js", "4.8", "json", "http://"+addr, "goes", "300", role)
				said, err := node.Output()
				if role == "vanish" && stock.Last(said) != "VANISHED" || role == "leave" && err != nil {
					t.Errorf("the one that goes says %q (%v)", said, err)
				}
			})
			both.Wait()
			if stays.End != "Your partner has left the game." || stays.Actions < 100 {
				t.Errorf("the one that stays saw %+v", stays)
			}
		})
	}
}

// The record of a game is kept as the original keeps it.
func TestStockUpload(t *testing.T) {
	dir := t.TempDir()
	_, addr := onPort(t, relay.Options{}, Options{Data: dir})
	stockPair(t, addr, []string{"4.8", "json", "alice", "20", "upload"}, []string{"4.7.2", "msgpack", "../bob", "20", "upload"})
	for _, name := range []string{"alice", "%2E.%2Fbob"} {
		table, err := os.ReadFile(filepath.Join(dir, "slime_volleyball", name+".csv"))
		want := "actions.agent_left,t\n0,1\n5,2\n,3\n"
		other := "t,actions.agent_left\n1,0\n2,5\n3,\n" // a Go map has no order
		if err != nil || string(table) != want && string(table) != other {
			t.Errorf("%s: %q, %v", name, table, err)
		}
		globals, err := os.ReadFile(filepath.Join(dir, "slime_volleyball", name+"_globals.json"))
		if err != nil || !strings.Contains(string(globals), `"focus":true`) {
			t.Errorf("%s: %q, %v", name, globals, err)
		}
	}
}

// An environment that stock clients cannot play here is refused in words.
func TestStockEnvironmentIsRefused(t *testing.T) {
	_, addr := onPort(t, relay.Options{}, Options{})
	node := packages.Node(t.Context(), t, "player.js", "4.8", "json", "http://"+addr, "alice", "20", "env")
	said, err := node.Output()
	if err != nil || !strings.Contains(string(said), "plays only Slime Volleyball") {
		t.Errorf("it says %q (%v)", said, err)
	}
}
