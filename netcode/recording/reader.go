package recording

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"strconv"
	"strings"
	"time"

	"tandem/netcode/protocol"
)

// Damage says that a file holds less than was written, or may do so, and where its readable part ends.
type Damage struct {
	Offset int64 // of the first byte that is not used
	// Partial says that the file only ends too early, as after a kill or on a full disk, or that nothing
	// proves its end to be one: what was read is right as far as it goes.
	Partial bool
	Text    string
}

// Error returns the words.
func (d *Damage) Error() string { return d.Text }

// Reader reads a recording from its start to its end, or to where it is damaged.
type Reader struct {
	Header *Header

	version int
	r       *bufio.Reader
	offset  int64
	sum     hash.Hash // of the blocks that were read
	block   []byte    // payload of the current block
	rest    []byte    // of it
	rec     Record
	next    uint32
	known   bool   // next is: a reset or a snapshot was read
	frames  uint32 // that were read
	stopped string // why the writer could not go on
	sealed  bool   // the last block was read, and is right
	err     error
}

// NewReader reads a recording's header. What is not a recording, or one of another version, is refused
// in words.
func NewReader(r io.Reader) (*Reader, error) {
	d := &Reader{r: bufio.NewReaderSize(r, 64<<10), sum: sha256.New()}
	if err := d.readMagic(); err != nil {
		return nil, err
	}
	payload, err := d.readBlock()
	if err == io.EOF {
		err = &Damage{Offset: d.offset, Partial: true, Text: noHeader}
	}
	if err != nil {
		return nil, err
	}
	d.count(payload)
	if d.Header, err = decodeHeader(payload); err != nil {
		return nil, err
	}
	return d, nil
}

const noHeader = "the recording ends before its header: its program was stopped as it began"

// IsRecording reports whether a file that begins with these bytes is one.
func IsRecording(begin []byte) bool { return strings.HasPrefix(string(begin), magic) }

func (d *Reader) readMagic() error {
	line, err := d.r.Peek(len(magic) + 12)
	if err != nil && err != io.EOF {
		return err
	}
	if begun := strings.HasPrefix(magic, string(line)); begun || err == io.EOF && IsRecording(line) && !strings.Contains(string(line), "\n") {
		return &Damage{Partial: true, Text: noHeader}
	}
	if !IsRecording(line) {
		return errors.New("this is not a recording of Tandem")
	}
	number, _, ok := strings.Cut(string(line[len(magic):]), "\n")
	v, err := strconv.Atoi(number)
	switch {
	case !ok || err != nil || v < 1:
		return errors.New("this is not a recording of Tandem: its first line names no version")
	case v > Version:
		return fmt.Errorf("the recording has format %d, this program reads up to %d: update this program", v, Version)
	}
	d.version = v
	d.sum.Write(line[:len(magic)+len(number)+1])
	n, err := d.r.Discard(len(magic) + len(number) + 1)
	d.offset = int64(n)
	return err
}

// readBlock returns the next block's payload, valid until the next call; io.EOF at the end.
func (d *Reader) readBlock() ([]byte, error) {
	var head [blockHead]byte
	switch n, err := io.ReadFull(d.r, head[:]); {
	case n == 0 && err == io.EOF:
		return nil, io.EOF
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return nil, d.torn()
	case err != nil:
		return nil, err
	}
	length := binary.LittleEndian.Uint32(head[:])
	if length == 0 {
		// A file system that lost power leaves zeros where nothing was written.
		return nil, d.torn()
	}
	if length > maxBlock {
		return nil, &Damage{Offset: d.offset, Text: fmt.Sprintf("the recording is damaged at byte %d: no block has %d bytes; everything before it was read", d.offset, length)}
	}
	if cap(d.block) < int(length) {
		d.block = make([]byte, length)
	}
	d.block = d.block[:length]
	switch _, err := io.ReadFull(d.r, d.block); {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return nil, d.torn()
	case err != nil:
		return nil, err
	}
	if crc32.Checksum(d.block, castagnoli) != binary.LittleEndian.Uint32(head[4:]) {
		return nil, &Damage{Offset: d.offset, Text: fmt.Sprintf("the recording is damaged at byte %d: a block's checksum is wrong; everything before it was read", d.offset)}
	}
	d.offset += blockHead + int64(length)
	return d.block, nil
}

// count adds a block that was read to the sum that the last block must hold.
func (d *Reader) count(payload []byte) {
	var head [blockHead]byte
	fillHead(head[:], payload)
	d.sum.Write(head[:])
	d.sum.Write(payload)
}

// torn is the end of a file in the middle of a block.
func (d *Reader) torn() error { return d.cutOff(", in the middle of a block") }

func (d *Reader) cutOff(where string) error {
	frame := "before its first frame"
	if d.known {
		frame = fmt.Sprintf("at frame %d of what was played", d.next)
	}
	why := "its program was killed or is writing it still, or the disk was full"
	if d.stopped != "" {
		why = strconv.QuoteToGraphic(d.stopped)
		why = why[1 : len(why)-1]
	}
	return &Damage{Offset: d.offset, Partial: true, Text: fmt.Sprintf("the recording is cut off %s (byte %d%s): %s; everything before that was read", frame, d.offset, where, why)}
}

