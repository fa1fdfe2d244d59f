package verify

import "testing"

func TestMemory(t *testing.T) {
	var m Memory
	if _, ok := m.At(0); ok || m.Has(State{}) {
		t.Error("an empty memory knows frame 0")
	}
	for f := range uint32(MemoryFrames + 10) {
		m.Add(State{f, uint64(f) + 1})
	}
	if _, ok := m.At(9); ok || !m.Has(State{10, 11}) || m.Has(State{10, 12}) || !m.Has(State{MemoryFrames, MemoryFrames + 1}) {
		t.Error("it does not know the last frames, or knows more")
	}
	m.Replace(State{100, 7})
	if !m.Has(State{99, 100}) || !m.Has(State{100, 7}) {
		t.Error("what was before the loaded state, and that state, are known")
	}
	if _, ok := m.At(101); ok {
		t.Error("what was behind the loaded state is of the one it replaced")
	}
	m.Forget(99)
	if _, ok := m.At(99); ok {
		t.Error("a forgotten frame is known")
	}
	if m.Clear(); m.Has(State{100, 7}) {
		t.Error("something is left")
	}
}
