//go:build !js

package relay

import (
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"

	"tandem/netcode/protocol"
)

// A page on the internet can have its own name answered with an address inside the visitor's network
// (DNS rebinding), and is then, to the visitor's browser, a page of the relay that runs there. The
// request still carries the page's name as its Host, so a relay answers to names it knows alone:
// addresses, localhost, names that only a local network gives out, those of its certificate, of
// -origins and of -hosts.
//
// What cannot be such a request is not asked for its name: callers from the internet, who reach the
// relay anyway; programs, which say no Origin when they open a WebSocket; and what a proxy has passed on
// and marked, whose names are the proxy's business. But a script can mark whatever it fetches, and only a
// WebSocket not. So marks count on a WebSocket and where nothing is to be had, as for files of the page;
// elsewhere they count from proxies that TrustedProxies names.

// localNames are the ends of names that local networks give out. Nobody can have one of them on the
// internet, except fritz.box, which is a name there as well: it belongs to the maker of the routers that give
// it out, and whoever else got hold of it could reach the relays behind those.
var localNames = []string{".localhost", ".local", ".lan", ".home", ".home.arpa", ".internal", ".localdomain", ".intranet", ".fritz.box"}

// shared is the network between providers and their customers (RFC 6598), which some private networks use.
var shared = netip.MustParsePrefix("100.64.0.0/10")

// hosts knows the relay's names.
type hosts struct {
	names []string // lower case; "*.example.org" for all below, "*" for any
	told  sync.Once
}

// ParseHosts reads a list of names as a person writes it, separated by commas: "play.example.org,
// *.example.org", or "*" for any.
func ParseHosts(list string) ([]string, error) {
	var names []string
	for text := range strings.SplitSeq(list, ",") {
		name := strings.TrimSuffix(strings.ToLower(strings.TrimSpace(text)), ".")
		switch bare := strings.TrimPrefix(name, "*."); {
		case name == "":
		case name == "*":
			names = append(names, name)
		case strings.ContainsAny(bare, "/:*@ []"):
			return nil, fmt.Errorf("%q is not a host name: write it without scheme, port and path, for example play.example.org or *.example.org", text)
		default:
			names = append(names, name)
		}
	}
	return names, nil
}

func newHosts(opts *Options) hosts {
	names := append([]string(nil), opts.Hosts...)
	for _, o := range opts.Origins {
		if o == "*" {
			names = append(names, o)
		} else if u, err := url.Parse(o); err == nil {
			names = append(names, strings.ToLower(u.Hostname()))
		}
	}
	return hosts{names: names}
}

// knows reports whether a name is one of the relay's.
func (h *hosts) knows(name string, leaf *x509.Certificate) bool {
	if _, err := netip.ParseAddr(name); err == nil || !strings.Contains(name, ".") {
		return true
	}
	for _, end := range localNames {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	for _, n := range h.names {
		if below, ok := strings.CutPrefix(n, "*"); n == "*" || n == name || ok && strings.HasSuffix(name, below) {
			return true
		}
	}
	return leaf != nil && leaf.VerifyHostname(name) == nil
}

// hostName is the name in a request's Host, in the one way in which it is compared.
func hostName(host string) string {
	u := url.URL{Host: host}
	return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
}

// marks are the headers by which proxies say that they have passed a request on.
var marks = []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via"}

func marked(r *http.Request) bool {
	return slices.ContainsFunc(marks, func(mark string) bool { return r.Header.Get(mark) != "" })
}

// nearby reports whether a request comes from where a relay may be hidden from the internet: this
// computer, and the networks around it.
func nearby(r *http.Request, at netip.Addr) bool {
	if at.IsPrivate() || at.IsLoopback() || at.IsLinkLocalUnicast() || shared.Contains(at) {
		return true
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	here, ok := addressOf(local.String())
	// IPv6 gives out public addresses behind the firewall, too.
	return ok && (here == at || at.Is6() && here.Is6() && placeOf(here.String()) == placeOf(at.String()))
}

// rebound reports whether a request may come from a page that has another name answered with this
// relay's address. r.RemoteAddr is that of the TCP connection. open says that what is asked for does
// nothing and tells nothing, whoever asks.
func rebound(r *http.Request, proxies []netip.Prefix, open bool) bool {
	at, ok := addressOf(r.RemoteAddr)
	upgrade := r.Header.Get("Upgrade") != "" // no script can set it
	switch {
	case ok && !nearby(r, at), upgrade && r.Header.Get("Origin") == "":
		return false
	case !marked(r):
		return true
	}
	return !upgrade && !open && !(ok && trusted(proxies, at))
}

// idle reports whether a request to the players' port does nothing, and its answer tells nothing. A Front may
// be played by requests as well.
func (s *Server) idle(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && (s.front == nil || !s.front.Plays(r))
}

// stray says what to do about a request that was made to a name the relay does not know; "" for others.
// See rebound for open.
func (s *Server) stray(r *http.Request, open bool) string {
	var leaf *x509.Certificate
	if s.cert != nil {
		leaf = s.cert.get().Leaf
	}
	name := hostName(r.Host)
	if !rebound(r, s.opts.TrustedProxies, open) || s.hosts.knows(name, leaf) {
		return ""
	}
	words := fmt.Sprintf("this relay is not known by the name %.100q: open it by its IP address, or, if the name is yours, start it with -hosts %.100s", name, name)
	if at, ok := addressOf(r.RemoteAddr); ok && marked(r) {
		words += "; if a proxy has passed this on, name it with -trusted-proxies " + at.String()
	}
	return words
}

// misdirected answers such a request, and reports whether it was one.
func (s *Server) misdirected(w http.ResponseWriter, r *http.Request, open bool) bool {
	words := s.stray(r, open)
	if words == "" {
		return false
	}
	s.refused(r.RemoteAddr, protocol.CodeOrigin, words)
	s.hosts.told.Do(func() { s.opts.Log.Warn("a request was refused: "+words, "remote", r.RemoteAddr) })
	http.Error(w, words, http.StatusMisdirectedRequest)
	return true
}

// strict tells browsers to come by https alone from now on: for half a year, and only to this name.
func (s *Server) strict(w http.ResponseWriter, r *http.Request) {
	if r.TLS != nil && strings.Contains(hostName(r.Host), ".") {
		w.Header().Set("Strict-Transport-Security", "max-age=15768000")
	}
}
