//go:build !js

package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"tandem/netcode/lan"
	"tandem/netcode/protocol"
	"tandem/netcode/transport"
)

// HasLAN tells that this program can look for relays on the local network.
const HasLAN = true

// lanPatience is how long a search on the local network may take: three rounds of questions.
const lanPatience = 5 * time.Second

// Announce lets the relay that listens on addr be found on the local network. pin names its certificate for
// datagrams, "" for none of its own. stop takes it back.
// Where the relay cannot be announced it says so in the log, and everything else goes on.
func Announce(addr, name string, secure bool, pin string, log *slog.Logger) (stop func()) {
	a, err := announce(addr, name, secure, pin)
	if err != nil {
		log.Warn("the relay cannot be found on the local network", "error", err)
		return func() {}
	}
	return a.Close
}

func announce(addr, name string, secure bool, pin string) (*lan.Announcement, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsLoopback() {
		return nil, fmt.Errorf("it listens on %s, which only this computer reaches: use -listen :%s", addr, port)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	return lan.Announce(name, n, secure, pin, protocol.Version)
}

// LANDialer finds the relay on the local network when it first dials, and comes back to the same one.
func LANDialer(by transport.By, caFile string) (Dialer, error) {
	cfg, err := trust(caFile)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	var addresses []string
	return func(ctx context.Context) (transport.Conn, error) {
		mu.Lock()
		defer mu.Unlock()
		if addresses == nil {
			found, err := findRelay(ctx)
			if err != nil {
				return nil, err
			}
			addresses = found
		}
		return dialAny(ctx, by, addresses, cfg)
	}, nil
}

// findRelay returns the addresses of the one relay on the local network.
func findRelay(ctx context.Context) ([]string, error) {
	search, cancel := context.WithTimeout(ctx, lanPatience)
	defer cancel()
	list, err := lan.Find(search)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: open a room with tandem -host, start a relay with tandem-relay -lan, or name one with -relay HOST:PORT", err)
	}
	return choose(list)
}

// choose takes the only relay of a list, or says which there are.
func choose(list []lan.Relay) ([]string, error) {
	if len(list) == 1 {
		return list[0].Pinned(), nil
	}
	var names []string
	for _, r := range list {
		names = append(names, fmt.Sprintf("%s (%s)", r.URLs()[0], r.Name))
	}
	return nil, errors.New("there are several relays on this network: choose one with -relay: " + strings.Join(names, ", "))
}

// Nearby looks for relays on the local network for as long as somebody wants to know.
type Nearby struct {
	mu      sync.Mutex
	browser *lan.Browser
	list    []lan.Relay
}

// Relay is one on the local network: what people call it, and the first of its addresses.
type Relay struct{ Name, Address string }

// Relays returns what was found until now, and begins to look at the first call.
func (n *Nearby) Relays() []Relay {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.browser == nil {
		n.browser = lan.Browse()
	}
	var err error
	n.list, err = n.browser.Relays()
	if err != nil {
		return nil // without a network there is nothing near
	}
	var out []Relay
	for i := range n.list {
		out = append(out, Relay{n.list[i].Name, n.list[i].URLs()[0]})
	}
	return out
}

// Addresses returns all addresses of the relay with this one, as they are dialled.
func (n *Nearby) Addresses(address string) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range n.list {
		if n.list[i].URLs()[0] == address {
			return n.list[i].Pinned()
		}
	}
	return []string{address}
}

// Close ends looking.
func (n *Nearby) Close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.browser != nil {
		n.browser.Close()
		n.browser = nil
	}
}
