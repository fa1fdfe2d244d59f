package numpyrand

import "testing"

func TestSeed42(t *testing.T) {
	// Literals, so that a change shows here even if the vectors change with it.
	if got, want := SeedSequence([]uint32{42}), [4]uint64{0x9f1e2e6dcd540ab7, 0xd57873dc79fb94b6, 0x7d282a1b64d420b7, 0x336579714692d5ff}; got != want {
		t.Errorf("SeedSequence(42) = %x, want %x", got, want)
	}
	want := PCG64{
		stateHi: 0xcea44f6798798f2a, stateLo: 0xacbc7c9d68860ac8,
		incHi: 0xfa505436c9a8416e, incLo: 0x66caf2e28d25abff,
	}
	if got := New(42); got != want {
		t.Errorf("New(42) = %+v, want %+v", got, want)
	}
}

func TestHighZeroWordsDoNotCount(t *testing.T) {
	want := SeedSequence([]uint32{1, 2, 3, 4, 5})
	if got := SeedSequence([]uint32{1, 2, 3, 4, 5, 0, 0}); got != want {
		t.Errorf("with high zero words: %x, want %x", got, want)
	}
	if SeedSequence([]uint32{1, 2, 3, 4, 0, 5}) == want {
		t.Error("a zero word below the highest one must count")
	}
	if SeedSequence(nil) != SeedSequence([]uint32{0}) {
		t.Error("no word and one zero word are both seed 0")
	}
}

func TestNext32UsesBothHalves(t *testing.T) {
	g, w := New(7), New(7)
	word := w.Next64()
	if lo, hi := g.Next32(), g.Next32(); lo != uint32(word) || hi != uint32(word>>32) {
		t.Errorf("halves %#x %#x of %#x", lo, hi, word)
	}
	// A 64-bit draw in between takes a new word and keeps the waiting half.
	g, w = New(7), New(7)
	first, second := w.Next64(), w.Next64()
	g.Next32()
	if got := g.Next64(); got != second {
		t.Errorf("Next64 with a half waiting is %#x, want %#x", got, second)
	}
	if got := g.Next32(); got != uint32(first>>32) {
		t.Errorf("the waiting half is %#x, want %#x", got, uint32(first>>32))
	}
}

func TestBelowRejects(t *testing.T) {
	// With a bound just above 2³¹ about half of all words are rejected, so the loop runs.
	const bound = 1<<31 + 1
	g := New(3)
	draws, ref := 0, New(3)
	for range 1000 {
		v := g.below(bound)
		for {
			draws++
			m := uint64(ref.Next32()) * bound
			if m&0xffffffff < (1<<32-bound)%bound {
				continue
			}
			if uint32(m>>32) != v || v >= bound {
				t.Fatalf("below(%d) = %d, want %d", uint32(bound), v, m>>32)
			}
			break
		}
	}
	if draws < 1500 {
		t.Errorf("%d words for 1000 numbers: nothing was rejected", draws)
	}
	if g != ref {
		t.Error("the generators have drawn different numbers of words")
	}
}

func TestBelowPanicsOutsideItsRange(t *testing.T) {
	for _, n := range []int{0, -1} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Below(%d) did not panic", n)
				}
			}()
			g := New(0)
			g.Below(n)
		}()
	}
}

func TestStateRoundTrip(t *testing.T) {
	g := New(99)
	g.Next32() // leaves a half
	for range 3 {
		data := g.AppendState(nil)
		if len(data) != StateSize {
			t.Fatalf("%d bytes, want %d", len(data), StateSize)
		}
		back, err := ParseState(data)
		if err != nil {
			t.Fatal(err)
		}
		if back != g {
			t.Errorf("%+v came back as %+v", g, back)
		}
		g.Next32()
	}
}

func TestParseStateRefuses(t *testing.T) {
	g := New(99)
	good := g.AppendState(nil)
	for name, spoil := range map[string]func(b []byte) []byte{
		"short":               func(b []byte) []byte { return b[:36] },
		"long":                func(b []byte) []byte { return append(b, 0) },
		"even increment":      func(b []byte) []byte { b[24] &^= 1; return b },
		"flag 2":              func(b []byte) []byte { b[32] = 2; return b },
		"half without a flag": func(b []byte) []byte { b[33] = 1; return b },
	} {
		if _, err := ParseState(spoil(append([]byte(nil), good...))); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzParseState(f *testing.F) {
	g := New(1)
	f.Add(g.AppendState(nil))
	g.Next32()
	f.Add(g.AppendState(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := ParseState(data)
		if err != nil {
			return
		}
		if got := g.AppendState(nil); string(got) != string(data) {
			t.Errorf("%x accepted and written as %x", data, got)
		}
	})
}

func TestDrawsDoNotAllocate(t *testing.T) {
	g := New(5)
	list := []int{0, 1, 2, 3, 4}
	var sum float64
	if n := testing.AllocsPerRun(100, func() {
		g.Seed(9)
		sum += g.Float64() + g.Uniform(1, 2) + float64(g.Below(6)) + float64(g.Next32())
		Shuffle(&g, list)
	}); n != 0 {
		t.Errorf("%v allocations per round of draws", n)
	}
}

func BenchmarkNext64(b *testing.B) {
	g := New(1)
	for b.Loop() {
		g.Next64()
	}
}

func BenchmarkBelow(b *testing.B) {
	g := New(1)
	for b.Loop() {
		g.Below(6)
	}
}

func BenchmarkSeed(b *testing.B) {
	var g PCG64
	for b.Loop() {
		g.Seed(12345)
	}
}
