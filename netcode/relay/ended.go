package relay

// ended remembers the codes of the rooms that ended last, so that a token does not bring back a room
// whose match is over.
type ended struct {
	codes map[string]bool
	order []string
	next  int
}

// endedSize is for how many rooms that is: whoever holds a token tries to come back for half a
// minute, in which no relay ends as many.
const endedSize = 4096

func (e *ended) add(code string) {
	if e.codes == nil {
		e.codes = map[string]bool{}
	}
	if e.codes[code] {
		return
	}
	e.codes[code] = true
	if len(e.order) < endedSize {
		e.order = append(e.order, code)
		return
	}
	delete(e.codes, e.order[e.next])
	e.order[e.next] = code
	e.next = (e.next + 1) % endedSize
}

func (e *ended) has(code string) bool { return e.codes[code] }
