package scene

import "unicode"

// itemKind is what a control of a form does.
type itemKind uint8

const (
	button itemKind = iota
	field           // one line of text
	choice          // one of several
)

// item is one control.
type item struct {
	kind  itemKind
	id    int // what update answers when it is activated
	label string

	text  []rune // field
	caret int
	limit int    // field: most letters
	hint  string // field: what to show while it is empty

	options []string // choice: as shown
	at      int

	box rect // where it was drawn last, for the pointer
}

func (it *item) value() string { return string(it.text) }

func newField(id int, label, text, hint string, limit int) item {
	r := []rune(text)
	if len(r) > limit {
		r = r[:limit]
	}
	return item{kind: field, id: id, label: label, text: r, caret: len(r), limit: limit, hint: hint}
}

// form is a list of controls, one of which has the focus.
type form struct {
	title string
	lead  string // a sentence under the title
	note  string // what went wrong, or ""
	items []item
	focus int
	back  int // what Esc answers, or nothing when it is none
}

// none is what update answers when nothing was activated. Items have ids above it.
const none = 0

// get returns the item with the id. Asking for one that is not there is a programming error.
func (f *form) get(id int) *item {
	return &f.items[f.index(id)]
}

// index returns the place of the item with the id, for the focus.
func (f *form) index(id int) int {
	for i := range f.items {
		if f.items[i].id == id {
			return i
		}
	}
	panic("scene: the form has no such item")
}

// update lets the events act on the form and returns the id of the button that was activated.
func (f *form) update(ev *events) int {
	if len(f.items) == 0 {
		return none
	}
	if ev.has(keyEscape) {
		return f.back
	}
	if ev.moved || ev.clicked {
		if id := f.point(ev); id != none {
			return id
		}
	}
	it := &f.items[f.focus]
	switch it.kind {
	case button:
		if ev.has(keyEnter) || ev.has(keySpace) {
			return it.id
		}
		if ev.has(keyLeft) {
			f.move(-1)
		}
		if ev.has(keyRight) {
			f.move(1)
		}
	case choice:
		if ev.has(keyLeft) {
			it.turn(-1)
		}
		if ev.has(keyRight) || ev.has(keySpace) {
			it.turn(1)
		}
	case field:
		it.edit(ev)
	}
	if ev.has(keyDown) || ev.has(keyNext) || ev.has(keyEnter) && it.kind != button {
		f.move(1)
	}
	if ev.has(keyUp) || ev.has(keyPrev) {
		f.move(-1)
	}
	return none
}

func (f *form) move(d int) { f.focus = (f.focus + d + len(f.items)) % len(f.items) }

// point lets the pointer take the focus along and a click act.
func (f *form) point(ev *events) int {
	for i := range f.items {
		it := &f.items[i]
		if !it.box.contains(ev.x, ev.y) {
			continue
		}
		f.focus = i
		if !ev.clicked {
			return none
		}
		switch it.kind {
		case button:
			return it.id
		case choice:
			if ev.x < it.box.x+it.box.w/2 {
				it.turn(-1)
			} else {
				it.turn(1)
			}
		case field:
			it.caret = len(it.text)
		}
		return none
	}
	return none
}

func (it *item) turn(d int) {
	if n := len(it.options); n > 0 {
		it.at = (it.at + d + n) % n
	}
}

// edit types into a field.
func (it *item) edit(ev *events) {
	for _, r := range ev.chars {
		if len(it.text) >= it.limit || !unicode.IsPrint(r) {
			continue
		}
		it.text = append(it.text, 0)
		copy(it.text[it.caret+1:], it.text[it.caret:])
		it.text[it.caret] = r
		it.caret++
	}
	if ev.has(keyBackspace) && it.caret > 0 {
		it.text = append(it.text[:it.caret-1], it.text[it.caret:]...)
		it.caret--
	}
	if ev.has(keyDelete) && it.caret < len(it.text) {
		it.text = append(it.text[:it.caret], it.text[it.caret+1:]...)
	}
	switch {
	case ev.has(keyLeft):
		it.caret = max(it.caret-1, 0)
	case ev.has(keyRight):
		it.caret = min(it.caret+1, len(it.text))
	case ev.has(keyHome):
		it.caret = 0
	case ev.has(keyEnd):
		it.caret = len(it.text)
	}
}
