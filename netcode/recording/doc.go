// Package recording keeps a session on disk: everything that is needed to play it again, frame by
// frame, and what its writer measured meanwhile. It knows the wire protocol's terms and no game: who
// plays a recording again (game/sim) makes the environment that the header names.
//
// # Layout
//
//	file    = "tandem recording 2\n" block…
//	block   = length uint32, CRC-32C of the payload uint32, payload     (little endian)
//	payload = Header as JSON                                            in the first block
//	payload = time, epoch, next frame, record…                          in all others
//	payload = 0, 0, 0, 13, number of bundles, SHA-256 of the file       in the last: the seal
//	          before this block
//
// The number in the first line is the format's version; a program refuses one that it does not know.
// A block holds what happened in a second or so and stands for itself: its first three numbers say
// where it is. The file is only ever appended to. So after a kill -9, or on a full disk, everything
// up to the last whole block can be read; a block that is cut off or damaged ends the reading with a
// *Damage that says so in words. So does a file without a seal: it may have lost its end, be it between
// two blocks. Format 1 had no seal; its files can be read and never prove to be whole.
//
// A record begins with a byte: its kind in the low four bits, what it leaves out or adds in the high
// ones. Numbers are variable-length (encoding/binary's), times tenths of a millisecond, as on the
// wire. Bundles name no frame: they follow each other. A frame of two seats takes 5 bytes in a
// relay's recording and about 13 in a peer's, which holds delays as well.
//
// # Whose it is
//
// A seat's recording and the relay's have the same bundles: whatever is computed from them is equal.
// What one of them measured (delays, and whether one was longer than the room's fixed delay; times) is
// marked as local in whatever is made of it. A recording begins with a reset (frame 0), or with a snapshot and the frames after it. Where its owner was
// away for long, a reset of the same match and a snapshot follow in the middle: NoteKept before them says how
// much of what stands before has happened, and the frames between are not in the file.
//
// # Writing
//
// What is a second old has been handed to the operating system, which a kill of the program does not
// undo; a loss of power may still take what the system has not written by then.
//
// A Writer is fed by the goroutine that plays and never waits for the disk: full blocks go to a
// goroutine of its own, through a bounded queue. When the disk takes nothing for too long, or fails,
// the recording ends at the last whole block, Trouble is told once, in words, and play goes on.
//
//	Start ─► Reset | Snapshot ─► Bundle, Hash, Delay, … Tick at least once a second ─► End ─► Close
package recording
