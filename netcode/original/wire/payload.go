package wire

import "fmt"

// Direction tells who sends an event.
type Direction uint8

// The directions.
const (
	FromClient Direction = 1 << iota
	FromServer
)

// Payload is the one argument of an event of the original. All implementations are in this package.
type Payload interface {
	// Name is the event's name on the wire.
	Name() string
	// Direction tells who may send it.
	Direction() Direction

	walk(*fields)
}

// kinds makes an empty payload of every event.
var kinds = []func() Payload{
	func() Payload { return new(RegisterSubject) },
	func() Payload { return new(ServerSessionID) },
	func() Payload { return new(ActivateScene) },
	func() Payload { return new(TerminateScene) },
	func() Payload { return new(AdvanceScene) },
	func() Payload { return new(StaticSceneData) },
	func() Payload { return new(UpdateGamePageText) },
	func() Payload { return new(JoinGame) },
	func() Payload { return new(CreateGameFailed) },
	func() Payload { return new(WaitingRoom) },
	func() Payload { return new(WaitingRoomPlayerLeft) },
	func() Payload { return new(StartGame) },
	func() Payload { return new(LeaveGame) },
	func() Payload { return new(EndGame) },
	func() Payload { return new(EndGameRequestRedirect) },
	func() Payload { return new(EmitRemoteGameData) },
	func() Payload { return new(Ping) },
	func() Payload { return new(Pong) },
	func() Payload { return new(HostElected) },
	func() Payload { return new(GameReady) },
	func() Payload { return new(PlayerAction) },
	func() Payload { return new(OtherPlayerAction) },
	func() Payload { return new(StateHash) },
	func() Payload { return new(VerifyState) },
	func() Payload { return new(RequestResync) },
	func() Payload { return new(RequestFullState) },
	func() Payload { return new(SendFullState) },
	func() Payload { return new(ApplyFullState) },
	func() Payload { return new(HUDUpdate) },
	func() Payload { return new(HUDSync) },
	func() Payload { return new(HostChanged) },
}

// byName finds the events' makers; eventNames their names, to save allocations.
var byName, eventNames = func() (map[string]func() Payload, map[string]string) {
	makers, names := map[string]func() Payload{}, map[string]string{}
	for _, make := range kinds {
		name := make().Name()
		makers[name], names[name] = make, name
	}
	return makers, names
}()

// AppendEvent writes p as an event in the root namespace, as Append does.
func (e Encoder) AppendEvent(dst []byte, p Payload) (message []byte, attachments [][]byte, err error) {
	if a, ok := p.(*OtherPlayerAction); ok && e.Parser == JSON {
		if dst, ok := appendQuick(dst, a); ok {
			return dst, nil, nil
		}
	}
	return e.appendEvent(dst, p)
}

func (e Encoder) appendEvent(dst []byte, p Payload) (message []byte, attachments [][]byte, err error) {
	start := len(dst)
	f := fieldsPool.Get().(*fields)
	defer f.release()
	f.writing, f.msgpack = true, e.Parser == Msgpack
	if f.msgpack {
		f.buf = appendMsgString(append(e.appendMsgHead(dst, false), 0x92), p.Name())
	} else {
		f.buf = append(append(append(dst, `42["`...), p.Name()...), `",`...)
	}
	payload := len(f.buf)
	f.open(Value{})
	p.walk(f)
	f.close()
	dst, attachments = f.buf, f.atts
	switch {
	case f.err != nil:
		return dst, nil, f.inEvent(p)
	case f.msgpack:
		dst = e.appendMsgTail(dst, 0, false, Root)
	default:
		dst = append(dst, ']')
	}
	if len(attachments) > 0 {
		payload -= len(`["",`) + len(p.Name())
		if dst, attachments, err = finishBinary(dst, start, payload, attachments); err != nil {
			return dst, nil, err
		}
	}
	return dst, attachments, checkSize(len(dst)-start, attachments)
}

func (f *fields) inEvent(p Payload) error {
	return fmt.Errorf("%s: %w", p.Name(), f.err)
}

// Decode reads the event in p into out, whose former contents are overwritten; values share memory
// with p. A missing argument reads as an empty one. Reading into the same struct again and again
// costs no allocation where the texts stay the same.
func Decode(p *Packet, out Payload) error {
	if p.Type != Event || p.Name != out.Name() {
		return unexpected("%s where %s should be", p.Name, out.Name())
	}
	f := fieldsPool.Get().(*fields)
	defer f.release()
	if len(p.Args) > 0 {
		f.open(p.Args[0])
	}
	if out.walk(f); f.err != nil {
		return f.inEvent(out)
	}
	return nil
}

// DecodeEvent reads an event of the original that comes from the given side. Of a name that the
// original does not know, or that the other side sends, the error is ErrUnexpected; a relay ignores
// and counts those, as the original does.
func DecodeEvent(p *Packet, from Direction) (Payload, error) {
	make, ok := byName[p.Name]
	if !ok || p.Type != Event {
		return nil, unexpected("%s: no event of this protocol", clip(p.Name))
	}
	out := make()
	if out.Direction()&from == 0 {
		return nil, unexpected("%s: not an event that this side sends", p.Name)
	}
	if err := Decode(p, out); err != nil {
		return nil, err
	}
	return out, nil
}

// EventNames lists the events of the original that a side sends.
func EventNames(from Direction) []string {
	var names []string
	for _, make := range kinds {
		if e := make(); e.Direction()&from != 0 {
			names = append(names, e.Name())
		}
	}
	return names
}
