package repeat

import "testing"

// A third copy leaves until a line is known to lose little, where it loses much, and where it cannot tell.
func TestLossy(t *testing.T) {
	e := New(Config{})
	sent, lost := uint64(0), uint64(0)
	count := func(times int, of float64) {
		for range times {
			sent += lossBytes
			lost += uint64(of * lossBytes)
			e.Count(sent, lost)
		}
	}
	want := func(when string, lossy bool) {
		t.Helper()
		if e.lossy() != lossy {
			t.Errorf("%s: lossy is %v, the share %v", when, !lossy, e.losses.share)
		}
	}
	want("at first", true)
	e.Count(lossBytes-1, 0)
	want("hardly anything sent", true)
	count(10, 0)
	want("nothing lost", false)
	count(10, 0.03)
	want("3 % lost", true)
	count(10, 0.01)
	want("1 % lost", false)
	lost -= 300 // taken for lost, and came after all
	count(1, 0)
	want("late ones", false)
	sent, lost = 10, 3
	e.Count(sent, lost)
	want("another line", true)
	for range 100 {
		e.Count(0, 0)
	}
	want("a line that counts nothing", true)
}
