// Package peer is a player on a relay of the original system. Peer decides what queue mode decides, as a
// pure state machine with a session's In and Out, from the events of package wire; Dial visits the page, opens
// the connection and hands it out as a transport.Conn; Record is what is uploaded at the end.
//
// # Frames
//
// A frame of that Conn is one Socket.IO packet as it is on the wire. In the JSON parser binary data
// follow the packet in messages of their own; in a frame they stand behind it, each with a zero byte
// and its length in four bytes, big endian (no JSON text holds a zero byte):
//
//	42["pyodide_player_action",{…}]
//	451-["emit_remote_game_data",{…}] 00 00000003 010203
//
// # Beside the action
//
// Peers of ours put an object where the original has a whole number; a relay passes it on unread.
//
//	{"a":[3,3],      the actions of frame_number and the frames behind it
//	 "h":[1,2],      the hash of the whole state, high and low 32 bits,
//	 "n":120,        of the state after this frame,
//	 "e":2,          when so many full states had been taken over
//	 "d":-15,        by how many tenths of a frame the other's actions lag behind
//	 "r":40,         the round trip to the relay in ms
//	 "w":1,          whose actions: a seat; left out for everybody's
//	 "o":1,          hash more often for a while
//	 "f":1,          the next state must be whole: what the last one was built on is missing
//	 "c":124,        the host: frames below this one are closed,
//	 "t":1,          where the relay has named another host in mid-game: how often,
//	 "v":[2,-4]}     and the others' actions in the last of them, frame by frame and in each seat by
//	                 seat; -1-a for an action a that stands in for one that was not there
//
// Only "a" is always there; a peer that has nothing to say beside its action writes the bare number.
package peer
