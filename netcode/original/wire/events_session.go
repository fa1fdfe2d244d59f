package wire

// Limits of texts in payloads, in bytes. The original has none; these leave room above what its
// clients and relays send.
const (
	MaxPID        = 64    // "agent_right"
	MaxIdentifier = 256   // game, session, scene and subject ids: mostly 36; what a file's name may have, as the original's data files are called so
	MaxWords      = 4096  // a message to a person, a HUD
	MaxReason     = 128   // "queue_overflow"
	MaxPageText   = 65536 // a page
	MaxElements   = 1024  // ids in element_ids
	MaxPlayers    = 64    // of one game
	MaxAction     = 4096  // an action as it is written
)

// Scene is the flat description of a scene that activate_scene, terminate_scene and start_game
// carry: what every scene has, and the scene's own fields as they are.
type Scene struct {
	ID             string // scene_id
	Type           string // scene_type: "StartScene", "GymScene" …
	Timestamp      string // "2025-12-28 12:00:00"
	Config         Value  // experiment_config, a map
	Room           string // the sid of a socket
	Status         int64  // 0 inactive, 1 active, 2 done
	ElementIDs     []string
	ExportMetadata bool    // should_export_metadata
	Extra          []Field // everything else, in order
}

// Get returns one of the scene's own fields.
func (s *Scene) Get(key string) (Value, bool) {
	for i := len(s.Extra) - 1; i >= 0; i-- {
		if s.Extra[i].Key == key {
			return s.Extra[i].Value, true
		}
	}
	return Value{}, false
}

func (s *Scene) walk(f *fields) {
	f.id("scene_id", &s.ID, MaxIdentifier)
	f.id("scene_type", &s.Type, MaxIdentifier)
	f.anyText("timestamp", &s.Timestamp, MaxIdentifier)
	f.optObject("experiment_config", &s.Config)
	f.anyText("room", &s.Room, MaxIdentifier)
	f.integer("status", &s.Status, 0, 2)
	f.texts("element_ids", &s.ElementIDs)
	f.flag("should_export_metadata", &s.ExportMetadata)
	f.rest(&s.Extra)
}

// optObject is a map that is empty when missing.
func (f *fields) optObject(key string, p *Value) {
	if f.writing {
		v := *p
		if v.IsNull() {
			v = MapValue()
		}
		f.object(key, &v, MaxMessage)
		return
	}
	if v, ok := f.get(key); !ok || v.IsNull() {
		*p = MapValue()
		return
	}
	f.object(key, p, MaxMessage)
}

// texts is a list of ids; empty when missing.
func (f *fields) texts(key string, p *[]string) {
	if f.writing {
		items := make([]Value, len(*p))
		for i, s := range *p {
			items[i] = StringValue(s)
		}
		v := ArrayValue(items...)
		f.value(key, &v, MaxMessage)
		return
	}
	*p = (*p)[:0]
	v, ok := f.get(key)
	if !ok {
		return
	}
	if v.Kind() != Array {
		f.wrongKind(key, "an array", v)
		return
	}
	for item := range v.Items {
		text, ok := item.Text()
		if !ok || len(text) > MaxIdentifier || len(*p) == MaxElements {
			f.fail(key, "must hold at most %d strings of at most %d bytes", MaxElements, MaxIdentifier)
			return
		}
		*p = append(*p, text)
	}
}

// rest is every field that nobody asked for before.
func (f *fields) rest(p *[]Field) {
	if f.writing {
		for i := range *p {
			f.value((*p)[i].Key, &(*p)[i].Value, MaxMessage)
		}
		return
	}
	*p = (*p)[:0]
	for _, e := range f.entries {
		if f.err == nil && !e.taken {
			*p = append(*p, Field{string(e.key), e.value})
		}
	}
}

// ActivateScene tells a client which scene to show.
type ActivateScene struct{ Scene }

// TerminateScene tells a client that a scene is over; its status is 2.
type TerminateScene struct{ Scene }

// Name is activate_scene.
func (*ActivateScene) Name() string { return "activate_scene" }

// Direction is FromServer.
func (*ActivateScene) Direction() Direction { return FromServer }

// Name is terminate_scene.
func (*TerminateScene) Name() string { return "terminate_scene" }

// Direction is FromServer.
func (*TerminateScene) Direction() Direction { return FromServer }

// RegisterSubject is the first event of a client, on every connect.
type RegisterSubject struct{ SubjectID string }

// Name is register_subject.
func (*RegisterSubject) Name() string { return "register_subject" }

