package transport

import (
	"fmt"
	"net/url"
	"strings"
)

// ParseOrigins reads a list of web origins as a person writes it: separated by commas, each
// "https://play.example.org", with a port where it is not the scheme's own, "https://*.example.org"
// for every host below example.org, or "*" for any page at all. The error says what to write.
func ParseOrigins(list string) ([]string, error) {
	var origins []string
	for text := range strings.SplitSeq(list, ",") {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		o, err := parseOrigin(text)
		if err != nil {
			return nil, err
		}
		origins = append(origins, o)
	}
	return origins, nil
}

func parseOrigin(text string) (string, error) {
	if text == "*" {
		return text, nil
	}
	bad := func(why string) (string, error) {
		return "", fmt.Errorf("%q is not a web origin: %s; write for example https://play.example.org", text, why)
	}
	scheme, rest, ok := strings.Cut(text, "://")
	rest = strings.TrimSuffix(rest, "/")
	switch {
	case !ok:
		return bad("it has no scheme")
	case !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https"):
		return bad("pages come by http:// or https://")
	case strings.ContainsAny(rest, "/?#@ "):
		return bad("it is a scheme and a host, without a path or a user")
	}
	host := strings.TrimPrefix(rest, "*.")
	if strings.Contains(host, "*") {
		return bad("* stands for the whole first part of a host, or alone")
	}
	u, err := url.Parse(scheme + "://" + host)
	if err != nil || u.Hostname() == "" || strings.HasSuffix(u.Host, ":") {
		return bad("its host cannot be read")
	}
	return strings.ToLower(scheme + "://" + rest), nil
}

// allows tells whether a page may connect to a relay that is called host. An empty origin is a native
// client's, and may: the header protects people's browsers, it does not authenticate anybody.
// A page from the relay's own address may always.
func allows(list []string, origin, host string) bool {
	if origin == "" {
		return true
	}
	o, err := url.Parse(origin)
	if err == nil && o.Host != "" && strings.EqualFold(withPort(o.Scheme, o.Host), withPort(o.Scheme, host)) {
		return true
	}
	for _, pattern := range list {
		if pattern == "*" || err == nil && originMatches(o, pattern) {
			return true
		}
	}
	return false
}

// originMatches compares an origin with an entry of Options.Origins. "https://*.example.org"
// matches every host below example.org, but not example.org itself.
func originMatches(o *url.URL, pattern string) bool {
	scheme, host, ok := strings.Cut(strings.TrimSuffix(pattern, "/"), "://")
	if !ok || o.Host == "" || !strings.EqualFold(scheme, o.Scheme) {
		return false
	}
	asked := withPort(o.Scheme, o.Host)
	host = withPort(o.Scheme, host)
	if suffix, ok := strings.CutPrefix(host, "*."); ok {
		return len(asked) > len(suffix)+1 && strings.EqualFold(asked[len(asked)-len(suffix)-1:], "."+suffix)
	}
	return strings.EqualFold(host, asked)
}

// withPort writes the scheme's own port out: browsers leave it away, people and proxies may not.
func withPort(scheme, host string) string {
	if strings.LastIndexByte(host, ':') > strings.LastIndexByte(host, ']') {
		return host
	}
	if strings.EqualFold(scheme, "https") {
		return host + ":443"
	}
	return host + ":80"
}
