//go:build !js

package relay

import (
	"net/http"
	"sync"
)

// proxyHint tells once that requests come through a proxy that nobody has named: everybody behind it
// would count as one address, and share its limits.
type proxyHint struct{ once sync.Once }

func (h *proxyHint) look(s *Server, r *http.Request) {
	if r.Header.Get("X-Forwarded-For") == "" {
		return
	}
	at, ok := addressOf(r.RemoteAddr)
	if !ok || trusted(s.opts.TrustedProxies, at) {
		return
	}
	h.once.Do(func() {
		s.opts.Log.Warn("a request has X-Forwarded-For from a proxy that -trusted-proxies does not name: it is ignored, and all who come through that proxy count as one address. "+
			"If it is yours, start the relay with -trusted-proxies "+at.String(), "proxy", at.String())
	})
}
