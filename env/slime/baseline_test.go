package slime

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"tandem/env"
)

func TestPolicyNumbers(t *testing.T) {
	var b []byte
	for _, row := range policyWeights {
		for _, w := range row {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(w))
		}
	}
	for _, v := range policyBias {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	const want = "faa5d56dd0b8f8a4d2ac9abfb092afdc7704186197f0d38d1f97806dbdeec8fa"
	if got := fmt.Sprintf("%x", sha256.Sum256(b)); got != want {
		t.Errorf("SHA-256 of the weights and biases is %s, want %s", got, want)
	}
}

func TestTanh(t *testing.T) {
	worst := 0.0
	check := func(x float64) {
		got, want := tanh(x), math.Tanh(x)
		if d := math.Abs(got - want); !(d <= worst) {
			worst = d
			if !(d <= 4e-16) {
				t.Errorf("tanh(%v) = %v, math.Tanh says %v", x, got, want)
			}
		}
		if tanh(-x) != -got {
			t.Errorf("tanh(%v) is not odd", x)
		}
		if got < -1 || got > 1 {
			t.Errorf("tanh(%v) = %v", x, got)
		}
	}
	for i := range 200_001 {
		check(float64(i) * 25 / 200_000)
	}
	for x := 1e-300; x < 1e300; x *= 1.7 {
		check(x)
	}
	for _, x := range []float64{0, math.SmallestNonzeroFloat64, math.MaxFloat64, math.Inf(1), math.Ln2 / 2, tanhSaturation} {
		check(x)
	}
	if v := tanh(math.NaN()); v == v {
		t.Errorf("tanh(NaN) = %v", v)
	}
	t.Logf("largest difference from math.Tanh: %.2g", worst)
}

// The bits of some values, so that a processor that computes otherwise shows.
func TestTanhBits(t *testing.T) {
	h := sha256.New()
	for i := range 20_000 {
		h.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(tanh(float64(i-10_000)/450))))
	}
	const want = "86815fe297773a5203d8f8009449f85c811878507602f4d418c50d599d956b79"
	if got := fmt.Sprintf("%x", h.Sum(nil)); got != want {
		t.Errorf("SHA-256 of 20000 values is %s, want %s", got, want)
	}
}

// The bot answers rallies: left alone it would lose each at the first landing.
func TestBaselineReturnsTheBall(t *testing.T) {
	for _, name := range variants {
		for _, human := range []string{"human_inputs=0", "human_inputs=1"} {
			e := newTest(t, name, human)
			var bots [2]env.Bot
			for i := range bots {
				b, err := env.NewBot(BaselineName, name)
				if err != nil {
					t.Fatal(err)
				}
				b.Reset(1)
				bots[i] = b
			}
			steps, episodes := 0, 0
			for steps < 20_000 {
				res := e.Step([]int{bots[0].Act(e, 0, 0), bots[1].Act(e, 1, 0)})
				steps++
				if res.Done() {
					episodes++
					e.Reset(uint64(episodes))
				}
			}
			// An untouched serve lands within 103 steps.
			if mean := steps / max(episodes, 1); mean < 150 {
				t.Errorf("%s %s: %d steps per episode", name, human, mean)
			} else {
				t.Logf("%s %s: %d steps per episode", name, human, mean)
			}
		}
	}
}

// Played by the bots on both sides, the exchange of the left slime's keys makes no difference.
func TestBaselinePlaysTheSameWithHumanInputs(t *testing.T) {
	a, b := newTest(t, Name, "human_inputs=0"), newTest(t, Name, "human_inputs=1")
	var pa, pb [2]Baseline
	for step := range 3000 {
		a.Step([]int{pa[0].Act(a, 0, 0), pa[1].Act(a, 1, 0)})
		b.Step([]int{pb[0].Act(b, 0, 0), pb[1].Act(b, 1, 0)})
		if !bytes.Equal(a.AppendState(nil), b.AppendState(nil)) {
			t.Fatalf("step %d: the games differ", step)
		}
	}
}

func TestBaselineResetForgets(t *testing.T) {
	e := newTest(t, Name)
	fresh, used := new(Baseline), new(Baseline)
	for range 50 {
		e.Step([]int{used.Act(e, 0, 0), 3})
	}
	if *used == *fresh {
		t.Fatal("the net has no memory")
	}
	used.Reset(1)
	if used.out != fresh.out {
		t.Error("Reset keeps memory")
	}
	if used.Act(e, 0, 0) != fresh.Act(e, 0, 0) || used.out != fresh.out {
		t.Error("a reset bot decides otherwise than a new one")
	}
}

func TestBaselineLeavesTheEnvironmentAlone(t *testing.T) {
	e := newTest(t, NameBoost)
	playOn(e, newPlayer(1), 50)
	before := e.AppendState(nil)
	p := new(Baseline)
	p.Act(e, 0, 0)
	p.Act(e, 1, 0)
	if !bytes.Equal(e.AppendState(nil), before) {
		t.Error("the bot changed the state")
	}
}
