// Package original holds what Tandem knows of the original system's protocol, in packages of its own; nothing
// else imports them but cmd and game/original, which plays a seat of a client by it.
//
//	wire          Engine.IO and Socket.IO packets in both parsers, and the original's events
//	socket        connections that carry them: a server's and a client's, by WebSocket or polling
//	lobby         what a relay of the original decides
//	server        serves its clients on the port of a Tandem relay, as the relay's Front
//	peer          a player on a relay of the original
//	originaltest  whole games in virtual time
//	stock         the stock Socket.IO packages, for tests
package original
