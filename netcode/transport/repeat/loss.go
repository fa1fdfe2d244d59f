package repeat

// losses follows what share of what leaves as datagrams gets lost, by what the line has counted. Until enough
// has left, or where a line counts nothing, it counts as lost often.
type losses struct {
	sent, lost uint64 // bytes so far, when share was last brought up to date
	share      float64
	counted    bool
}

const (
	// lossBytes is over how much the losses are counted: a second of play.
	lossBytes = 8 << 10
	// lossMemory is over how many such counts the share is averaged.
	lossMemory = 4
	// lossFirst is taken for the share before there was a count, lossMuch is a share from which on each
	// message leaves three times: of a hundred messages one or more would wait for the next frame's datagram
	// every second, were there two copies.
	lossFirst = 0.05
	lossMuch  = 0.015
)

// Count takes how many bytes the line of Datagram has sent and lost since it was opened: of packets some are
// acknowledgements only, which nobody misses. A line that cannot tell says 0 of both.
func (e *End) Count(sent, lost uint64) {
	l := &e.losses
	if sent < l.sent { // another line
		*l = losses{}
	}
	n := sent - l.sent
	if n < lossBytes {
		return
	}
	if !l.counted {
		l.share, l.counted = lossFirst, true
	}
	// What was taken for lost may come after all.
	gone := min(lost-min(lost, l.lost), n)
	l.share += (float64(gone)/float64(n) - l.share) / lossMemory
	l.sent, l.lost = sent, lost
}

// lossy reports whether a third copy is worth it.
func (e *End) lossy() bool { return !e.losses.counted || e.losses.share >= lossMuch }
