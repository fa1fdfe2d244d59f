package numpyrand

import (
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"testing"
)

// The vectors were written by numpy 1.24 on amd64.

func readVectors(t *testing.T, file string, v any) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func words(seed *big.Int) []uint32 {
	var w []uint32
	n := new(big.Int).Set(seed)
	mask := big.NewInt(1<<32 - 1)
	for n.Sign() > 0 {
		w = append(w, uint32(new(big.Int).And(n, mask).Uint64()))
		n.Rsh(n, 32)
	}
	return w
}

func bigSeed(t *testing.T, s string) *big.Int {
	t.Helper()
	n, ok := new(big.Int).SetString(s, 10)
	if !ok {
		t.Fatalf("bad seed %q", s)
	}
	return n
}

// seeded makes the generator of a seed, by New as well where the seed has 64 bits.
func seeded(t *testing.T, seed *big.Int) PCG64 {
	t.Helper()
	var g PCG64
	g.SeedWords(words(seed))
	if seed.IsUint64() && New(seed.Uint64()) != g {
		t.Fatalf("seed %v: New and SeedWords differ", seed)
	}
	return g
}

func hex128(hi, lo uint64) string { return fmt.Sprintf("%016x%016x", hi, lo) }

func TestSlimeVectors(t *testing.T) {
	var vectors []struct {
		Seed    string       `json:"seed"`
		SeedSeq [4]string    `json:"seedseq_uint64x4"`
		State   string       `json:"pcg64_state"`
		Inc     string       `json:"pcg64_inc"`
		Raw     []string     `json:"raw64"`
		Serves  [][2]float64 `json:"serves_vx_vy"`
	}
	readVectors(t, "slime_rng_vectors.json", &vectors)
	if len(vectors) != 14 {
		t.Fatalf("%d seeds, want 14", len(vectors))
	}
	hex := func(s string) string { // "0x" and any number of digits, to 32 digits
		n, ok := new(big.Int).SetString(s, 0)
		if !ok {
			t.Fatalf("bad number %q", s)
		}
		return fmt.Sprintf("%032x", n)
	}
	for _, v := range vectors {
		seed := bigSeed(t, v.Seed)
		for i, u := range SeedSequence(words(seed)) {
			if got := hex128(0, u); got != hex(v.SeedSeq[i]) {
				t.Errorf("seed %s: SeedSequence word %d is %s, want %s", v.Seed, i, got, v.SeedSeq[i])
			}
		}
		g := seeded(t, seed)
		if got := hex128(g.stateHi, g.stateLo); got != hex(v.State) {
			t.Errorf("seed %s: state %s, want %s", v.Seed, got, v.State)
		}
		if got := hex128(g.incHi, g.incLo); got != hex(v.Inc) {
			t.Errorf("seed %s: inc %s, want %s", v.Seed, got, v.Inc)
		}
		raw := g
		for i, want := range v.Raw {
			if got := hex128(0, raw.Next64()); got != hex(want) {
				t.Errorf("seed %s: word %d is %s, want %s", v.Seed, i, got, want)
			}
		}
		for i, want := range v.Serves {
			vx := g.Uniform(-20, 20)
			vy := g.Uniform(10, 25)
			if vx != want[0] || vy != want[1] {
				t.Errorf("seed %s: serve %d is (%v, %v), want %v", v.Seed, i, vx, vy, want)
			}
		}
		if len(v.Raw) != 4 || len(v.Serves) != 4 {
			t.Errorf("seed %s: %d words and %d serves, want 4 of each", v.Seed, len(v.Raw), len(v.Serves))
		}
	}
}

func TestOvercookedVectors(t *testing.T) {
	var vectors []struct {
		Seed    uint64   `json:"seed"`
		SeedSeq []string `json:"seedseq_u64"`
		State   string   `json:"state"`
		Inc     string   `json:"inc"`
		Raw     []string `json:"raw_u64"`
		Ops     []struct {
			Op     string          `json:"op"`
			N      int             `json:"n"`
			Result json.RawMessage `json:"result"`
			State  string          `json:"state"`
			Buf    *uint32         `json:"buf"`
		} `json:"ops"`
	}
	readVectors(t, "overcooked_rng_vectors.json", &vectors)
	if len(vectors) != 10 {
		t.Fatalf("%d seeds, want 10", len(vectors))
	}
	ops := map[string]int{}
	for _, v := range vectors {
		seed := new(big.Int).SetUint64(v.Seed)
		if got := SeedSequence(words(seed)); fmt.Sprint(got) != fmt.Sprint(v.SeedSeq) {
			t.Errorf("seed %d: SeedSequence %d, want %s", v.Seed, got, v.SeedSeq)
		}
		g := seeded(t, seed)
		if s, i := hex128(g.stateHi, g.stateLo), hex128(g.incHi, g.incLo); s != v.State || i != v.Inc {
			t.Errorf("seed %d: state %s inc %s, want %s and %s", v.Seed, s, i, v.State, v.Inc)
		}
		raw := g
		for i, want := range v.Raw {
			if got := raw.Next64(); fmt.Sprint(got) != want {
				t.Errorf("seed %d: word %d is %d, want %s", v.Seed, i, got, want)
			}
		}
		for i, op := range v.Ops {
			ops[op.Op]++
			switch op.Op {
			case "below":
				var want int
				if err := json.Unmarshal(op.Result, &want); err != nil {
					t.Fatal(err)
				}
				if got := g.Below(op.N); got != want {
					t.Errorf("seed %d: op %d, Below(%d) is %d, want %d", v.Seed, i, op.N, got, want)
				}
			case "shuffle":
				var want []int
				if err := json.Unmarshal(op.Result, &want); err != nil {
					t.Fatal(err)
				}
				got := make([]int, op.N)
				for k := range got {
					got[k] = k
				}
				Shuffle(&g, got)
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("seed %d: op %d, Shuffle of %d is %v, want %v", v.Seed, i, op.N, got, want)
				}
			default:
				t.Fatalf("unknown op %q", op.Op)
			}
			if got := hex128(g.stateHi, g.stateLo); got != op.State {
				t.Errorf("seed %d: state %s after op %d, want %s", v.Seed, got, i, op.State)
			}
			if g.hasHalf != (op.Buf != nil) || op.Buf != nil && g.half != *op.Buf {
				t.Errorf("seed %d: half-used word %v %d after op %d, want %v", v.Seed, g.hasHalf, g.half, i, op.Buf)
			}
		}
	}
	if ops["below"] != 100 || ops["shuffle"] != 90 {
		t.Errorf("ops %v, want 100 below and 90 shuffle", ops)
	}
}
