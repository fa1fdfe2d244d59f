package roster

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/options"
)

// Token brings a player back to a seat, and a room back to a relay that was restarted. The relay
// signs what it says, so that nobody can make one for another seat; the owner's number keeps a token
// of somebody who left from opening a seat that was given to another since. The room's number, drawn
// when it was made, keeps a token from opening a seat of another room, of the same code and seed perhaps.
// Within the room, the serial is higher for a later owner, which decides between two where the relay has
// forgotten both, and for a later program of the same owner, which decides who of them connects again by
// itself.
//
//	kind (1 byte), seat (1), serial (4, little endian), owner (8), room's number (8), when the room was
//	made and when the token expires (8 each, ns and s since 1970), room seed (8), length of the room code
//	(1), room code, the options that are not the default ones, one per line,
//	HMAC-SHA256 of all that (the first 16 bytes)
type Token struct {
	StandIn bool // for a bot in place of the seat's player
	Seat    int
	Serial  uint32
	Owner   uint64
	ID      uint64 // the room's number
	Made    int64  // when the room was, ns since 1970
	Expires int64  // s since 1970
	Seed    uint64
	Room    string // its code
	Options string // a line each
}

const (
	head    = 1 + 1 + 4 + 8 + 8 + 8 + 8 + 8 + 1
	macSize = 16 // 128 bits: what a forger would have to guess
	// Life is for how long a token proves anything by itself. A room that lives knows whose its seats
	// are, and takes them back after a longer match, too.
	Life = 24 * time.Hour
	// Renewal is how old the tokens of those who are in a room get.
	Renewal = time.Hour
)

// The longest token holds the longest options, and no more.
const (
	_ = uint(protocol.MaxToken - head - macSize - protocol.MaxRoom - options.MaxSpecial)
	_ = uint(options.MaxSpecial - (protocol.MaxToken - head - macSize - protocol.MaxRoom))
)

// Seal writes and signs the token.
func (t *Token) Seal(key []byte) []byte {
	b := make([]byte, 0, head+len(t.Room)+len(t.Options)+macSize)
	kind := byte(0)
	if t.StandIn {
		kind = 1
	}
	b = append(b, kind, byte(t.Seat))
	b = binary.LittleEndian.AppendUint32(b, t.Serial)
	for _, v := range []uint64{t.Owner, t.ID, uint64(t.Made), uint64(t.Expires), t.Seed} {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	b = append(b, byte(len(t.Room)))
	b = append(b, t.Room...)
	b = append(b, t.Options...)
	return append(b, sign(key, b)...)
}

func sign(key, body []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write(body)
	return m.Sum(nil)[:macSize]
}

// Open reads a token; ok only if it was signed with this key.
func Open(key, sealed []byte) (t Token, ok bool) {
	n := len(sealed) - macSize
	if n < head || !hmac.Equal(sign(key, sealed[:n]), sealed[n:]) {
		return t, false
	}
	room := int(sealed[head-1])
	if head+room > n {
		return t, false
	}
	t = Token{StandIn: sealed[0] == 1, Seat: int(sealed[1]), Serial: binary.LittleEndian.Uint32(sealed[2:]),
		Owner: binary.LittleEndian.Uint64(sealed[6:]), ID: binary.LittleEndian.Uint64(sealed[14:]),
		Made: int64(binary.LittleEndian.Uint64(sealed[22:])), Expires: int64(binary.LittleEndian.Uint64(sealed[30:])),
		Seed: binary.LittleEndian.Uint64(sealed[38:]),
		Room: string(sealed[head : head+room]), Options: string(sealed[head+room : n])}
	return t, t.Seat < protocol.MaxSeats
}

// Config reads the room's options.
func (t *Token) Config() (options.Config, error) {
	return options.ParseConfig(strings.Split(t.Options, "\n"))
}

// Expired reports whether a token proves nothing any more by itself.
func (t *Token) Expired(wall time.Time) bool { return wall.Unix() >= t.Expires }

// Ticket is what a relay reads in a token before it has found the room.
type Ticket struct {
	Room    string // its code
	ID      uint64 // its number
	StandIn bool   // it is a bot's, who cannot bring a room back
	Made    int64  // when the room was, ns since 1970
}

// ReadTicket reads a token; false when it was not signed with this key, or has expired.
func ReadTicket(key, sealed []byte, wall time.Time) (Ticket, bool) {
	t, ok := Open(key, sealed)
	return Ticket{Room: t.Room, ID: t.ID, StandIn: t.StandIn, Made: t.Made}, ok && !t.Expired(wall)
}
