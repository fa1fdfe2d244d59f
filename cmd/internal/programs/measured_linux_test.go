//go:build !js

package programs

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/cmd/internal/cable"
	"tandem/netcode/netsim"
)

// realLines are what a player in a namespace of its own plays over; the other's is a good one.
var realLines = []struct{ name, line, transport string }{
	{"20 ms each way", "rtt=40ms", "ws"},
	{"50 ms each way", "rtt=100ms", "ws"},
	{"100 ms each way", "rtt=200ms", "ws"},
	{"2 % lost", "rtt=40ms,loss=2%", "ws"},
	{"2 % lost, datagrams", "rtt=40ms,loss=2%", "quic"},
	{"5 up, 40 down", "rtt=10ms,down.delay=40ms", "ws"},
	{"bursts", "rtt=40ms,jitter=6ms,burst=1%/80ms", "auto"},
	{"a full buffer", "rtt=10ms,buffer=300ms,down.load=4s/5s", "ws"},
	{"a full buffer up", "rtt=10ms,buffer=300ms,up.load=4s/5s", "ws"},
}

// longestRun bounds the substituted inputs in a row: ten are promised, and a machine that is busy with other tests
// may stand still for a second besides.
const longestRun = 40

// TestRealLines has programs in three network namespaces play over real kernels' TCP and a line in user
// space. Their recordings are the truth, which all reports have to tell: who was substituted, and how long
// an action took from one player to the other, to within the half of the round trip that nobody can know.
func TestRealLines(t *testing.T) {
	needNamespaces(t)
	t.Parallel()
	for i, row := range realLines {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			spec, err := netsim.ParseSpec(row.line)
			if err != nil {
				t.Fatal(err)
			}
			const seed = 1
			hosts := []cable.Host{{Address: "10.79.0.1/24"}, {Address: "10.79.0.2/24", Line: netsim.Spec{RTT: 2 * time.Millisecond}}, {Address: "10.79.0.3/24", Line: spec}}
			var by [3][]string
			for k := range hosts {
				hosts[k].Namespace = namespace(t, fmt.Sprintf("%d-%d", i, k))
				by[k] = []string{"ip", "netns", "exec", hosts[k].Namespace}
			}
			c, err := cable.Join(hosts, seed)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := c.Close(); err != nil {
					t.Error(err)
				}
			})
			server := beginBy(t, by[0], nil, "tandem-relay", "-listen", "10.79.0.1:7777")
			server.says(&server.out, "listens on ")
			g := pairUp(t, "10.79.0.1:7777", "line", 450, [2]string{}, "-transport", row.transport)
			for k := range g.peers {
				g.peers[k] = beginBy(t, by[1+k], nil, "tandem-peer", g.args[k]...)
				g.seated(k)
			}
			g.parity()
			up, down := c.Counts(2, netsim.Upwards), c.Counts(2, netsim.Downwards)
			if up.Passed < 450 || down.Passed < 450 || spec.LossPercent > 0 && (up.Lost == 0 || down.Lost == 0) {
				t.Errorf("the line has passed %+v and %+v", up, down)
			}
			g.truth(t, spec)
			t.Logf("the line: up %+v, down %+v", up, down)
		})
	}
}

// needNamespaces skips a test where there cannot be network namespaces with lines in user space.
func needNamespaces(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("this machine has no ip (iproute2)")
	}
	if _, err := os.Stat("/dev/net/tun"); errors.Is(err, fs.ErrNotExist) {
		t.Skip("this machine has no /dev/net/tun")
	}
}

// namespace makes a network namespace.
func namespace(t *testing.T, name string) string {
	t.Helper()
	name = fmt.Sprintf("tandem-%d-%s", os.Getpid(), name)
	if out, err := exec.Command("ip", "netns", "add", name).CombinedOutput(); err != nil {
		t.Skipf("this machine has no network namespaces for us: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("ip", "netns", "del", name).CombinedOutput(); err != nil {
			t.Errorf("ip netns del %s: %v: %s", name, err, out)
		}
	})
	return name
}

// truth compares both players' reports with both recordings, whose clock is the same.
func (g *twosome) truth(t *testing.T, spec netsim.Spec) {
	t.Helper()
	var tables [2][]map[string]string
	for i := range tables {
		tables[i] = localRows(t, g.records[i])
	}
	number := func(player, row int, column string) float64 {
		v, err := strconv.ParseFloat(tables[player][row][column], 64)
		if err != nil {
			t.Fatalf("row %d of player %d has %s %q", row, player, column, tables[player][row][column])
		}
		return v
	}
	for i := range tables {
		r, other := readReport(t, g.reports[i]).Seats[0], 1-i
		agent, his := r.Agent, readReport(t, g.reports[other]).Seats[0].Agent
		substituted, run, longest := 0, 0, 0
		var real, told, delays []float64
		for k, row := range tables[i] {
			if row["substituted."+agent] == "True" {
				substituted++
				run++
				longest = max(longest, run)
			} else {
				run = 0
			}
			if row["local.latency_ms."+agent] != "" {
				delays = append(delays, number(i, k, "local.latency_ms."+agent))
			}
			// The other's action: sampled there, stepped here.
			if k < len(tables[other]) && row["local.latency_ms."+his] != "" && tables[other][k]["local.latency_ms."+his] != "" {
				real = append(real, number(i, k, "local.timestamp")-number(other, k, "local.timestamp")+number(other, k, "local.latency_ms."+his))
				told = append(told, number(i, k, "local.latency_ms."+his))
			}
		}
		if substituted != r.Substituted {
			t.Errorf("player %d reports %d substituted inputs, the recordings have %d", i, r.Substituted, substituted)
		}
		if longest > longestRun {
			t.Errorf("player %d: %d inputs in a row were substituted", i, longest)
		}
		if len(real) < len(tables[i])/5 { // those of inputs that were in time, whose times were told before the end
			t.Fatalf("player %d: of %d frames %d have an action latency", i, len(tables[i]), len(real))
		}
		// Nobody can tell one-way delays apart, so each clock is off by at most half a round trip.
		// Recordings round to milliseconds.
		bound := (r.RTT.P50+readReport(t, g.reports[other]).Seats[0].RTT.P50)/2 + 5
		if off := math.Abs(middle(real) - middle(told)); off > bound {
			t.Errorf("player %d: an action took %.1f ms, and was told as %.1f; at most %.1f ms are a matter of clocks", i, middle(real), middle(told), bound)
		}
		if r.RTT.P50 < 0.9*float64(spec.Way(netsim.Upwards).RTT+spec.Way(netsim.Downwards).RTT)/2e6 && i == 1 {
			t.Errorf("player %d measured round trips of %.1f ms", i, r.RTT.P50)
		}
		t.Logf("player %d: substituted %d of %d, at most %d in a row; input delay %.1f / p99 %.1f ms; an action took %.1f ms, told as %.1f; round trip %.1f",
			i, substituted, len(tables[i]), longest, middle(delays), r.InputDelay.P99, middle(real), middle(told), r.RTT.P50)
	}
}

func middle(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	if len(s) == 0 {
		return 0
	}
	return s[len(s)/2]
}

// localRows are a recording's rows by column, what only its owner knows included.
func localRows(t *testing.T, file string) (list []map[string]string) {
	t.Helper()
	code, out, errs := replay(t, "export", file, "-o", "-")
	if code != 0 {
		t.Fatalf("exporting %s: %d, %s", file, code, errs)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		m := map[string]string{}
		for k, name := range rows[0] {
			m[name] = row[k]
		}
		list = append(list, m)
	}
	return list
}
