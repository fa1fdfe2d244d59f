package relay

import (
	"tandem/netcode/protocol"
	"tandem/netcode/session"
)

// metrics counts nothing in a page: nobody could ask for it, and the library would be a fifth of
// what a browser has to load.
type metrics struct{}

func newMetrics(*Server) *metrics { return &metrics{} }

func (m *metrics) sent(protocol.Type, int)  {}
func (m *metrics) drop()                    {}
func (m *metrics) refused(protocol.Code)    {}
func (m *metrics) event(*session.RoomEvent) {}
