//go:build !js

package relay

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tandem/netcode/transport"
)

// TestOwnCertificates lets a relay run for a year: a page finds a certificate whose sum it was told, up to a
// turn ago, and that its browser takes; a program always the same.
func TestOwnCertificates(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	o, err := newOwnCertificates(nil, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	program := o.sum()
	type told struct {
		at   time.Time
		sums []string
	}
	var before []told
	shown := map[string]bool{}
	look := func() {
		t.Helper()
		sums, err := o.pageSums()
		if err != nil || len(sums) != 2 {
			t.Fatal(sums, err)
		}
		before = append(before, told{now, sums})
		page, err := o.choose(&tls.ClientHelloInfo{SupportedProtos: []string{transport.ForPages}})
		if err != nil {
			t.Fatal(err)
		}
		sum, leaf := transport.CertificateSum(page.Leaf), page.Leaf
		shown[sum] = true
		for _, b := range before {
			if now.Sub(b.at) <= pageTurn && !slices.Contains(b.sums, sum) {
				t.Fatalf("at %v the certificate %s is shown; at %v a page was told %s", now, sum, b.at, b.sums)
			}
		}
		if leaf.NotAfter.Sub(leaf.NotBefore) > 14*24*time.Hour || now.After(leaf.NotAfter) || now.Add(-clocksDiffer).Before(leaf.NotBefore) {
			t.Fatalf("at %v the certificate is valid from %v to %v", now, leaf.NotBefore, leaf.NotAfter)
		}
		if key, ok := leaf.PublicKey.(*ecdsa.PublicKey); !ok || key.Curve != elliptic.P256() {
			t.Fatalf("the key is a %T", leaf.PublicKey)
		}
		other, err := o.choose(&tls.ClientHelloInfo{SupportedProtos: []string{"tandem-datagrams"}})
		if err != nil || transport.CertificateSum(other.Leaf) != program || now.After(other.Leaf.NotAfter) {
			t.Fatal("a program is shown another certificate", err)
		}
	}
	for range 365 * 4 {
		look()
		now = now.Add(6 * time.Hour)
	}
	if want := 365 * 24 * time.Hour / pageTurn; len(shown) < int(want)-1 || len(shown) > int(want)+1 {
		t.Errorf("%d certificates were shown in a year", len(shown))
	}
	// Nobody comes for a while, and just before and after a turn: each is valid for long enough.
	for _, pause := range []time.Duration{pageTurn - time.Second, 2*pageTurn - time.Second, 9 * 24 * time.Hour, 40 * 24 * time.Hour} {
		now = now.Add(pause)
		look()
	}
	before, shown = nil, map[string]bool{}
	now = now.Add(-40 * 24 * time.Hour) // the clock was wrong
	look()
}

// TestCertificateNobodyVouchesFor: with TLS programs are shown the certificate of the WebSockets, and pages only
// where a browser takes it without asking.
func TestCertificateNobodyVouchesFor(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	pem, key := issue(t, 1, now.Add(-time.Hour), now.Add(24*time.Hour), "play.example.org")
	dir := t.TempDir()
	cert, err := LoadCertificate(save(t, filepath.Join(dir, "cert.pem"), pem), save(t, filepath.Join(dir, "key.pem"), key), func() time.Time { return now }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	o, err := newOwnCertificates(cert, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	shown := func(protocol string) string {
		t.Helper()
		c, err := o.choose(&tls.ClientHelloInfo{SupportedProtos: []string{protocol}})
		if err != nil {
			t.Fatal(err)
		}
		return transport.CertificateSum(c.Leaf)
	}
	file := transport.CertificateSum(cert.get().Leaf)
	sums, err := o.pageSums()
	if err != nil || len(sums) != 2 || shown(transport.ForPages) != sums[0] || sums[0] == file {
		t.Errorf("pages are told %q and shown %s, %v", sums, shown(transport.ForPages), err)
	}
	if o.sum() != "" || shown("tandem-datagrams") != file {
		t.Error("programs are shown another one than that of the file")
	}
	o.good = true
	if sums, err := o.pageSums(); err != nil || !slices.Equal(sums, []string{transport.Verified}) || shown(transport.ForPages) != file {
		t.Errorf("where somebody vouches for it pages are told %q, %v", sums, err)
	}
}
