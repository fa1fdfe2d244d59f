package originaltest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"tandem/netcode/original/wire"
)

// StockOptions say how a StockRelay behaves.
type StockOptions struct {
	Parser wire.Parser
	// Scene fills in the game's metadata.
	Scene wire.Scene
	// Players are the seats, dealt in this order.
	Players []wire.PID
	// ByFrame compares hashes of equal frames only. The original compares whatever it has.
	ByFrame bool
	// LoseRequests loses so many requests for the host's state, as a host's hanging page does.
	LoseRequests int
	// LoseStates loses so many full states on their way to a player that is not host.
	LoseStates int
}

// StockRelay does what the original's relay does in one game, its faults included: it believes what a
// payload says, keeps the latest hash per player, compares frames that are not equal, and never asks
// twice.
type StockRelay struct {
	opts   StockOptions
	seats  []stockSeat
	joined []int // in order; the first is host
	seed   int64
	enc    wire.Encoder
	dec    *wire.Decoder
	buf    []byte

	// Compared counts pairs of hashes, Unequal those that differed, Blind those that were of unequal
	// frames.
	Compared, Unequal, Blind int
	Requests                 int // to the host
	Relayed                  int
	Bad                      int // frames that cannot be read
	Uploads                  int
	Bytes                    map[string]int // by event, both ways
	Count                    map[string]int
}

type stockSeat struct {
	subject string
	scene   int
	hash    string
	frame   int64
	gone    bool
}

const stockGame = "11111111-2222-3333-4444-555555555555"

// NewStockRelay returns a relay for one game of so many players.
func NewStockRelay(opts StockOptions, players int, r *rand.Rand) *StockRelay {
	return &StockRelay{opts: opts, seats: make([]stockSeat, players), seed: 1 + int64(r.Uint32()>>1),
		enc: wire.Encoder{Parser: opts.Parser}, dec: wire.NewDecoder(opts.Parser), Bytes: map[string]int{}, Count: map[string]int{}}
}

// Receive takes a frame from a player. send carries an answer; bulk marks full states.
func (r *StockRelay) Receive(now time.Duration, from int, frame []byte, send func(to int, bulk bool, frame []byte)) {
	if r.seats[from].gone {
		return
	}
	var p *wire.Packet
	var err error
	if r.opts.Parser == wire.Msgpack {
		p, err = r.dec.Binary(frame)
	} else if len(frame) > 0 {
		head := frame
		for i, b := range frame {
			if b == 0 { // attachments: see package peer
				head = frame[:i]
				break
			}
		}
		if p, err = r.dec.Text(head[1:]); err == nil && p == nil {
			p, err = r.dec.Binary(frame[len(head)+5:])
		}
	}
	if err != nil || p == nil {
		r.Bad++
		return
	}
	r.count(p.Name, len(frame))
	e, err := wire.DecodeEvent(p, wire.FromClient)
	if err != nil {
		r.Bad++
		return
	}
	r.handle(now, from, e, r.teller(send))
}

func (r *StockRelay) teller(send func(to int, bulk bool, frame []byte)) func(int, wire.Payload) {
	return func(to int, e wire.Payload) {
		b, _, err := r.enc.AppendEvent(r.buf[:0], e)
		if err != nil {
			panic(fmt.Sprintf("%s: %v", e.Name(), err))
		}
		r.buf = b
		r.count(e.Name(), len(b))
		_, bulk := e.(*wire.ApplyFullState)
		send(to, bulk, b)
	}
}

// nameHost makes another player host, as code of the original's would that nothing there calls: the
// others hear host_changed, and the new host that it was promoted. told are who hear of it; nobody else
// does.
func (r *StockRelay) nameHost(to int, told []int, tell func(int, wire.Payload)) {
	at := slices.Index(r.joined, to)
	r.joined[0], r.joined[at] = r.joined[at], r.joined[0]
	for _, i := range told {
		switch {
		case r.seats[i].gone:
		case i == to:
			tell(i, &wire.HostElected{IsHost: true, Promoted: true, GameSeed: r.seed})
		default:
			tell(i, &wire.HostChanged{NewHostID: r.opts.Players[to]})
		}
	}
}

// drop forgets a player whose line is broken. The game goes on, as it does not in the original.
func (r *StockRelay) drop(who int) {
	r.seats[who].gone = true
	r.joined = slices.DeleteFunc(r.joined, func(i int) bool { return i == who })
}

func (r *StockRelay) count(name string, n int) {
	r.Bytes[name] += n
	r.Count[name]++
}

