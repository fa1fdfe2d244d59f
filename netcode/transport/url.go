package transport

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// DefaultPath is where a relay answers WebSocket requests; it is added to an address without path.
const DefaultPath = "/ws"

// DefaultPort is where a relay listens unless it is told otherwise, and so where it is looked for.
const DefaultPort = "7777"

// ParseURL turns what a person writes as a relay's address into a WebSocket URL: ws:// and wss://
// as they are, http:// and https:// become them, a bare host or host:port becomes ws://, at
// DefaultPort if it names none. A missing path becomes DefaultPath; a fragment is dropped. The error
// says what to write instead.
func ParseURL(address string) (*url.URL, error) {
	text := strings.TrimSpace(address)
	bad := func(format string, args ...any) (*url.URL, error) {
		return nil, fmt.Errorf("%q is not a relay address: %s; write for example 192.168.1.5, 192.168.1.5:8000 or wss://play.example.org",
			address, fmt.Sprintf(format, args...))
	}
	if text == "" {
		return bad("it is empty")
	}
	bare := !strings.Contains(text, "://")
	if bare {
		text = "ws://" + text
	}
	u, err := url.Parse(EscapeZone(text))
	if err != nil {
		return bad("%v", innermost(err))
	}
	switch u.Scheme {
	case "ws", "wss":
	case "http":
		u.Scheme = "ws"
	case "https":
		u.Scheme = "wss"
	default:
		return bad("%s:// is not a way to reach a relay", u.Scheme)
	}
	if u.User != nil {
		return bad("it contains a user name")
	}
	if u.Hostname() == "" {
		return bad("it has no host")
	}
	if strings.ContainsAny(u.Hostname(), " \t") {
		return bad("the host contains a space")
	}
	if err := CheckZone(u); err != nil {
		return bad("%v", err)
	}
	if strings.Count(u.Host, ":") > 1 && !strings.HasPrefix(u.Host, "[") {
		return bad("an IPv6 address stands in brackets, as in [::1]:8080")
	}
	if strings.HasSuffix(u.Host, ":") {
		return bad("the port after the colon is missing")
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return bad("a port is 1 to 65535, not %s", p)
		}
	}
	if bare && u.Port() == "" {
		u.Host += ":" + DefaultPort
	}
	if u.Path == "" || u.Path == "/" {
		u.Path, u.RawPath = DefaultPath, ""
	}
	u.Fragment, u.RawFragment = "", ""
	u.RawQuery = strings.TrimSpace(u.RawQuery) // what stood before the fragment ends the address now
	return u, nil
}

// CheckZone refuses an IPv6 zone with letters that can be read in an address and not be written in one.
func CheckZone(u *url.URL) error {
	if _, err := url.Parse((&url.URL{Scheme: "ws", Host: u.Host}).String()); err != nil {
		return innermost(err)
	}
	return nil
}

// EscapeZone writes the % before an IPv6 address's zone as URLs want it: people write [fe80::1%eth0], as
// their system's tools do, and RFC 6874 wants [fe80::1%25eth0], which stays as it is.
func EscapeZone(address string) string {
	from, to := strings.IndexByte(address, '['), strings.IndexByte(address, ']')
	if from < 0 || to < from {
		return address
	}
	host, zone, ok := strings.Cut(address[from:to], "%")
	if !ok || strings.HasPrefix(zone, "25") && len(zone) > len("25") {
		return address
	}
	return address[:from] + host + "%25" + zone + address[to:]
}

// isLoopback tells addresses of this computer itself.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// innermost leaves the part of a url.Error that is not a repetition of the URL.
func innermost(err error) error {
	if e, ok := err.(*url.Error); ok {
		return e.Err
	}
	return err
}

// DialError is what Dial answers. Error is one sentence for the person who wrote the address; Err
// is the cause, for errors.Is and errors.As.
type DialError struct {
	Address string // host and port, or the address as given when it cannot be read
	Words   string
	Err     error
}

func (e *DialError) Error() string { return e.Words }
func (e *DialError) Unwrap() error { return e.Err }
