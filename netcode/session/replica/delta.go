package replica

import (
	"encoding/binary"
	"errors"
)

// A difference between two states is what has to be copied over the base to get the new one. States
// have a fixed layout, so most bytes stay where they are; a state by itself is a difference to
// nothing, which leaves its zeros out.
//
//	uvarint length of the new state, then, until it is full:
//	uvarint bytes that stay (zero beyond the base's end), uvarint bytes that follow, those bytes

// worthGap is how many equal bytes it takes to end a run: fewer cost more than they save.
const worthGap = 3

// maxState bounds what a difference may unfold to: a state that packs to MaxSnapshot.
const maxState = 1 << 20

// appendDelta appends the difference that leads from base to state.
func appendDelta(dst, base, state []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(state)))
	at := func(i int) byte {
		if i < len(base) {
			return base[i]
		}
		return 0
	}
	for i := 0; i < len(state); {
		from := i
		for i < len(state) && state[i] == at(i) {
			i++
		}
		dst = binary.AppendUvarint(dst, uint64(i-from))
		from = i
		same := 0
		for i < len(state) && same < worthGap {
			if state[i] == at(i) {
				same++
			} else {
				same = 0
			}
			i++
		}
		i -= same // they stay; at the end of the state they may as well
		dst = binary.AppendUvarint(dst, uint64(i-from))
		dst = append(dst, state[from:i]...)
	}
	return dst
}

var errDelta = errors.New("the snapshot's bytes are damaged")

// applyDelta returns the state that a difference leads to from base.
func applyDelta(dst, base, delta []byte) ([]byte, error) {
	length, n := binary.Uvarint(delta)
	if n <= 0 || length > maxState {
		return nil, errDelta
	}
	delta = delta[n:]
	size := int(length)
	start := len(dst)
	for len(dst)-start < size {
		stay, n := binary.Uvarint(delta)
		if n <= 0 || stay > uint64(size-(len(dst)-start)) {
			return nil, errDelta
		}
		delta = delta[n:]
		for range int(stay) {
			b := byte(0)
			if i := len(dst) - start; i < len(base) {
				b = base[i]
			}
			dst = append(dst, b)
		}
		follow, n := binary.Uvarint(delta)
		if n <= 0 || follow > uint64(len(delta)-n) || follow > uint64(size-(len(dst)-start)) || stay+follow == 0 {
			return nil, errDelta
		}
		delta = delta[n:]
		dst = append(dst, delta[:follow]...)
		delta = delta[follow:]
	}
	if len(delta) > 0 {
		return nil, errDelta
	}
	return dst, nil
}
