package transport

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/url"
	"syscall/js"
	"time"
)

const (
	// offerWait is how long a page waits for a relay's offer, which comes together with the WebSocket's own
	// answer: a relay that makes none is of a version that knows nothing of it, and is called once more.
	offerWait = 3 * time.Second

	// pageRetry is how long a page waits before it tries WebTransport again that did not come about, at
	// first and at most; pageAgain where it was there before. A browser writes an error to its console each
	// time.
	pageRetry, pageRetryMost = time.Minute, 10 * time.Minute
	pageAgain                = 2 * time.Second

	// pagePacket is the largest datagram that a page sends: what browsers take before they know better.
	pagePacket = 1000
)

// DialBy is Dial that also takes datagrams into use, by WebTransport, where browser and relay have it: with
// Auto they do nothing but wait until the WebSocket is in trouble; with OnlyQUIC they are used as long as
// there are any, and the WebSocket else. On this computer itself, where nothing is lost, Auto leaves them out.
func DialBy(ctx context.Context, by By, address string, opts Options) (Conn, error) {
	u, err := ParseURL(address)
	if err != nil {
		return nil, &DialError{Address: address, Words: err.Error(), Err: err}
	}
	// A page that did not come by https has no such class.
	class := js.Global().Get("WebTransport")
	if by == OnlyWebSocket || !class.Truthy() || by == Auto && isLoopback(u.Hostname()) {
		return Dial(ctx, address, opts)
	}
	opts = opts.withDefaults()
	var id linkID
	// crypto/rand.Read never fails: it ends the program rather than answer predictable bytes.
	_, _ = rand.Read(id[:])
	asking := *u
	query := u.Query()
	query.Set(pageQuery, id.String())
	asking.RawQuery = query.Encode()
	ws, err := dialWebSocket(ctx, &asking, inner(opts))
	if err != nil {
		return nil, err
	}
	sums, err := ws.offer(ctx)
	if err != nil {
		ws.Abort()
		return Dial(ctx, address, opts)
	}
	if len(sums) == 0 {
		ws.opts = opts
		return ws, nil
	}
	ws.head = ws.opts.MaxMessage - opts.MaxMessage
	c := newMixed(mixedConfig{Options: opts, remote: u.Host, client: true, always: by == OnlyQUIC, packet: pagePacket, late: late(opts)})
	c.addSocket(ws)
	where := pageURL(u)
	go c.keep(func(ctx context.Context) (line, error) {
		ctx, cancel := context.WithTimeout(ctx, max(opts.HandshakeTimeout, time.Second))
		defer cancel()
		l, err := dialWebTransport(ctx, class, where, sums, id)
		if err != nil {
			return nil, err // a nil *webTransport would be a line
		}
		return l, nil
	}, pageRetry, pageAgain, pageRetryMost)
	return c, nil
}

var errNoOffer = errors.New("the relay offers nothing")

// offer reads a relay's.
func (c *jsConn) offer(ctx context.Context) ([]string, error) {
	ears := listenFor(offerWait)
	defer ears.stop()
	heard := make(chan []byte, 1)
	go func() {
		defer close(heard)
		if b, err := c.Read(); err == nil {
			heard <- b
		}
	}()
	for {
		select {
		case b, ok := <-heard:
			if !ok {
				return nil, errNoOffer
			}
			return readOffer(b)
		case <-ears.ticks:
			if !ears.patient() {
				return nil, errNoOffer
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// pageURL is where a relay answers WebTransport: the UDP port of the number that the WebSocket has.
func pageURL(u *url.URL) string {
	at := url.URL{Scheme: "https", Host: u.Host, Path: u.Path}
	if u.Scheme == "ws" && u.Port() == "" {
		at.Host += ":80"
	}
	return at.String()
}

// options are WebTransport's for certificates of these sums, see offer.
func options(sums []string) (map[string]any, error) {
	o := map[string]any{"requireUnreliable": true, "congestionControl": "low-latency"}
	if len(sums) == 1 && sums[0] == Verified {
		return o, nil
	}
	var hashes []any
	for _, sum := range sums {
		b, err := hex.DecodeString(sum)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, map[string]any{"algorithm": "sha-256", "value": toBytes(b)})
	}
	o["serverCertificateHashes"] = hashes
	return o, nil
}
