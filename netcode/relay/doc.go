// Package relay is the server that rooms live on: HTTP and WebSocket outside, one goroutine per
// room inside.
//
//	GET /ws           a peer's connection (see netcode/protocol)
//	UDP               datagrams beside it, on the same number (see transport.Datagrams)
//	other paths       what Handle and a Front add (Options.Front), clients of another protocol say
//	GET /healthz      "ok", or 503 and "shutting down"
//
// What goes on inside is told on a port of the operator's alone (ServeMetrics; monitor_native.go).
//
// Everything that is decided is decided by session.Handshake and session.Room, which are handed the
// time; this package moves bytes. A connection has a goroutine that reads, until the room's inbox
// takes what it read, and a transport.Sender that writes. The room's goroutine owns the Room and
// never waits for anybody: a connection that does not take what is sent to it is closed.
//
//	accepted ──hello──► greeted ──join──► in a room ──► closed
//	    └──────────────────┴─────────────────┴── refused with an error message and a close code
//
// # Limits
//
// Every refusal has a code and a sentence (netcode/protocol), is counted in tandem_refusals_total and
// logged; a flood of equal log lines is cut and told (log.go).
//
//	what                                  limit                                code
//	TCP connections of an address         2 × ConnsPerAddress + 8              connection_limit, cut without a word
//	QUIC connections of an address        as TCP's, and together with them     connection_limit, refused by QUIC
//	HTTP request                          HandshakeTimeout, 16 KiB of headers  HTTP 431, or cut
//	web page of another site              Origins                              origin (HTTP 403)
//	connections of an address             ConnsPerAddress                      connection_limit
//	connections, rooms                    MaxConns, MaxRooms                   server_full
//	rooms made from an address            RoomsPerAddress                      room_limit
//	joins of an address                   10/s, 256 at once                    busy
//	joins of a room without a token       4/s, 40 at once                      busy
//	returns to a seat                     1 in 2 s, 10 at once                 busy
//	time until a room is joined           HandshakeTimeout                     silent
//	message                               protocol.MaxFrame                    too_large (WebSocket 1009)
//	messages before and after joining     64; 90/s, 300 at once                too_frequent
//	control frames, small message parts   4/s, 32 at once                      too_frequent (WebSocket 1008)
//	packets without a new message         200/s, 600 at once                   too_frequent
//	QUIC packets, bytes of a connection   600/s, 3000; 256 KiB/s, 1 MiB        too_frequent, cut
//	frame of an input                     ±60 around the open frame            frame_window
//	silence of a seat                     5 s                                  silent
//	messages that wait for a connection   128: behind, gets the log later      (slow_connections)
//	                                      30 s of that, or 10 s of nothing     slow
//	                                      1024, or 256 KiB                     cut
//
// An address is an IPv4 address or an IPv6 network of /64. Behind a proxy it is what the proxy says,
// if the proxy is trusted (TrustedProxies, X-Forwarded-For).
//
// A Front's connections count among the relay's, and end with it.
//
// Queues are bounded: a room's inbox by inboxSize (its readers wait, so that TCP holds back who
// sends too much), a connection's send queue by the Sender.
package relay
