package relay

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// appendFrame writes a frame as RFC 6455 has it, masked as a client's is; with a mask of zeros the
// payload stays what it is.
func appendFrame(dst []byte, first byte, payload []byte) []byte {
	switch n := len(payload); {
	case n < 126:
		dst = append(dst, first, 0x80|byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, first, 0x80|126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, first, 0x80|127), uint64(n))
	}
	return append(append(dst, 0, 0, 0, 0), payload...)
}

// However a stream is cut, the borders of its messages are found: behind each whole one the stream is
// clean, inside of one, between its parts and behind a control frame it is not.
func TestFrames(t *testing.T) {
	const text, more, next, last, ping = 0x81, 0x01, 0x00, 0x80, 0x89
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var stream []byte
		type border struct {
			at    int
			whole uint64
			clean bool
		}
		var borders []border
		whole := uint64(0)
		add := func(first byte, clean bool) {
			size := []int{0, 1, rng.IntN(126), 125, 126, rng.IntN(3000), 65535, 65536}[rng.IntN(8)]
			stream = appendFrame(stream, first, make([]byte, size))
			borders = append(borders, border{len(stream), whole, clean})
		}
		for range 20 {
			switch rng.IntN(4) {
			case 0:
				add(ping, false)
			case 1:
				add(more, false)
				add(ping, false)
				add(next, false)
				whole++
				add(last, true)
			default:
				whole++
				add(text, true)
			}
		}
		var f frames
		at := 0
		for _, b := range borders {
			for at < b.at-1 { // cut anywhere, but stop one byte before the border
				n := min(1+rng.IntN(1+rng.IntN(5000)), b.at-1-at)
				f.add(stream[at : at+n])
				if at += n; f.clean() {
					t.Fatalf("seed %d: clean at byte %d, inside of a frame", seed, at)
				}
			}
			f.add(stream[at:b.at])
			if at = b.at; f.whole != b.whole || f.clean() != b.clean {
				t.Fatalf("seed %d: byte %d: %d messages, clean %v; want %+v", seed, at, f.whole, f.clean(), b)
			}
		}
	}
}
