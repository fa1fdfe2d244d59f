// Package client plays a seat: it connects a transport, a session.Peer and a sim.Match.
//
// One goroutine owns all three. It wakes when a message arrives or when the peer's next moment
// comes, never by a screen's clock, so play goes on while a window is hidden and is the same with
// and without one. A screen looks at the match through View, which copies what there is to see.
//
//	Run: dial ─► read goroutine ─► inbox ─► Peer.Update ─► Match ─► View, Report
//	                                           │
//	                                           └─► transport.Sender
//
// Who plays alone, against bots of this program, has a solo.Peer in place of the session's, and neither a
// connection nor a sender; the bots are asked between two frames.
//
// The package has no clock of its own: Config.Now is handed in.
package client
