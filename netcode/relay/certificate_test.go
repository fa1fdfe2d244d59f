//go:build !js

package relay

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/transport"
)

// noon is the time of day in these tests.
var noon = time.Date(2030, 6, 1, 12, 0, 0, 0, time.UTC)

// issue writes a certificate for 127.0.0.1, and names, that signs itself, and its key.
func issue(t *testing.T, serial int64, from, until time.Time, names ...string) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "relay"},
		NotBefore: from, NotAfter: until, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: names,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
}

// save writes a file and returns its name.
func save(t *testing.T, name string, data []byte) string {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestCertificateFiles(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, data []byte) string { return save(t, filepath.Join(dir, name), data) }
	day := 24 * time.Hour
	goodCert, goodKey := issue(t, 1, noon.Add(-day), noon.Add(60*day))
	_, otherKey := issue(t, 2, noon.Add(-day), noon.Add(day))
	oldCert, oldKey := issue(t, 3, noon.Add(-2*day), noon.Add(-day))
	newCert, newKey := issue(t, 4, noon.Add(day), noon.Add(2*day))
	cert, key := file("cert.pem", goodCert), file("key.pem", goodKey)
	for _, c := range []struct{ cert, key, say string }{
		{cert, key, ""},
		{file("both.pem", append(bytes.Clone(goodKey), goodCert...)), file("both.pem", append(bytes.Clone(goodKey), goodCert...)), ""},
		{filepath.Join(dir, "nowhere.pem"), key, "there is no file " + filepath.Join(dir, "nowhere.pem") + " for the certificate"},
		{cert, filepath.Join(dir, "nowhere.pem"), "for the key"},
		{dir, key, "cannot be read"},
		{key, cert, "exchange the two"},
		{file("empty.pem", nil), key, "no certificate in"},
		{cert, cert, "no key in"},
		{file("text.pem", []byte("-----BEGIN CERTIFICATE-----\nrubbish")), key, "no certificate in"},
		{file("bad.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("rubbish")})), key, "cannot be read"},
		{cert, file("locked.pem", pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte{1}})), "encrypted"},
		{cert, file("other.pem", otherKey), "does not belong to"},
		{file("old.pem", oldCert), file("old-key.pem", oldKey), "was valid until 31 May 2030: renew it"},
		{file("new.pem", newCert), file("new-key.pem", newKey), "valid from 2 June 2030 on"},
	} {
		_, err := LoadCertificate(c.cert, c.key, func() time.Time { return noon }, slog.New(slog.DiscardHandler))
		if (err == nil) != (c.say == "") || err != nil && !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s with %s: %v, want %q", filepath.Base(c.cert), filepath.Base(c.key), err, c.say)
		}
	}
	if os.Geteuid() == 0 || runtime.GOOS == "windows" {
		t.Log("a file that may not be read was not tried: root reads everything, and Windows knows no modes")
		return
	}
	if err := os.Chmod(key, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadCertificate(cert, key, nil, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "may not read the key") {
		t.Errorf("a key that may not be read: %v", err)
	}
}

// TestRenewedCertificate replaces the files under a running relay, badly first.
func TestRenewedCertificate(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	now := noon
	put := func(serial int64, until time.Time, cut int) {
		cert, key := issue(t, serial, noon.Add(-time.Hour), until)
		save(t, certFile, cert)
		save(t, keyFile, key[:len(key)-cut])
		// Files of equal length written within the clock's resolution look the same.
		for _, f := range []string{certFile, keyFile} {
			if err := os.Chtimes(f, now, noon.Add(time.Duration(serial)*time.Second)); err != nil {
				t.Fatal(err)
			}
		}
	}
	var log bytes.Buffer
	put(1, noon.Add(time.Hour), 0)
	c, err := LoadCertificate(certFile, keyFile, func() time.Time { return now }, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	serial := func() int64 { return c.get().Leaf.SerialNumber.Int64() }
	if !strings.Contains(log.String(), "ends soon") || serial() != 1 {
		t.Errorf("the first certificate is %d, the log says %q", serial(), log.String())
	}
	put(2, noon.Add(time.Hour), 0)
	if serial() != 1 {
		t.Error("the files are read again before their time")
	}
	now = now.Add(certificateCheck)
	if serial() != 2 || !strings.Contains(log.String(), "was renewed") {
		t.Errorf("the certificate is %d after the renewal, the log says %q", serial(), log.String())
	}
	put(3, noon.Add(time.Hour), 40)
	now = now.Add(certificateCheck)
	if serial() != 2 || !strings.Contains(log.String(), "no key in") {
		t.Errorf("the certificate is %d after half a renewal, the log says %q", serial(), log.String())
	}
	put(4, noon.Add(time.Hour), 0)
	now = now.Add(certificateCheck)
	if serial() != 4 {
		t.Errorf("the certificate is %d in the end, want 4", serial())
	}
	// A relay whose certificate has ended goes on with it: clients say what is wrong.
	now = noon.Add(2 * time.Hour)
	if serial() != 4 {
		t.Error("an old certificate was taken away")
	}
}

// TestTLS dials a relay by wss:// with its certificate known, unknown, and not at all.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	cert, key := issue(t, 1, time.Now().Add(-time.Hour), time.Now().Add(30*24*time.Hour))
	c, err := LoadCertificate(save(t, filepath.Join(dir, "cert.pem"), cert), save(t, filepath.Join(dir, "key.pem"), key), nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ln, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := New(Options{})
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.ServeTLS(ctx, ln, c) }()
	defer func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()
	addr := ln.Addr().String()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		conn, err := transport.DialTLS(t.Context(), "wss://"+addr, connOptions, &tls.Config{RootCAs: pool, MaxVersion: version})
		if err != nil {
			t.Fatal(err)
		}
		write(t, conn, hello(protocol.Version))
		if _, err := conn.Read(); err != nil {
			t.Error(err)
		}
		if err := conn.Close(transport.CodeNormal, ""); err != nil {
			t.Error(err)
		}
	}
	for _, f := range []struct {
		address string
		cfg     *tls.Config
		say     string
	}{
		{"wss://" + addr, nil, "-tls-ca"},
		{"ws://" + addr, nil, "use wss://"},
		{"wss://" + addr, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, "protocol version"},
	} {
		_, err := transport.DialTLS(t.Context(), f.address, connOptions, f.cfg)
		if err == nil || !strings.Contains(err.Error(), f.say) {
			t.Errorf("%s: %v, want %q", f.address, err, f.say)
		}
	}
}
