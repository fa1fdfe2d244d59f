package main

import (
	"errors"
	"fmt"
	"image"
	"sync"
	"syscall/js"
	"time"

	"tandem/game/dom"
	"tandem/game/scene"
	"tandem/netcode/recording"
)

// tape keeps the recording of a match in memory. A minute of play takes some 20 KiB; a page holds
// hours of that.
type tape struct {
	mu   sync.Mutex
	data []byte
}

// maxTape is where a recording ends rather than fill the page: about two days of play.
const maxTape = 64 << 20

// open begins a recording. A match that begins anew, or was loaded anew, has its own.
func (t *tape) open(*recording.Header) (recording.File, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = nil
	return t, nil
}

// Write appends to the recording.
func (t *tape) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.data)+len(b) > maxTape {
		return 0, errors.New("this page has no room for more")
	}
	t.data = append(t.data, b...)
	return len(b), nil
}

// Truncate cuts the recording.
func (t *tape) Truncate(size int64) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = t.data[:size]
	return nil
}

// Close does nothing: what is there can still be saved.
func (t *tape) Close() error { return nil }

// bytes is the recording so far; of a match that has ended, whole.
func (t *tape) bytes() []byte {
	t.mu.Lock()
	data := t.data
	t.mu.Unlock()
	return recording.Sealed(data)
}

// saving lets the player save pictures and data: as downloads.
func saving(o *scene.Options) {
	o.SavePicture = func(img *image.RGBA) error {
		b := img.Bounds()
		return offer("savePicture", fileName("png"), b.Dx(), b.Dy(), toJS(img.Pix))
	}
	o.SaveData = func() error {
		t := current.Load()
		select {
		case <-t.over:
		case <-time.After(dataGrace): // what has been recorded so far, then
		}
		rec := t.tape.bytes()
		rows, lack, err := rowsOf(rec)
		if err != nil {
			return err
		}
		err = errors.Join(
			offer("saveData", fileName("csv"), "text/csv", toJS(rows)),
			offer("saveData", fileName("tandem"), "application/octet-stream", toJS(rec)))
		if err == nil && lack != nil {
			return fmt.Errorf("the data are saved, but %w", lack)
		}
		return err
	}
	o.Reload = func() { js.Global().Get("location").Call("reload") }
}

// offer lets the page begin a download.
func offer(how string, args ...any) error {
	if err := dom.Try(func() { page().Call(how, args...) }); err != nil {
		return fmt.Errorf("this browser does not let the page save a file: %w", err)
	}
	return nil
}

// dataGrace is how long saving waits for the end of the recording, which comes with the goodbye.
const dataGrace = time.Second

func toJS(data []byte) js.Value {
	a := js.Global().Get("Uint8Array").New(len(data))
	js.CopyBytesToJS(a, data)
	return a
}

// fileName names what is saved after the room and the moment.
func fileName(ext string) string {
	room := "match"
	if t := current.Load(); t != nil {
		if r := t.human.Report(); r.Room != "" {
			room = fmt.Sprintf("%s-seat%d", r.Room, r.Seat)
		}
	}
	return fmt.Sprintf("tandem-%s-%s.%s", room, time.Now().Format("20060102-150405"), ext)
}