func (r *StockRelay) handle(now time.Duration, from int, e wire.Payload, tell func(int, wire.Payload)) {
	s := &r.seats[from]
	others := func(e wire.Payload) {
		for _, to := range r.joined {
			if to != from {
				tell(to, e)
			}
		}
	}
	switch e := e.(type) {
	case *wire.RegisterSubject:
		s.subject = e.SubjectID
		tell(from, &wire.ServerSessionID{SessionID: "run"})
		tell(from, &wire.ActivateScene{Scene: r.scene(0)})
	case *wire.AdvanceScene:
		tell(from, &wire.TerminateScene{Scene: r.scene(s.scene)})
		s.scene++
		tell(from, &wire.ActivateScene{Scene: r.scene(s.scene)})
	case *wire.JoinGame:
		r.join(from, tell)
	case *wire.Ping:
		tell(from, &wire.Pong{MinMeasurements: 5})
	case *wire.PlayerAction:
		r.Relayed++
		others(&wire.OtherPlayerAction{PlayerID: e.PlayerID, Action: e.Action, Frame: e.Frame, Timestamp: now.Seconds()})
	case *wire.StateHash:
		s.hash, s.frame = e.Hash, e.Frame
		r.compare(e.Frame, tell)
	case *wire.RequestResync:
		r.ask(e.Frame, tell)
	case *wire.SendFullState:
		for _, to := range r.joined[1:] {
			if r.opts.LoseStates > 0 {
				r.opts.LoseStates--
				continue
			}
			tell(to, &wire.ApplyFullState{State: e.State})
		}
	case *wire.HUDUpdate:
		for _, to := range r.joined {
			tell(to, &wire.HUDSync{Text: e.Text})
		}
	case *wire.EmitRemoteGameData:
		r.Uploads++
	}
}

func (r *StockRelay) ask(frame int64, tell func(int, wire.Payload)) {
	r.Requests++
	if r.opts.LoseRequests > 0 {
		r.opts.LoseRequests--
		return
	}
	tell(r.joined[0], &wire.RequestFullState{Frame: frame})
}

// compare does what the original does: whenever every player has sent some hash, the latest are
// compared, and they are kept.
func (r *StockRelay) compare(frame int64, tell func(int, wire.Payload)) {
	equal, same := true, true
	for _, i := range r.joined {
		if r.seats[i].hash == "" {
			return
		}
		equal = equal && r.seats[i].hash == r.seats[r.joined[0]].hash
		same = same && r.seats[i].frame == r.seats[r.joined[0]].frame
	}
	if r.opts.ByFrame && !same {
		return
	}
	r.Compared++
	if !same {
		r.Blind++
	}
	if !equal {
		r.Unequal++
		r.ask(frame, tell)
	}
}

func (r *StockRelay) scene(n int) wire.Scene {
	switch n {
	case 0:
		return wire.Scene{ID: "start", Type: "StartScene", Status: 1}
	case 1:
		s := r.opts.Scene
		if s.ID == "" {
			s.ID = "game"
		}
		s.Type, s.Status = "GymScene", 1
		return s
	}
	return wire.Scene{ID: "end", Type: "EndScene", Status: 1}
}

func (r *StockRelay) join(from int, tell func(int, wire.Payload)) {
	r.joined = append(r.joined, from)
	id := func(n int) wire.PID { return r.opts.Players[r.joined[n]] }
	e := &wire.HostElected{IsHost: len(r.joined) == 1, PlayerID: r.opts.Players[from], GameID: stockGame,
		GameSeed: r.seed, NumPlayers: int64(len(r.seats))}
	if !e.IsHost {
		e.HostID = id(0)
	}
	tell(from, e)
	if missing := len(r.seats) - len(r.joined); missing > 0 {
		for _, to := range r.joined {
			tell(to, &wire.WaitingRoom{Players: int64(len(r.joined)), Needed: int64(missing), RemainingMS: 120_000})
		}
		return
	}
	ready := &wire.GameReady{GameID: stockGame}
	for n, who := range r.joined {
		ready.Players = append(ready.Players, id(n))
		ready.Subjects = append(ready.Subjects, wire.Subject{Player: id(n).String(), Subject: r.seats[who].subject})
	}
	for _, to := range r.joined {
		tell(to, ready)
	}
	for _, to := range r.joined {
		tell(to, &wire.StartGame{Scene: r.scene(1), GameID: stockGame})
	}
}

// SceneFields are the fields of the game's scene, to be changed before anybody sees them.
func (r *StockRelay) SceneFields() []wire.Field { return r.opts.Scene.Extra }

// Host is the index of the node that is host; -1 before anybody has joined.
func (r *StockRelay) Host() int {
	if len(r.joined) == 0 {
		return -1
	}
	return r.joined[0]
}
