package transport

import "fmt"

// By is what a program's messages to a relay travel by.
type By string

// What there is to choose from.
const (
	// Auto is a WebSocket, and datagrams beside it as soon as something is lost, where the relay has them.
	Auto          By = "auto"
	OnlyWebSocket By = "ws"
	OnlyQUIC      By = "quic" // datagrams from the first message on, or no connection
)

// String is the word for it.
func (b *By) String() string { return string(*b) }

// Set takes the word for it.
func (b *By) Set(word string) error {
	switch v := By(word); v {
	case Auto, OnlyWebSocket, OnlyQUIC:
		*b = v
		return nil
	}
	return fmt.Errorf("write %s, %s or %s", Auto, OnlyWebSocket, OnlyQUIC)
}

// What small messages can travel by.
const (
	CarrierWebSocket    = "websocket"
	CarrierQUIC         = "quic"         // a program's datagrams
	CarrierWebTransport = "webtransport" // a page's
)

// Carrier names what a connection's small messages travel by at the moment; "" where that is no network.
func Carrier(c Conn) string {
	for {
		switch v := c.(type) {
		case interface{ Carrier() string }:
			return v.Carrier()
		case interface{ Unwrap() Conn }:
			c = v.Unwrap()
		default:
			return ""
		}
	}
}
