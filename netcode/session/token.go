package session

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"tandem/netcode/protocol"
)

// A token brings a player back to a seat, and a room back to a relay that was restarted. The relay
// signs what it says, so that nobody can make one for another seat; the owner's number keeps a token
// of somebody who left from opening a seat that was given to another since. The serial is higher for a
// later owner, which decides between two where the relay has forgotten both, and for a later program
// of the same owner, which decides who of them connects again by itself.
//
//	kind (1 byte), seat (1), serial (4, little endian), owner (8), room seed (8), length of the room
//	code (1), room code, the options that are not the default ones, one per line,
//	HMAC-SHA256 of all that (the first 16 bytes)
type token struct {
	standIn bool // for a bot in place of the seat's player
	seat    int
	serial  uint32
	owner   uint64
	seed    uint64
	room    string
	options string
}

const (
	tokenHead = 1 + 1 + 4 + 8 + 8 + 1
	macSize   = 16 // 128 bits: what a forger would have to guess
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
	b = binary.LittleEndian.AppendUint64(b, t.owner)
	b = binary.LittleEndian.AppendUint64(b, t.seed)
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
		owner: binary.LittleEndian.Uint64(sealed[6:]), seed: binary.LittleEndian.Uint64(sealed[14:]),
		room: string(sealed[tokenHead : tokenHead+room]), options: string(sealed[tokenHead+room : n])}
	return t, t.seat < protocol.MaxSeats
}

// Signed reports whether a token was signed with this key, for this room.
func Signed(key, token []byte, room string) bool {
	t, ok := open(key, token)
	return ok && t.room == room
}

// config reads the room's options.
func (t *token) config() (Config, error) { return ParseConfig(strings.Split(t.options, "\n")) }

// TokenRoom returns the code of the room that a token belongs to; false when the token was not
// signed with this key or belongs to a stand-in, who cannot bring a room back.
func TokenRoom(key, sealed []byte) (code string, ok bool) {
	t, ok := open(key, sealed)
	return t.room, ok && !t.standIn
}
