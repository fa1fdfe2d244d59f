package relay

import (
	"fmt"
	"strings"

	"tandem/netcode/protocol"
)

// Room codes are proquints (Wilkerson 2009): five letters carry 16 bits as consonant, vowel,
// consonant, vowel, consonant, so that they can be read out over a telephone. Two of them are 32
// bits: nobody guesses a room among the few thousand of a relay before the limits on connections
// stop them.
const (
	consonants = "bdfghjklmnprstvz"
	vowels     = "aiou"
)

// roomCode makes a code from 32 random bits.
func roomCode(bits uint32) string {
	word := func(v uint16) string {
		return string([]byte{
			consonants[v>>12&15], vowels[v>>10&3], consonants[v>>6&15], vowels[v>>4&3], consonants[v&15],
		})
	}
	return word(uint16(bits>>16)) + "-" + word(uint16(bits))
}

// cleanCode is the form in which codes are compared: people type capitals and spaces.
func cleanCode(code string) (string, error) {
	code = strings.ToLower(strings.TrimSpace(code))
	for _, c := range code {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return "", fmt.Errorf("a room code has letters, digits, - and _ only; %q is not one", code)
		}
	}
	if len(code) > protocol.MaxRoom {
		return "", fmt.Errorf("a room code has at most %d characters", protocol.MaxRoom)
	}
	return code, nil
}
