package original

import (
	"encoding/binary"
	"fmt"
)

// appendDiff appends what changes base into state, which are equally long: runs of an offset from the
// end of the run before, a length (both unsigned varints) and so many bytes. Two differences that are
// close together share a run, because its head costs two bytes.
func appendDiff(buf, base, state []byte) []byte {
	const near = 2
	end := 0
	for i := 0; i < len(state); {
		if state[i] == base[i] {
			i++
			continue
		}
		last := i
		for k := i + 1; k < len(state) && k <= last+near; k++ {
			if state[k] != base[k] {
				last = k
			}
		}
		buf = binary.AppendUvarint(buf, uint64(i-end))
		buf = binary.AppendUvarint(buf, uint64(last+1-i))
		buf = append(buf, state[i:last+1]...)
		end = last + 1
		i = end
	}
	return buf
}

// applyDiff returns the state that a diff makes of base.
func applyDiff(base, diff []byte) ([]byte, error) {
	state := append([]byte(nil), base...)
	at := uint64(0)
	for len(diff) > 0 {
		skip, n := binary.Uvarint(diff)
		if n <= 0 {
			return nil, fmt.Errorf("a difference between states is cut off")
		}
		diff = diff[n:]
		size, n := binary.Uvarint(diff)
		if n <= 0 || size > uint64(len(diff)-n) {
			return nil, fmt.Errorf("a difference between states is cut off")
		}
		diff = diff[n:]
		if skip > uint64(len(state)) || at+skip+size > uint64(len(state)) {
			return nil, fmt.Errorf("a difference between states goes beyond the state's end")
		}
		at += skip
		copy(state[at:], diff[:size])
		at += size
		diff = diff[size:]
	}
	return state, nil
}
