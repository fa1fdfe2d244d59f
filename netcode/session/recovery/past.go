package recovery

import (
	"tandem/netcode/protocol"
	"tandem/netcode/session/replica"
)

// Past is what somebody who comes back has of a match. Its zero value is nothing.
type Past struct {
	Epoch uint8
	Seed  uint64
	Have  uint32 // bundles before this frame
	Base  uint32 // from this one on
	Sum   uint64 // of those
}

// PastOf reads it from a join.
func PastOf(m *protocol.Join) Past {
	return Past{Epoch: m.Epoch, Seed: m.Seed, Have: m.Have, Base: m.Base, Sum: m.Sum}
}

// Fork says up to where the epoch before this one was the same match: a peer of that epoch that has no more
// bundles is on this timeline.
type Fork struct {
	Epoch  uint8
	Frames uint32
}

// Timeline is a match as a relay knows it.
type Timeline struct {
	Epoch uint8
	Seed  uint64
	Fork  Fork
}

// Shares reports whether what somebody has is the beginning of a match whose log this is: the same bundles,
// because a relay that was restarted, twice perhaps, and was told of the match by this one or that, may have
// gone on differently under the same epoch.
func (t *Timeline) Shares(p *Past, log *replica.Log) bool {
	switch {
	case p.Seed != t.Seed || p.Have > log.End() || p.Base > p.Have:
		return false
	case p.Base >= log.Base():
		return p.Sum == log.Sum(p.Base, p.Have)
	}
	// Nobody can tell the beginning of the match any more; hashes of the state will.
	return p.Epoch == t.Epoch || p.Epoch == t.Fork.Epoch && p.Have <= t.Fork.Frames
}

// claim is what a returning seat says it has; none where its epoch is 0.
type claim struct {
	Past
	match int // whose seed that is, of the room's matches
}

// newer reports whether c is further than o: in the epoch, because an older one was overruled, then in
// bundles. The last epoch there is cannot be gone on from.
func (c *claim) newer(o *claim) bool {
	switch {
	case (c.Epoch >= protocol.MaxEpoch) != (o.Epoch >= protocol.MaxEpoch):
		return o.Epoch >= protocol.MaxEpoch
	case c.Epoch != o.Epoch:
		return c.Epoch > o.Epoch
	case c.Have != o.Have:
		return c.Have > o.Have
	}
	return c.Base < o.Base // whoever knows the beginning, too
}
