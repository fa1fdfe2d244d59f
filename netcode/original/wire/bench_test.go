package wire

import (
	"testing"

	"tandem/netcode/internal/race"
)

func benchEncode(b *testing.B, p Payload) {
	for _, parser := range []Parser{JSON, Msgpack} {
		b.Run(parser.String(), func(b *testing.B) {
			e := Encoder{Parser: parser}
			if p.Direction() == FromClient {
				e.Role = ClientRole
			}
			var buf []byte
			b.ReportAllocs()
			for b.Loop() {
				buf, _, _ = e.AppendEvent(buf[:0], p)
			}
			b.SetBytes(int64(len(buf)))
		})
	}
}

func benchDecode(b *testing.B, p, out Payload) {
	for _, parser := range []Parser{JSON, Msgpack} {
		b.Run(parser.String(), func(b *testing.B) {
			message, _, err := Encoder{Parser: parser}.AppendEvent(nil, p)
			if err != nil {
				b.Fatal(err)
			}
			d := NewDecoder(parser)
			b.SetBytes(int64(len(message)))
			b.ReportAllocs()
			for b.Loop() {
				var in *Packet
				if parser == Msgpack {
					in, err = d.Binary(message)
				} else {
					in, err = d.Text(message[1:])
				}
				if err == nil {
					err = Decode(in, out)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

var (
	someAction = &PlayerAction{gameID, StringPID("agent_left"), IntValue(3), 900, Odd{}, 1766900000123}
	someOther  = &OtherPlayerAction{StringPID("agent_left"), IntValue(3), 900, Odd{}, 1766900000.123}
)

func BenchmarkEncodePlayerAction(b *testing.B)      { benchEncode(b, someAction) }
func BenchmarkDecodePlayerAction(b *testing.B)      { benchDecode(b, someAction, new(PlayerAction)) }
func BenchmarkEncodeOtherPlayerAction(b *testing.B) { benchEncode(b, someOther) }
func BenchmarkDecodeOtherPlayerAction(b *testing.B) {
	benchDecode(b, someOther, new(OtherPlayerAction))
}

// TestHotPathAllocatesNothing: an action in, and on to the other player, costs no memory once the
// buffers have grown and the texts are known.
func TestHotPathAllocatesNothing(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	for _, parser := range []Parser{JSON, Msgpack} {
		message, _, err := Encoder{parser, ClientRole}.AppendEvent(nil, someAction)
		if err != nil {
			t.Fatal(err)
		}
		var (
			d   = NewDecoder(parser)
			in  PlayerAction
			out OtherPlayerAction
			buf []byte
		)
		n := testing.AllocsPerRun(1000, func() {
			var p *Packet
			if parser == Msgpack {
				p, err = d.Binary(message)
			} else {
				p, err = d.Text(message[1:])
			}
			if err == nil {
				err = Decode(p, &in)
			}
			if err != nil {
				t.Fatal(err)
			}
			out = OtherPlayerAction{in.PlayerID, in.Action, in.Frame, Odd{}, in.Timestamp / 1000}
			buf, _, err = Encoder{Parser: parser}.AppendEvent(buf[:0], &out)
		})
		if n > 0 || err != nil {
			t.Errorf("%v: %v allocations, %v", parser, n, err)
		}
	}
}
