// Package solo decides for a player who plays alone: every other seat is a bot of this program, so there is no
// network, no relay and no delay.
//
// A Peer takes the place of a session.Peer and gives the same orders and events, so whatever executes,
// records, measures and shows a match does that here, too. Like a session's peer it reads no clock and draws
// nothing: Update is handed the time.
//
//	(new) ──► Seated ── In.Prepared ──► Playing ── In.Finished ──► After ── In.Again ──► Playing …
//	                                                                 │
//	                                    Leave, Abort: from any ──────┴──► Closed
//
// The match has a time of its own, which begins with its countdown:
//
//   - Frame F is due at the countdown's length + F·T of it. The person's input is sampled when the frame is
//     stepped, and takes effect in it. No input is substituted, because no frame is closed without them.
//   - In.Away stops it, and it goes on from where it was.
//   - An Update that comes late steps what has become due, each frame with what the person does by then. After
//     more than session.StandStill the computer has stood still, and so has the match.
//
// Bots decide in Think, between two frames and apart from Update, so that one that takes long makes the match
// slow and holds up nobody who looks at it.
package solo
