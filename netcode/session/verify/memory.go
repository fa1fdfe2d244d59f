package verify

// MemoryFrames is for how many frames a Memory remembers: as far as verdicts lie behind on the slowest link.
const MemoryFrames = 256

// Memory is what a player's own states of the last frames hashed to. The zero value is empty.
type Memory struct {
	list [MemoryFrames]struct {
		State
		known bool
	}
}

// Add notes the hash of the own state after a frame.
func (m *Memory) Add(s State) {
	at := &m.list[s.Frame%MemoryFrames]
	at.State, at.known = s, true
}

// At returns the own state after a frame; ok is false where it is not known.
func (m *Memory) At(frame uint32) (s State, ok bool) {
	at := &m.list[frame%MemoryFrames]
	return at.State, at.known && at.Frame == frame
}

// Has reports whether the own state after a frame was this one.
func (m *Memory) Has(s State) bool {
	own, ok := m.At(s.Frame)
	return ok && own == s
}

// Forget forgets the state after a frame.
func (m *Memory) Forget(frame uint32) { m.list[frame%MemoryFrames].known = false }

// Replace notes that another state was loaded: what was hashed from its frame on is of the one it replaces.
func (m *Memory) Replace(s State) {
	for i := range m.list {
		m.list[i].known = m.list[i].known && m.list[i].Frame < s.Frame
	}
	m.Add(s)
}

// Clear forgets all.
func (m *Memory) Clear() {
	for i := range m.list {
		m.list[i].known = false
	}
}
