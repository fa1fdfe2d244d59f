package relay

import "tandem/netcode/protocol"

// ended remembers the numbers of the rooms that ended last, so that a token does not bring back a room
// whose match is over, and how it ended, for those who come back for it.
type ended struct {
	rooms map[uint64]string // words; "" where no match was played
	order []uint64
	next  int
}

// endedSize is for how many rooms that is: whoever holds a token tries to come back for half a
// minute, in which no relay ends as many.
const endedSize = 4096

func (e *ended) add(id uint64, how string) {
	if e.rooms == nil {
		e.rooms = map[uint64]string{}
	}
	known := e.has(id)
	if e.rooms[id] = how; known {
		return
	}
	if len(e.order) < endedSize {
		e.order = append(e.order, id)
		return
	}
	delete(e.rooms, e.order[e.next])
	e.order[e.next] = id
	e.next = (e.next + 1) % endedSize
}

func (e *ended) has(id uint64) bool {
	_, ok := e.rooms[id]
	return ok
}

// words tell somebody who comes back to a room how it ended.
func (e *ended) words(id uint64, shown string) *protocol.Error {
	how := e.rooms[id]
	if how == "" {
		how = "Nobody plays there any more."
	}
	return protocol.Errorf(protocol.CodeRoomOver, "The room %s is closed. %s", shown, how)
}
