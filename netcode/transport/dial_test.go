//go:build !js

package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"
)

// wantDialError dials and checks the sentence; it returns the error for errors.As.
func wantDialError(t *testing.T, ctx context.Context, address string, opts Options, words string) error {
	t.Helper()
	c, err := Dial(ctx, address, opts)
	if err == nil {
		c.(Aborter).Abort()
		t.Fatalf("%s: connected", address)
	}
	var de *DialError
	if !errors.As(err, &de) || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: %q (%T), want %q in it", address, err, err, words)
	}
	return err
}

func TestDialRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	err = wantDialError(t, t.Context(), addr, Options{},
		"no relay answers at "+addr+" (connection refused): start one with tandem-relay, or check the address")
	if !errors.Is(err, errRefused) {
		t.Errorf("no errRefused inside: %v", err)
	}
}

// A link-local address is of use with its zone alone, which people write in two ways.
func TestDialZone(t *testing.T) {
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skipf("this machine has no IPv6 on its loopback: %v", err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := Upgrade(w, r, Options{}); err == nil {
			_ = c.Close(CodeNormal, "") // the test dials, and that is all
		}
	}))
	s.Listener.Close()
	s.Listener = l
	s.Start()
	defer s.Close()
	lo, err := net.InterfaceByIndex(1)
	if err != nil || lo.Flags&net.FlagLoopback == 0 {
		t.Skip("the first interface of this machine is not its loopback")
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for _, percent := range []string{"%", "%25"} {
		address := "[::1" + percent + lo.Name + "]:" + port
		c, err := Dial(t.Context(), address, Options{})
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		c.(Aborter).Abort()
	}
}

func TestDialBadURL(t *testing.T) {
	wantDialError(t, t.Context(), "ftp://x", Options{}, "ftp:// is not a way to reach a relay")
}

// TestDialWords covers causes that a test cannot bring about without a network of its own.
func TestDialWords(t *testing.T) {
	u, err := ParseURL("wss://play.example.org")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		err   error
		words string
	}{
		{&net.DNSError{Err: "no such host", IsNotFound: true}, "there is no host called play.example.org: check the spelling"},
		{&net.DNSError{Err: "server misbehaving"}, "cannot be looked up (server misbehaving)"},
		{&net.OpError{Err: errHostUnreachable}, "cannot be reached (no route)"},
		{&net.OpError{Err: errNetUnreachable}, "cannot be reached (no route)"},
		{&net.OpError{Err: errReset}, "hung up without an answer"},
		{context.DeadlineExceeded, "does not answer within 3s"},
		{x509.HostnameError{Certificate: &x509.Certificate{}, Host: "play.example.org"}, "not made out for play.example.org"},
		{x509.CertificateInvalidError{Reason: x509.Expired}, "out of date, or this computer's clock"},
		{&net.OpError{Err: syscall.EACCES}, "no connection to play.example.org:443: permission denied"},
		{errors.New("what"), "does not answer as a relay does (outer: what)"},
	} {
		got := dialError(u, nil, fmt.Errorf("outer: %w", c.err), Options{HandshakeTimeout: 3 * time.Second})
		if !strings.Contains(got.Error(), c.words) {
			t.Errorf("%v: %q, want %q in it", c.err, got, c.words)
		}
		if !errors.Is(got, c.err) {
			t.Errorf("%v is not inside %v", c.err, got)
		}
	}
}

func TestDialStatus(t *testing.T) {
	for status, words := range map[int]string{
		200: "is a web server, but no relay (HTTP 200)",
		302: "sends elsewhere (HTTP 302)",
		400: "refuses the connection (HTTP 400 Bad Request)",
		401: "wants a password",
		403: "does not admit this client (it says: not for you)",
		404: "there is no relay at /ws (it says: not for you)",
		429: "too many connections",
		502: "the relay behind it does not (HTTP 502)",
		503: "is full or about to stop (it says: not for you): try again",
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "not for \x1byou\nsecond line", status)
		}))
		err := wantDialError(t, t.Context(), srv.URL, Options{}, words)
		var se *StatusError
		if !errors.As(err, &se) || se.Status != status {
			t.Errorf("HTTP %d: %v", status, err)
		}
		srv.Close()
	}
}

func TestDialTimeoutAndCancel(t *testing.T) {
	checkLeaks(t)
	// The system accepts, and nobody says anything.
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	err = wantDialError(t, t.Context(), silent.Addr().String(), Options{HandshakeTimeout: 50 * time.Millisecond}, "does not answer within 50ms")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("timeout: %v", err)
	}

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	over := waitFor(func() {
		defer cancel()
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		cancel()
		c.Read(make([]byte, 1000))
		c.Read(make([]byte, 1)) // until the client hangs up
	})
	err = wantDialError(t, ctx, l.Addr().String(), Options{HandshakeTimeout: time.Minute}, "was cancelled")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancel: %v", err)
	}
	<-over
}

