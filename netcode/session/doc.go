// Package session decides everything about a match, at both ends: Peer is a player's side, Room the
// relay's. Both are pure state machines. They read no clock, start no goroutine, open nothing and
// log nothing: Update is handed the time and what has happened and answers with what to send, what
// to do and what may be of interest. So whole matches, with bad links and stalled computers, run in
// virtual time from one seed (package sessiontest), and a driver is a thin loop (game/client,
// netcode/relay).
//
// # Sequenced play
//
// The relay closes frames; peers step only on its bundles, their own input included. Whatever the
// network does, all step the same action vectors in the same order. There is no prediction and no
// rollback; the price is that a player's own input takes effect only when its bundle comes back.
//
//	T = 1/30 s       frame F closes at    C(F) = R0 + F·T          on the relay's clock
//	                 it is played out at  P(F) = C(F) + p98 of the downlink delays of 5 s
//	                 its input is sampled S(F) = C(F) − uplink − 4 ms                         auto
//	                                      S(F) = min(P(F) − D·T, C(F) − uplink − 4 ms)        D frames
//	                                      S(F) = P(F) − D·T                                   strict:D
//
//	     S(F)                 C(F)      P(F)
//	──────┼─────── uplink ─────►┼─ downlink ─►┼──────►  time
//	      └────────────── input delay ────────┘
//
// The uplink is the delay that all but 0.5 % of the seat's inputs keep, with how late its computer wakes
// up to sample them; where a line is so uneven that this is 100 ms more than it takes at best, each
// frame beyond has to save late_share of the inputs. An outage that does not come again lengthens nothing.
// So a worse downlink makes no input late, and nobody's inputs are late for much longer than their line
// delivered nothing.
//
// Bundle F leaves as soon as every present seat's input for F is there and bundle F−1 has left, and
// at C(F) at the latest, with what is missing substituted. It says how early it left, so that the
// downlink can be measured against its real sending; the relay tells every seat how early its inputs
// came (the slack), from which the peer derives its uplink.
//
// # A peer's states
//
//	            hello              welcome: join         host_elected
//	(new) ───────────────► Greeting ───────────► Joining ───────────► Seated
//	                                                                    │ Prepared and three pongs: ready
//	                                                                    ▼
//	          Finished ◄── In.Finished: finished ── Playing ◄── start ── Ready
//	              │                                    │  ▲ │
//	              │                              pause └──┘ │ CutOff: the connection broke
//	              │                           until resume  ▼
//	              │                                      CutOff ── Connected: hello, join by token ──►
//	              │                                         │      Greeting … back to where it was,
//	              │   end_game, and all of it is stepped    │      history first, then ready
//	              ├───────────────► After                   │ 30 s
//	              │                   │ Again at every seat: start ──► Playing
//	              ▼                   ▼                     ▼
//	              └────────────► Closed ◄───────────────────┴── error, silence, Leave, Abort, Lost:
//	                                                            from any state
//
// A spectator goes the same way: spectator takes the place of host_elected, and it is never ready.
// Whoever is told of a match that is under way (a late player, a spectator, a process that has lost
// its memory) gets start in Seated, and the log or a snapshot behind it.
//
// A caller may assume: commands come in Playing only, a Reset first, then Step for every frame from 0
// on, or from behind the snapshot that a Load brings, without a gap or a repetition. A Load in
// mid-match is followed by the frames behind it once more, marked Again. A second Reset means that a
// match begins anew: another one, or this one after EventRewound or EventRebuilt. After Closed nothing is sent or
// commanded, and End says why in words.
//
// # A room's states
//
//	RestoreRoom: a token of a relay that was restarted
//	     │
//	     ▼     all are back, or 10 s, and one has told the log
//	 Restoring ──────────────────────────────────────────┐
//	     │ nobody remembers a match                      │
//	     ▼     everybody ready: game_ready, start        ▼
//	   Lobby ──────────────────► Playing ◄── resume ── Paused
//	     │                        │  │  ▲  everybody is  ▲  │
//	     │     match over as it   │  │  │  back          │  │ nobody came back in time
//	     │     should ┌───────────┘  │  └────────────────┤  ▼
//	     │            ▼              └── a connection is ┘  Over ◄── an end in mid-match
//	     │          After ── everybody ready again: start      ▲
//	     │            └───────── time is up ───────────────────┤
//	     └── everybody has left ───────────────────────────────┘
//
// # When states differ
//
// A flag in a bundle asks every seat for the hash of the state after that frame. Where hashes differ,
// the witness's holds, else the majority's; where there is neither, all simulate the frames since the
// last verified one again, and who contradicts itself was wrong; where nobody does, the environment is
// not deterministic and the host's state holds. Whoever differs gets a snapshot of the state that
// holds, loads it once its hash is checked, and steps what came behind it again. Hashes come every 30
// frames, every 5 after a difference until states were equal for five seconds, and sooner when an
// input was substituted, a round trip had a spike or an Update came late.
//
// What both ends order is carried out by a replica.Executor, over anything that is a replica.Game: an
// environment, or a stand-in in tests.
//
// What a seat's player missed is sent as history from the room's log of all bundles; new bundles
// follow only behind it, so every peer gets every bundle once and in order.
//
// # Where it is decided
//
// Peer and Room say when; the packages below them decide one thing each, from values, and send nothing:
// timing what a link takes and when a frame closes, options what a room is made with, roster who may sit where,
// replica how orders are carried out and states travel, verify whose state holds, recovery what a restart of the
// relay has left of a match.
//
// # What a hostile player can do
//
// A seat's inputs are its player's to send, and so is its word about its own state. Whoever lies about
// that is named in the verdicts, costs the others a bounded number of frames to simulate again, and
// changes nothing of their game, with one exception: of two players without a witness, a host who lies
// steadily has its state taken for the one that holds (the verdict names the host as its judge). A
// snapshot comes from another player's computer; its hash keeps out damage and mistakes, but is no
// signature. Where that matters, let the relay have a witness.
//
// After a restart of the relay what has been played is what its players say, and the relay has nothing
// to check it by. What is told must be the history whose sum was named on the way in; then those who are
// back vote by the sums of theirs. A history that most of them contradict is passed over: its owner
// begins again and is told so. What remains:
//
//   - Of two players, or where no two know the same, the history of the higher epoch, then the longer
//     one, holds. A hostile player can lead the other one back to an earlier frame, or onto actions that
//     were never played.
//   - Nobody can tell whether somebody who has more bundles than all others made the last of them up,
//     which would decide everybody's actions in those frames.
//   - Votes count only those who are back in time: whoever is back alone is believed.
//
// The first and the last are seen by whoever is led onto another history: EventRewound tells them from
// which frame on what they had played did not happen, programs say it in words and count it (rewinds),
// and the relay logs it. The second is not: the made-up frames differ from nothing that anybody has. An
// operator who does not want to believe players ends matches when the relay stops, instead of having
// them put together again: a relay without a key file remembers nobody.
//
// The match is over when every seat that is there reports its end, with the same state. If some have and
// others have not, the next hashes show who plays on past that end: those differ, and where no fewer
// play on than have finished, the word of those who have is not believed. Whoever is merely late, on a
// slow computer or line, is waited for as long as it comes nearer, at most 70 s; then the match ends
// with the code slow, which is no word about states.
//
// A room in play never waits for a peer: a seat that stalls is substituted, one that breaks the protocol is
// refused with a code and words and its connection closed, one that is silent for five seconds is
// gone; the others' frames close in time in every case.
//
// A match that has not begun is different: who is ready and looks elsewhere (a hidden page, a minimised
// window) holds its start until they look again, for away_wait_ms at most, and the others are told whom
// they wait for. In play nobody waits for them.
//
// Whoever would hear nothing for a second is sent a frame_sync of no match. A peer pings when that is due,
// whatever woke it: so a page that is hidden, whose timers fire once a minute, keeps its place.
package session
