package solo

import (
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
	"tandem/netcode/session/options"
	"tandem/netcode/session/roster"
)

// What a client, and a recording, ask of a peer.

// State says where the peer stands: seated, playing, after a match, or closed.
func (p *Peer) State() session.PeerState { return p.state }

// Seat is the person's.
func (p *Peer) Seat() int { return ownSeat }

// Seed is that from which those of all matches follow.
func (p *Peer) Seed() uint64 { return p.cfg.Room.Seed }

// MatchSeed is that of the match that has begun last.
func (p *Peer) MatchSeed() uint64 { return p.seed }

// Epoch tells one match from the one before it.
func (p *Peer) Epoch() uint8 { return uint8(p.matches) }

// Frame is the one that is stepped next.
func (p *Peer) Frame() uint32 { return p.next }

// IsHost is true: whoever plays alone decides.
func (p *Peer) IsHost() bool { return true }

// Room returns what is played.
func (p *Peer) Room() *options.Config { return &p.cfg.Room }

// Code is "": there is no room that others could join.
func (p *Peer) Code() string { return "" }

// Roster lists the seats.
func (p *Peer) Roster() []protocol.RosterEntry { return p.roster }

// Holder is whose a seat is, from the first frame on.
func (p *Peer) Holder(seat int) roster.Holder { return roster.Holder{Name: p.roster[seat].Name} }

// End says how it ended.
func (p *Peer) End() session.End { return p.end }

// PlayoutTime is when a frame is due, or was, on the local clock as of the latest Update.
func (p *Peer) PlayoutTime(frame uint32) time.Duration { return p.last + p.at(frame) - p.elapsed }
