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
//	                 its input is sampled S(F) = P(F) − D·T                  fixed(D)
//	                                      S(F) = C(F) − uplink − 4 ms        adaptive
//
//	     S(F)                 C(F)      P(F)
//	──────┼─────── uplink ─────►┼─ downlink ─►┼──────►  time
//	      └────────────── input delay ────────┘
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
//	              │                                  30 s   │      history first, then ready
//	              └──────────── end_game ───────────────────┴─► Closed ◄── error, silence, Leave,
//	                                                                       Abort, Lost: from any state
//
// A caller may assume: commands come in Playing only, Reset first, then Step for every frame from 0
// on without a gap or a repetition; after Closed nothing is sent or commanded, and End says why in
// words.
//
// # A room's states
//
//	          every seat taken and ready: game_ready, start        all present seats report the same
//	Lobby ────────────────────────────────────────────► Playing ── end, or somebody left ──► Over
//	  │                                                  │   ▲                                ▲
//	  └── everybody has left ──► (dropped)  a connection │   │ everybody is back: resume      │
//	                                           is gone   ▼   │                                │
//	                                                   Paused ── nobody came back in time ────┘
//
// What a seat's player missed is sent as history from the room's log of all bundles; new bundles
// follow only behind it, so every peer gets every bundle once and in order.
//
// A room in play never waits for a peer: a seat that stalls is substituted, one that breaks the protocol is
// refused with a code and words and its connection closed, one that is silent for five seconds is
// gone; the others' frames close in time in every case.
package session
