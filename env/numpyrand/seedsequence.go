package numpyrand

// Constants of numpy's SeedSequence, which follows O'Neill's seed_seq_fe.
const (
	initA = 0x43b0d7e5 // start of the running multiplier while the pool is filled
	multA = 0x931e8875
	initB = 0x8b51f9dd // start of the running multiplier while words are drawn from the pool
	multB = 0x58f38ded
	mixL  = 0xca01f9dd
	mixR  = 0x4973f715
	shift = 16
)

const poolSize = 4

// hasher is the running multiplier of SeedSequence's hash, which changes with every word.
type hasher struct{ mult uint32 }

func (h *hasher) hash(v, factor uint32) uint32 {
	v ^= h.mult
	h.mult *= factor
	v *= h.mult
	return v ^ v>>shift
}

func mix(x, y uint32) uint32 {
	r := mixL*x - mixR*y
	return r ^ r>>shift
}

// SeedSequence returns SeedSequence(seed).generate_state(4, uint64), where words are the seed's
// 32-bit words, least significant first. High zero words do not count; no word at all is seed 0.
func SeedSequence(words []uint32) [4]uint64 {
	for len(words) > 0 && words[len(words)-1] == 0 {
		words = words[:len(words)-1]
	}
	var pool [poolSize]uint32
	h := hasher{initA}
	for i := range pool {
		var w uint32
		if i < len(words) {
			w = words[i]
		}
		pool[i] = h.hash(w, multA)
	}
	for src := range pool {
		for dst := range pool {
			if src != dst {
				pool[dst] = mix(pool[dst], h.hash(pool[src], multA))
			}
		}
	}
	for i := poolSize; i < len(words); i++ {
		for dst := range pool {
			pool[dst] = mix(pool[dst], h.hash(words[i], multA))
		}
	}

	var out [4]uint64
	h = hasher{initB}
	for i := range out {
		lo := h.hash(pool[2*i%poolSize], multB)
		hi := h.hash(pool[(2*i+1)%poolSize], multB)
		out[i] = uint64(hi)<<32 | uint64(lo)
	}
	return out
}
