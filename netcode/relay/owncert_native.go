//go:build !js

package relay

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"

	"tandem/netcode/transport"
)

const (
	// ownFor is how long the certificate is valid that programs are shown. It lives in memory, as long as the
	// relay runs, and they know it by its sum.
	ownFor = 10 * 365 * 24 * time.Hour
	// pageFor is that of the ones that pages are shown: browsers take no certificate by its sum that is valid
	// for more than two weeks.
	pageFor = 13 * 24 * time.Hour
	// pageTurn is how long each is shown. Its sum is told one turn before, and it is made then, so that two
	// turns and some have to be within pageFor.
	pageTurn = 5 * 24 * time.Hour
	// clocksDiffer is how far a visitor's clock may be behind.
	clocksDiffer = time.Hour
)

// ownCertificates are those that a relay shows on its port for datagrams: that of its WebSockets where it has
// one. Without, programs are shown one for which nobody vouches. So are pages, one after the other, and also
// where nobody vouches for that of the WebSockets: a browser's user may have let that pass for the page, and
// WebTransport asks nobody.
type ownCertificates struct {
	cert    *Certificate // nil without TLS
	now     func() time.Time
	program *tls.Certificate // nil with TLS

	mu   sync.Mutex
	last *tls.Certificate    // of cert, that was looked at
	good bool                // somebody vouches for it
	page [2]*tls.Certificate // that is shown, and the next
	turn time.Time           // when the next is shown
}

func newOwnCertificates(cert *Certificate, now func() time.Time) (*ownCertificates, error) {
	o := &ownCertificates{cert: cert, now: now}
	if cert == nil {
		var err error
		if o.program, err = ownCertificate(now(), ownFor); err != nil {
			return nil, err
		}
	}
	_, err := o.pages()
	return o, err
}

// vouched is the certificate of the WebSockets where somebody vouches for it; nil otherwise.
func (o *ownCertificates) vouched() *tls.Certificate {
	if o.cert == nil {
		return nil
	}
	cert := o.cert.get()
	o.mu.Lock()
	defer o.mu.Unlock()
	if cert != o.last {
		between := x509.NewCertPool()
		for _, raw := range cert.Certificate[1:] {
			if c, err := x509.ParseCertificate(raw); err == nil { // else it helps nobody
				between.AddCert(c)
			}
		}
		_, err := cert.Leaf.Verify(x509.VerifyOptions{Intermediates: between, CurrentTime: o.now()})
		o.last, o.good = cert, err == nil
	}
	if !o.good {
		return nil
	}
	return cert
}

// choose shows whoever comes the one that it knows the sum of.
func (o *ownCertificates) choose(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if !slices.Contains(hello.SupportedProtos, transport.ForPages) {
		if o.cert != nil {
			return o.cert.get(), nil
		}
		return o.program, nil
	}
	if cert := o.vouched(); cert != nil {
		return cert, nil
	}
	page, err := o.pages()
	return page[0], err
}

// sum is what programs know theirs by; "" where they verify it.
func (o *ownCertificates) sum() string {
	if o.program == nil {
		return ""
	}
	return transport.CertificateSum(o.program.Leaf)
}

// pageSums is what pages know theirs by, the one that is shown and the next.
func (o *ownCertificates) pageSums() ([]string, error) {
	if o.vouched() != nil {
		return []string{transport.Verified}, nil
	}
	page, err := o.pages()
	if err != nil {
		return nil, err
	}
	return []string{transport.CertificateSum(page[0].Leaf), transport.CertificateSum(page[1].Leaf)}, nil
}

// pages are the ones for pages, renewed where it is time. Nobody need look at a clock for that: it is done
// when somebody asks.
func (o *ownCertificates) pages() ([2]*tls.Certificate, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	if o.page[0] == nil || now.Before(o.page[0].Leaf.NotBefore) { // the clock may have been set back
		fresh, err := ownCertificate(now, pageFor)
		if err != nil {
			return o.page, err
		}
		// One turn is not over yet when this begins: the loop makes the next.
		o.page[1], o.turn = fresh, now
	}
	for !now.Before(o.turn) {
		fresh, err := ownCertificate(now, pageFor)
		if err != nil {
			return o.page, err
		}
		o.page[0], o.page[1], o.turn = o.page[1], fresh, o.turn.Add(pageTurn)
	}
	return o.page, nil
}

// ownCertificate is one that nobody vouches for. Its kind of key is one that browsers take by its sum.
func ownCertificate(now time.Time, valid time.Duration) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("no key can be made: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("no certificate can be made: %w", err)
	}
	from := now.Add(-clocksDiffer)
	template := &x509.Certificate{SerialNumber: serial, NotBefore: from, NotAfter: from.Add(valid),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("no certificate can be made: %w", err)
	}
	leaf, err := x509.ParseCertificate(raw)
	if err != nil {
		return nil, fmt.Errorf("no certificate can be made: %w", err)
	}
	return &tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key, Leaf: leaf}, nil
}