// Direction is FromClient.
func (*RegisterSubject) Direction() Direction { return FromClient }

func (e *RegisterSubject) walk(f *fields) { f.id("subject_id", &e.SubjectID, MaxIdentifier) }

// ServerSessionID names the run of the server: URL-safe base64 of 16 bytes.
type ServerSessionID struct{ SessionID string }

// Name is server_session_id.
func (*ServerSessionID) Name() string { return "server_session_id" }

// Direction is FromServer.
func (*ServerSessionID) Direction() Direction { return FromServer }

func (e *ServerSessionID) walk(f *fields) { f.id("session_id", &e.SessionID, MaxIdentifier) }

// AdvanceScene asks for the next scene. The server ignores the session id.
type AdvanceScene struct{ SessionID string }

// Name is advance_scene.
func (*AdvanceScene) Name() string { return "advance_scene" }

// Direction is FromClient.
func (*AdvanceScene) Direction() Direction { return FromClient }

func (e *AdvanceScene) walk(f *fields) { f.anyText("session_id", &e.SessionID, MaxIdentifier) }

// StaticSceneData is what a page of questions collected.
type StaticSceneData struct {
	Data      Value // a map
	SceneID   string
	SessionID string
	Globals   Value // interactiveGymGlobals, a map
}

// Name is static_scene_data_emission.
func (*StaticSceneData) Name() string { return "static_scene_data_emission" }

// Direction is FromClient.
func (*StaticSceneData) Direction() Direction { return FromClient }

func (e *StaticSceneData) walk(f *fields) {
	f.object("data", &e.Data, MaxMessage)
	f.id("scene_id", &e.SceneID, MaxIdentifier)
	f.anyText("session_id", &e.SessionID, MaxIdentifier)
	f.optObject("interactiveGymGlobals", &e.Globals)
}

// EmitRemoteGameData uploads one player's record of a game.
type EmitRemoteGameData struct {
	Data      []byte // msgpack of the logger's object; shares memory with the packet
	SceneID   string
	SessionID string
	Globals   Value // interactiveGymGlobals, a map
}

// Name is emit_remote_game_data.
func (*EmitRemoteGameData) Name() string { return "emit_remote_game_data" }

// Direction is FromClient.
func (*EmitRemoteGameData) Direction() Direction { return FromClient }

func (e *EmitRemoteGameData) walk(f *fields) {
	f.binary("data", &e.Data)
	f.id("scene_id", &e.SceneID, MaxIdentifier)
	f.anyText("session_id", &e.SessionID, MaxIdentifier)
	f.optObject("interactiveGymGlobals", &e.Globals)
}

// binary is binary data that must be there.
func (f *fields) binary(key string, p *[]byte) {
	if f.writing {
		switch {
		case !f.key(key):
		case f.msgpack:
			f.buf = appendMsgBytes(f.buf, *p)
		default:
			f.buf = BytesValue(*p).appendJSON(f.buf, &f.atts)
		}
		return
	}
	if v, ok := f.must(key); ok {
		if *p, ok = v.Bytes(); !ok {
			f.wrongKind(key, "binary", v)
		}
	}
}

// UpdateGamePageText replaces the text of the page.
type UpdateGamePageText struct{ Text string }

// Name is update_game_page_text.
func (*UpdateGamePageText) Name() string { return "update_game_page_text" }

// Direction is FromServer.
func (*UpdateGamePageText) Direction() Direction { return FromServer }

func (e *UpdateGamePageText) walk(f *fields) { f.text("game_page_text", &e.Text, MaxPageText) }

// Ping is the page's own, once a second. PingMS is absent in the first, and InFocus is false where a page
// does not say it.
type Ping struct {
	PingMS  Number
	InFocus bool // document_in_focus
}

// Name is ping.
func (*Ping) Name() string { return "ping" }

// Direction is FromClient.
func (*Ping) Direction() Direction { return FromClient }

func (e *Ping) walk(f *fields) {
	f.maybe("ping_ms", &e.PingMS, false)
	f.anyFlag("document_in_focus", &e.InFocus)
}

// Pong answers it. MaxLatency is null where a scene sets no limit.
type Pong struct {
	MaxLatency      Number // ms
	MinMeasurements int64  // min_ping_measurements
}

// Name is pong.
func (*Pong) Name() string { return "pong" }

// Direction is FromServer.
func (*Pong) Direction() Direction { return FromServer }

func (e *Pong) walk(f *fields) {
	f.maybe("max_latency", &e.MaxLatency, true)
	f.integer("min_ping_measurements", &e.MinMeasurements, 0, 1<<31-1)
}
