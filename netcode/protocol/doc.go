// Package protocol is what travels between a peer and a relay.
//
// A WebSocket message (binary, a "frame" of the transport) holds one or several protocol messages
// back to back. Each is a msgpack array whose first element is the message's type number; arrays
// delimit themselves, so putting several into one frame is all there is to batching.
//
//	hello ──► welcome ──► join ──► host_elected, waiting_room… ──► ready ──► game_ready, start
//	                                                                            │
//	   player_action ──►                      ◄── bundle, frame_sync            │ 30 per second
//	   state_hash, frame_sync, ping ──►       ◄── verify_state, pong            │
//	                                                                            ▼
//	   finished ──►                           ◄── end_game
//
//	states differ:      ◄── request_state (recheck) · rechecked ──►
//	                    ◄── request_state · snapshot_chunk ──►   relay   ──► snapshot_chunk
//	relay restarted:    join ──► (token, epoch, bundles) · ◄── request_log · history ──►
//
// A join of somebody who comes back names the bundles it has: those of frames from base on and before
// have, and sum, the first 8 bytes of their SHA-256. By it a relay tells whether they are the beginning
// of its match, and, after a restart, whose history is whose.
//
// hello and welcome keep their layout in every version, so that any two programs can tell each
// other which version they speak. Everything else may change with Version; two programs with
// different versions refuse each other in words.
//
// Version history:
//
//	1  first: sequenced play, hashes per section, room options as text, away, the input delay
//	   changed in mid-match.
//	2  snapshots, resynchronisation and rechecks; spectators; late join; the log of a match asked for
//	   after the relay was restarted; who watches; the seed of a match in start; rematch; stand-ins; the verdict's
//	   hash in verify_state. Tokens hold the room and its number, and expire.
//
// # Limits
//
// A frame is at most MaxFrame bytes. Names, codes and texts have limits of their own (see the
// constants); the decoder enforces all of them and refuses what is longer, of another type, cut off
// or out of range with an *Error that says what is wrong. It never panics and never allocates more
// than the frame it was given justifies.
//
// # Hot messages
//
// player_action, action_batch, bundle, frame_sync, state_hash, verify_state, ping and pong are
// written and read by hand, without allocation; all others go through the msgpack library. Their
// layouts stand above their types. Integers are written in msgpack's shortest form and read in any.
//
// # To add a message
//
// Write its struct in messages.go, with its layout above it and _msgpack in front, and register it in
// table.go: a constant with the next free number, and a row with its name, its class where it may be
// overtaken, and the limits of its fields:
//
//	TypeWave Type = 37
//
//	TypeWave: {name: "wave", cold: cold(func(m *Wave) error { return first(seats(m.Seat), words("text", m.Text, MaxText)) })},
//
// With that Append sends it, Decoder.Next returns TypeWave with a *Wave in Cold, and it has a line in every
// count of messages. TestWireFormat asks for a sample of its bytes; what is done with it is a case of handle
// in package session. Raise Version if older programs would be sent it. A hot message has a reader in its row
// in place of cold, a field in Decoder and an Append function of its own.
//
// # Times
//
// The relay's clock is microseconds since it started, as it tells in pong and start. Everything
// else is an offset from the close of a frame, C(F) = R0 + F/30 s, in tenths of a millisecond.
package protocol
