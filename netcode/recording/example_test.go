package recording_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/recording"
)

// exampleFile writes a match of two frames and returns the file.
func exampleFile(dir string) (string, error) {
	path := filepath.Join(dir, "match.tandem")
	open := func() (recording.File, error) { return os.Create(path) }
	h := &recording.Header{Program: "example", Protocol: protocol.Version, Owner: recording.OwnerRelay, Seat: recording.NoSeat,
		Room: "k7m2", Seed: 42, Env: "slime", EnvVersion: 1, Seats: []recording.Seat{{Name: "Ann"}, {Name: "Bob"}}}
	now := 10 * time.Second // any monotonic clock
	w, err := recording.Start(open, h, now, nil)
	if err != nil {
		return "", err
	}
	w.Reset(now, 0, 42)
	w.Bundle(now+33*time.Millisecond, []uint8{1, 2}, 0, 0, 0)
	w.Bundle(now+67*time.Millisecond, []uint8{1, 0}, 1<<1, 0, 0) // the second seat's input was substituted
	w.End(now+70*time.Millisecond, protocol.CodeOK, 2, "the match is over")
	w.Close()
	<-w.Done()
	return path, w.Err()
}

// A recording is written frame by frame and read record by record.
func Example() {
	dir, err := os.MkdirTemp("", "recording")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path, err := exampleFile(dir)
	if err != nil {
		fmt.Println(err)
		return
	}

	f, err := os.Open(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	r, err := recording.NewReader(f)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Header.Env, "in room", r.Header.Room, "with", r.Header.Seats[0].Name, "and", r.Header.Seats[1].Name)
	for {
		rec, err := r.Next()
		if err == io.EOF {
			break // and the seal says that the file is whole
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		switch rec.Kind {
		case recording.KindReset:
			fmt.Println("seed", rec.Seed)
		case recording.KindBundle:
			fmt.Println("frame", rec.Frame, "actions", rec.Actions[:2], "substituted", rec.Substituted)
		case recording.KindEnd:
			fmt.Println("end:", rec.Text)
		}
	}
	// Output:
	// slime in room k7m2 with Ann and Bob
	// seed 42
	// frame 0 actions [1 2] substituted 0
	// frame 1 actions [1 0] substituted 2
	// end: the match is over
}

// What a kill or a full disk leaves of a recording can be read up to its last whole block, and says why it
// ends there.
func ExampleDamage() {
	dir, err := os.MkdirTemp("", "recording")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path, err := exampleFile(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	data, err := os.ReadFile(path)
	if err != nil {
		fmt.Println(err)
		return
	}

	r, err := recording.NewReader(bytes.NewReader(data[:len(data)-1])) // the last byte was not written
	records := 0
	for err == nil {
		if _, err = r.Next(); err == nil {
			records++
		}
	}
	var damage *recording.Damage
	if errors.As(err, &damage) {
		fmt.Println(records, "records; the rest is missing:", damage.Partial)
		fmt.Println(damage)
	}
	// Output:
	// 4 records; the rest is missing: true
	// the recording is cut off at frame 2 of what was played (byte 300, in the middle of a block): its program was killed or is writing it still, or the disk was full; everything before that was read
}
