package recording

import (
	"encoding/json"
	"fmt"
	"time"

	"tandem/netcode/protocol"
)

// Version is the format's version. Raise it with every change that an older program would misread.
//
// 2: a recording ends with a block that says that it does.
const Version = 2

// sealVersion is the first version whose recordings are sealed.
const sealVersion = 2

// magic opens every recording; its last word is the version.
const magic = "tandem recording "

// Limits of what is written and what a reader believes.
const (
	// MaxState is the largest state of a snapshot: what a snapshot may be on the wire.
	MaxState = 64 << 10
	// maxBlock bounds a block: a snapshot and what happens in its second.
	maxBlock = 256 << 10
	// blockHead is what stands in front of a block's payload: its length and checksum.
	blockHead = 8
)

// Owner says who made a recording.
type Owner string

// The owners.
const (
	OwnerSeat      Owner = "seat"
	OwnerSpectator Owner = "spectator"
	OwnerRelay     Owner = "relay"
)

// Seat is one player of the session.
type Seat struct {
	Agent string `json:"agent,omitempty"` // the environment's id; "" in a relay's recording, which knows no game
	Name  string `json:"name"`            // what the player calls themselves
}

// Header says what a recording is of. Room options hold the environment, its version and its options
// as well; they are repeated for whoever looks into the file.
type Header struct {
	Program    string    `json:"program"`  // name and version of the program that wrote it
	Protocol   uint32    `json:"protocol"` // version of the wire protocol
	Owner      Owner     `json:"owner"`
	Seat       int       `json:"seat"` // the owner's, -1 when it has none
	Room       string    `json:"room"` // code
	Seed       uint64    `json:"seed,string"`
	Env        string    `json:"env"`
	EnvVersion int       `json:"env_version"`
	EnvOptions string    `json:"env_options"`
	Options    []string  `json:"options"` // of the room, "name=value", complete
	Seats      []Seat    `json:"seats"`
	Began      time.Time `json:"began"` // by the owner's clock: when time 0 of the records was
}

// encode returns the header's payload, or what is wrong with it.
func (h *Header) encode() ([]byte, error) {
	if err := h.check(); err != nil {
		return nil, err
	}
	data, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("the recording's header: %w", err)
	}
	if len(data) > maxBlock {
		return nil, fmt.Errorf("the recording's header has %d bytes, more than %d", len(data), maxBlock)
	}
	return data, nil
}

func decodeHeader(data []byte) (*Header, error) {
	h := new(Header)
	if err := json.Unmarshal(data, h); err != nil {
		return nil, fmt.Errorf("the recording's header cannot be read (%w)", err)
	}
	return h, h.check()
}

func (h *Header) check() error {
	switch {
	case len(h.Seats) == 0 || len(h.Seats) > protocol.MaxSeats:
		return fmt.Errorf("the recording's header has %d seats, want 1 to %d", len(h.Seats), protocol.MaxSeats)
	case h.Owner != OwnerSeat && h.Owner != OwnerSpectator && h.Owner != OwnerRelay:
		return fmt.Errorf("the recording's header names the owner %q, which there is not", h.Owner)
	case h.Owner == OwnerSeat && (h.Seat < 0 || h.Seat >= len(h.Seats)), h.Owner != OwnerSeat && h.Seat != -1:
		return fmt.Errorf("the recording's header says that %s has seat %d of %d", h.Owner, h.Seat, len(h.Seats))
	}
	return nil
}
