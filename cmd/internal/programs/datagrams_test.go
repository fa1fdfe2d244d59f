//go:build !js

package programs

import (
	"path/filepath"
	"testing"
)

// TestTransports plays with one player by each transport, over a plain relay and one with a certificate of
// its own; the reports name them, and a relay without datagrams is named in words.
func TestTransports(t *testing.T) {
	t.Parallel()
	cert, key := certificate(t)
	_, plain := relayServer(t)
	_, secure := relayServer(t, "-tls-cert", cert, "-tls-key", key)
	for _, way := range [][]string{{"-relay", plain}, {"-relay", "wss://" + secure, "-tls-ca", cert}} {
		var peers []*process
		var files []string
		for _, by := range []string{"quic", "ws"} {
			files = append(files, filepath.Join(t.TempDir(), by+".json"))
			peers = append(peers, begin(t, nil, "tandem-peer", append(way, "-room", "r", "-env", "testenv", "-set", "countdown_ms=0",
				"-frames", "60", "-transport", by, "-report", files[len(files)-1])...))
		}
		for i, p := range peers {
			if code := p.wait(); code != 0 {
				t.Fatalf("%v: peer %d ended with %d:\n%s", way, i, code, p.errs.String())
			}
		}
		a, b := readReport(t, files[0]).Seats[0], readReport(t, files[1]).Seats[0]
		if a.Transport != "quic" || b.Transport != "websocket" || a.FinalHash == "" || a.FinalHash != b.FinalHash {
			t.Errorf("the reports are\n%+v\n%+v", a, b)
		}
	}
	_, without := relayServer(t, "-datagrams=false")
	begin(t, nil, "tandem-peer", "-relay", without, "-room", "r", "-transport", "quic").sentence(failed, "it offers none")
	begin(t, nil, "tandem-peer", "-relay", without, "-room", "r", "-transport", "udp").sentence(usage, "write auto, ws or quic")
}
