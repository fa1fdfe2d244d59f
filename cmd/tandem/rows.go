package main

import (
	"bytes"
	"fmt"

	"tandem/game/sim"
)

// rowsOf writes a recording as tandem-replay exports it, a row per frame, for a page to save: people open that
// with whatever their computer has for such a file, so no name is left to be run as a formula. lack says what
// of the match is not there.
func rowsOf(rec []byte) (rows []byte, lack, err error) {
	table, err := sim.NewTable(bytes.NewReader(rec))
	if err != nil {
		return nil, nil, err
	}
	table.Safe = true
	var b bytes.Buffer
	if err := table.WriteCSV(&b); err != nil {
		return nil, nil, fmt.Errorf("the data cannot be written: %w", err)
	}
	return b.Bytes(), table.Replay.Lack(table.Cut), nil
}
