package recording_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"tandem/netcode/recording"
)

func FuzzReader(f *testing.F) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 2))
		disk := &memory{}
		w, err := recording.Start(disk.open, header(2), 0, nil)
		if err != nil {
			f.Fatal(err)
		}
		write(w, rng, 2, 30)
		w.Close()
		<-w.Done()
		if len(disk.data) < 4000 { // larger ones slow the fuzzer down
			f.Add(disk.data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := recording.NewReader(bytes.NewReader(data))
		if err != nil {
			return
		}
		for range len(data) + 1 {
			if _, err := r.Next(); err != nil {
				if _, again := r.Next(); again != err {
					t.Fatalf("after %v comes %v", err, again)
				}
				return
			}
		}
		t.Fatal("more records than bytes")
	})
}

// FuzzRecords gets past the checksums: the fuzzer's bytes are a block's payload.
func FuzzRecords(f *testing.F) {
	disk := &memory{}
	w, err := recording.Start(disk.open, header(2), 0, nil)
	if err != nil {
		f.Fatal(err)
	}
	w.Close()
	<-w.Done()
	at := blocksOf(disk.data)
	begin := disk.data[:at[len(at)-2]] // without its seal, behind which nothing is read
	f.Add([]byte("\x00\x01\x00\x01\x01\x08\x07\x06\x05\x04\x03\x02\x01\x03\xe8\x07\x03\x04\x14\x00\x88\x77\x66\x55\x44\x33\x22\x11\x01\xdd\xcc\xbb\xaa"))
	f.Add([]byte("\x00\x01\x00\x07\x05\x02ab\x06\x01\x04\xf8\x0a\x0b\x00\x00\x02\x02ok"))
	f.Fuzz(func(t *testing.T, payload []byte) {
		if len(payload) == 0 {
			return
		}
		data := append(bytes.Clone(begin), recording.Block(payload)...)
		_, records, err := readAll(t, data)
		if len(records) > len(payload) {
			t.Fatalf("%d records of %d bytes", len(records), len(payload))
		}
		var d *recording.Damage
		if err != nil && !errors.As(err, &d) {
			t.Fatal(err)
		}
		next, known := uint32(0), false
		for _, r := range records {
			switch r.Kind {
			case recording.KindReset:
				next, known = 0, true
			case recording.KindSnapshot:
				next, known = r.Frame+1, true
			case recording.KindBundle:
				if !known || r.Frame != next {
					t.Fatalf("frame %d where %d was due", r.Frame, next)
				}
				next++
			}
		}
	})
}
