package session

// Holdings is how much a state machine keeps for others: tests see to it that it stays bounded.
type Holdings struct {
	Bundles   int  // that wait to be stepped
	Waits     bool // a state must come or be loaded before they are
	Snapshot  int  // bytes of a snapshot that is not whole
	Log       int  // bytes of the match's bundles
	Transfers int  // snapshots under way
	Watchers  int
}

// Holds tells how much the peer keeps.
func (p *Peer) Holds() Holdings {
	return Holdings{Bundles: p.pending.Len(), Waits: p.arrival.blocks(), Snapshot: p.arrival.parts.Size(), Log: p.log.Size()}
}

// Holds tells how much the room keeps.
func (r *Room) Holds() Holdings {
	return Holdings{Log: r.log.Size(), Transfers: len(r.moving.list), Watchers: len(r.watchers)}
}
