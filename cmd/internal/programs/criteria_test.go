//go:build !js

package programs

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// episode is how many frames a game of the acceptance criteria has.
const episode = 450

// twosome is a room of two players, each a process of its own that records what it plays.
type twosome struct {
	t       *testing.T
	room    string
	frames  int
	peers   [2]*process
	reports [2]string
	records [2]string
	args    [2][]string
}

// pairUp prepares two players; begin starts one. lines are what -net makes of their connections.
func pairUp(t *testing.T, addr, room string, frames int, lines [2]string, more ...string) *twosome {
	g := &twosome{t: t, room: room, frames: frames}
	dir := t.TempDir()
	for i, name := range []string{"ann", "bob"} {
		g.reports[i], g.records[i] = filepath.Join(dir, name+".json"), filepath.Join(dir, name+".tandem")
		g.args[i] = append([]string{"-relay", addr, "-room", room, "-env", "slime", "-name", name, "-frames", fmt.Sprint(frames),
			"-delay", "auto", "-keep-seat=false", "-set", "countdown_ms=300", "-record", g.records[i], "-report", g.reports[i]}, more...)
		if lines[i] != "" {
			g.args[i] = append(g.args[i], "-net", lines[i])
		}
	}
	return g
}

// begin starts one of the two and does not wait for it.
func (g *twosome) begin(i int) { g.peers[i] = begin(g.t, nil, "tandem-peer", g.args[i]...) }

// seated waits until a player has a seat.
func (g *twosome) seated(i int) { g.peers[i].says(&g.peers[i].errs, "of room "+g.room) }

// parity checks that both have ended well and have the same of the match: the final state, and the whole
// of what is exported but for local columns. It returns the hash and the rows.
func (g *twosome) parity() (hash string, rows []string) {
	g.t.Helper()
	for i, p := range g.peers {
		if code := p.wait(); code != 0 {
			g.t.Fatalf("%s: player %d ended with %d:\n%s", g.room, i, code, p.errs.String())
		}
		r := readReport(g.t, g.reports[i]).Seats[0]
		if r.End != "ok" || int(r.Frames) != g.frames || r.Desyncs+r.Resyncs != 0 || r.FinalHash == "" || i > 0 && r.FinalHash != hash || r.Room != g.room {
			g.t.Errorf("%s: player %d reports %+v; the first ended with %s", g.room, i, r, hash)
		}
		hash = r.FinalHash
		got := g.rows(i)
		if i > 0 && !slices.Equal(rows, got) {
			g.t.Errorf("%s: the exports have %d and %d rows, or differ in one", g.room, len(rows), len(got))
		}
		rows = got
		if len(rows) != g.frames+1 {
			g.t.Errorf("%s: player %d exports %d rows", g.room, i, len(rows))
		}
	}
	return hash, rows
}

// rows verifies what a player has recorded and exports it; with -partial, what was recorded until it was
// killed.
func (g *twosome) rows(i int, flags ...string) (rows []string) {
	g.t.Helper()
	if code, out, errs := replay(g.t, append([]string{"verify", g.records[i]}, flags...)...); code != 0 || !strings.Contains(out, "All are equal") {
		g.t.Errorf("%s: verifying player %d's recording: %d, %s%s", g.room, i, code, out, errs)
	}
	for _, r := range rowsOf(g.t, g.records[i], flags...) {
		rows = append(rows, strings.Join(r, ","))
	}
	return rows
}

// TestCriterion2Links plays over links of every kind that the criterion names: the data of both players
// are equal to the row.
func TestCriterion2Links(t *testing.T) {
	t.Parallel()
	_, addr := relayServer(t)
	for _, rtt := range [][2]int{{100, 100}, {200, 200}, {50, 200}, {500, 500}} {
		room := fmt.Sprintf("rtt-%d-%d", rtt[0], rtt[1])
		t.Run(room, func(t *testing.T) {
			t.Parallel()
			g := pairUp(t, addr, room, episode, [2]string{fmt.Sprintf("rtt=%dms", rtt[0]), fmt.Sprintf("rtt=%dms", rtt[1])})
			g.begin(0)
			g.begin(1)
			g.parity()
			for i := range rtt {
				// The line was as slow as it should be; the histogram keeps two digits.
				if r := readReport(t, g.reports[i]).Seats[0]; r.RTT.P50 < 0.95*float64(rtt[i]) {
					t.Errorf("player %d measured %+v where the line had %d ms", i, r.RTT, rtt[i])
				}
			}
		})
	}
}

// TestCriterion7ThreeGamesAtOnce plays three games of several episodes on one relay, begun one after
// the other: each is played as if it were alone.
func TestCriterion7ThreeGamesAtOnce(t *testing.T) {
	t.Parallel()
	_, addr := relayServer(t)
	games := make([]*twosome, 3)
	for i := range games {
		// With one life an episode is over at the first point.
		games[i] = pairUp(t, addr, fmt.Sprintf("game%d", i), episode, [2]string{"rtt=40ms", fmt.Sprintf("rtt=%dms", 40+40*i)}, "-env-opt", "lives=1")
		games[i].begin(0)
		games[i].seated(0)
	}
	for i, g := range games {
		g.begin(1)
		g.seated(1)
		intoPlay(t, addr, 1+60*i) // the next begins about a second later
	}
	if n := counted(t, addr, "rooms"); n != 3 {
		t.Logf("only %d of the games were played at once on this machine", n)
	}
	hashes := map[string]bool{}
	for _, g := range games {
		hash, rows := g.parity()
		hashes[hash] = true
		if last := strings.Split(rows[len(rows)-1], ",")[1]; last == "0" {
			t.Errorf("%s has one episode alone: %s", g.room, rows[len(rows)-1])
		}
	}
	if n := counted(t, addr, "matches_total"); len(hashes) != 3 || n != 3 {
		t.Errorf("%d matches with the ends %v", n, hashes)
	}
}

// TestCriterion7TwelveClientsMakeSixGames starts twelve players with six codes between them, all at once.
func TestCriterion7TwelveClientsMakeSixGames(t *testing.T) {
	t.Parallel()
	_, addr := relayServer(t)
	games := make([]*twosome, 6)
	for i := range games {
		games[i] = pairUp(t, addr, fmt.Sprintf("six%d", i), 150, [2]string{})
	}
	for player := range 2 {
		for _, g := range games {
			g.begin(player)
		}
	}
	hashes := map[string]bool{}
	for _, g := range games {
		hash, _ := g.parity()
		hashes[hash] = true
	}
	if n := counted(t, addr, "matches_total"); n != 6 || len(hashes) != 6 {
		t.Errorf("%d matches with the ends %v", n, hashes)
	}
}
