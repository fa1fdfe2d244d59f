package session

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/options"
)

// A token brings a player back to a seat, and a room back to a relay that was restarted. The relay
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
type token struct {
	standIn bool // for a bot in place of the seat's player
	seat    int
	serial  uint32
	owner   uint64
	id      uint64
	made    int64
	expires int64
	seed    uint64
	room    string
	options string
}

const (
	tokenHead = 1 + 1 + 4 + 8 + 8 + 8 + 8 + 8 + 1
	macSize   = 16 // 128 bits: what a forger would have to guess
	// tokenLife is for how long a token proves anything by itself. A room that lives knows whose its seats
	// are, and takes them back after a longer match, too.
	tokenLife = 24 * time.Hour
	// tokenRenewal is how old the tokens of those who are in a room get.
	tokenRenewal = time.Hour
)

// The longest token holds the longest options, and no more.
const (
	_ = uint(protocol.MaxToken - tokenHead - macSize - protocol.MaxRoom - options.MaxSpecial)
	_ = uint(options.MaxSpecial - (protocol.MaxToken - tokenHead - macSize - protocol.MaxRoom))
)

// seal writes and signs a token.
func seal(key []byte, t token) []byte {
	b := make([]byte, 0, tokenHead+len(t.room)+len(t.options)+macSize)
	kind := byte(0)
	if t.standIn {
		kind = 1
	}
	b = append(b, kind, byte(t.seat))
	b = binary.LittleEndian.AppendUint32(b, t.serial)
	for _, v := range []uint64{t.owner, t.id, uint64(t.made), uint64(t.expires), t.seed} {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	b = append(b, byte(len(t.room)))
	b = append(b, t.room...)
	b = append(b, t.options...)
	return append(b, sign(key, b)...)
}

func sign(key, body []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write(body)
	return m.Sum(nil)[:macSize]
}

// open reads a token; ok only if it was signed with this key.
func open(key, sealed []byte) (t token, ok bool) {
	n := len(sealed) - macSize
	if n < tokenHead || !hmac.Equal(sign(key, sealed[:n]), sealed[n:]) {
		return t, false
	}
	room := int(sealed[tokenHead-1])
	if tokenHead+room > n {
		return t, false
	}
	t = token{standIn: sealed[0] == 1, seat: int(sealed[1]), serial: binary.LittleEndian.Uint32(sealed[2:]),
		owner: binary.LittleEndian.Uint64(sealed[6:]), id: binary.LittleEndian.Uint64(sealed[14:]),
		made: int64(binary.LittleEndian.Uint64(sealed[22:])), expires: int64(binary.LittleEndian.Uint64(sealed[30:])),
		seed: binary.LittleEndian.Uint64(sealed[38:]),
		room: string(sealed[tokenHead : tokenHead+room]), options: string(sealed[tokenHead+room : n])}
	return t, t.seat < protocol.MaxSeats
}

// config reads the room's options.
func (t *token) config() (options.Config, error) {
	return options.ParseConfig(strings.Split(t.options, "\n"))
}

// expired reports whether a token proves nothing any more by itself.
func (t *token) expired(wall time.Time) bool { return wall.Unix() >= t.expires }

// Ticket is what a relay reads in a token before it has found the room.
type Ticket struct {
	Room    string // its code
	ID      uint64 // its number
	StandIn bool   // it is a bot's, who cannot bring a room back
	made    int64
}

// ReadTicket reads a token; false when it was not signed with this key, or has expired.
func ReadTicket(key, sealed []byte, wall time.Time) (Ticket, bool) {
	t, ok := open(key, sealed)
	return Ticket{Room: t.room, ID: t.id, StandIn: t.standIn, made: t.made}, ok && !t.expired(wall)
}
