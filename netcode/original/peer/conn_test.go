//go:build !js

package peer

import (
	"bytes"
	"testing"
)

// The frames of a Conn are cut into the messages that a Socket sends.
func TestSplit(t *testing.T) {
	c := &conn{json: true}
	for frame, want := range map[string][]string{
		`42["x"]`:                            {`42["x"]`},
		"451-[]\x00\x00\x00\x00\x02\x00\x07": {"451-[]", "\x00\x07"},
		"452-[]\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01a": {"452-[]", "", "a"},
	} {
		m, atts, err := c.split([]byte(frame))
		got := append([][]byte{m}, atts...)
		if err != nil || len(got) != len(want) {
			t.Fatalf("%q: %q, %v", frame, got, err)
		}
		for i := range got {
			if !bytes.Equal(got[i], []byte(want[i])) {
				t.Errorf("%q: part %d is %q", frame, i, got[i])
			}
		}
	}
	for _, frame := range []string{"451-[]\x00", "451-[]\x00\x00\x00\x00\x05a", "451-[]\x00\xff\xff\xff\xffa", "451-[]\x00\x00\x00\x00\x01ab"} {
		if _, _, err := c.split([]byte(frame)); err == nil {
			t.Errorf("%q was cut", frame)
		}
	}
}
