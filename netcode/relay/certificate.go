//go:build !js

package relay

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	// certificateCheck is how often, at most, the files are looked at for a renewed certificate.
	certificateCheck = 10 * time.Second
	// certificateWarning is how long before its end a certificate is worth a warning: programs that
	// renew them by themselves do it earlier.
	certificateWarning = 7 * 24 * time.Hour
)

// Certificate is a relay's certificate with its key, from two PEM files. Renewed files are taken up
// while the relay runs: they are looked at when somebody connects. Files that are no use are told in
// the log, and the certificate before them stays.
type Certificate struct {
	certFile, keyFile string
	now               func() time.Time
	log               *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	stamp   [2]fileStamp
	checked time.Time
}

// fileStamp tells whether a file was replaced.
type fileStamp struct {
	changed time.Time
	size    int64
}

// LoadCertificate reads the files; its errors say what is wrong with which. now is the time of day
// (nil: the system's), which certificates are valid by.
func LoadCertificate(certFile, keyFile string, now func() time.Time, log *slog.Logger) (*Certificate, error) {
	if now == nil {
		now = time.Now
	}
	c := &Certificate{certFile: certFile, keyFile: keyFile, now: now, log: slog.New(newLogLimiter(log.Handler(), since(now)))}
	c.stamp, c.checked = c.stamps(), now()
	var err error
	if c.current, err = c.load(); err != nil {
		return nil, err
	}
	if left := c.current.Leaf.NotAfter.Sub(c.checked); left < certificateWarning {
		c.log.Warn("the certificate ends soon: renew it", "file", certFile, "until", c.current.Leaf.NotAfter)
	}
	return c, nil
}

func since(now func() time.Time) func() time.Duration {
	start := now()
	return func() time.Duration { return now().Sub(start) }
}

// aead are the suites of TLS 1.2 that encrypt and authenticate in one; those of TLS 1.3 all do.
var aead = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// Config is for a listener: TLS 1.2 and later, HTTP/1.1, because WebSocket needs that.
func (c *Certificate) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, CipherSuites: aead, NextProtos: []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.get(), nil }}
}

func (c *Certificate) get() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if now.Sub(c.checked) < certificateCheck {
		return c.current
	}
	c.checked = now
	stamp := c.stamps()
	if stamp == c.stamp {
		return c.current
	}
	renewed, err := c.load()
	if err != nil {
		// The two files may be replaced one after the other: look again.
		c.log.Warn("the renewed certificate cannot be used; the one before stays", "error", err)
		return c.current
	}
	c.stamp, c.current = stamp, renewed
	c.log.Info("the certificate was renewed", "file", c.certFile, "until", renewed.Leaf.NotAfter)
	return c.current
}

func (c *Certificate) stamps() (s [2]fileStamp) {
	for i, file := range []string{c.certFile, c.keyFile} {
		if info, err := os.Stat(file); err == nil { // load says what is wrong
			s[i] = fileStamp{info.ModTime(), info.Size()}
		}
	}
	return s
}

func (c *Certificate) load() (*tls.Certificate, error) {
	cert, err := readPEM("certificate", c.certFile)
	if err != nil {
		return nil, err
	}
	key, err := readPEM("key", c.keyFile)
	if err != nil {
		return nil, err
	}
	switch {
	case !has(cert, "CERTIFICATE") && hasKey(cert) && has(key, "CERTIFICATE"):
		return nil, fmt.Errorf("%s is the key and %s the certificate: exchange the two", c.certFile, c.keyFile)
	case !has(cert, "CERTIFICATE"):
		return nil, fmt.Errorf("there is no certificate in %s: it should be a PEM file with BEGIN CERTIFICATE", c.certFile)
	case has(key, "ENCRYPTED PRIVATE KEY") || strings.Contains(string(key), "Proc-Type: 4,ENCRYPTED"):
		return nil, fmt.Errorf("the key in %s is encrypted: give one without a password that only the relay's user can read", c.keyFile)
	case !hasKey(key):
		return nil, fmt.Errorf("there is no key in %s: it should be a PEM file with BEGIN PRIVATE KEY", c.keyFile)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil && strings.Contains(err.Error(), "does not match") {
		return nil, fmt.Errorf("the key in %s does not belong to the certificate in %s: give the pair that was made together", c.keyFile, c.certFile)
	}
	if err != nil {
		return nil, fmt.Errorf("the certificate %s with the key %s cannot be read: %w", c.certFile, c.keyFile, err)
	}
	if pair.Leaf == nil { // a setting of the Go runtime can leave it away
		if pair.Leaf, err = x509.ParseCertificate(pair.Certificate[0]); err != nil {
			return nil, fmt.Errorf("the certificate %s cannot be read: %w", c.certFile, err)
		}
	}
	const day = "2 January 2006"
	switch now := c.now(); {
	case now.After(pair.Leaf.NotAfter):
		return nil, fmt.Errorf("the certificate %s was valid until %s: renew it", c.certFile, pair.Leaf.NotAfter.Format(day))
	case now.Before(pair.Leaf.NotBefore):
		return nil, fmt.Errorf("the certificate %s is valid from %s on: check this computer's clock", c.certFile, pair.Leaf.NotBefore.Format(day))
	}
	return &pair, nil
}

func readPEM(what, file string) ([]byte, error) {
	data, err := os.ReadFile(file)
	switch {
	case err == nil:
		return data, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no file %s for the %s: check the path", file, what)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("this user may not read the %s %s: change its owner or its permissions", what, file)
	}
	return nil, fmt.Errorf("the %s %s cannot be read (%w)", what, file, err)
}

// has tells whether PEM data have a block of a kind; hasKey, of any kind of key.
func has(data []byte, kind string) bool {
	return find(data, func(k string) bool { return k == kind })
}

func hasKey(data []byte) bool {
	return find(data, func(k string) bool { return strings.HasSuffix(k, "PRIVATE KEY") })
}

func find(data []byte, wanted func(kind string) bool) bool {
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			return false
		}
		if wanted(block.Type) {
			return true
		}
		data = rest
	}
}
