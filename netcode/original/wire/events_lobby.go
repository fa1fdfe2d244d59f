package wire

import "math"

// JoinGame asks for a seat. The server ignores the session id.
type JoinGame struct{ SessionID string }

// Name is join_game.
func (*JoinGame) Name() string { return "join_game" }

// Direction is FromClient.
func (*JoinGame) Direction() Direction { return FromClient }

func (e *JoinGame) walk(f *fields) { f.anyText("session_id", &e.SessionID, MaxIdentifier) }

// CreateGameFailed refuses a seat.
type CreateGameFailed struct{ Error string }

// Name is create_game_failed.
func (*CreateGameFailed) Name() string { return "create_game_failed" }

// Direction is FromServer.
func (*CreateGameFailed) Direction() Direction { return FromServer }

func (e *CreateGameFailed) walk(f *fields) { f.text("error", &e.Error, MaxWords) }

// WaitingRoom tells who is missing, and how long the room still waits.
type WaitingRoom struct {
	Players     int64   // cur_num_players
	Needed      int64   // players_needed: how many are still missing
	RemainingMS float64 // ms_remaining
}

// Name is waiting_room.
func (*WaitingRoom) Name() string { return "waiting_room" }

// Direction is FromServer.
func (*WaitingRoom) Direction() Direction { return FromServer }

func (e *WaitingRoom) walk(f *fields) {
	f.integer("cur_num_players", &e.Players, 0, MaxPlayers)
	f.integer("players_needed", &e.Needed, 0, MaxPlayers)
	f.number("ms_remaining", &e.RemainingMS)
}

// WaitingRoomPlayerLeft ends the waiting.
type WaitingRoomPlayerLeft struct{ Message string }

// Name is waiting_room_player_left.
func (*WaitingRoomPlayerLeft) Name() string { return "waiting_room_player_left" }

// Direction is FromServer.
func (*WaitingRoomPlayerLeft) Direction() Direction { return FromServer }

func (e *WaitingRoomPlayerLeft) walk(f *fields) { f.anyText("message", &e.Message, MaxWords) }

// StartGame begins the game.
type StartGame struct {
	Scene  Scene // scene_metadata
	GameID string
}

// Name is start_game.
func (*StartGame) Name() string { return "start_game" }

// Direction is FromServer.
func (*StartGame) Direction() Direction { return FromServer }

func (e *StartGame) walk(f *fields) {
	f.scene("scene_metadata", &e.Scene)
	f.id("game_id", &e.GameID, MaxIdentifier)
}

// scene is a map in a map.
func (f *fields) scene(key string, p *Scene) {
	inner := fieldsPool.Get().(*fields)
	defer inner.release()
	if !f.writing {
		if v, ok := f.must(key); ok {
			inner.open(v)
			p.walk(inner)
		}
	} else if f.key(key) {
		inner.writing, inner.msgpack = true, f.msgpack
		inner.buf, inner.atts = f.buf, f.atts
		inner.open(Value{})
		p.walk(inner)
		inner.close()
		f.buf, f.atts = inner.buf, inner.atts
	}
	if inner.err != nil {
		f.fail(key, "%s", inner.err.Error())
	}
}

// LeaveGame gives the seat back. It also comes after the end, and then means nothing.
type LeaveGame struct{ SessionID string }

// Name is leave_game.
func (*LeaveGame) Name() string { return "leave_game" }

// Direction is FromClient.
func (*LeaveGame) Direction() Direction { return FromClient }

func (e *LeaveGame) walk(f *fields) { f.anyText("session_id", &e.SessionID, MaxIdentifier) }

// EndGame ends the game for whoever receives it. The original also sends it without a message.
type EndGame struct{ Message string }

// Name is end_game.
func (*EndGame) Name() string { return "end_game" }

// Direction is FromServer.
func (*EndGame) Direction() Direction { return FromServer }

func (e *EndGame) walk(f *fields) { f.anyText("message", &e.Message, MaxWords) }

// EndGameRequestRedirect comes after the end; no original server listens to it.
type EndGameRequestRedirect struct{ WaitroomTimeout bool }

// Name is end_game_request_redirect.
func (*EndGameRequestRedirect) Name() string { return "end_game_request_redirect" }

// Direction is FromClient.
func (*EndGameRequestRedirect) Direction() Direction { return FromClient }

func (e *EndGameRequestRedirect) walk(f *fields) { f.anyFlag("waitroom_timeout", &e.WaitroomTimeout) }

