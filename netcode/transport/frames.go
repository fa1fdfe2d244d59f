package transport

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
)

const (
	// helloVersion begins the stream of a line: the version, then the number that brings the line together
	// with a WebSocket. The answer is one byte, helloVersion again. It also begins what a page is told on
	// its WebSocket, see offer.
	helloVersion = 1

	// frameBuffer is how much of a stream is read at a time.
	frameBuffer = 4 << 10
)

// linkID brings the connections of a client together. Nobody can guess one.
type linkID [16]byte

func (id linkID) String() string { return hex.EncodeToString(id[:]) }

// parseLink reads what String has written; ok is false where it is none.
func parseLink(text string) (id linkID, ok bool) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(id) {
		return id, false
	}
	return linkID(b), true
}

// frames are packets on a stream of bytes, each with its length before it.
type frames struct {
	in  *bufio.Reader
	to  io.Writer
	buf []byte // what read hands out
	out []byte
}

func newFrames(stream io.ReadWriter) frames {
	return frames{in: bufio.NewReaderSize(stream, frameBuffer), to: stream}
}

// packet writes one. One goroutine calls it.
func (f *frames) packet(packet []byte) error {
	f.out = append(binary.AppendUvarint(f.out[:0], uint64(len(packet))), packet...)
	_, err := f.to.Write(f.out)
	return err
}

// read reads one of at most so many bytes.
func (f *frames) read(limit int) ([]byte, error) {
	n, err := binary.ReadUvarint(f.in)
	if err != nil {
		return nil, err
	}
	if n > uint64(limit) {
		return nil, ErrTooBig
	}
	if int(n) > cap(f.buf) {
		f.buf = make([]byte, n)
	}
	f.buf = f.buf[:n]
	_, err = io.ReadFull(f.in, f.buf)
	return f.buf, err
}

// introduce says whose stream this is, and hears that the far end understands.
func (f *frames) introduce(id linkID) error {
	if _, err := f.to.Write(append([]byte{helloVersion}, id[:]...)); err != nil {
		return err
	}
	switch answer, err := f.in.ReadByte(); {
	case err != nil:
		return err
	case answer != helloVersion:
		return fmt.Errorf("the far end speaks version %d of datagrams, this program %d", answer, helloVersion)
	}
	return nil
}

// meet hears whose stream this is, and says that it is understood.
func (f *frames) meet() (id linkID, err error) {
	var hello [1 + len(id)]byte
	if _, err := io.ReadFull(f.in, hello[:]); err != nil {
		return id, err
	}
	if hello[0] != helloVersion {
		return id, fmt.Errorf("the far end speaks version %d of datagrams, this program %d", hello[0], helloVersion)
	}
	_, err = f.to.Write(hello[:1])
	return linkID(hello[1:]), err
}
