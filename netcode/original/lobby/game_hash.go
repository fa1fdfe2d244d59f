package lobby

import (
	"slices"
	"time"
)

// round is the hashes of one frame.
type round struct {
	frame int64
	hash  []string // by player; "" while it is missing
}

// hash notes a player's hash, and compares when it is the last of its frame.
//
// Frames begin anew with every episode. A player whose frame goes back has begun one, or has taken
// the host's state; its older hashes then belong to no round any more.
func (g *Game) hash(now time.Time, p *player, frame int64, hash string) {
	n := g.index(p)
	for i := range g.rounds {
		if g.rounds[i].frame > frame {
			g.rounds[i].hash[n] = ""
		}
	}
	g.rounds = slices.DeleteFunc(g.rounds, func(r round) bool { return r.empty() })

	at := slices.IndexFunc(g.rounds, func(r round) bool { return r.frame == frame })
	if at < 0 {
		if len(g.rounds) == maxRounds {
			g.rounds = slices.Delete(g.rounds, 0, 1) // the oldest: who is so far behind will be resynced
		}
		at = len(g.rounds)
		g.rounds = append(g.rounds, round{frame, make([]string, len(g.players))})
	}
	r := &g.rounds[at]
	r.hash[n] = hash
	equal := true
	for i := range g.players {
		switch {
		case g.players[i].gone || g.players[i].finished:
		case r.hash[i] == "":
			return
		case r.hash[i] != hash:
			equal = false
		}
	}
	g.rounds = slices.Delete(g.rounds, at, at+1)
	if equal {
		g.note(NoteVerified, p.Conn, frame, "")
		return
	}
	g.note(NoteDesync, p.Conn, frame, "")
	g.needState(now, p.Conn, frame, "hash mismatch")
}

func (g *Game) index(p *player) int {
	return slices.IndexFunc(g.players, func(q player) bool { return q.Conn == p.Conn })
}

func (r *round) empty() bool {
	for _, h := range r.hash {
		if h != "" {
			return false
		}
	}
	return true
}
