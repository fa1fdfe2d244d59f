package sessiontest

import (
	"math/rand/v2"

	"tandem/netcode/protocol"
)

// hostileBytes writes what a hostile program might send next: a message that is valid by itself and
// has no business here, or one that its peer has just sent, broken.
func hostileBytes(r *rand.Rand, n *Node) []byte {
	switch r.IntN(4) {
	case 0:
		return mutate(r, n.batch)
	case 1:
		return mutate(r, hostileMessage(r, n))
	}
	return hostileMessage(r, n)
}

// mutate breaks a message: bits turned over, bytes cut off, doubled or put in.
func mutate(r *rand.Rand, data []byte) []byte {
	b := append([]byte(nil), data...)
	for range 1 + r.IntN(3) {
		if len(b) == 0 {
			return []byte{byte(r.Uint32())}
		}
		i := r.IntN(len(b))
		switch r.IntN(5) {
		case 0:
			b = b[:i]
		case 1:
			b = append(b, b[i:]...)
		case 2:
			b[i] = byte(r.Uint32())
		case 3:
			b = append(b[:i], append([]byte{byte(r.Uint32())}, b[i:]...)...)
		default:
			b[i] ^= 1 << r.IntN(8)
		}
	}
	return b[:min(len(b), protocol.MaxFrame+1)]
}

// hostileMessage writes a message of any type with fields near those that would be right.
func hostileMessage(r *rand.Rand, n *Node) []byte {
	p := n.Peer
	epoch := p.Epoch()
	switch r.IntN(6) {
	case 0:
		epoch--
	case 1:
		epoch++
	}
	epoch &= protocol.MaxEpoch
	frame := uint32(max(0, int(p.Frame())+r.IntN(200)-100))
	if r.IntN(8) == 0 {
		frame = uint32(r.Uint64N(protocol.MaxFrameNo))
	}
	id := uint32(r.IntN(12))
	action := uint8(r.IntN(9))
	switch r.IntN(22) {
	case 0:
		return protocol.AppendAction(nil, &protocol.Action{Epoch: epoch, Frame: frame, Action: action})
	case 1:
		return protocol.AppendActionBatch(nil, &protocol.ActionBatch{Epoch: epoch, Frame: frame, Actions: make([]byte, 1+r.IntN(protocol.MaxBatch))})
	case 2, 3:
		m := protocol.StateHash{Epoch: epoch, Frame: frame, Loads: uint32(r.IntN(3)), Total: r.Uint64(), Count: 1}
		m.Sections[0] = r.Uint32()
		return protocol.AppendStateHash(nil, &m)
	case 4:
		return protocol.Append(nil, &protocol.Finished{Epoch: epoch, Frames: frame, Hash: r.Uint64()})
	case 5, 6:
		data := make([]byte, r.IntN(64))
		return protocol.Append(nil, &protocol.SnapshotChunk{Epoch: epoch, ID: id, Kind: protocol.StateKind(r.IntN(2)), Frame: frame,
			Hash: r.Uint64(), Size: uint32(len(data)), Data: data})
	case 7, 8:
		return protocol.Append(nil, &protocol.RequestResync{Epoch: epoch, ID: id * uint32(r.IntN(2)), Text: "hostile"})
	case 9:
		return protocol.Append(nil, &protocol.Rechecked{Epoch: epoch, ID: id, OK: r.IntN(2) == 0, Hash: r.Uint64()})
	case 10:
		return protocol.Append(nil, &protocol.RequestHash{Epoch: epoch})
	case 11:
		return protocol.Append(nil, &protocol.History{Epoch: epoch, Frame: frame, Data: make([]byte, r.IntN(40))})
	case 12:
		return protocol.Append(nil, &protocol.SetOption{Epoch: epoch, Option: []string{"delay=9", "delay=auto", "delay=x", "players=1", ""}[r.IntN(5)]})
	case 13:
		return protocol.Append(nil, &protocol.HUDUpdate{Text: "hostile"})
	case 14:
		return protocol.Append(nil, &protocol.Join{Room: "test", Seat: int8(r.IntN(4)), Epoch: epoch, Have: frame, Seed: p.MatchSeed()})
	case 15:
		return protocol.Append(nil, &protocol.Hello{Magic: protocol.Magic, Version: protocol.Version})
	case 16:
		return protocol.Append(nil, &protocol.Ready{Lead: r.Uint32()})
	case 17:
		return protocol.Append(nil, &protocol.Away{Away: r.IntN(2) == 0})
	case 18:
		return protocol.AppendPing(nil, &protocol.Ping{Sent: r.Int64() / 2})
	case 19: // what only a relay sends
		m := protocol.Bundle{Epoch: epoch, Frame: frame, Seats: max(1, p.Room().Players)}
		return protocol.AppendBundle(nil, &m)
	case 20:
		return protocol.Append(nil, &protocol.Pause{Epoch: epoch, Frames: frame, Text: "hostile"})
	}
	m := protocol.FrameSync{Epoch: epoch, Frame: frame}
	m.Own.First = frame
	for range r.IntN(protocol.MaxList) {
		m.Own.List = append(m.Own.List, r.Int32())
	}
	return protocol.AppendFrameSync(nil, &m)
}

// forged lies in what a node sends about the past: that it has other bundles than it has and, with
// more, that it has more of them.
func forged(data []byte, arg uint64) []byte {
	var d protocol.Decoder
	var out []byte
	d.Reset(data)
	for at := 0; ; {
		t, err := d.Next()
		if err != nil {
			return out
		}
		raw := data[at : at+d.Size()]
		at += d.Size()
		switch t {
		case protocol.TypeJoin:
			m := d.Cold.(*protocol.Join)
			if arg&1 != 0 && m.Have > 0 {
				m.Have += uint32(arg>>4) % 300
			}
			if arg&2 != 0 && m.Epoch > 0 {
				m.Epoch = uint8(min(int(m.Epoch)+int(arg>>2)%3, protocol.MaxEpoch))
			}
			out = protocol.Append(out, m)
		case protocol.TypeHistory:
			m := d.Cold.(*protocol.History)
			m.Data = append([]byte(nil), m.Data...)
			for i := range m.Data {
				if uint64(i)%97 == arg%97 && m.Data[i] < 6 {
					m.Data[i] ^= 1 // another action, or flag, that may well be
				}
			}
			out = protocol.Append(out, m)
		default:
			out = append(out, raw...)
		}
	}
}

// withheld leaves out of what a node sends all that somebody has asked it for.
func withheld(data []byte) []byte {
	var d protocol.Decoder
	var out []byte
	d.Reset(data)
	for at := 0; ; {
		t, err := d.Next()
		if err != nil {
			return out
		}
		switch t {
		case protocol.TypeSnapshotChunk, protocol.TypeRechecked, protocol.TypeHistory, protocol.TypeStateHash:
		default:
			out = append(out, data[at:at+d.Size()]...)
		}
		at += d.Size()
	}
}
