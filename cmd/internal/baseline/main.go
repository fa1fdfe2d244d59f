// Command baseline plays the system as the seed analyses it, then with each of its optimisations, and
// then sequenced play, over the same seeded links in virtual time, and prints the six metrics side by
// side. `make bench` runs it; `make bench BENCH=baseline` runs nothing else.
//
// The switches are those of peer.Rules, the parser, the send queues and the relay: every row
// runs the real state machines and the real bytes. The relay of the queue rows is
// originaltest.StockRelay, the original's with its faults.
//
// What to read in it: the optimisations that save bytes (A1, A2) and those about hashes (B1, B2, B3)
// leave the players' games as different as before, since what makes them differ is that an action
// belongs to no frame. B1 and B3 ask for more states, because the hash they bring forward is compared
// with one of another frame. A3 finds no company within 16 ms for an action that comes every 33. C1
// finds nothing to order on a connection that keeps its order. C2 alone delays the own action, not the
// other's, and helps only once actions name their frames. With a host that closes them no frame ever
// differs, on any line, for the price of the host's way back; where the relay still compares hashes of
// unequal frames, full states travel for nothing, and on a narrow line they are in the way. E2 helps
// on a narrow line, and only in pieces: a state that has begun to leave is in the way however urgent
// what comes behind it is.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	_ "tandem/env/all" // the environment and its bots
	"tandem/netcode/netsim"
)

// link is a line that both players have, each to the relay.
type link struct {
	name  string
	spec  string
	note  string
	stand time.Duration // for so long the second player's computer stands still in mid-match
}

var links = []link{
	{name: "lan", spec: "rtt=2ms,jitter=1ms", note: "both in one house"},
	{name: "60 ms", spec: "rtt=60ms,jitter=20ms", note: "both 60 ms from the relay"},
	{name: "200 ms", spec: "rtt=200ms,jitter=20ms", note: "both 200 ms from the relay"},
	{name: "stalls", spec: "rtt=80ms,jitter=40ms,stall=2%/300ms", note: "a bad wireless line"},
	{name: "narrow", spec: "rtt=60ms,jitter=20ms,bw=96kbit", note: "96 kbit/s each way"},
	{name: "sleep", spec: "rtt=60ms,jitter=20ms", note: "one computer stands still for 3 s in mid-match", stand: 3 * time.Second},
}

func main() {
	frames := flag.Int("frames", 1200, "`frames` of every match")
	seeds := flag.Int("seeds", 2, "`matches` per cell")
	only := flag.String("link", "", "this `link` alone")
	flag.Parse()
	if err := run(*frames, *seeds, *only); err != nil {
		fmt.Fprintln(os.Stderr, "baseline:", err)
		os.Exit(1)
	}
}

func run(frames, seeds int, only string) error {
	began := time.Now()
	fmt.Printf("Slime Volleyball, two baseline bots, %d frames at 30 per second, %d seeds per row, virtual time.\n", frames, seeds)
	fmt.Println("Both computers' timers fire up to 3 ms late, 2 % of them 25 ms later still. Each player's line to the relay is the one named.")
	fmt.Println()
	for _, v := range variants {
		fmt.Printf("  %-18s %s\n", v.name, v.what)
	}
	fmt.Print(legend)
	for _, l := range links {
		if only != "" && l.name != only {
			continue
		}
		spec, err := netsim.ParseSpec(l.spec)
		if err != nil {
			return fmt.Errorf("link %s: %w", l.name, err)
		}
		rows := make([]result, len(variants))
		for k, v := range variants {
			for seed := range uint64(seeds) {
				r, err := v.play(1+seed, uint32(frames), spec, l.stand)
				if err != nil {
					return fmt.Errorf("%s over %s, seed %d: %w", v.name, l.name, 1+seed, err)
				}
				rows[k].add(r)
			}
		}
		fmt.Printf("\n%s: %s (%s)\n", l.name, l.note, l.spec)
		table(rows)
		if l.name == "60 ms" {
			fmt.Println("\nmean bytes per message, before WebSocket framing (60 ms)")
			bytesTable(rows)
		}
	}
	if only == "" {
		if err := vectors(frames, seeds); err != nil {
			return err
		}
	}
	fmt.Printf("\n%.0f s of machine time\n", time.Since(began).Seconds())
	return nil
}

