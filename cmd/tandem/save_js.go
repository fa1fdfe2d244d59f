package main

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"sync"
	"syscall/js"
	"time"

	"tandem/game/scene"
	"tandem/game/sim"
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

func (t *tape) bytes() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.data[:len(t.data):len(t.data)]
}

// saving lets the player save pictures and data: as downloads.
func saving(o *scene.Options) {
	o.SavePicture = func(img *image.RGBA) error {
		b := img.Bounds()
		page().Call("savePicture", fileName("png"), b.Dx(), b.Dy(), toJS(img.Pix))
		return nil
	}
	o.SaveData = func() error {
		t := current.Load()
		select {
		case <-t.over:
		case <-time.After(dataGrace): // what has been recorded so far, then
		}
		rec := t.tape.bytes()
		rows, err := rowsOf(rec)
		if err != nil {
			return err
		}
		page().Call("saveData", fileName("csv"), "text/csv", toJS(rows))
		page().Call("saveData", fileName("tandem"), "application/octet-stream", toJS(rec))
		return nil
	}
	o.Reload = func() { js.Global().Get("location").Call("reload") }
}

// dataGrace is how long saving waits for the end of the recording, which comes with the goodbye.
const dataGrace = time.Second

// rowsOf writes a recording as tandem-replay exports it: a row per frame.
func rowsOf(rec []byte) ([]byte, error) {
	table, err := sim.NewTable(bytes.NewReader(rec))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := table.WriteCSV(&b); err != nil {
		return nil, fmt.Errorf("the data cannot be written: %w", err)
	}
	return b.Bytes(), nil
}

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
