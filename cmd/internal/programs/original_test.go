//go:build !js

package programs

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tandem/netcode/original/stock"
)

// stockPackages are the stock ones with the relay's own test client beside them.
var stockPackages = stock.Packages{Scripts: "../../../netcode/original/server/testdata/stock"}

// realPlayer is what a stock client tells that has played against one of ours.
type realPlayer struct {
	Actions int
	Host    bool
	Real    string // the state it was given, as JSON
	Wanted  *int64
	End     string
}

// waiting waits until so many players of the original system wait on a relay.
func waiting(t *testing.T, addr string, n int) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		if strings.Contains(monitored(t, addr, "/metrics"), fmt.Sprintf("\ntandem_original_waiting %d\n", n)) {
			return
		}
	}
}

// A stock client and one of ours play 300 frames through a relay of ours, each as host once. Each
// receives every frame of the other's in order. As host ours answers with its whole state; that state,
// sent by a stock host, is taken over by ours.
func TestStockClientWithNativePeer(t *testing.T) {
	t.Parallel()
	stockPackages.Dir(t)
	_, addr := relayServer(t)
	play := func(nativeHost bool, state string) (realPlayer, peerReport) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "report.json")
		node := stockPackages.Node(t.Context(), t, "player.js", "4.7.2", "json", "http://"+addr, "stock-"+fmt.Sprint(nativeHost), "300", "real")
		node.Env = append(os.Environ(), "STATE="+state)
		said := make(chan []byte, 1)
		client := func() {
			out, err := node.Output()
			if err != nil {
				t.Errorf("the stock client: %v: %s", err, out)
			}
			said <- out
		}
		if !nativeHost {
			go client()
			waiting(t, addr, 1)
		}
		p := begin(t, nil, "tandem-peer", "-relay", "socketio://"+addr, "-frames", "300", "-bot", "random", "-report", file)
		if nativeHost {
			waiting(t, addr, 1)
			go client()
		}
		code := p.wait()
		var stocks realPlayer
		if err := json.Unmarshal([]byte(stock.Last(<-said)), &stocks); err != nil {
			t.Fatal(err)
		}
		report := readReport(t, file)
		// A state that had to be sent is said and decides the exit status, though the match ended well.
		if code != failed || !strings.Contains(p.errs.String(), "had to make the games equal again") {
			t.Errorf("tandem-peer ended with %d: %s", code, p.errs.String())
		}
		s := report.Seats[0]
		if stocks.Actions != 300 || stocks.End != "" || stocks.Host == nativeHost {
			t.Errorf("the stock client saw %+v", stocks)
		}
		if s.Frames != 300 || s.End != "ok" || s.QueueMode == nil || !s.QueueMode.Original || s.QueueMode.Invalid != 0 || s.QueueMode.StatesRefused != 0 {
			t.Errorf("ours reports %+v, %+v", s, s.QueueMode)
		}
		return stocks, report
	}

	// One state is asked for; on a machine that stands still, queues that grow meanwhile ask for others.
	one := func(n int, r peerReport) bool { return n == 1 || n > 1 && r.Seats[0].Stalls.Count > 0 }
	stocks, report := play(true, "")
	if n := report.Seats[0].QueueMode.StatesSent; !one(n, report) {
		t.Errorf("ours has sent %d states", n)
	}
	var state struct {
		Frame *int64             `json:"frame_number"`
		RNG   []uint32           `json:"numpy_rng_state"`
		Env   map[string]any     `json:"env_state"`
		Sums  map[string]float64 `json:"cumulative_rewards"`
	}
	if err := json.Unmarshal([]byte(stocks.Real), &state); err != nil || len(state.Env) != 32 || len(state.RNG) != 624 || len(state.Sums) != 2 || state.Frame == nil {
		t.Fatalf("the state is %.300s (%v)", stocks.Real, err)
	}

	// The state is from far behind ours, in the same episode: the stock host must still get an action for
	// every frame that we step.
	stocks, report = play(false, regexp.MustCompile(`"(frame_number|step_num)":\d+`).ReplaceAllString(strings.Replace(stocks.Real, `"episode_num":1`, `"episode_num":0`, 1), `"$1":5`))
	if n := report.Seats[0].QueueMode.StatesTaken; stocks.Wanted == nil || *stocks.Wanted != 40 && n == 1 || !one(n, report) {
		t.Errorf("the stock host was asked for %v, ours took over %d states", stocks.Wanted, n)
	}
}
