//go:build !js

package sim

import (
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"tandem/netcode/session/replica"
)

// packer packs snapshots with zstd. A browser does without: it would have to load the code.
var packer replica.Packer = zstdPacker{}

// zstdPacker is shared by all executors: EncodeAll and DecodeAll may be called from several
// goroutines.
type zstdPacker struct{}

var encoder = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false), zstd.WithSingleSegment(true))
})

var decoder = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxUnpacked))
})

// maxUnpacked bounds what a packed snapshot may unfold to.
const maxUnpacked = 1 << 20

// Pack appends src packed to dst.
func (zstdPacker) Pack(dst, src []byte) ([]byte, bool) {
	enc, err := encoder()
	if err != nil {
		return dst, false
	}
	return enc.EncodeAll(src, dst), true
}

// Unpack appends what src holds to dst, if it is not more than limit bytes.
func (zstdPacker) Unpack(dst, src []byte, limit int) ([]byte, error) {
	dec, err := decoder()
	if err != nil {
		return dst, err
	}
	out, err := dec.DecodeAll(src, dst)
	if err == nil && len(out)-len(dst) > limit {
		return dst, fmt.Errorf("it unfolds to %d bytes, more than %d", len(out)-len(dst), limit)
	}
	return out, err
}