// vectors measures what the analysis has modelled: how often the players step different actions. Held
// keys hide much of it, since an action that is late by some frames is often the same; so players who
// draw a new action in every frame are measured, too.
func vectors(frames, seeds int) error {
	fmt.Println("\nFrames in which the two players of the system as analysed stepped different actions, in %. The analysis has modelled")
	fmt.Println("20 on a LAN of 2 ms and 98 at a round trip of 200 ms. The figures depend on how often a player's action changes,")
	fmt.Println("and on the needless resyncs: comparing unequal frames, the system resynchronises about once a second and so begins")
	fmt.Println("to drift apart anew each time; where equal frames are compared, its blind hash never differs and nothing ends the drift.")
	fmt.Printf("  %-34s %12s %12s\n", "", "2 ms", "200 ms")
	for _, v := range []variant{
		{name: "held keys (baseline bots)"}, {name: "held keys, hashes by frame", byFrame: true},
		{name: "a new action every frame", bot: "random"}, {name: "the same, hashes by frame", bot: "random", byFrame: true},
		{name: "the same, sequenced, delay auto", bot: "random", sequenced: "auto"},
	} {
		fmt.Printf("  %-34s", v.name)
		for _, rtt := range []time.Duration{2 * time.Millisecond, 200 * time.Millisecond} {
			var sum result
			for seed := range uint64(seeds) {
				r, err := v.play(1+seed, uint32(frames), netsim.Spec{RTT: rtt / 2}, 0) // half of it to the relay
				if err != nil {
					return err
				}
				sum.add(r)
			}
			fmt.Printf(" %12.1f", sum.vectors())
		}
		fmt.Println()
	}
	return nil
}

const legend = `
  syncs/min   full states that a player takes over, per minute
  desync %    compared hashes that differed, as the system sees it
  vector %    frames in which the two players stepped different actions
  state %     frames after which the two players' environments differed: the truth, whatever was compared
  latency     an action's way from one player's hand to the other's game, ms: median and 95th percentile
  own         from a player's hand to its own game, ms
  queue       actions or bundles that wait when a frame is stepped: mean and maximum
  sub %       actions that had to be replaced
  fps, sd     steps per second (those repeated after a full state, too), and the standard deviation of a frame's length in ms
  kB/s        a player's bytes up and down
`

func table(rows []result) {
	fmt.Printf("  %-18s %9s %8s %8s %7s %11s %5s %10s %6s %11s %11s\n", "", "syncs/min", "desync %", "vector %", "state %", "latency", "own", "queue", "sub %", "fps    sd", "kB/s up  dn")
	for k := range rows {
		r := &rows[k]
		fmt.Printf("  %-18s %9.1f %8s %8.1f %7.1f %5s/%-5s %5s %4.1f/%-5d %6.1f %5.1f %5.1f %5.1f %5.1f\n", variants[k].name,
			r.syncs(), r.desyncs(), r.vectors(), r.states(), r.latency.at(50), r.latency.at(95), r.own.at(50), r.depth(), r.depthMax,
			r.replaced(), r.fps(), r.interval.sd(), r.rate(r.up), r.rate(r.down))
	}
}

// bytesTable shows the kinds of messages that the rows send.
func bytesTable(rows []result) {
	kinds := []struct{ head, queue, sequenced string }{
		{"action up", "pyodide_player_action", "player_action"}, {"action down", "pyodide_other_player_action", "bundle"},
		{"hash", "pyodide_state_hash", "state_hash"}, {"state up", "pyodide_send_full_state", "snapshot_chunk"},
		{"state down", "pyodide_apply_full_state", "snapshot_chunk"}, {"ping", "ping", "ping"}, {"hud", "pyodide_hud_sync", "hud_sync"}, {"frame sync", "", "frame_sync"},
	}
	fmt.Printf("  %-18s", "")
	for _, c := range kinds {
		fmt.Printf(" %11s", c.head)
	}
	fmt.Println()
	for k := range rows {
		fmt.Printf("  %-18s", variants[k].name)
		for _, c := range kinds {
			word := "-"
			for _, name := range []string{c.queue, c.sequenced} {
				if t := rows[k].types[name]; name != "" && t.n > 0 {
					word = fmt.Sprintf("%.0f", float64(t.bytes)/float64(t.n))
					break
				}
			}
			fmt.Printf(" %11s", word)
		}
		fmt.Println()
	}
	fmt.Println("  (" + strings.Join([]string{"sequenced: an action is player_action", "what comes down is a bundle with everybody's", "no state travels unless hashes differ"}, "; ") + ")")
}
