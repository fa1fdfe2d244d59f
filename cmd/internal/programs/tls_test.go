//go:build !js

package programs

import (
	"crypto/x509"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// certificate writes a certificate for 127.0.0.1 that no system trusts, and its key.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	srv := httptest.NewTLSServer(nil)
	defer srv.Close()
	pair := srv.TLS.Certificates[0]
	secret, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{
		cert: {Type: "CERTIFICATE", Bytes: pair.Certificate[0]},
		key:  {Type: "PRIVATE KEY", Bytes: secret},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// TestSecureRelay plays over wss:// with a certificate of one's own, and says what to do where that
// is not known or not meant.
func TestSecureRelay(t *testing.T) {
	t.Parallel()
	cert, key := certificate(t)
	_, addr := relayServer(t, "-tls-cert", cert, "-tls-key", key)
	begin(t, nil, "tandem-peer", "-relay", "wss://"+addr, "-room", "r").sentence(failed, "-tls-ca FILE")
	begin(t, nil, "tandem-peer", "-relay", addr, "-room", "r").sentence(failed, "use wss://")
	begin(t, nil, "tandem-peer", "-relay", addr, "-room", "r", "-tls-ca", cert).sentence(usage, "write -relay wss://"+addr)
	begin(t, nil, "tandem-peer", "-relay", "wss://"+addr, "-room", "r", "-tls-ca", key).sentence(usage, "no certificate in")
	begin(t, nil, "tandem-peer", "-relay", "wss://"+addr, "-room", "r", "-tls-ca", cert+".old").sentence(usage, "no such file")
	begin(t, nil, "tandem-relay", "-tls-cert", cert).sentence(usage, "use both flags")
	begin(t, nil, "tandem-relay", "-tls-cert", key, "-tls-key", cert).sentence(usage, "exchange the two")

	var peers [2]*process
	var files [2]string
	for i := range peers {
		files[i] = filepath.Join(t.TempDir(), "f.json")
		peers[i] = begin(t, nil, "tandem-peer", "-relay", "wss://"+addr, "-tls-ca", cert, "-room", "r", "-env", "testenv",
			"-set", "countdown_ms=0", "-frames", "30", "-report", files[i])
	}
	for i, p := range peers {
		if code := p.wait(); code != 0 {
			t.Fatalf("peer %d ended with %d:\n%s", i, code, p.errs.String())
		}
	}
	a, b := readReport(t, files[0]).Seats[0], readReport(t, files[1]).Seats[0]
	if a.Frames != 30 || a.FinalHash == "" || a.FinalHash != b.FinalHash {
		t.Errorf("the reports are\n%+v\n%+v", a, b)
	}
}
