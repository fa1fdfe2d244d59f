//go:build !js

package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"unicode"

	"github.com/gorilla/websocket"
)

// dialError finds the sentence that tells a person what is wrong and what to do.
func dialError(u *url.URL, resp *http.Response, err error, opts Options) error {
	host := hostPort(u)
	say := func(format string, args ...any) error {
		return &DialError{Address: host, Words: fmt.Sprintf(format, args...), Err: err}
	}
	if resp != nil && errors.Is(err, websocket.ErrBadHandshake) {
		status := &StatusError{Status: resp.StatusCode, Words: firstLine(resp)}
		err = fmt.Errorf("%w: %w", status, err)
		return say("%s", statusWords(u, host, status))
	}
	var (
		dns       *net.DNSError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		verify    *tls.CertificateVerificationError
		record    tls.RecordHeaderError
		alert     tls.AlertError
		operation *net.OpError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return say("connecting to %s was cancelled", host)
	case errors.As(err, &dns) && dns.IsNotFound:
		return say("there is no host called %s: check the spelling, or use the relay's IP address", u.Hostname())
	case errors.As(err, &dns):
		return say("the name %s cannot be looked up (%s): check this computer's connection, or use the relay's IP address", u.Hostname(), dns.Err)
	case errors.Is(err, errRefused):
		return say("no relay answers at %s (connection refused): start one with tandem-relay, or check the address", host)
	case isTimeout(err):
		return say("%s does not answer within %v: check the address, and that no firewall is in between", host, opts.HandshakeTimeout)
	case errors.Is(err, errHostUnreachable), errors.Is(err, errNetUnreachable):
		return say("%s cannot be reached (no route): check the address and this computer's connection", host)
	case errors.As(err, &authority):
		return say("the certificate of %s is not signed by an authority this computer trusts: if you trust it, name its certificate with -tls-ca FILE, or use ws:// on a network you trust", host)
	case errors.As(err, &hostname):
		return say("the certificate of the relay is not made out for %s: use the name it is made out for", u.Hostname())
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return say("the certificate of %s is out of date, or this computer's clock is wrong", host)
	case errors.As(err, &record):
		return say("%s does not speak TLS: use ws://%s instead of wss://", host, host)
	case errors.As(err, &verify), errors.As(err, &invalid), errors.As(err, &alert):
		return say("no secure connection to %s: %v", host, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, errReset):
		return say("%s hung up without an answer: it is probably no relay; check the port, and ws:// or wss://", host)
	case errors.As(err, &operation):
		return say("no connection to %s: %v", host, operation.Err)
	}
	return say("%s does not answer as a relay does (%v): check the address", host, err)
}

// isTimeout covers the dialer's deadline, the context's, and the system's own.
func isTimeout(err error) bool {
	var e net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.As(err, &e) && e.Timeout()
}

// statusWords is the sentence for an HTTP answer in place of a WebSocket.
func statusWords(u *url.URL, host string, e *StatusError) string {
	said := ""
	if e.Words != "" {
		said = fmt.Sprintf(" (it says: %s)", e.Words)
	}
	switch {
	case e.Status == http.StatusNotFound:
		return fmt.Sprintf("%s answers, but there is no relay at %s%s: check the address, the path is usually %s", host, u.Path, said, DefaultPath)
	case e.Status == http.StatusForbidden:
		return fmt.Sprintf("the relay at %s does not admit this client%s: its operator has to allow this origin", host, said)
	case e.Status == http.StatusUnauthorized, e.Status == http.StatusProxyAuthRequired:
		return fmt.Sprintf("%s wants a password%s: a relay does not, so check the address and the proxy", host, said)
	case e.Status == http.StatusTooManyRequests:
		return fmt.Sprintf("the relay at %s has too many connections from here%s: close some, or wait a minute", host, said)
	case e.Status == http.StatusServiceUnavailable:
		return fmt.Sprintf("the relay at %s is full or about to stop%s: try again in a minute", host, said)
	case e.Status == http.StatusBadRequest && strings.Contains(e.Words, "HTTPS"):
		return fmt.Sprintf("%s speaks TLS: use wss://%s instead of ws://", host, host)
	case e.Status >= 300 && e.Status < 400:
		return fmt.Sprintf("%s sends elsewhere (HTTP %d)%s: use the address it points to, often wss:// instead of ws://", host, e.Status, said)
	case e.Status == http.StatusBadGateway, e.Status == http.StatusGatewayTimeout:
		return fmt.Sprintf("%s answers, but the relay behind it does not (HTTP %d)%s: ask its operator", host, e.Status, said)
	case e.Status >= 200 && e.Status < 300, e.Status == http.StatusSwitchingProtocols:
		return fmt.Sprintf("%s is a web server, but no relay (HTTP %d): check the address and the path", host, e.Status)
	}
	return fmt.Sprintf("%s refuses the connection (HTTP %d %s)%s: check the address", host, e.Status, http.StatusText(e.Status), said)
}

// firstLine is the first line of a plain text answer, without what could upset a terminal. The
// WebSocket library keeps at most 1 KiB of the body.
func firstLine(resp *http.Response) string {
	kind := resp.Header.Get("Content-Type") // Go's answer to plain HTTP on a TLS port names none
	if resp.Body == nil || kind != "" && !strings.HasPrefix(kind, "text/plain") {
		return ""
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 200))
	if err != nil && len(body) == 0 {
		return "" // the status alone then tells what there is to tell
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(body)), "\n")
	line = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(line, ""))
	if line == http.StatusText(resp.StatusCode) {
		return ""
	}
	return line
}