// TestDialCancelAtAnyMoment: a cancellation while the connection is being made, or just after, is
// not lost to the deadlines that the handshake sets.
func TestDialCancelAtAnyMoment(t *testing.T) {
	checkLeaks(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for range 300 {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			c, err := l.Accept()
			cancel()
			if err == nil {
				c.Read(make([]byte, 1000))
				c.Read(make([]byte, 1))
				c.Close()
			}
		}()
		_, err := Dial(ctx, l.Addr().String(), Options{HandshakeTimeout: time.Minute})
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "was cancelled") {
			t.Fatal(err)
		}
	}
}

func TestDialHangsUp(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			c.Close()
		}
	}()
	wantDialError(t, t.Context(), l.Addr().String(), Options{}, "hung up without an answer")
}

func TestTLS(t *testing.T) {
	checkLeaks(t)
	conns := make(chan Conn, 1)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := Upgrade(w, r, Options{}); err == nil {
			conns <- c
		}
	}))
	srv.Config.ErrorLog = quiet()
	srv.StartTLS()
	defer srv.Close()
	host := strings.TrimPrefix(srv.URL, "https://")

	err := wantDialError(t, t.Context(), srv.URL, Options{}, "is not signed by an authority this computer trusts")
	var ua x509.UnknownAuthorityError
	if !errors.As(err, &ua) {
		t.Errorf("no UnknownAuthorityError inside: %v", err)
	}
	wantDialError(t, t.Context(), "ws://"+host, Options{}, "speaks TLS: use wss://"+host)

	plain, _ := serve(t, Options{})
	plainHost := strings.TrimPrefix(plain.URL, "http://")
	wantDialError(t, t.Context(), "wss://"+plainHost, Options{}, "does not speak TLS: use ws://"+plainHost)

	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	c, err := DialTLS(t.Context(), srv.URL, Options{}, &tls.Config{RootCAs: roots})
	if err != nil {
		t.Fatal(err)
	}
	s := <-conns
	mustWrite(t, c, []byte("secret"))
	if got := mustRead(t, s); string(got) != "secret" {
		t.Errorf("%q", got)
	}
	done := waitFor(func() { wantClose(t, s, 4009, "over TLS too") })
	c.Close(4009, "over TLS too")
	<-done
}

func TestOrigins(t *testing.T) {
	srv, conns := serve(t, Options{Origins: []string{"https://play.example.org", "https://*.games.example/"}})
	host := strings.TrimPrefix(srv.URL, "http://")
	for origin, ok := range map[string]bool{
		"":                                      true,
		"http://" + host:                        true,
		"https://play.example.org":              true,
		"https://PLAY.example.org":              true,
		"https://a.games.example":               true,
		"https://games.example":                 false,
		"https://agames.example":                false,
		"http://play.example.org":               false,
		"https://evil.example":                  false,
		"null":                                  false,
		"https://play.example.org.evil.example": false,
	} {
		c, err := Dial(t.Context(), srv.URL, Options{Origin: origin})
		if (err == nil) != ok {
			t.Errorf("%q: %v", origin, err)
		}
		if err != nil && !strings.Contains(err.Error(), "may not use this relay") {
			t.Errorf("%q: %v", origin, err)
		}
		if err == nil {
			c.(Aborter).Abort()
			(<-conns).(Aborter).Abort()
		}
	}
	r := httptest.NewRequest("GET", "/", nil)
	for _, origin := range []string{"https://anything.example", "null", "%zz"} {
		r.Header.Set("Origin", origin)
		if err := CheckOrigin(r, []string{"*"}); err != nil {
			t.Errorf("* does not allow %q: %v", origin, err)
		}
	}
	r.Header.Add("Origin", "https://two.example")
	if err := CheckOrigin(r, []string{"*"}); !errors.Is(err, ErrOrigin) {
		t.Errorf("two origins: %v", err)
	}
	r.Header["Origin"] = []string{""}
	if err := CheckOrigin(r, nil); !errors.Is(err, ErrOrigin) {
		t.Errorf("an empty Origin header: %v", err)
	}
}

func TestUpgradeRefusals(t *testing.T) {
	srv, _ := serve(t, Options{})
	get := func(header http.Header) (int, string) {
		r, err := http.NewRequest("GET", srv.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = header
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode, firstLine(resp)
	}
	upgrade := http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}}
	if code, words := get(http.Header{}); code != 400 || !strings.Contains(words, "WebSocket only") {
		t.Errorf("a plain request: %d %q", code, words)
	}
	if code, words := get(upgrade); code != 400 || !strings.Contains(words, "version") {
		t.Errorf("no version: %d %q", code, words)
	}
	asks := upgrade.Clone()
	asks.Set("Sec-Websocket-Protocol", "mqtt")
	if code, words := get(asks); code != 400 || !strings.Contains(words, "mqtt") {
		t.Errorf("a subprotocol: %d %q", code, words)
	}
}
