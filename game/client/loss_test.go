package client

import (
	"errors"
	"strings"
	"testing"

	"tandem/netcode/protocol"
	"tandem/netcode/transport"
)

// TestLoss says why a connection is over, and whether it is worth trying again.
func TestLoss(t *testing.T) {
	for _, c := range []struct {
		err   error
		code  protocol.Code
		say   string
		final bool
	}{
		{&transport.CloseError{Code: transport.CodeAbnormal}, protocol.CodeGone, "is lost", false},
		{errors.New("no route"), protocol.CodeGone, "no route", false},
		{&transport.CloseError{Code: protocol.CloseBase + 14, Reason: "quiet"}, protocol.CodeSilent, "quiet", false},
		{&transport.CloseError{Code: protocol.CloseBase + 26}, protocol.CodeConnectLimit, "connection_limit", true},
		{&transport.CloseError{Code: transport.CodeTooBig, Reason: "at most 4096 bytes"}, protocol.CodeTooLarge, "at most 4096 bytes", true},
		{&transport.CloseError{Code: transport.CodeUnsupported, Reason: "only binary"}, protocol.CodeTooLarge, "only binary", true},
	} {
		if code, text, final := New(Config{}).loss(c.err); code != c.code || !strings.Contains(text, c.say) || final != c.final {
			t.Errorf("%v: %s, %q, final %v; want %s, %q, %v", c.err, code, text, final, c.code, c.say, c.final)
		}
	}
}
