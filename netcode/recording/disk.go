package recording

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"
)

// File is where a recording goes. An *os.File is one.
type File interface {
	io.Writer
	// Truncate cuts the file to size bytes.
	Truncate(size int64) error
	Close() error
}

// disk writes blocks on a goroutine of its own.
type disk struct {
	file    File // once it is open
	trouble func(error)

	queue chan []byte
	free  chan []byte
	done  chan struct{}
	sum   hash.Hash // of what was written
	err   error     // read after done
	torn  bool      // part of a block stands at the end of the file

	mu     sync.Mutex
	reason string // why no more blocks are taken; "" while they are
	closed bool
	frames uint32 // in all; set when closed
}

func newDisk(open func() (File, error), trouble func(error), waiting int) *disk {
	d := &disk{trouble: trouble, queue: make(chan []byte, waiting), free: make(chan []byte, queueBlocks),
		done: make(chan struct{}), sum: sha256.New()}
	go d.run(open)
	return d
}

// buffer returns memory for a block, or nil when no more are taken.
func (d *disk) buffer() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.reason != "" || d.closed {
		return nil
	}
	select {
	case b := <-d.free:
		return b[:blockHead]
	default:
		return make([]byte, blockHead, 1024)
	}
}

// put queues a block. A queue that is full ends the recording: a hole in it would be worse than an
// end, for nothing behind a hole can be played again.
func (d *disk) put(b []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.reason != "" || d.closed {
		return
	}
	select {
	case d.queue <- b:
	default:
		d.refuse(fmt.Sprintf("the disk has taken nothing while %d blocks, a minute of play or more, waited for it", cap(d.queue)))
	}
}

// refuse takes no more blocks. The caller holds mu.
func (d *disk) refuse(why string) {
	if d.reason == "" && !d.closed {
		d.reason = why
		close(d.queue)
	}
}

func (d *disk) stop(why string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refuse(why)
}

// close takes no more blocks, for there are no more: frames is how many bundles they hold.
func (d *disk) close(frames uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.reason == "" && !d.closed {
		close(d.queue)
		d.frames = frames
	}
	d.closed = true
}

// run opens the file and writes what is queued until the queue is closed or the disk fails.
func (d *disk) run(open func() (File, error)) {
	defer close(d.done)
	var size int64
	var err error
	if d.file, err = open(); err != nil {
		d.stop(err.Error())
		d.err = fmt.Errorf("there is no recording: %w", err)
		d.trouble(d.err)
		return
	}
	for b := range d.queue {
		if err == nil {
			if err = d.write(b, &size); err != nil {
				d.stop(err.Error())
				d.tell(err) // at once: what is queued still need not be waited for
				err = errors.Join(err, d.last(err, &size))
			}
		}
		select {
		case d.free <- b:
		default:
		}
	}
	d.mu.Lock()
	reason, frames := d.reason, d.frames
	d.mu.Unlock()
	switch {
	case err != nil:
	case reason != "":
		err = errors.New(reason)
		if werr := d.write(stopped(reason), &size); werr != nil {
			err = errors.Join(err, werr)
		}
		d.tell(err)
	default:
		if err = d.write(sealOf(frames, d.sum.Sum(nil)), &size); err != nil {
			d.tell(err)
			err = errors.Join(err, d.last(err, &size))
		}
	}
	if cerr := d.file.Close(); cerr != nil && err == nil {
		err = cerr
		d.tell(err)
	}
	d.err = err
}

// last ends a recording that could not be written any further with the reason, which takes little room: often
// there still is some, and where there is none its readers can guess.
func (d *disk) last(why error, size *int64) error {
	if d.torn || *size == 0 {
		return nil // nothing can be read behind that, or without a header
	}
	if err := d.write(stopped(why.Error()), size); err != nil && d.torn {
		return err
	}
	return nil
}

// write appends a block. What a failed write left of it is cut off again.
func (d *disk) write(b []byte, size *int64) error {
	n, err := d.file.Write(b)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	if err != nil {
		if terr := d.file.Truncate(*size); terr != nil {
			d.torn = true
			return fmt.Errorf("%w (and its incomplete end could not be cut off: %w)", err, terr)
		}
		return err
	}
	*size += int64(n)
	d.sum.Write(b)
	return nil
}

func (d *disk) tell(err error) {
	d.trouble(fmt.Errorf("the recording stops here, play goes on: %w", err))
}

// stopped is the block that ends a recording which could not go on. It stands for no moment, so that
// it can be written when the writer is elsewhere: time, epoch and frame are left at 0.
func stopped(why string) []byte {
	why = clip(why)
	b := append(make([]byte, blockHead, 64+len(why)), 0, 0, 0, byte(KindStopped))
	b = binary.AppendUvarint(b, uint64(len(why)))
	b = append(b, why...)
	seal(b)
	return b
}

// sealOf is the last block of a recording that is whole. It stands for no moment either.
func sealOf(frames uint32, sum []byte) []byte {
	b := append(make([]byte, blockHead, 64), 0, 0, 0, byte(kindSeal))
	b = binary.AppendUvarint(b, uint64(frames))
	b = append(b, sum...)
	seal(b)
	return b
}
