package sim_test

import (
	"slices"
	"testing"

	"github.com/klauspost/compress/zstd"

	"tandem/env"
	"tandem/game/sim"
	"tandem/netcode/protocol"
	"tandem/netcode/session/options"
	"tandem/netcode/session/replica"
)

// saved plays a match by a bot's hand and asks for two of its states: whole, and as a difference to
// the one 30 frames before.
func saved(tb testing.TB, cfg *options.Config, frames int) (whole, delta replica.Snapshot) {
	tb.Helper()
	return savedAs(tb, cfg, frames, true)
}

func savedAs(tb testing.TB, cfg *options.Config, frames int, zstd bool) (whole, delta replica.Snapshot) {
	tb.Helper()
	m, err := sim.NewMatch(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	x := sim.NewExecutor(m, cfg)
	var bots []*sim.BotInput
	for i := range cfg.Players {
		b, err := sim.NewBotInput("random", m, i, uint64(i))
		if err != nil {
			tb.Fatal(err)
		}
		bots = append(bots, b)
	}
	x.Execute(&replica.Command{Kind: replica.CommandReset, Seed: 3})
	var in replica.Answers
	log := replica.NewLog(cfg.Players)
	for f := range uint32(frames) {
		c := replica.Command{Kind: replica.CommandStep, Frame: f, Hash: (f+1)%30 == 0}
		for i, b := range bots {
			c.Actions[i] = uint8(b.Sample())
		}
		x.Execute(&c)
		log.Add(&protocol.Bundle{Frame: f, Actions: c.Actions, Seats: cfg.Players})
	}
	last := uint32(frames) - 1
	in = x.Answers()
	base := in.Hashes[len(in.Hashes)-2]
	x.Execute(&replica.Command{Kind: replica.CommandSave, Snap: &replica.Snapshot{ID: 1, Frame: last, Zstd: zstd}})
	x.Execute(&replica.Command{Kind: replica.CommandSave, Snap: &replica.Snapshot{ID: 2, Frame: last, Zstd: zstd, HasBase: true, BaseFrame: base.Frame, BaseHash: base.Total, Log: log}})
	in = x.Answers()
	return in.Snapshots[0], in.Snapshots[1]
}

// onWire is the size of a snapshot as it travels.
func onWire(s *replica.Snapshot) int {
	return len(protocol.Append(nil, &protocol.SnapshotChunk{Epoch: 1, ID: 1 << 14, Frame: s.Frame, Hash: s.Hash, HasBase: s.HasBase,
		BaseFrame: s.BaseFrame, BaseHash: s.BaseHash, Packed: s.Packed, Size: uint32(len(s.Data)), Data: s.Data}))
}

// A snapshot of Slime Volleyball travels in at most 400 bytes, the difference of a second in at most
// 150.
func TestSnapshotSizes(t *testing.T) {
	cfg := config(t, "slime", "frames=1000000")
	for frames := 60; frames <= 3000; frames += 30 {
		whole, delta := saved(t, cfg, frames)
		if n := onWire(&whole); n > 400 || whole.HasBase {
			t.Errorf("after %d frames a whole snapshot has %d bytes", frames, n)
		}
		if n := onWire(&delta); n > 150 || !delta.HasBase {
			t.Errorf("after %d frames a difference has %d bytes", frames, n)
		}
	}
}

// Who says it takes zstd is sent that where it is smaller, and loads it; who does not is sent none. What is
// damaged or unfolds to too much is not loaded.
func TestPackedSnapshots(t *testing.T) {
	packed := 0
	for _, name := range env.Names() {
		cfg := config(t, name, "frames=1000000")
		load := func(s replica.Snapshot) bool {
			m, err := sim.NewMatch(cfg)
			if err != nil {
				t.Fatal(err)
			}
			x := sim.NewExecutor(m, cfg)
			x.Execute(&replica.Command{Kind: replica.CommandReset, Seed: 3})
			x.Execute(&replica.Command{Kind: replica.CommandLoad, Snap: &s})
			return x.Loaded()
		}
		for _, zstd := range []bool{true, false} {
			whole, delta := savedAs(t, cfg, 300, zstd)
			for _, s := range []replica.Snapshot{whole, delta} {
				if s.Packed && !zstd {
					t.Errorf("%s: packed for somebody who cannot unpack", name)
				}
				if s.HasBase {
					continue // its base is loaded in a match's own tests
				}
				if !load(s) {
					t.Errorf("%s: a state (packed: %v) was not loaded", name, s.Packed)
				}
				if !s.Packed {
					continue
				}
				packed++
				for i := range s.Data {
					if i == 4 {
						continue // the frame header's flags have a bit that means nothing (RFC 8878 §3.1.1.1.1)
					}
					bad := s
					bad.Data = slices.Clone(s.Data)
					bad.Data[i] ^= 0x10
					if load(bad) {
						t.Errorf("%s: byte %d was damaged and the state loaded", name, i)
					}
				}
			}
		}
		bomb := replica.Snapshot{Frame: 299, Packed: true, Data: zeros(t, 64<<20)}
		if load(bomb) {
			t.Errorf("%s: a bomb of %d bytes was loaded", name, len(bomb.Data))
		}
	}
	if packed == 0 {
		t.Error("no state was packed: this shows nothing")
	}
}

// zeros packs n zeros.
func zeros(t *testing.T, n int) []byte {
	t.Helper()
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return enc.EncodeAll(make([]byte, n), nil)
}

func BenchmarkSnapshot(b *testing.B) {
	for _, name := range []string{"slime", "overcooked/cramped_room", "overcooked/party_8"} {
		b.Run(name, func(b *testing.B) {
			cfg := config(b, name, "frames=1000000")
			whole, delta := saved(b, cfg, 900)
			m, err := sim.NewMatch(cfg)
			if err != nil {
				b.Fatal(err)
			}
			x := sim.NewExecutor(m, cfg)
			x.Execute(&replica.Command{Kind: replica.CommandReset, Seed: 3})
			b.ReportAllocs()
			for b.Loop() {
				x.Execute(&replica.Command{Kind: replica.CommandLoad, Snap: &whole})
				if !x.Loaded() {
					b.Fatal("not loaded")
				}
				x.Answered()
			}
			b.ReportMetric(float64(onWire(&whole)), "B/whole")
			b.ReportMetric(float64(onWire(&delta)), "B/delta")
		})
	}
}

// BenchmarkWitness is what the relay's own simulation costs a room per frame, hashes included.
func BenchmarkWitness(b *testing.B) {
	for _, name := range []string{"slime", "overcooked/cramped_room", "overcooked/party_8"} {
		b.Run(name, func(b *testing.B) {
			cfg := config(b, name, "frames=100000000")
			x, err := sim.NewWitness(cfg)
			if err != nil {
				b.Fatal(err)
			}
			x.Execute(&replica.Command{Kind: replica.CommandReset, Seed: 3})
			b.ReportAllocs()
			for f := uint32(0); b.Loop(); f++ {
				x.Execute(&replica.Command{Kind: replica.CommandStep, Frame: f, Hash: (f+1)%30 == 0})
				x.Answered()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)*30/1e7, "%core/room")
		})
	}
}
