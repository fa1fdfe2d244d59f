package replica

import (
	"crypto/sha256"
	"encoding/binary"

	"tandem/netcode/protocol"
)

// Log keeps the bundles of a match, a few bytes each, so that any state can be rebuilt from the seed
// or from a snapshot. Holds are not kept: they move time, not the game.
type Log struct {
	seats int
	base  uint32 // frame of the first bundle kept
	data  []byte
}

const bundleExtra = 3 // flags, substituted mask

// NewLog returns an empty log of a match with so many seats, whose first bundle is that of frame 0.
func NewLog(seats int) *Log { return &Log{seats: seats} }

// Stride is how many bytes a bundle takes.
func (l *Log) Stride() int { return l.seats + bundleExtra }

// Size is how many bytes all of them take.
func (l *Log) Size() int { return len(l.data) }

// Reset empties the log; the next bundle is that of frame base.
func (l *Log) Reset(seats int, base uint32) {
	l.seats, l.base, l.data = seats, base, l.data[:0]
}

// Base returns the frame of the first bundle that is kept.
func (l *Log) Base() uint32 { return l.base }

// End returns the frame of the next bundle.
func (l *Log) End() uint32 { return l.base + uint32(len(l.data)/l.Stride()) }

// Run returns the bytes of the bundles from frame on and before end, as many as one history holds.
func (l *Log) Run(frame, end uint32) []byte {
	stride := l.Stride()
	n := min(int(end-frame), protocol.MaxHistory/stride)
	at := int(frame-l.base) * stride
	return l.data[at : at+n*stride]
}

// Sum tells the bundles from frame from on and before to from others: the first 8 bytes of their
// SHA-256. Both frames must be within the log.
func (l *Log) Sum(from, to uint32) uint64 {
	stride := l.Stride()
	h := sha256.Sum256(l.data[int(from-l.base)*stride : int(to-l.base)*stride])
	return binary.LittleEndian.Uint64(h[:])
}

// Add appends the bundle of the next frame.
func (l *Log) Add(m *protocol.Bundle) {
	l.data = append(l.data, m.Flags, byte(m.Substituted), byte(m.Substituted>>8))
	l.data = append(l.data, m.Actions[:l.seats]...)
}

// Get returns the bundle of a frame; false when the log does not have it.
func (l *Log) Get(frame uint32) (m protocol.Bundle, ok bool) {
	stride := l.Stride()
	if frame < l.base || int(frame-l.base)*stride+stride > len(l.data) {
		return m, false
	}
	at := int(frame-l.base) * stride
	return ReadBundle(frame, l.seats, l.data[at:at+stride]), true
}

// Append adds a run of another log's bytes, whose first bundle is that of the next frame. Sound has looked at
// them.
func (l *Log) Append(run []byte) { l.data = append(l.data, run...) }

// ReadBundle reads what a log holds of one frame.
func ReadBundle(frame uint32, seats int, b []byte) (m protocol.Bundle) {
	m = protocol.Bundle{Frame: frame, Flags: b[0], Substituted: uint16(b[1]) | uint16(b[2])<<8, Seats: seats}
	copy(m.Actions[:], b[bundleExtra:])
	return m
}

// Sound reports whether a run of a log's bytes is whole bundles of a match with so many seats and actions.
func Sound(data []byte, seats, actions int) bool {
	stride := seats + bundleExtra
	if len(data) == 0 || len(data)%stride != 0 {
		return false
	}
	for b := data; len(b) > 0; b = b[stride:] {
		if (uint32(b[1])|uint32(b[2])<<8)>>seats != 0 {
			return false
		}
		for _, a := range b[bundleExtra:stride] {
			if int(a) >= actions {
				return false
			}
		}
	}
	return true
}
