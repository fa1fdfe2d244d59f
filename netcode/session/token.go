package session

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"tandem/netcode/protocol"
)

// A token brings a player back to a seat. The relay signs what it says, so that nobody can make one
// for another seat; the owner's number keeps a token of somebody who left the lobby from opening a
// seat that was given to another since.
//
//	seat (1 byte), owner (8, little endian), room code, HMAC-SHA256 of all that (the first 16)
type token struct {
	seat  int
	owner uint64
	room  string
}

const (
	tokenHead = 9
	macSize   = 16 // 128 bits: what a forger would have to guess
)

// seal writes and signs a token.
func seal(key []byte, t token) []byte {
	b := append(make([]byte, 0, tokenHead+len(t.room)+macSize), byte(t.seat))
	b = binary.LittleEndian.AppendUint64(b, t.owner)
	b = append(b, t.room...)
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
	t = token{seat: int(sealed[0]), owner: binary.LittleEndian.Uint64(sealed[1:]), room: string(sealed[tokenHead:n])}
	return t, t.seat < protocol.MaxSeats
}
