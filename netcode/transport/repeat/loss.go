package repeat

// losses follows what share of the datagrams that leave gets lost, by what the line has counted. Until enough
// have left, or where a line counts nothing, they count as lost often.
type losses struct {
	sent, lost uint64 // so far, when share was last brought up to date
	share      float64
	counted    bool
}

const (
	// lossPackets is over how many packets the losses are counted: two seconds of play.
	lossPackets = 128
	// lossMemory is over how many such counts the share is averaged.
	lossMemory = 4
	// lossFirst is taken for the share before there was a count, lossMuch is a share from which on each
	// message leaves three times: of a hundred messages one or more would wait for the next frame's datagram
	// every second, were there two copies.
	lossFirst = 0.05
	lossMuch  = 0.015
)

// Count takes how many packets the line of Datagram has sent and lost since it was opened. A line that cannot
// tell says 0 of both.
func (e *End) Count(sent, lost uint64) {
	l := &e.losses
	if sent < l.sent { // another line
		*l = losses{}
	}
	n := sent - l.sent
	if n < lossPackets {
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
