//rules: clock netcode/session/room.go

package session

import (
	"time"
	clock "time"
)

var now = time.Now // want

func wait(t time.Time, d time.Duration) time.Duration {
	clock.Sleep(d)        // want
	<-time.After(d)       // want
	d += time.Since(t)    // want
	_ = time.NewTimer(d)  // want
	_ = time.NewTicker(d) // want
	if t.After(t.Add(d)) {
		return t.Sub(t).Truncate(time.Millisecond)
	}
	return d
}
