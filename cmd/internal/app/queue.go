package app

import (
	"net/url"
	"strconv"
	"strings"

	"tandem/game/client"
	"tandem/game/original"
	"tandem/netcode/original/peer"
	"tandem/netcode/original/socket"
	"tandem/netcode/original/wire"
	"tandem/netcode/session/options"
)

// IsOriginal reports whether an address is that of a relay of the original system.
func IsOriginal(address string) bool {
	scheme, _, ok := strings.Cut(strings.TrimSpace(address), "://")
	return ok && (scheme == "socketio" || scheme == "socketios")
}

// Queue is how the players of a program play queue mode.
type Queue struct {
	address string
	parser  wire.Parser
	caFile  string
	options options.Config // the players' own
}

// queueOptions are the room options that a player of queue mode has for itself; the others are the
// relay's scene's.
var queueOptions = map[string]bool{"delay": true, "frames": true, "late_policy": true, "grace_ms": true}

// NewQueue prepares for a relay of the original system. What its scene decides, or what such a relay
// does not have, is refused in words.
func NewQueue(address, caFile, room string, f *RoomFlags) (*Queue, error) {
	q := &Queue{address: address, caFile: caFile, options: options.DefaultConfig()}
	q.options.Delay = options.Delay{Frames: 3} // unless these players wish another
	u, err := socket.ParseURL(address)
	if err != nil {
		return nil, &UsageError{err}
	}
	if q.parser, err = parserOf(u); err != nil {
		return nil, err
	}
	if room != "" {
		return nil, Usagef("-room: a relay of the original system has no room codes; it puts together whoever comes next")
	}
	if f.Env != "" && f.Env != "slime" {
		return nil, Usagef("-env %s: with a relay of the original system this program plays slime", f.Env)
	}
	if len(f.EnvOpts) > 0 {
		return nil, Usagef("-env-opt: the scene of the relay decides the environment's options")
	}
	words := append([]string(nil), f.Set...)
	if f.Delay != "" {
		words = append(words, "delay="+f.Delay)
	}
	if f.Frames != 0 {
		words = append(words, "frames="+strconv.FormatUint(uint64(f.Frames), 10))
	}
	for _, w := range words {
		if err := q.options.Set(w); err != nil {
			return nil, &UsageError{err}
		}
		if key, _, _ := strings.Cut(w, "="); !queueOptions[key] {
			return nil, Usagef("room option %s: the scene of the relay decides it; a player of queue mode may set delay, frames, late_policy and grace_ms", key)
		}
	}
	if q.options.Delay.Mode != options.DelayFixed {
		return nil, Usagef("delay=%s: in queue mode the players agree on a number of frames when they meet; write one, for example 3", q.options.Delay)
	}
	return q, nil
}

// parserOf reads ?parser=msgpack; both ends must be set to the same.
func parserOf(u *url.URL) (wire.Parser, error) {
	switch word := u.Query().Get("parser"); word {
	case "", "json":
		return wire.JSON, nil
	case "msgpack":
		return wire.Msgpack, nil
	default:
		return 0, Usagef("parser=%s: write json (the default) or msgpack, whichever the relay is set to", word)
	}
}

// Player returns what one player needs: its subject_id carries name and delay, and unique keeps it
// apart from all others.
func (q *Queue) Player(name, unique string) (client.Guest, Dialer, error) {
	subject := peer.Subject(name, q.options.Delay.Frames, unique)
	dial, err := q.dialer(subject)
	if err != nil {
		return nil, nil, err
	}
	return original.NewSeat(peer.Config{Parser: q.parser, Subject: subject, Scene: func(s *peer.Scene) (peer.Room, error) {
		return original.Room(s, q.options)
	}}), dial, nil
}