// ends says what the end of the file means.
func (d *Reader) ends() error {
	switch {
	case d.sealed:
		return io.EOF
	case d.version < sealVersion && d.stopped == "":
		return &Damage{Offset: d.offset, Partial: true, Text: fmt.Sprintf("the recording has format %d of an older program, in which nothing proves that it is whole; all of the %d frames that it holds were read", d.version, d.frames)}
	}
	return d.cutOff("")
}

// seal reads the last block, which says how much there was before it.
func (d *Reader) seal(p *parser) {
	frames, sum := p.frame(), p.take(sha256.Size)
	switch {
	case p.bad != "":
	case len(p.b) > 0:
		p.bad = "something after its end"
	case frames != d.frames:
		p.bad = fmt.Sprintf("%d frames where its end counts %d", d.frames, frames)
	case !bytes.Equal(sum, d.sum.Sum(nil)):
		p.bad = "other blocks than its end counts"
	default:
		d.sealed = true
	}
}

// Next returns the next record: io.EOF after the last, a *Damage where the file is cut off or
// damaged. It is valid until the next call.
func (d *Reader) Next() (*Record, error) {
	if d.err != nil {
		return nil, d.err
	}
	for len(d.rest) == 0 {
		payload, err := d.readBlock()
		var damage *Damage
		switch {
		case err == io.EOF:
			err = d.ends()
		case d.sealed && (err == nil || errors.As(err, &damage)):
			err = &Damage{Offset: d.offset, Text: fmt.Sprintf("the recording goes on after its end, byte %d: something was written to it; everything before that was read", d.offset)}
		case err == nil:
			err = d.openBlock(payload)
		}
		if err != nil {
			d.err = err
			return nil, err
		}
	}
	p := parser{b: d.rest}
	d.parse(&p)
	if p.bad != "" {
		d.err = &Damage{Offset: d.offset, Text: fmt.Sprintf("the recording holds what no recording has (%s) before byte %d; everything before it was read", p.bad, d.offset)}
		return nil, d.err
	}
	d.rest = p.b
	return &d.rec, nil
}

// Sealed returns a copy of a recording that its writer has still open as it would be if it were closed
// now: sealed, where a match has ended and no other begun. In the middle of a match it is not whole, and
// stays as it is.
func Sealed(data []byte) []byte {
	data = data[:len(data):len(data)]
	r, err := NewReader(bytes.NewReader(data))
	ended := false
	for err == nil {
		var rec *Record
		if rec, err = r.Next(); err != nil {
			break
		}
		switch rec.Kind {
		case KindEnd:
			ended = true
		case KindReset, KindSnapshot, KindBundle, KindStopped:
			ended = false
		}
	}
	if d := new(Damage); !ended || !errors.As(err, &d) || !d.Partial || d.Offset != int64(len(data)) || r.version != Version {
		return data
	}
	return append(data, sealOf(r.frames, r.sum.Sum(nil))...)
}

// openBlock reads what stands at a block's start.
func (d *Reader) openBlock(payload []byte) error {
	p := parser{b: payload}
	at, epoch, next := p.duration(), p.byte(), p.frame()
	first := Kind(0)
	if len(p.b) > 0 {
		first = Kind(p.b[0])
	}
	if first == kindSeal && d.version >= sealVersion {
		p.take(1)
		d.seal(&p)
	} else {
		d.count(payload)
	}
	switch {
	case p.bad != "" || d.sealed:
	case first == KindStopped: // of no moment
	case len(p.b) == 0:
		p.bad = "an empty block"
	case d.known && next != d.next && !jumps(p.b[0]):
		p.bad = fmt.Sprintf("frame %d where frame %d was due", next, d.next)
	default:
		d.rec.At, d.rec.Epoch, d.next = at, epoch, next
	}
	if p.bad != "" {
		return &Damage{Offset: d.offset, Text: fmt.Sprintf("the recording holds what no recording has (%s) before byte %d; everything before it was read", p.bad, d.offset)}
	}
	d.rest = p.b
	return nil
}

// jumps reports whether a block that begins with this record may be of another frame than the one
// that was due.
func jumps(first byte) bool {
	k := Kind(first & 0x0f)
	return k == KindReset || k == KindSnapshot
}