// HostElected tells a joining client who it is. HostID is for those that are not the host. The
// original also knows, but never sends, a form for a client that becomes host later: Promoted, with
// nothing beside it but the seed.
type HostElected struct {
	IsHost     bool
	Promoted   bool
	PlayerID   PID
	GameID     string
	GameSeed   int64 // 0..2^32-1; 0 means no seed to a client
	NumPlayers int64
	HostID     PID
}

// Name is pyodide_host_elected.
func (*HostElected) Name() string { return "pyodide_host_elected" }

// Direction is FromServer.
func (*HostElected) Direction() Direction { return FromServer }

func (e *HostElected) walk(f *fields) {
	f.flag("is_host", &e.IsHost)
	if !f.writing {
		v, _ := f.get("promoted")
		e.Promoted, _ = v.Bool()
	}
	if e.Promoted {
		if f.writing {
			f.flag("promoted", &e.Promoted)
		} else {
			e.PlayerID, e.GameID, e.NumPlayers, e.HostID = PID{}, "", 0, PID{}
		}
		f.integer("game_seed", &e.GameSeed, 0, math.MaxUint32)
		return
	}
	f.pid("player_id", &e.PlayerID)
	f.id("game_id", &e.GameID, MaxIdentifier)
	f.integer("game_seed", &e.GameSeed, 0, math.MaxUint32)
	f.integer("num_players", &e.NumPlayers, 1, MaxPlayers)
	switch {
	case !e.IsHost:
		f.pid("host_id", &e.HostID)
	case !f.writing:
		e.HostID = PID{}
	}
}

// Subject is who sits on a seat.
type Subject struct {
	Player  string // a PID as a map's key
	Subject string
}

// GameReady tells all players who plays, in the order in which they joined.
type GameReady struct {
	GameID   string
	Players  []PID
	Subjects []Subject // player_subjects
}

// Name is pyodide_game_ready.
func (*GameReady) Name() string { return "pyodide_game_ready" }

// Direction is FromServer.
func (*GameReady) Direction() Direction { return FromServer }

func (e *GameReady) walk(f *fields) {
	f.id("game_id", &e.GameID, MaxIdentifier)
	f.players("players", &e.Players)
	f.subjects("player_subjects", &e.Subjects)
}

func (f *fields) players(key string, p *[]PID) {
	if f.writing {
		items := make([]Value, len(*p))
		for i, id := range *p {
			items[i] = id.Value()
		}
		v := ArrayValue(items...)
		f.value(key, &v, MaxMessage)
		return
	}
	*p = (*p)[:0]
	v, ok := f.must(key)
	if ok && v.Kind() != Array {
		f.wrongKind(key, "an array", v)
		return
	}
	for item := range v.Items {
		var id PID
		if err := id.read(item); err != nil {
			f.fail(key, "holds a player id that %s", err.Error())
			return
		}
		if len(*p) == MaxPlayers {
			f.fail(key, "has more than %d entries", MaxPlayers)
			return
		}
		*p = append(*p, id)
	}
}

func (f *fields) subjects(key string, p *[]Subject) {
	if f.writing {
		list := make([]Field, len(*p))
		for i, s := range *p {
			list[i] = Field{s.Player, StringValue(s.Subject)}
		}
		v := MapValue(list...)
		f.value(key, &v, MaxMessage)
		return
	}
	*p = (*p)[:0]
	v, ok := f.must(key)
	if ok && v.Kind() != Map {
		f.wrongKind(key, "a map", v)
		return
	}
	for player, item := range v.Fields {
		text, ok := item.Text()
		if !ok && !item.IsNull() || len(text) > MaxIdentifier || len(player) > MaxPID {
			f.fail(key, "must map player ids to subject ids of at most %d bytes", MaxIdentifier)
			return
		}
		if len(*p) == MaxPlayers {
			f.fail(key, "has more than %d entries", MaxPlayers)
			return
		}
		*p = append(*p, Subject{player, text})
	}
}

// HostChanged names a new host. The original has it, but never sends it.
type HostChanged struct{ NewHostID PID }

// Name is pyodide_host_changed.
func (*HostChanged) Name() string { return "pyodide_host_changed" }

// Direction is FromServer.
func (*HostChanged) Direction() Direction { return FromServer }

func (e *HostChanged) walk(f *fields) { f.pid("new_host_id", &e.NewHostID) }
