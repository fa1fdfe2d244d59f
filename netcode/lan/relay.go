package lan

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/libp2p/zeroconf/v2"
)

const (
	service = "_tandem._tcp"
	domain  = "local."

	// maxName is what a list shows of a name, in bytes.
	maxName = 40
	// pinLength and pinLetters are what a pin is made of.
	pinLength  = 22
	pinLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	// maxAddresses and maxRelays bound what is kept of what strangers say.
	maxAddresses = 16
	maxRelays    = 64
)

// Relay is a relay as it announces itself.
type Relay struct {
	Name    string // what people call it; clean and short
	Version int    // of the protocol
	Secure  bool   // it speaks TLS
	Pin     string // of its certificate for datagrams; "" where it has none of its own
	// Addresses are where it says that it listens, in the order to try them in. Not every one need
	// answer: a machine with several networks announces all of them.
	Addresses []netip.AddrPort

	instance string
}

// URLs are the addresses as a client takes them.
func (r *Relay) URLs() []string {
	scheme := "ws://"
	if r.Secure {
		scheme = "wss://"
	}
	urls := make([]string, len(r.Addresses))
	for i, a := range r.Addresses {
		urls[i] = scheme + a.String()
	}
	return urls
}

// Pinned are the URLs, each with the pin behind it.
func (r *Relay) Pinned() []string {
	urls := r.URLs()
	if r.Pin != "" {
		for i := range urls {
			urls[i] += "#" + r.Pin
		}
	}
	return urls
}

// text is what a TXT record says of the relay.
func (r *Relay) text() []string {
	t := []string{"v=" + strconv.Itoa(r.Version), "name=" + clean(r.Name)}
	if r.Secure {
		t = append(t, "tls=1")
	}
	if r.Pin != "" {
		t = append(t, "pin="+r.Pin)
	}
	return t
}

// read makes a Relay of what was heard; ok is false where that is none.
func read(e *zeroconf.ServiceEntry) (r Relay, ok bool) {
	if e.Port < 1 || e.Port > 65535 {
		return r, false
	}
	r.instance = e.Instance
	for _, t := range e.Text {
		key, value, _ := strings.Cut(t, "=")
		switch key {
		case "v":
			r.Version, _ = strconv.Atoi(value) // 0 is no version, and is shown as another one
		case "name":
			r.Name = clean(value)
		case "tls":
			r.Secure = value == "1"
		case "pin":
			if len(value) == pinLength && strings.Trim(value, pinLetters) == "" {
				r.Pin = value
			}
		}
	}
	if r.Name == "" {
		r.Name = clean(e.Instance)
	}
	for _, ip := range append(addresses(e.AddrIPv4), addresses(e.AddrIPv6)...) {
		at := netip.AddrPortFrom(ip, uint16(e.Port))
		if len(r.Addresses) < maxAddresses && !slices.Contains(r.Addresses, at) {
			r.Addresses = append(r.Addresses, at)
		}
	}
	return r, len(r.Addresses) > 0
}

// addresses leaves out what cannot be dialled: a link-local address of IPv6 needs the name of an
// interface besides, which is not heard.
func addresses(list []net.IP) (out []netip.Addr) {
	for _, ip := range list {
		a, ok := netip.AddrFromSlice(ip)
		a = a.Unmap()
		if ok && !a.IsUnspecified() && !a.IsMulticast() && !(a.Is6() && a.IsLinkLocalUnicast()) {
			out = append(out, a)
		}
	}
	return out
}

// clean makes a name fit for a list: one short line of printable letters.
func clean(s string) string {
	s = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c): // the kind that does not break a line, too
			return ' '
		case c == utf8.RuneError || !unicode.IsPrint(c):
			return -1
		}
		return c
	}, s)
	s = strings.TrimSpace(s)
	for len(s) > maxName {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

// label makes a DNS label of a machine's name: letters, digits and dashes, and room for a port.
func label(s string) string {
	s = strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return '-'
	}, s)
	return strings.Trim(s[:min(len(s), 50)], "-")
}
