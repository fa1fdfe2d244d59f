package app

import (
	"log/slog"

	"tandem/netcode/transport"
)

// HasLAN tells that a page cannot look around on a network.
const HasLAN = false

// Announce does nothing: a page has no relay that others reach.
func Announce(string, string, bool, string, *slog.Logger) (stop func()) { return func() {} }

// LANDialer says what a page needs instead.
func LANDialer(transport.By, string) (Dialer, error) {
	return nil, Usagef("a page cannot look for relays: name one with -relay")
}

// Nearby finds nothing in a page.
type Nearby struct{}

// Relay is one on the local network.
type Relay struct{ Name, Address string }

// Relays returns nothing.
func (*Nearby) Relays() []Relay { return nil }

// Addresses returns the address alone.
func (*Nearby) Addresses(address string) []string { return []string{address} }

// Close does nothing.
func (*Nearby) Close() {}
