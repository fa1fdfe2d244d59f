package transport

import (
	"strings"
	"testing"
)

func TestPin(t *testing.T) {
	sum := "000102030405060708090a0b0c0d0e0f" + strings.Repeat("ff", 16)
	const pin = "AAECAwQFBgcICQoLDA0ODw"
	if got := Pin(sum); got != pin {
		t.Errorf("%q", got)
	}
	for _, no := range []string{"", Verified, "00"} {
		if got := Pinned("ws://a:1", no); got != "ws://a:1" {
			t.Errorf("%q: %q", no, got)
		}
	}
	for address, want := range map[string]string{Pinned("192.168.1.5:7777", sum): pin, " wss://a/ws#" + pin + " ": pin,
		"a": "", "a#": "", "a#top": "", "a#" + pin + "A": "", "a#" + strings.Repeat("!", 22): "", "a#AAECAwQFBgcICQoLDA0ODx": ""} {
		if got := pinOf(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
		if _, err := ParseURL(address); err != nil {
			t.Errorf("%q is no address to who knows nothing of pins: %v", address, err)
		}
	}
}