// parse reads one record into d.rec.
func (d *Reader) parse(p *parser) {
	r := &d.rec
	first := p.byte()
	*r = Record{Kind: Kind(first & 0x0f), At: r.At, Epoch: r.Epoch}
	switch r.Kind {
	case KindReset:
		r.Epoch, r.Seed = p.byte(), p.u64()
		d.next, d.known = 0, true
	case KindEpoch:
		r.Epoch = p.byte()
	case KindBundle:
		d.bundle(p, first)
	case KindHash:
		r.Frame = d.frameOf(p, first)
		r.Seat = p.seat(len(d.Header.Seats))
		r.Hash.Total = p.u64()
		if r.Hash.Count = int(p.byte()); r.Hash.Count > len(r.Hash.Sections) {
			p.fail("a hash of too many sections")
			return
		}
		for i := range r.Hash.Sections[:r.Hash.Count] {
			r.Hash.Sections[i] = p.u32()
		}
	case KindDelay:
		r.Frame = d.frameOf(p, first)
		r.Dur = p.signed()
		r.Exceeded = first&beyondFixed != 0
	case KindLatency:
		r.Seat = p.seat(len(d.Header.Seats))
		frame := int64(d.next) - p.varint()
		if frame < 0 || frame > protocol.MaxFrameNo {
			p.fail("a latency of no frame")
		}
		r.Frame = uint32(frame)
		r.Dur = p.signed()
	case KindSnapshot:
		r.Frame = p.frame()
		r.State = p.bytes(MaxState)
		d.next, d.known = r.Frame+1, true
	case KindEpisode:
		r.Frame, r.N = p.frame(), int(p.frame())
	case KindDesync:
		r.At += p.duration()
		r.Frame, r.Mask, r.Sections = p.frame(), uint16(p.upTo(1<<16-1)), uint32(p.upTo(1<<32-1))
	case KindNote:
		r.Note = Note(p.byte())
		r.At += p.duration()
		r.Frame, r.Seat = p.frame(), p.seat(len(d.Header.Seats))
		r.Text = string(p.bytes(maxText))
	case KindEnd:
		r.Code = protocol.Code(p.byte())
		r.At += p.duration()
		r.Frame = p.frame()
		r.Text = string(p.bytes(maxText))
	case KindStopped:
		r.Text = string(p.bytes(maxText))
		d.stopped = r.Text
	default:
		p.fail(fmt.Sprintf("a record of kind %d", r.Kind))
	}
}

func (d *Reader) bundle(p *parser, first byte) {
	r := &d.rec
	if !d.known {
		p.fail("a frame before the match begins")
		return
	}
	r.At += p.duration()
	if first&withMask != 0 {
		r.Substituted = uint16(p.upTo(1<<len(d.Header.Seats) - 1))
	}
	if first&withFlags != 0 {
		r.Flags = p.byte()
	}
	if first&withHold != 0 {
		r.Dur = p.duration()
	}
	for i := range d.Header.Seats {
		if r.Actions[i] = p.byte(); r.Actions[i] > protocol.MaxAction {
			p.fail("an action that there is not")
		}
	}
	r.Frame = d.next
	d.frames++
	if d.next++; d.next > protocol.MaxFrameNo {
		p.fail("more frames than a match has")
	}
}

// frameOf reads the frame of a record that may leave it out.
func (d *Reader) frameOf(p *parser, first byte) uint32 {
	if first&lastFrame == 0 {
		return p.frame()
	}
	if d.next == 0 {
		p.fail("something of a frame before the first")
		return 0
	}
	return d.next - 1
}

// parser reads a payload. What is wrong first is kept in bad; reading on then gives zeros.
type parser struct {
	b   []byte
	bad string
}

func (p *parser) fail(what string) {
	if p.bad == "" {
		p.bad = what
	}
	p.b = nil
}

func (p *parser) take(n int) []byte {
	if len(p.b) < n {
		p.fail("a record that is cut off")
		return nil
	}
	b := p.b[:n]
	p.b = p.b[n:]
	return b
}

func (p *parser) byte() byte {
	if b := p.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (p *parser) u32() uint32 {
	if b := p.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (p *parser) u64() uint64 {
	if b := p.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (p *parser) upTo(limit uint64) uint64 {
	v, n := binary.Uvarint(p.b)
	if n <= 0 || v > limit {
		p.fail("a number that is cut off or out of range")
		return 0
	}
	p.b = p.b[n:]
	return v
}

func (p *parser) varint() int64 {
	v, n := binary.Varint(p.b)
	if n <= 0 || v > maxTenths || v < -maxTenths {
		p.fail("a number that is cut off or out of range")
		return 0
	}
	p.b = p.b[n:]
	return v
}

// maxTenths bounds times: a year.
const maxTenths = int64(365 * 24 * time.Hour / tenth)

func (p *parser) duration() time.Duration { return time.Duration(p.upTo(uint64(maxTenths))) * tenth }
func (p *parser) signed() time.Duration   { return time.Duration(p.varint()) * tenth }
func (p *parser) frame() uint32           { return uint32(p.upTo(protocol.MaxFrameNo)) }

// seat reads a seat; 255 stands for none.
func (p *parser) seat(seats int) int {
	s := int(p.byte())
	if s == 255 {
		return NoSeat
	}
	if s >= seats {
		p.fail("a seat that there is not")
		return 0
	}
	return s
}

func (p *parser) bytes(limit int) []byte { return p.take(int(p.upTo(uint64(limit)))) }
