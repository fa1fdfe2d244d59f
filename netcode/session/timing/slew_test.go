package timing

import (
	"testing"
	"time"
)

// A slew follows upward at once and downward by at most 5 % of the time that passes, by 20 % from afar.
func TestSlew(t *testing.T) {
	const ms = time.Millisecond
	var s Slew
	s.Toward(0, 100*ms)
	s.Toward(time.Second, 200*ms)
	if s.value != 200*ms {
		t.Fatalf("upward: %v", s.value)
	}
	for i := range 100 {
		before := s.value
		most := 500 * time.Microsecond
		if before-100*ms > slewFar {
			most = 2 * ms
		}
		s.Toward(time.Second+time.Duration(i+1)*10*ms, 100*ms)
		if drop := before - s.value; drop != most {
			t.Fatalf("fell from %v by %v in 10 ms, want %v", before, drop, most)
		}
	}
	if s.value != 112500*time.Microsecond {
		t.Fatalf("after one second: %v, want 112.5 ms", s.value)
	}
}
