//go:build !js

package app

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/transport"
)

// Dialer connects to a relay.
type Dialer func(ctx context.Context) (transport.Conn, error)

// NewDialer dials a relay by its addresses, of which any may do. caFile names a PEM file with
// certificates to trust besides the system's: of an authority, or the relay's own; "" for none. by is what
// messages travel by, "" for transport.Auto.
func NewDialer(by transport.By, caFile string, addresses ...string) (Dialer, error) {
	cfg, err := trust(caFile)
	if err != nil {
		return nil, err
	}
	for _, a := range addresses {
		if u, err := transport.ParseURL(a); err == nil && u.Scheme != "wss" && caFile != "" {
			return nil, Usagef("-tls-ca is for secure connections: write -relay wss://%s", u.Host)
		}
	}
	return func(ctx context.Context) (transport.Conn, error) { return dialAny(ctx, by, addresses, cfg) }, nil
}

// trust makes the TLS configuration that trusts a file besides the system; nil for none.
func trust(caFile string) (*tls.Config, error) {
	if caFile == "" {
		return nil, nil
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // this system has none
	}
	data, err := os.ReadFile(caFile)
	if err != nil {
		return nil, &UsageError{fmt.Errorf("-tls-ca: %w", err)}
	}
	if !roots.AppendCertsFromPEM(data) {
		return nil, Usagef("-tls-ca: there is no certificate in %s; it should be a PEM file with BEGIN CERTIFICATE", caFile)
	}
	return &tls.Config{RootCAs: roots}, nil
}

// dialHeadStart is what each address gets before the next is tried beside it (RFC 8305 recommends
// 250 ms): one that leads nowhere is silent, and must not hold the others up.
const dialHeadStart = 250 * time.Millisecond

// dialAny connects to the first of a relay's addresses that answers. The error is that of the first
// address, which is the most likely one.
func dialAny(ctx context.Context, by transport.By, addresses []string, cfg *tls.Config) (transport.Conn, error) {
	dial := func(ctx context.Context, address string) (transport.Conn, error) {
		return transport.DialBy(ctx, cmp.Or(by, transport.Auto), address, transport.Options{MaxMessage: protocol.MaxFrame}, cfg)
	}
	if len(addresses) == 1 {
		return dial(ctx, addresses[0])
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		at   int
		conn transport.Conn
		err  error
	}
	results := make(chan result, len(addresses))
	start := func(i int) {
		go func() {
			conn, err := dial(ctx, addresses[i])
			results <- result{i, conn, err}
		}()
	}
	var first error
	begun, ended := 0, 0
	for ended < len(addresses) {
		var next <-chan time.Time
		if begun < len(addresses) {
			if begun == ended { // nobody else is being tried
				start(begun)
				begun++
			}
			t := time.NewTimer(dialHeadStart)
			defer t.Stop()
			next = t.C
		}
		select {
		case r := <-results:
			ended++
			if r.err == nil {
				go discard(results, begun-ended, func(r result) transport.Conn { return r.conn })
				return r.conn, nil
			}
			if r.at == 0 {
				first = r.err
			}
		case <-next:
			if begun < len(addresses) {
				start(begun)
				begun++
			}
		}
	}
	return nil, first
}

// discard hangs up the n connections that come too late.
func discard[T any](results <-chan T, n int, conn func(T) transport.Conn) {
	for range n {
		if c := conn(<-results); c != nil {
			_ = c.Close(transport.CodeNormal, "") // nobody has said anything on it
		}
	}
}
