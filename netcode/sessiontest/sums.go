package sessiontest

import (
	"encoding/binary"

	"tandem/netcode/protocol"
	"tandem/netcode/session/replica"
)

// Sum is of everything that has left the room and the peers so far, when it did, and every frame that a peer
// has stepped. A change of the code that is to change nothing leaves it as it is.
func (w *World) Sum() uint64 { return w.outputs.Sum64() }

// note adds to the sum.
func (w *World) note(what byte, n *Node, data []byte) {
	var head [18]byte
	head[0], head[1] = what, byte(n.Index)
	binary.LittleEndian.PutUint64(head[2:], uint64(w.Now))
	binary.LittleEndian.PutUint64(head[10:], uint64(len(data)))
	_, _ = w.outputs.Write(head[:]) // a hash takes everything
	_, _ = w.outputs.Write(data)
}

func (w *World) noteStep(n *Node, c *replica.Command) {
	var b [6 + protocol.MaxSeats]byte
	binary.LittleEndian.PutUint32(b[:], c.Frame)
	binary.LittleEndian.PutUint16(b[4:], c.Substituted)
	copy(b[6:], c.Actions[:])
	w.note('=', n, b[:])
}
