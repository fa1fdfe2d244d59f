package recording

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strconv"
	"time"

	"tandem/netcode/protocol"
)

const (
	// flushEvery is how old the oldest unwritten record may get.
	flushEvery = time.Second
	// fullBlock is where a block is handed to the disk before its second is over: catching up writes
	// thousands of frames at once.
	fullBlock = 16 << 10
	// queueBlocks bounds what waits for the disk: about a minute of play. Together with fullBlock it
	// bounds the memory, too.
	queueBlocks = 64
	// maxText bounds a note's text.
	maxText = protocol.MaxText
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Writer appends a session to a file. It belongs to one goroutine and never waits for the disk. Its
// methods may be called after the recording has stopped; they do nothing then.
//
// now is the caller's monotonic clock, as handed to Start.
type Writer struct {
	disk  *disk
	seats int
	start time.Duration
	buf   []byte // the open block; nil while there is none
	since time.Duration
	at    int64 // time of the latest record, in tenths
	epoch uint8
	next  uint32 // frame of the next bundle
	count uint32 // of bundles that were written
	ended bool
}

// Start begins a recording at now. open makes its file, on a goroutine of the Writer's, which closes
// it after Close. trouble is called at most once, from that goroutine, when there is no recording or
// it cannot go on; nil for none.
func Start(open func() (File, error), h *Header, now time.Duration, trouble func(error)) (*Writer, error) {
	return StartLate(open, h, now, 0, trouble)
}

// StartLate is Start for a match of which so many frames have been played already and will be written before
// the file may be open: as many blocks more may wait for it.
func StartLate(open func() (File, error), h *Header, now time.Duration, frames uint32, trouble func(error)) (*Writer, error) {
	payload, err := h.encode()
	if err != nil {
		return nil, err
	}
	if trouble == nil {
		trouble = func(error) {}
	}
	head := make([]byte, 0, len(magic)+len(payload)+16)
	head = append(head, magic...)
	head = strconv.AppendInt(head, Version, 10)
	head = append(head, '\n')
	at := len(head)
	head = append(head, make([]byte, blockHead)...)
	head = append(head, payload...)
	seal(head[at:])
	backlog := int(frames) / ((fullBlock - small) / (bundleMost + len(h.Seats)))
	w := &Writer{disk: newDisk(open, trouble, queueBlocks+backlog), seats: len(h.Seats), start: now}
	w.disk.put(head)
	return w, nil
}

// seal fills in a block's length and checksum.
func seal(block []byte) {
	fillHead(block, block[blockHead:])
}

// fillHead writes what stands in front of a payload.
func fillHead(head, payload []byte) {
	binary.LittleEndian.PutUint32(head, uint32(len(payload)))
	binary.LittleEndian.PutUint32(head[4:], crc32.Checksum(payload, castagnoli))
}

// Next returns the frame whose bundle is written next.
func (w *Writer) Next() uint32 { return w.next }

// Tick lets what is old enough go to the disk. Call it at least once a second, also while nothing
// happens.
func (w *Writer) Tick(now time.Duration) {
	if w.buf != nil && now-w.since >= flushEvery {
		w.flush()
	}
}

// flush hands the open block to the disk.
func (w *Writer) flush() {
	if w.buf == nil {
		return
	}
	seal(w.buf)
	w.disk.put(w.buf)
	w.buf = nil
}

// begin makes room for a record of about n bytes, and reports whether there is a recording still.
func (w *Writer) begin(now time.Duration, n int) bool {
	if w.ended {
		return false
	}
	if w.buf != nil && (now-w.since >= flushEvery || len(w.buf)+n > fullBlock) {
		w.flush()
	}
	if w.buf == nil {
		if w.buf = w.disk.buffer(); w.buf == nil {
			w.ended = true // the disk goroutine has told why
			return false
		}
		w.since = now
		w.at = max(w.at, int64((now-w.start)/tenth))
		w.buf = w.buf[:blockHead]
		w.buf = binary.AppendUvarint(w.buf, uint64(w.at))
		w.buf = append(w.buf, w.epoch)
		w.buf = binary.AppendUvarint(w.buf, uint64(w.next))
	}
	return true
}

// time appends how much later than the latest record this one is.
func (w *Writer) time(now time.Duration) {
	t := max(w.at, int64((now-w.start)/tenth))
	w.buf = binary.AppendUvarint(w.buf, uint64(t-w.at))
	w.at = t
}

const (
	// small is about what a record without text or state takes.
	small = 64
	// bundleMost is what a bundle takes at most, besides an action of each seat: the kind, the time, the mask,
	// the flags and the hold.
	bundleMost = 1 + 5 + 3 + 1 + 5
)

// Reset begins a match: frame 0 is next.
func (w *Writer) Reset(now time.Duration, epoch uint8, seed uint64) {
	w.flush() // a block says at its start what comes next
	w.epoch, w.next = epoch, 0
	if !w.begin(now, small) {
		return
	}
	w.buf = append(w.buf, byte(KindReset), epoch)
	w.buf = binary.LittleEndian.AppendUint64(w.buf, seed)
}

// Epoch goes on with the same match in another epoch.
func (w *Writer) Epoch(now time.Duration, epoch uint8) {
	w.flush()
	w.epoch = epoch
	if w.begin(now, small) {
		w.buf = append(w.buf, byte(KindEpoch), epoch)
	}
}

// Bundle writes the frame that is next. hold is by how much it was held for a late input.
func (w *Writer) Bundle(now time.Duration, actions []uint8, substituted uint16, flags uint8, hold time.Duration) {
	if !w.begin(now, small) {
		w.next++ // so that a caller who goes by Next does not hand it in again
		return
	}
	kind := byte(KindBundle)
	if substituted != 0 {
		kind |= withMask
	}
	if flags != 0 {
		kind |= withFlags
	}
	if hold > 0 {
		kind |= withHold
	}
	w.buf = append(w.buf, kind)
	w.time(now)
	if substituted != 0 {
		w.buf = binary.AppendUvarint(w.buf, uint64(substituted))
	}
	if flags != 0 {
		w.buf = append(w.buf, flags)
	}
	if hold > 0 {
		w.buf = binary.AppendUvarint(w.buf, uint64(hold/tenth))
	}
	w.buf = append(w.buf, actions[:w.seats]...)
	w.next++
	w.count++
}

// frame appends a record's first byte and its frame, which is left out when it is the latest bundle's.
func (w *Writer) frame(first byte, frame uint32) {
	if frame+1 == w.next {
		w.buf = append(w.buf, first|lastFrame)
		return
	}
	w.buf = append(w.buf, first)
	w.buf = binary.AppendUvarint(w.buf, uint64(frame))
}

// Hash writes the hash of a seat's state after a frame, as that seat computed it.
func (w *Writer) Hash(now time.Duration, frame uint32, seat int, h *Hash) {
	if !w.begin(now, small+4*len(h.Sections)) {
		return
	}
	w.frame(byte(KindHash), frame)
	w.buf = append(w.buf, byte(seat))
	w.buf = binary.LittleEndian.AppendUint64(w.buf, h.Total)
	w.buf = append(w.buf, byte(h.Count))
	for _, s := range h.Sections[:h.Count] {
		w.buf = binary.LittleEndian.AppendUint32(w.buf, s)
	}
}

// Delay writes how long the owner's input for a frame took from sampling to stepping, and whether that was
// more than the frames that the room had fixed.
func (w *Writer) Delay(now time.Duration, frame uint32, d time.Duration, exceeded bool) {
	if w.begin(now, small) {
		first := byte(KindDelay)
		if exceeded {
			first |= beyondFixed
		}
		w.frame(first, frame)
		w.buf = binary.AppendVarint(w.buf, int64(d/tenth))
	}
}

// Latency writes how long another seat's input for a frame took from sampling to stepping here.
func (w *Writer) Latency(now time.Duration, frame uint32, seat int, d time.Duration) {
	if w.begin(now, small) {
		w.buf = append(w.buf, byte(KindLatency), byte(seat))
		w.buf = binary.AppendVarint(w.buf, int64(w.next)-int64(frame))
		w.buf = binary.AppendVarint(w.buf, int64(d/tenth))
	}
}

// Snapshot writes a state that was loaded: the one after frame. The frame after it is next. A state
// larger than MaxState ends the recording in words.
func (w *Writer) Snapshot(now time.Duration, frame uint32, state []byte) {
	if len(state) > MaxState {
		w.Stop(fmt.Sprintf("a state of %d bytes was loaded, more than a recording holds", len(state)))
		return
	}
	w.flush()
	w.next = frame + 1
	if !w.begin(now, small+len(state)) {
		return
	}
	w.buf = append(w.buf, byte(KindSnapshot))
	w.buf = binary.AppendUvarint(w.buf, uint64(frame))
	w.buf = binary.AppendUvarint(w.buf, uint64(len(state)))
	w.buf = append(w.buf, state...)
}

// Episode writes that an episode, from 0, ended with a frame.
func (w *Writer) Episode(now time.Duration, frame uint32, episode int) {
	if w.begin(now, small) {
		w.buf = append(w.buf, byte(KindEpisode))
		w.buf = binary.AppendUvarint(w.buf, uint64(frame))
		w.buf = binary.AppendUvarint(w.buf, uint64(episode))
	}
}

// Desync writes a verdict: the states after a frame differ, at these seats, in these sections.
func (w *Writer) Desync(now time.Duration, frame uint32, seats uint16, sections uint32) {
	if w.begin(now, small) {
		w.buf = append(w.buf, byte(KindDesync))
		w.time(now)
		w.buf = binary.AppendUvarint(w.buf, uint64(frame))
		w.buf = binary.AppendUvarint(w.buf, uint64(seats))
		w.buf = binary.AppendUvarint(w.buf, uint64(sections))
	}
}

// Note writes what people want to know of a session's course.
func (w *Writer) Note(now time.Duration, n Note, frame uint32, seat int, text string) {
	text = clip(text)
	if w.begin(now, small+len(text)) {
		w.buf = append(w.buf, byte(KindNote), byte(n))
		w.time(now)
		w.buf = binary.AppendUvarint(w.buf, uint64(frame))
		w.buf = append(w.buf, byte(seat))
		w.text(text)
	}
}

// End writes how the match ended, after so many frames, and lets it go to the disk at once: the next
// thing to happen may be that the program is closed. Another match may follow.
func (w *Writer) End(now time.Duration, code protocol.Code, frames uint32, text string) {
	text = clip(text)
	if w.begin(now, small+len(text)) {
		w.buf = append(w.buf, byte(KindEnd), byte(code))
		w.time(now)
		w.buf = binary.AppendUvarint(w.buf, uint64(frames))
		w.text(text)
		w.flush()
	}
}

// Stop ends the recording with a reason, which it holds and Trouble is told: something is missing that
// it cannot go on without.
func (w *Writer) Stop(why string) {
	if w.ended {
		return
	}
	w.flush()
	w.ended = true
	w.disk.stop(why)
}

func (w *Writer) text(s string) {
	w.buf = binary.AppendUvarint(w.buf, uint64(len(s)))
	w.buf = append(w.buf, s...)
}

// Close hands the rest to the disk, and with it the block that tells the recording to be whole, if it is.
// It does not wait; Done tells when the file is closed.
func (w *Writer) Close() {
	w.flush()
	w.ended = true
	w.disk.close(w.count)
}

// Done is closed once the file is.
func (w *Writer) Done() <-chan struct{} { return w.disk.done }

// Err returns why the recording is not whole, once Done is closed.
func (w *Writer) Err() error {
	<-w.disk.done
	return w.disk.err
}

// clip shortens s to maxText bytes without cutting a character in two.
func clip(s string) string {
	n := maxText
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}
