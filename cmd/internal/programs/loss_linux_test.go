package programs

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"tandem/cmd/internal/cable"
	"tandem/netcode/netsim"
)

// lossRows are the table of TestLossTable: what play on a line that loses packets costs. The bounds are of
// datagrams, in milliseconds; over TCP a lost packet costs a retransmission, and the figures are told.
var lossRows = []struct {
	loss, transport string
	p50, p99        float64
}{
	{"0", "ws", 0, 0},
	{"1", "ws", 0, 0},
	{"2", "ws", 0, 0},
	{"5", "ws", 0, 0},
	{"0", "quic", 0, 0},
	{"1", "quic", 60, 75},
	{"2", "quic", 62, 80},
	{"5", "quic", 70, 150},
}

// TestLossTable has four players, each in a network namespace of its own with 20 ms one way, play a minute
// for each row and seed with the delay that a room has by default. Their own recordings tell how long their
// inputs took, and which did not count. It wants a machine that does nothing else; with -parallel 1 one match is
// played after the other, so that the figures are the line's and not those of two busy cores.
func TestLossTable(t *testing.T) {
	if !*long {
		t.Skip("it takes eight minutes: -long")
	}
	needNamespaces(t)
	const frames, seeds, most = 1800, 3, 0.005
	for i, row := range lossRows {
		var found [seeds][4]seatFigures
		var played [seeds]bool // what -run leaves out is not judged
		t.Run(fmt.Sprint(row.loss, " % lost, ", row.transport), func(t *testing.T) {
			for seed := range seeds {
				t.Run(fmt.Sprint("seed ", seed+1), func(t *testing.T) {
					t.Parallel()
					played[seed] = true
					found[seed] = lossyMatch(t, fmt.Sprintf("%d-%d", i, seed), row.loss, row.transport, frames, uint64(seed+1))
				})
			}
		})
		var worst seatFigures
		rows := 0
		for seed, seats := range found {
			if !played[seed] {
				continue
			}
			rows += len(seats)
			for k, s := range seats {
				t.Logf("%s %% lost, %-4s seed %d seat %d: input delay p50 %.1f, p99 %.1f ms; %.2f %% substituted, at most %d in a row",
					row.loss, row.transport, seed+1, k, s.p50, s.p99, 100*s.substituted, s.run)
				worst = seatFigures{max(worst.p50, s.p50), max(worst.p99, s.p99), max(worst.substituted, s.substituted), max(worst.run, s.run)}
			}
		}
		if rows == 0 {
			continue
		}
		t.Logf("%s %% lost, %-4s the worst of %d: p50 %.1f, p99 %.1f ms; %.2f %% substituted, at most %d in a row",
			row.loss, row.transport, rows, worst.p50, worst.p99, 100*worst.substituted, worst.run)
		if row.p50 > 0 && (worst.p50 > row.p50 || worst.p99 > row.p99 || worst.substituted > most) {
			t.Errorf("%s %% lost, %s: want p50 %.0f, p99 %.0f ms and %.1f %% substituted at most", row.loss, row.transport, row.p50, row.p99, 100*most)
		}
	}
}

// seatFigures are what a seat's own recording tells of its inputs; times are in milliseconds.
type seatFigures struct {
	p50, p99, substituted float64
	run                   int // the longest of substituted inputs
}

func lossyMatch(t *testing.T, name, loss, transport string, frames int, seed uint64) (figures [4]seatFigures) {
	t.Helper()
	spec, err := netsim.ParseSpec("rtt=40ms,loss=" + loss + "%")
	if err != nil {
		t.Fatal(err)
	}
	hosts := []cable.Host{{Namespace: namespace(t, name+"-relay"), Address: "10.79.0.1/24"}}
	for k := range figures {
		hosts = append(hosts, cable.Host{Namespace: namespace(t, fmt.Sprint(name, "-", k)), Address: fmt.Sprintf("10.79.0.%d/24", 2+k), Line: spec})
	}
	c, err := cable.Join(hosts, seed)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	in := func(k int) []string { return []string{"ip", "netns", "exec", hosts[k].Namespace} }
	server := beginBy(t, in(0), nil, "tandem-relay", "-listen", "10.79.0.1:7777")
	server.says(&server.out, "listens on ")
	defer server.cancel()
	dir := t.TempDir()
	var peers [4]*process
	file := func(k int, end string) string { return filepath.Join(dir, fmt.Sprint("seat", k, end)) }
	for k := range peers {
		peers[k] = beginBy(t, in(1+k), nil, "tandem-peer", "-relay", "10.79.0.1:7777", "-room", "table", "-env", "slime/doubles", "-players", "1",
			"-name", fmt.Sprint("seat", k), "-frames", strconv.Itoa(frames), "-keep-seat=false", "-transport", transport, "-record", file(k, ".tandem"), "-report", file(k, ".json"))
		peers[k].says(&peers[k].errs, "of room table")
	}
	hash := ""
	for k, p := range peers {
		if code := p.wait(); code != 0 {
			t.Fatalf("player %d ended with %d:\n%s", k, code, p.errs.String())
		}
		r := readReport(t, file(k, ".json")).Seats[0]
		if k == 0 {
			hash = r.FinalHash
		}
		if r.End != "ok" || int(r.Frames) != frames || r.Desyncs+r.Resyncs != 0 || r.FinalHash == "" || r.FinalHash != hash {
			t.Errorf("player %d reports %+v; the first ended with %s", k, r, hash)
		}
		figures[k] = ownInputs(t, file(k, ".tandem"), r.Agent)
	}
	return figures
}

// ownInputs reads a player's recording.
func ownInputs(t *testing.T, file, agent string) (f seatFigures) {
	t.Helper()
	rows := localRows(t, file)
	var delays []float64
	run := 0
	for _, row := range rows {
		if row["substituted."+agent] == "True" {
			f.substituted += 1 / float64(len(rows))
			run++
			f.run = max(f.run, run)
			continue
		}
		run = 0
		if text := row["local.latency_ms."+agent]; text != "" {
			ms, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			delays = append(delays, ms)
		}
	}
	if len(delays) < len(rows)*9/10 {
		t.Errorf("%s: %d of %d frames tell how long the input took", file, len(delays), len(rows))
	}
	slices.Sort(delays)
	f.p50, f.p99 = delays[len(delays)/2], delays[len(delays)*99/100]
	return f
}
