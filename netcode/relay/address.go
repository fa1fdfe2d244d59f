package relay

import (
	"fmt"
	"net/netip"
	"strings"
)

// Limits per address count IPv4 addresses one by one and IPv6 addresses by their network of /64:
// that is what a household or a server gets, and all of it is at one person's hands. Whoever has a
// larger network has many of these, so the networks around them are counted as well: a provider's
// customer gets a /56, a company a /48, and an IPv4 provider hands out a /24.
const v6Network = 64

// around are the networks that an address is counted in, from the narrowest, with how many times the
// limits of one address each of them has.
var (
	around4 = []ring{{32, 1}, {24, 4}}
	around6 = []ring{{v6Network, 1}, {56, 2}, {48, 4}}
)

type ring struct{ bits, factor int }

// rings are the networks around a place.
func rings(p place) []ring {
	if p.Addr().Is4() {
		return around4
	}
	return around6
}

// place is what limits per address count by. The zero place is a connection without an address,
// which is in memory and has no limits.
type place = netip.Prefix

// placeOf reads a connection's far end, "address:port" or an address alone.
func placeOf(remote string) place {
	addr, ok := addressOf(remote)
	if !ok {
		return place{}
	}
	bits := addr.BitLen()
	if addr.Is6() {
		bits = v6Network
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return place{} // the lengths above fit every address
	}
	return p
}

// addressOf reads "address:port", "[address]:port" or an address alone.
func addressOf(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if ap, err := netip.ParseAddrPort(text); err == nil {
		return plain(ap.Addr()), true
	}
	addr, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		return netip.Addr{}, false
	}
	return plain(addr), true
}

// plain writes an address in the one way in which it is compared.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// ParseProxies reads a list of addresses and networks as a person writes it, separated by commas:
// "127.0.0.1, ::1, 10.0.0.0/8".
func ParseProxies(list string) ([]netip.Prefix, error) {
	var proxies []netip.Prefix
	for text := range strings.SplitSeq(list, ",") {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		if p, err := netip.ParsePrefix(text); err == nil {
			proxies = append(proxies, p.Masked())
			continue
		}
		a, err := netip.ParseAddr(text)
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address nor a network: write for example 127.0.0.1 or 10.0.0.0/8", text)
		}
		a = plain(a)
		proxies = append(proxies, netip.PrefixFrom(a, a.BitLen()))
	}
	return proxies, nil
}

// trusted tells whether an address belongs to a proxy.
func trusted(proxies []netip.Prefix, a netip.Addr) bool {
	for _, p := range proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// behind finds whom a request comes from: remote is the connection's far end, forwarded the
// request's X-Forwarded-For headers, which every proxy appends the address to that it was called
// from. They are believed from right to left, as long as a trusted proxy wrote them; whatever stands
// further left the caller may have made up.
func behind(proxies []netip.Prefix, remote string, forwarded []string) string {
	at, ok := addressOf(remote)
	if !ok || !trusted(proxies, at) {
		return remote
	}
	for i := len(forwarded) - 1; i >= 0; i-- {
		list := strings.Split(forwarded[i], ",")
		for k := len(list) - 1; k >= 0; k-- {
			a, ok := addressOf(list[k])
			if !ok {
				return remote // a proxy that does not say whom it speaks for counts itself
			}
			remote = a.String()
			if !trusted(proxies, a) {
				return remote
			}
		}
	}
	return remote
}
