// Package lobby decides what a relay of the original system decides: who sees which scene, who
// waits for whom, who is host, and what of a game goes to whom. Its clients speak the events of
// netcode/original/wire. Lobby and Game are pure state machines: they are handed the time, the chance and
// what arrived, and answer with what to send. netcode/original/server runs them.
//
// # A visitor
//
// A visitor is a socket. The subject id that it registers is a name and no proof: seats and games
// belong to the socket, and what a payload says about player_id and game_id is only compared with it.
//
//	          register_subject           advance_scene             advance_scene
//	connected ───────────────► StartScene ────────────► GymScene ─────────────► EndScene
//	                                                    │     ▲
//	                                          join_game │     │ leave_game, time-out, end of game
//	                                                    ▼     │
//	                                                  waiting ───► playing
//	                                                      all seats taken
//
// A subject that comes back on a new socket sees the scene where it was; a seat does not come back.
//
// # A game
//
// The first joiner of a waiting room is host. A seat is drawn at random from those that are free.
//
//	first joiner    host_elected(true)    waiting_room
//	last joiner     host_elected(false)
//	all                                                game_ready    start_game
//
// Actions go to every other player at once, in the order in which they came, one copy each; nothing is
// matched, held back or dropped. Hashes are compared when all players have sent one for the same
// frame; where they differ, and where a player asks, the host is asked for its state, which every other
// player gets unchanged. One resync is in flight at a time; a host that does not answer is asked again.
//
// Whoever leaves, by word or by a broken line, ends the game for those that still play, and they are
// told. A player that has advanced to the next scene in the last episode has finished, and may go: the
// others have finishGrace for their last frames. One that advances before that and goes has left.
//
// # What the original does otherwise
//
//	the first waiter's ghost keeps its seat        the seat is free at once, the next waiter is host
//	leave_game in play is called waiting_room…     end_game, and nothing more is passed on
//	player_id and game_id are believed             a message that contradicts its socket is ignored
//	anybody may push a state                       only the host
//	a HUD without a game reaches every socket      it reaches nobody
//	a hash is compared with one of another frame   only with that of the same frame
//	a lost request for the state blocks for good   it is repeated
package lobby
