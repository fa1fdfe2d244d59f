// Package relay is the server that rooms live on: HTTP and WebSocket outside, one goroutine per
// room inside.
//
//	GET /ws       a peer's connection (see netcode/protocol)
//	GET /healthz  {"status":"ok","rooms":…,"connections":…}
//
// Everything that is decided is decided by session.Handshake and session.Room, which are handed the
// time; this package moves bytes. A connection has a goroutine that reads, until the room's inbox
// takes what it read, and a transport.Sender that writes. The room's goroutine owns the Room and
// never waits for anybody: a connection that does not take what is sent to it is closed.
//
//	accepted ──hello──► greeted ──join──► in a room ──► closed
//	    └──────────────────┴─────────────────┴── refused with an error message and a close code
//
// Queues are bounded: a room's inbox by inboxSize (its readers wait, so that TCP holds back who
// sends too much), a connection's send queue by the Sender.
package relay
