package scene

import (
	"strings"
	"testing"

	"tandem/game/client"
)

func typed(s string) *events { return &events{now: start, focused: true, chars: []rune(s)} }

func testForm() *form {
	return &form{back: 9, items: []item{
		newField(1, "Name", "Ada", "", upTo(6)),
		{kind: choice, id: 2, options: []string{"a", "b", "c"}},
		{id: 3, label: "Go", box: rect{10, 10, 50, 20}},
		{id: 4, label: "Back", box: rect{10, 40, 50, 20}},
	}}
}

func TestFocusGoesRound(t *testing.T) {
	f := testForm()
	for i, step := range []struct {
		key  uiKey
		want int
	}{{keyDown, 1}, {keyNext, 2}, {keyRight, 3}, {keyDown, 0}, {keyUp, 3}, {keyPrev, 2}, {keyLeft, 1}} {
		if id := f.update(press(step.key)); id != none {
			t.Errorf("step %d activates %d", i, id)
		}
		if f.focus != step.want {
			t.Errorf("step %d: focus %d, want %d", i, f.focus, step.want)
		}
	}
}

func TestEnterAndSpaceActivateAButtonAlone(t *testing.T) {
	f := testForm()
	if id := f.update(press(keyEnter)); id != none || f.focus != 1 {
		t.Errorf("Enter in a field: %d, focus %d; want nothing, and on to the next", id, f.focus)
	}
	f.focus = 2
	for _, k := range []uiKey{keyEnter, keySpace} {
		if id := f.update(press(k)); id != 3 {
			t.Errorf("key %d on a button activates %d, want 3", k, id)
		}
	}
	if id := f.update(press(keyEscape)); id != 9 {
		t.Errorf("Esc answers %d, want 9", id)
	}
}

func TestChoiceTurnsRound(t *testing.T) {
	f := testForm()
	f.focus = 1
	f.update(press(keyLeft))
	if at := f.items[1].at; at != 2 {
		t.Errorf("left of the first option is %d, want the last", at)
	}
	f.update(press(keyRight))
	f.update(press(keySpace))
	if at := f.items[1].at; at != 1 {
		t.Errorf("option %d, want 1", at)
	}
}

func TestTypingIntoAField(t *testing.T) {
	f := testForm()
	it := &f.items[0]
	f.update(typed("x y z"))
	if it.value() != "Adax y" {
		t.Errorf("text %q, want the first 6 letters", it.value())
	}
	f.update(press(keyBackspace))
	f.update(press(keyHome))
	f.update(press(keyDelete))
	f.update(typed("Ö\n"))
	if it.value() != "Ödax " || it.caret != 1 {
		t.Errorf("text %q, caret %d; want %q, 1", it.value(), it.caret, "Ödax ")
	}
	f.update(press(keyBackspace))
	f.update(press(keyBackspace))
	f.update(press(keyEnd))
	f.update(press(keyDelete))
	f.update(press(keyLeft))
	f.update(typed("!"))
	if it.value() != "dax! " {
		t.Errorf("text %q, want %q", it.value(), "dax! ")
	}
}

// A caret stands between letters, whatever they consist of.
func TestLettersOfManyParts(t *testing.T) {
	for _, c := range []struct{ typed, back, left string }{
		{"Zoë\u00a0M", "Zoë\u00a0", "Zoë!\u00a0"},
		{"می\u200cخو", "می\u200cخ", "می\u200c!خ"},
		{"a👩🏽‍🚀", "a", "!a"},
		{"e\u0301x", "e\u0301", "!e\u0301"},
		{"x\n\x1by", "x", "!x"},
	} {
		f := &form{items: []item{newField(1, "Your name", "", "", client.NameFits)}}
		f.update(typed(c.typed))
		f.update(press(keyBackspace))
		if got := f.items[0].value(); got != c.back {
			t.Errorf("%q after Backspace: %q, want %q", c.typed, got, c.back)
		}
		f.update(press(keyLeft))
		f.update(typed("!"))
		if got := f.items[0].value(); got != c.left {
			t.Errorf("%q after Left and !: %q, want %q", c.typed, got, c.left)
		}
		f.update(press(keyDelete))
		f.update(press(keyRight))
		if it := &f.items[0]; it.caret > len(it.text) {
			t.Errorf("%q: the caret is behind the text", c.typed)
		}
	}
	f := &form{items: []item{newField(1, "Your name", "", "", client.NameFits)}}
	f.update(typed(strings.Repeat("Ж", 40)))
	if got := f.items[0].value(); got != strings.Repeat("Ж", 32) {
		t.Errorf("%d letters fit into a name: %q", len([]rune(got)), got)
	}
}

