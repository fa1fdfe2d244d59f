package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"strconv"
)

// PlayerAction is a client's own action in one frame.
type PlayerAction struct {
	GameID    string
	PlayerID  PID
	Action    Value   // any; a whole number in slime volleyball
	Frame     int64   // frame_number: frames stepped so far
	Odd       Odd     // frame_number where it is something else
	Timestamp float64 // ms of the client's clock, a whole number on the wire; 0 where it is none
}

// Odd is a frame_number of an action that is no whole number from 0 to 2^53. The number only informs:
// the original passes on whatever is there, and null where nothing is. Frame is 0 then.
type Odd struct {
	Is    bool
	Value Value
}

// Name is pyodide_player_action.
func (*PlayerAction) Name() string { return "pyodide_player_action" }

// Direction is FromClient.
func (*PlayerAction) Direction() Direction { return FromClient }

func (e *PlayerAction) walk(f *fields) {
	f.id("game_id", &e.GameID, MaxIdentifier)
	f.pid("player_id", &e.PlayerID)
	f.value("action", &e.Action, MaxAction)
	f.anyFrame(&e.Frame, &e.Odd)
	f.anyNumber("timestamp", &e.Timestamp)
}

const frameNumber = "frame_number"

// maxFrame is what JavaScript counts without loss.
const maxFrame = 1 << 53

// frame is a frame_number that something depends on.
func (f *fields) frame(p *int64) { f.integer(frameNumber, p, 0, maxFrame) }

// anyFrame is one that only informs.
func (f *fields) anyFrame(p *int64, odd *Odd) {
	if f.writing {
		if odd.Is {
			f.value(frameNumber, &odd.Value, MaxAction)
		} else {
			f.frame(p)
		}
		return
	}
	v, _ := f.get(frameNumber)
	if n, ok := v.Int(); ok && n >= 0 && n <= maxFrame {
		*p, *odd = n, Odd{}
		return
	}
	*p, odd.Is = 0, true
	f.value(frameNumber, &odd.Value, MaxAction)
}

// OtherPlayerAction is a PlayerAction as the relay passes it on, with the relay's time in seconds.
type OtherPlayerAction struct {
	PlayerID  PID
	Action    Value
	Frame     int64
	Odd       Odd
	Timestamp float64
}

// Name is pyodide_other_player_action.
func (*OtherPlayerAction) Name() string { return "pyodide_other_player_action" }

// Direction is FromServer.
func (*OtherPlayerAction) Direction() Direction { return FromServer }

func (e *OtherPlayerAction) walk(f *fields) {
	f.pid("player_id", &e.PlayerID)
	f.value("action", &e.Action, MaxAction)
	f.anyFrame(&e.Frame, &e.Odd)
	f.anyNumber("timestamp", &e.Timestamp)
}

// StateHash is a client's hash after one frame: 64 hexadecimal digits.
type StateHash struct {
	GameID   string
	PlayerID PID
	Hash     string
	Frame    int64
}

// Name is pyodide_state_hash.
func (*StateHash) Name() string { return "pyodide_state_hash" }

// Direction is FromClient.
func (*StateHash) Direction() Direction { return FromClient }

func (e *StateHash) walk(f *fields) {
	f.id("game_id", &e.GameID, MaxIdentifier)
	f.pid("player_id", &e.PlayerID)
	f.text("hash", &e.Hash, 2*sha256.Size)
	if f.err == nil && !isHash(e.Hash) {
		f.fail("hash", "must have %d hexadecimal digits", 2*sha256.Size)
	}
	f.frame(&e.Frame)
}

func isHash(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return len(s) == 2*sha256.Size
}

// OriginalHash is the hash that an original client computes after a frame: SHA-256 over
//
//	{"cumulative_rewards":{},"env_state":{},"frame":N,"step":N}
//
// Rewards and state are always empty there, so it tells frames apart and nothing else.
func OriginalHash(frame, step int64) string {
	text := append(make([]byte, 0, 96), `{"cumulative_rewards":{},"env_state":{},"frame":`...)
	text = append(strconv.AppendInt(text, frame, 10), `,"step":`...)
	text = append(strconv.AppendInt(text, step, 10), '}')
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// VerifyState asks for a StateHash. The original has it, but never sends it.
type VerifyState struct{ Frame int64 }

// Name is pyodide_verify_state.
func (*VerifyState) Name() string { return "pyodide_verify_state" }

// Direction is FromServer.
func (*VerifyState) Direction() Direction { return FromServer }

func (e *VerifyState) walk(f *fields) { f.frame(&e.Frame) }

// RequestResync is a client whose queue has run over.
type RequestResync struct {
	GameID   string
	PlayerID PID
	Frame    int64
	Reason   string // "queue_overflow"
}

// Name is pyodide_request_resync.
func (*RequestResync) Name() string { return "pyodide_request_resync" }

// Direction is FromClient.
func (*RequestResync) Direction() Direction { return FromClient }

func (e *RequestResync) walk(f *fields) {
	f.id("game_id", &e.GameID, MaxIdentifier)
	f.pid("player_id", &e.PlayerID)
	f.frame(&e.Frame)
	f.anyText("reason", &e.Reason, MaxReason)
}

// RequestFullState asks the host for its state. Frame is the asker's.
type RequestFullState struct{ Frame int64 }

// Name is pyodide_request_full_state.
func (*RequestFullState) Name() string { return "pyodide_request_full_state" }

// Direction is FromServer.
func (*RequestFullState) Direction() Direction { return FromServer }

func (e *RequestFullState) walk(f *fields) { f.frame(&e.Frame) }

// SendFullState is the host's state.
type SendFullState struct {
	GameID string
	State  Value // a map, left alone
}

// Name is pyodide_send_full_state.
func (*SendFullState) Name() string { return "pyodide_send_full_state" }

// Direction is FromClient.
func (*SendFullState) Direction() Direction { return FromClient }

func (e *SendFullState) walk(f *fields) {
	f.id("game_id", &e.GameID, MaxIdentifier)
	f.object("state", &e.State, math.MaxInt)
}

// ApplyFullState is the host's state, unchanged.
type ApplyFullState struct{ State Value }

// Name is pyodide_apply_full_state.
func (*ApplyFullState) Name() string { return "pyodide_apply_full_state" }

// Direction is FromServer.
func (*ApplyFullState) Direction() Direction { return FromServer }

func (e *ApplyFullState) walk(f *fields) { f.object("state", &e.State, math.MaxInt) }

// HUDUpdate is the host's line of text. It must name its game.
type HUDUpdate struct {
	GameID string
	Text   string // hud_text
}

// Name is pyodide_hud_update.
func (*HUDUpdate) Name() string { return "pyodide_hud_update" }

// Direction is FromClient.
func (*HUDUpdate) Direction() Direction { return FromClient }

func (e *HUDUpdate) walk(f *fields) {
	f.id("game_id", &e.GameID, MaxIdentifier)
	f.text("hud_text", &e.Text, MaxWords)
}

// HUDSync is that line for everybody.
type HUDSync struct{ Text string }

// Name is pyodide_hud_sync.
func (*HUDSync) Name() string { return "pyodide_hud_sync" }

// Direction is FromServer.
func (*HUDSync) Direction() Direction { return FromServer }

func (e *HUDSync) walk(f *fields) { f.text("hud_text", &e.Text, MaxWords) }
