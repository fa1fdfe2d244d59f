package scene

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

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
	caret int    // between two letters
	takes func(string) bool
	hint  string // field: what to show while it is empty

	options []string // choice: as shown
	at      int

	box  rect    // where it was drawn last, for the pointer
	size float64 // of its text there
}

func (it *item) value() string { return string(it.text) }

// newField makes a line of text, of which takes says what may stand in it.
func newField(id int, label, text, hint string, takes func(string) bool) item {
	r := []rune(text)
	if !takes(text) {
		r = nil
	}
	return item{kind: field, id: id, label: label, text: r, caret: len(r), takes: takes, hint: hint}
}

// upTo takes so many characters that can be printed.
func upTo(limit int) func(string) bool {
	return func(s string) bool {
		return utf8.RuneCountInString(s) <= limit && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
	}
}

// form is a list of controls, one of which has the focus.
type form struct {
	title string
	lead  string // a sentence under the title
	note  string // what went wrong, or ""; it goes when something is changed
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

// empty returns the place of the first of the fields that is there and empty, or else of the last id.
func (f *form) empty(ids ...int) int {
	at := 0
	for _, id := range ids {
		for i := range f.items {
			if it := &f.items[i]; it.id == id {
				at = i
				if it.kind == field && len(it.text) == 0 {
					return i
				}
			}
		}
	}
	return at
}

// update lets the events act on the form and returns the id of the button that was activated.
func (f *form) update(ev *events) int {
	if len(f.items) == 0 {
		return none
	}
	if ev.pressed != none {
		return ev.pressed
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
			f.change(it, func() { it.turn(-1) })
		}
		if ev.has(keyRight) || ev.has(keySpace) {
			f.change(it, func() { it.turn(1) })
		}
	case field:
		f.change(it, func() { it.edit(ev) })
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

// point lets the pointer take the focus along and a click act. From a field only a click takes it: a
// hand that brushes the mouse while it types must not send the letters elsewhere.
func (f *form) point(ev *events) int {
	for i := range f.items {
		it := &f.items[i]
		if !it.box.contains(ev.x, ev.y) {
			continue
		}
		if ev.clicked || f.items[f.focus].kind != field {
			f.focus = i
		}
		if !ev.clicked {
			return none
		}
		switch it.kind {
		case button:
			return it.id
		case choice:
			if ev.x < it.box.x+it.box.w/2 {
				f.change(it, func() { it.turn(-1) })
			} else {
				f.change(it, func() { it.turn(1) })
			}
		case field:
			it.caret = len(it.text)
		}
		return none
	}
	return none
}

// change lets something happen to a control. What went wrong before is old news once it has another value.
func (f *form) change(it *item, how func()) {
	text, at := it.value(), it.at
	if how(); it.at != at || it.value() != text {
		f.note = ""
	}
}

func (it *item) turn(d int) {
	if n := len(it.options); n > 0 {
		it.at = (it.at + d + n) % n
	}
}

// setText puts a text into a field, in the place of what is there.
func (it *item) setText(text string) {
	it.text, it.caret = nil, 0
	it.insert([]rune(text))
}

// insert puts characters into a field at its caret, those that it takes.
func (it *item) insert(characters []rune) {
	for _, r := range characters {
		if text := slices.Insert(slices.Clone(it.text), it.caret, r); it.takes(string(text)) {
			it.text = text
			it.caret++
		}
	}
}

// edit types into a field.
func (it *item) edit(ev *events) {
	it.insert(ev.chars)
	if from := letterBefore(it.text, it.caret); ev.has(keyBackspace) {
		it.text, it.caret = slices.Delete(it.text, from, it.caret), from
	}
	if ev.has(keyDelete) {
		it.text = slices.Delete(it.text, it.caret, letterAfter(it.text, it.caret))
	}
	switch {
	case ev.has(keyLeft):
		it.caret = letterBefore(it.text, it.caret)
	case ev.has(keyRight):
		it.caret = letterAfter(it.text, it.caret)
	case ev.has(keyHome):
		it.caret = 0
	case ev.has(keyEnd):
		it.caret = len(it.text)
	}
}