func TestOneLine(t *testing.T) {
	for in, want := range map[string]string{
		"Ada": "Ada", "a\nb\u00a0c": "a b c", "می\u200cخواهم": "میخواهم", "👩🏽‍🚀 crew": "👩 crew", "e\u0301": "e\u0301", "☺\ufe0f": "☺",
	} {
		if got := oneLine(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

func TestPointer(t *testing.T) {
	f := testForm()
	at := func(x, y float64, click bool) int {
		return f.update(&events{focused: true, x: x, y: y, moved: true, clicked: click})
	}
	if id := at(20, 45, false); id != none || f.focus != 0 {
		t.Errorf("hovering while the field has the focus: %d, focus %d; want nothing, 0", id, f.focus)
	}
	f.focus = 2
	if id := at(20, 45, false); id != none || f.focus != 3 {
		t.Errorf("hovering: %d, focus %d; want nothing, 3", id, f.focus)
	}
	if id := at(20, 15, true); id != 3 {
		t.Errorf("a click on Go activates %d", id)
	}
	if id := at(500, 500, true); id != none {
		t.Errorf("a click beside everything activates %d", id)
	}
	f.items[1].box = rect{100, 10, 40, 20}
	at(105, 15, true)
	if f.items[1].at != 2 {
		t.Errorf("a click on the left arrow chose %d, want 2", f.items[1].at)
	}
	at(135, 15, true)
	if f.items[1].at != 0 {
		t.Errorf("a click on the right arrow chose %d, want 0", f.items[1].at)
	}
}

// A pointer that lies still must not take the focus back from the keys.
func TestRestingPointerLeavesTheFocusAlone(t *testing.T) {
	f := testForm()
	f.focus = 3
	f.update(&events{focused: true, x: 20, y: 15, keys: keyUp})
	f.update(&events{focused: true, x: 20, y: 15})
	if f.focus != 2 {
		t.Errorf("focus %d, want 2", f.focus)
	}
}

// What went wrong is said until something is changed, by whatever means; moving about changes nothing.
func TestANoteGoesWithAChange(t *testing.T) {
	click := func(x, y float64) func(*form) {
		return func(f *form) { f.update(&events{focused: true, x: x, y: y, moved: true, clicked: true}) }
	}
	act := func(a Act) func(*form) { return func(f *form) { f.obey(a, &events{}) } }
	key := func(focus int, k uiKey) func(*form) {
		return func(f *form) { f.focus = focus; f.update(press(k)) }
	}
	for name, c := range map[string]struct {
		do    func(*form)
		stays bool
	}{
		"a letter":                 {do: func(f *form) { f.update(typed("x")) }},
		"a letter that is refused": {do: func(f *form) { f.update(typed("\n")) }, stays: true},
		"Backspace":                {do: key(0, keyBackspace)},
		"a step of the caret":      {do: key(0, keyLeft), stays: true},
		"to the next control":      {do: key(0, keyDown), stays: true},
		"an option by key":         {do: key(1, keyRight)},
		"an option by Space":       {do: key(1, keySpace)},
		"an option by pointer":     {do: click(15, 75)},
		"a button":                 {do: click(15, 15), stays: true},
		"text in a page":           {do: act(Act{Kind: TextAct, ID: 1, Text: "Bo"})},
		"the same text in a page":  {do: act(Act{Kind: TextAct, ID: 1, Text: "Ada"}), stays: true},
		"an option in a page":      {do: act(Act{Kind: ChooseAct, ID: 2, At: 2})},
		"the focus in a page":      {do: act(Act{Kind: FocusAct, ID: 2}), stays: true},
	} {
		f := testForm()
		f.items[1].box = rect{10, 70, 50, 20}
		f.note = "wrong"
		if c.do(f); (f.note != "") != c.stays {
			t.Errorf("%s: note %q", name, f.note)
		}
	}
}
