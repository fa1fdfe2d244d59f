package peer

import (
	"math"

	"tandem/netcode/original/wire"
)

// Record is what a client of the original uploads after a game: every step it has played, as it
// played it.
type Record struct {
	seats    int
	actions  []uint8 // seats per step, as all that follows
	rewards  []float64
	over     []uint8 // bit 0 terminated, bit 1 truncated
	episodes []int32
	steps    []int32
	times    []int64
}

// MaxRecord is what fits into one message of the original with room for its other fields.
const MaxRecord = wire.MaxMessage - 10_000

// NewRecord returns an empty record.
func NewRecord(seats int) *Record { return &Record{seats: seats} }

// Add notes one step. Slices have one entry per seat; ms is the time on the wall.
func (r *Record) Add(actions []uint8, rewards []float64, terminated, truncated []bool, episode, step int, ms int64) {
	r.actions = append(r.actions, actions[:r.seats]...)
	r.rewards = append(r.rewards, rewards[:r.seats]...)
	for i := range r.seats {
		var bits uint8
		if terminated[i] {
			bits |= 1
		}
		if truncated[i] {
			bits |= 2
		}
		r.over = append(r.over, bits)
	}
	r.episodes, r.steps, r.times = append(r.episodes, int32(episode)), append(r.steps, int32(step)), append(r.times, ms)
}

// Len is the number of steps.
func (r *Record) Len() int { return len(r.steps) }

// Encode writes the record as the msgpack object that the original uploads. who are the players by
// seat. A record that is too long for one message loses its newest steps; kept says how many are left.
func (r *Record) Encode(who []Player) (data []byte, kept int) {
	for kept = r.Len(); ; kept = kept * 3 / 4 {
		if data = r.encode(who, kept); len(data) <= MaxRecord || kept == 0 {
			return data, kept
		}
	}
}

func (r *Record) encode(who []Player, n int) []byte {
	perAgent := func(value func(at int) wire.Value) wire.Value {
		var list []wire.Field
		for i, p := range who {
			column := make([]wire.Value, n)
			for k := range column {
				column[k] = value(k*r.seats + i)
			}
			list = append(list, wire.Field{Key: p.ID.String(), Value: wire.ArrayValue(column...)})
		}
		return wire.MapValue(list...)
	}
	column := func(value func(k int) int64) wire.Value {
		list := make([]wire.Value, n)
		for k := range list {
			list[k] = wire.IntValue(value(k))
		}
		return wire.ArrayValue(list...)
	}
	var infos, subjects []wire.Field
	for _, p := range who {
		infos = append(infos, wire.Field{Key: p.ID.String(), Value: wire.MapValue()})
		subjects = append(subjects, wire.Field{Key: p.ID.String(), Value: wire.StringValue(p.Subject)})
	}
	return wire.MapValue(
		wire.Field{Key: "observations", Value: wire.MapValue()},
		wire.Field{Key: "actions", Value: perAgent(func(at int) wire.Value { return wire.IntValue(int64(r.actions[at])) })},
		wire.Field{Key: "rewards", Value: perAgent(func(at int) wire.Value { return rewardValue(r.rewards[at]) })},
		wire.Field{Key: "terminateds", Value: perAgent(func(at int) wire.Value { return wire.BoolValue(r.over[at]&1 != 0) })},
		wire.Field{Key: "truncateds", Value: perAgent(func(at int) wire.Value { return wire.BoolValue(r.over[at]&2 != 0) })},
		wire.Field{Key: "infos", Value: wire.MapValue(infos...)},
		wire.Field{Key: "episode_num", Value: column(func(k int) int64 { return int64(r.episodes[k]) })},
		wire.Field{Key: "t", Value: column(func(k int) int64 { return int64(r.steps[k]) })},
		wire.Field{Key: "timestamp", Value: column(func(k int) int64 { return r.times[k] })},
		wire.Field{Key: "player_subjects", Value: wire.MapValue(subjects...)},
	).AppendMsgpack(nil)
}

// rewardValue is written as JavaScript does: without fraction, as a whole number.
func rewardValue(x float64) wire.Value {
	if x == math.Trunc(x) && math.Abs(x) < 1<<53 {
		return wire.IntValue(int64(x))
	}
	return wire.FloatValue(x)
}
