package main

import (
	"testing"
	"time"

	"tandem/netcode/netsim"
)

// find returns a row by its name.
func find(t *testing.T, name string) *variant {
	t.Helper()
	for i := range variants {
		if variants[i].name == name {
			return &variants[i]
		}
	}
	t.Fatalf("there is no row %q", name)
	return nil
}

func measure(t *testing.T, name, spec string) *result {
	t.Helper()
	line, err := netsim.ParseSpec(spec)
	if err != nil {
		t.Fatal(err)
	}
	r, err := find(t, name).play(1, 600, line, 0)
	if err != nil {
		t.Fatalf("%s over %s: %v", name, spec, err)
	}
	return r
}

func mean(r *result, message string) float64 {
	c := r.types[message]
	return float64(c.bytes) / float64(max(c.n, 1))
}

// Every switch switches something: what it changes is seen in the match, not only in the row's name.
// C1 is left out: on a connection that keeps its order the queues are in order already, which is what
// the table shows.
func TestSwitches(t *testing.T) {
	const line, narrow = "rtt=60ms,jitter=20ms", "rtt=60ms,jitter=20ms,bw=96kbit"
	base, small := measure(t, "as analysed", line), measure(t, "as analysed", narrow)
	state := "pyodide_apply_full_state"
	hashes := func(r *result) int { return r.types["pyodide_state_hash"].n }
	for _, c := range []struct {
		name string
		line string
		ok   func(r *result) bool
	}{
		{"A1 delta state", line, func(r *result) bool { return r.taken > 0 && mean(r, state) < mean(base, state)/3 }},
		{"A2 binary", line, func(r *result) bool { return mean(r, state) < mean(base, state)*2/3 && r.taken == base.taken }},
		{"A3 batching", line, func(r *result) bool { return r.latency.quantile(50) > base.latency.quantile(50)+5 }},
		{"B1 adaptive sync", line, func(r *result) bool { return hashes(r) > hashes(base)*2 }},
		{"B2 off", line, func(r *result) bool { return hashes(r) == 0 && r.taken >= 20 }},
		{"B3 predictive", line, func(r *result) bool { return hashes(r) > hashes(base) }},
		{"C2 input delay", line, func(r *result) bool { return r.own.quantile(50) > base.own.quantile(50)+80 }},
		{"C3 predicted", "rtt=80ms,jitter=40ms,stall=2%/300ms", func(r *result) bool { return r.missing > 0 }},
		{"D1 fixed step", line, func(r *result) bool { return r.fps() > 29.8 && base.fps() < 29 }},
		{"D2 frame sync", line, func(r *result) bool { return r.interval.sd() != base.interval.sd() }}, // by how much, and whether for the better, the table shows
		{"E1 off", line, func(r *result) bool { return r.latency.quantile(50) > base.latency.quantile(50)+20 }},
		{"E2 priorities", narrow, func(r *result) bool { return r.latency.quantile(95) < small.latency.quantile(95)/2 }},
		{"hash by frame", line, func(r *result) bool { return r.unequal == 0 && r.taken == 0 && base.taken > 20 }},
		{"whole-state hash", line, func(r *result) bool { return hashes(r) == 0 && r.unequal > 0 }},
		{"C2 + frame tags", line, func(r *result) bool { return r.vectors() < base.vectors()/4 }},
		{"C2 + host closes", "rtt=80ms,jitter=40ms,stall=2%/300ms", func(r *result) bool { return r.missing > 0 && r.taken > 0 && r.vector == 0 && r.state == 0 }},
		{"all, delay 5", line, func(r *result) bool { return r.vector == 0 && r.state == 0 && r.both == 600 }},
		{"sequenced, delay 3", line, func(r *result) bool { return r.vector == 0 && r.state == 0 && r.both == 600 }},
		{"sequenced, auto", "rtt=200ms,jitter=20ms", func(r *result) bool { return r.vector == 0 && r.state == 0 && r.both == 600 }},
	} {
		if r := measure(t, c.name, c.line); !c.ok(r) {
			t.Errorf("%s over %s changes nothing, or something else: taken %d of %d, %d of %d differ, %.0f ms, own %.0f ms, %.1f fps, hashes %d, state %.0f B, vectors %.1f %%; as analysed: taken %d, %.0f ms, %.1f fps, hashes %d, state %.0f B, vectors %.1f %%",
				c.name, c.line, r.taken, r.both, r.unequal, r.compared, r.latency.quantile(50), r.own.quantile(50), r.fps(), hashes(r), mean(r, state), r.vectors(),
				base.taken, base.latency.quantile(50), base.fps(), hashes(base), mean(base, state), base.vectors())
		}
	}
}

// Who comes back after standing still finds a long queue: it is asked for a state, in every mode the
// match goes on.
func TestStandstill(t *testing.T) {
	line := netsim.Spec{RTT: 60 * time.Millisecond}
	for _, name := range []string{"hash by frame", "by frame, recent", "all, delay 5", "sequenced, delay 3"} {
		r, err := find(t, name).play(1, 600, line, 3*time.Second)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if r.both < 450 || r.depthMax < 40 && name == "hash by frame" || (r.taken == 0) != (name == "sequenced, delay 3" || name == "all, delay 5") {
			t.Errorf("%s: %d frames in common, queue %d, %d states", name, r.both, r.depthMax, r.taken)
		}
	}
}
