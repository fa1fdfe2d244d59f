package transport

import (
	"errors"
	"strings"
)

const (
	// pageQuery is the parameter with which a page asks a relay for datagrams: a linkID. The first message
	// on its WebSocket is then an offer, because a page cannot read the headers of an answer.
	pageQuery = "page"
	// Verified stands for a sum where the certificate on the UDP port is the one of the WebSocket.
	Verified = "verified"
)

var errOffer = errors.New("the relay's first message is not an offer of datagrams")

// An offer is helloVersion, then nothing where the relay has no datagrams: from there on the WebSocket's
// messages are what they are. Or Verified, or the sums of the certificates that the UDP port shows now
// and next, separated by commas: from there on they are packets. A browser wants such certificates to have
// an ECDSA key (P-256), and to be valid for two weeks at most.

// appendOffer writes one.
func appendOffer(b []byte, sums []string) []byte {
	return append(append(b, helloVersion), strings.Join(sums, ",")...)
}

// readOffer reads one; sums is empty where there are no datagrams.
func readOffer(b []byte) (sums []string, err error) {
	switch {
	case len(b) == 0 || b[0] != helloVersion:
		return nil, errOffer
	case len(b) == 1:
		return nil, nil
	}
	sums = strings.Split(string(b[1:]), ",")
	if len(sums) == 1 && sums[0] == Verified {
		return sums, nil
	}
	for _, sum := range sums {
		if len(sum) != sumLength || strings.Trim(sum, "0123456789abcdef") != "" {
			return nil, errOffer
		}
	}
	return sums, nil
}

// sumLength is that of a CertificateSum.
const sumLength = 64
