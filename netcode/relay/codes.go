package relay

import (
	"strings"

	"tandem/netcode/protocol"
)

// Codes that the relay draws are three proquints (Wilkerson 2009), "lusab-babad-babop": five letters
// carry 16 bits as consonant, vowel, consonant, vowel, consonant, so that they can be read out over a
// telephone, and no letter looks like another that could stand in its place. 42 of the 48 bits are
// random: at the 4.3 wrong tries a second that an address gets answers to at most (see triesMost), all of
// them against a thousand rooms take 32 years. The last 6 are a check (CRC-6, x⁶+x+1) of the others: a wrong letter is always
// noticed, and nearly always what else goes wrong in reading and typing. The check is public
// arithmetic, so saying that a code has a typo tells nothing about the rooms there are.
const (
	consonants = "bdfghjklmnprstvz"
	vowels     = "aiou"

	codeWords  = 3
	wordLength = 5
	codeLength = codeWords * wordLength
	checkBits  = 6
	dataBits   = codeWords*16 - checkBits
)

// unlucky are sequences that nobody wants to read out.
var unlucky = []string{"dik", "fag", "fuk", "kak", "kok", "nazi", "nig", "pis", "tit", "vag"}

// roomCode makes a code from the lower 42 of some random bits. ok is false for an unlucky one.
func roomCode(bits uint64) (code string, ok bool) {
	bits &= 1<<dataBits - 1
	bits = bits<<checkBits | check(bits)
	word := func(v uint16) string {
		return string([]byte{
			consonants[v>>12&15], vowels[v>>10&3], consonants[v>>6&15], vowels[v>>4&3], consonants[v&15],
		})
	}
	code = word(uint16(bits>>32)) + "-" + word(uint16(bits>>16)) + "-" + word(uint16(bits))
	for _, u := range unlucky {
		if strings.Contains(code, u) {
			return code, false
		}
	}
	return code, true
}

// check is the CRC-6 of a code's data.
func check(data uint64) uint64 {
	const poly = 1<<checkBits | 1<<1 | 1
	r := data << checkBits
	for i := dataBits + checkBits - 1; i >= checkBits; i-- {
		if r>>i&1 != 0 {
			r ^= poly << (i - checkBits)
		}
	}
	return r
}

// typed is a room's code as a person gave it.
type typed struct {
	key   string // what rooms are found by: small letters and digits alone; "" when none was given
	shown string // how it is written
	drawn bool   // it is one that a relay could have drawn
}

// readCode takes a code as people type it: capitals, spaces and other separators do not matter.
func readCode(text string) (typed, *protocol.Error) {
	text = strings.ToLower(strings.TrimSpace(text))
	var key []byte
	for _, c := range text {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			key = append(key, byte(c))
		case strings.ContainsRune("-_ .,\t", c):
		default:
			return typed{}, protocol.Errorf(protocol.CodeNoRoom, "A room code has letters, digits and - only; %q is not one.", text)
		}
	}
	switch {
	case text == "":
		return typed{}, nil
	case len(key) == 0:
		return typed{}, protocol.Errorf(protocol.CodeNoRoom, "A room code has at least one letter or digit; %q is not one.", text)
	case len(text) > protocol.MaxRoom:
		return typed{}, protocol.Errorf(protocol.CodeNoRoom, "A room code has at most %d characters.", protocol.MaxRoom)
	}
	letters, bits, ok := proquints(key)
	if !ok {
		shown := strings.Join(strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(" .,\t", c) }), "-")
		return typed{key: string(key), shown: shown}, nil
	}
	shown := letters[:wordLength] + "-" + letters[wordLength:2*wordLength] + "-" + letters[2*wordLength:]
	if check(bits>>checkBits) != bits&(1<<checkBits-1) {
		return typed{}, protocol.Errorf(protocol.CodeNoRoom, "The room code %s has a typo: compare it with your host's, letter by letter.", shown)
	}
	return typed{key: letters, shown: shown, drawn: true}, nil
}

// proquints reads the bits of a code that has the form of a drawn one. Digits that look like a letter
// are that letter; where 1 stands tells which.
func proquints(key []byte) (letters string, bits uint64, ok bool) {
	if len(key) != codeLength {
		return "", 0, false
	}
	out := make([]byte, 0, codeLength)
	for i, c := range key {
		alphabet, width, one := consonants, 4, byte('l')
		if at := i % wordLength; at == 1 || at == 3 {
			alphabet, width, one = vowels, 2, 'i'
		}
		switch c {
		case '0':
			c = 'o'
		case '1':
			c = one
		}
		v := strings.IndexByte(alphabet, c)
		if v < 0 {
			return "", 0, false
		}
		out = append(out, c)
		bits = bits<<width | uint64(v)
	}
	return string(out), bits, true
}

// unknown says that there is no room of this code, and what may be the matter.
func (t *typed) unknown() *protocol.Error {
	advice := "a room ends when its players leave."
	switch {
	case t.drawn:
		advice = "it has no slip, so perhaps the room is on another relay, or it has ended because its players left."
	case len(t.key) > codeLength-4 && len(t.key) < codeLength+4:
		advice = "one that a relay has drawn is three words of five letters, as " + exampleCode + "."
	}
	return protocol.Errorf(protocol.CodeNoRoom, "There is no room %q on this relay. Check the code with your host: %s", t.shown, advice)
}

// exampleCode is one that a relay could draw.
const exampleCode = "lusab-babad-babop"
