package socket

import (
	"fmt"
	"net/url"
	"strings"

	"tandem/netcode/transport"
)

// DefaultPath is where Socket.IO servers listen.
const DefaultPath = "/socket.io/"

// ParseURL understands socketio://host:port (or socketios://, ws://, wss://, http://, https://) with or
// without a path, and returns the WebSocket address to dial.
func ParseURL(address string) (*url.URL, error) {
	u, err := url.Parse(transport.EscapeZone(strings.TrimSpace(address)))
	if err != nil {
		return nil, fmt.Errorf("%q is no address: %w", address, err)
	}
	switch u.Scheme {
	case "socketio", "ws", "http":
		u.Scheme = "ws"
	case "socketios", "wss", "https":
		u.Scheme = "wss"
	default:
		return nil, fmt.Errorf("%q is no address of a Socket.IO server: use socketio://host:port", address)
	}
	if err := transport.CheckZone(u); err != nil {
		return nil, fmt.Errorf("%q is no address: %w", address, err)
	}
	if u.Hostname() == "" {
		return nil, fmt.Errorf("%q names no host: use socketio://host:port", address)
	}
	if u.User != nil || u.Fragment != "" {
		return nil, fmt.Errorf("%q has a user or a fragment, which mean nothing here", address)
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = DefaultPath
	}
	q := u.Query()
	q.Set("EIO", "4")
	q.Set("transport", "websocket")
	q.Del("sid")
	u.RawQuery = q.Encode()
	return u, nil
}
