package transport

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// A pin names the certificate for datagrams of a relay, in its address: relay.example:7777#PIN. It is the
// first half of the certificate's sum, which nobody can make another certificate for, as 22 letters and
// digits with - and _ among them. Programs that know nothing of it drop what follows a #.
const pinBytes = 16

var pinCode = base64.RawURLEncoding.Strict()

// Pin is that of a CertificateSum, "" where that is none.
func Pin(sum string) string {
	b, err := hex.DecodeString(sum)
	if err != nil || len(b) < pinBytes {
		return ""
	}
	return pinCode.EncodeToString(b[:pinBytes])
}

// Pinned is an address with the pin of a sum; without one it is the address.
func Pinned(address, sum string) string {
	if pin := Pin(sum); pin != "" {
		return address + "#" + pin
	}
	return address
}

// pinOf is an address's pin, "" where it has none.
func pinOf(address string) string {
	_, pin, _ := strings.Cut(strings.TrimSpace(address), "#")
	if b, err := pinCode.DecodeString(pin); err != nil || len(b) != pinBytes {
		return ""
	}
	return pin
}
