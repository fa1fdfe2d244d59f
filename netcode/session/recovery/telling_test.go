package recovery

import (
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/replica"
)

// All of a log is told in order, in a burst and then at a pace.
func TestTelling(t *testing.T) {
	per := protocol.MaxHistory / (players + 3)
	end := uint32((burst+4)*per + 7)
	log := (&memory{epoch: 2, base: 5, have: 5 + end}).log()
	var got replica.Log
	got.Reset(players, 5)
	var telling Telling
	if _, _, _, ok := telling.Next(0, log); ok || telling.Due(time.Hour) != time.Hour {
		t.Fatal("it tells unasked")
	}
	telling.Begin(time.Second, 2, log, 5+end)
	parts, now, last := 0, time.Second, time.Duration(0)
	for telling.Due(time.Hour) != time.Hour {
		epoch, frame, run, ok := telling.Next(now, log)
		if !ok {
			if parts < burst {
				t.Fatalf("the burst ends after %d parts", parts)
			}
			now = telling.Due(time.Hour)
			continue
		}
		last = now
		if parts++; epoch != 2 || frame != got.End() {
			t.Fatalf("frame %d of epoch %d, want %d", frame, epoch, got.End())
		}
		got.Append(run)
	}
	if want := time.Second + 4*burstEvery; got.End() != 5+end || parts != burst+5 || last != want {
		t.Errorf("told up to frame %d in %d parts until %v, want %d, %d, %v", got.End(), parts, last, 5+end, burst+5, want)
	}
	telling.Begin(now, 2, log, 5+end)
	telling.Stop()
	if _, _, _, ok := telling.Next(now, log); ok {
		t.Error("it tells on a connection that is gone")
	}
}
