package slime

import (
	"encoding/binary"
	"fmt"
	"math/big"

	"tandem/env/numpyrand"
)

// seededGenerator is the generator of a recorded seed before its first draw.
func seededGenerator(seed any) numpyrand.PCG64 {
	n, err := parseSeed(seed)
	if err != nil {
		return numpyrand.PCG64{}
	}
	var words []uint32
	for mask := big.NewInt(1<<32 - 1); n.Sign() > 0; n.Rsh(n, 32) {
		words = append(words, uint32(new(big.Int).And(n, mask).Uint64()))
	}
	var g numpyrand.PCG64
	g.SeedWords(words)
	return g
}

// hex128 writes two stored words, the high one first, as the recordings write a 128-bit number.
func hex128(b []byte) string {
	n := new(big.Int).SetUint64(binary.LittleEndian.Uint64(b))
	n.Lsh(n, 64)
	n.Or(n, new(big.Int).SetUint64(binary.LittleEndian.Uint64(b[8:])))
	return fmt.Sprintf("%#x", n)
}
