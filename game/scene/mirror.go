package scene

import (
	"slices"
	"strings"
	"sync"
)

// In a web page the picture alone would leave out whoever types on a telephone, writes by an input
// method, hears the page or walks through it by Tab. So the page makes real elements of the controls that
// the picture shows, lays them over it, and tells what is done with them: a Screen goes out whenever it
// changes, and Acts come in.

// ControlKind says which element a control is.
type ControlKind string

const (
	ButtonControl ControlKind = "button"
	LeaveControl  ControlKind = "leave"  // the same where no form is: nothing but its element has the focus
	FieldControl  ControlKind = "field"  // the page shows its text and caret; the picture only its frame
	ChoiceControl ControlKind = "choice" // one of Options
	LinkControl   ControlKind = "link"   // Value is the address; the page shows it, to be copied and shared
)

// Control is one control as it is shown.
type Control struct {
	ID      int         `json:"id"` // what an Act names
	Kind    ControlKind `json:"kind"`
	Label   string      `json:"label"`
	Value   string      `json:"value"`
	Hint    string      `json:"hint"`    // a field's while it is empty
	Entry   string      `json:"entry"`   // what a field is for: "name", "code", "address"
	Options []string    `json:"options"` // a choice's
	At      int         `json:"at"`      // which of them
	Box     [4]float64  `json:"box"`     // left, top, width and height, in device-independent pixels
	Size    float64     `json:"size"`    // of its text, in the same
}

// Screen is what there is to be done at the moment. Without controls the keys are the game's.
type Screen struct {
	Title    string    `json:"title"` // of the form
	Controls []Control `json:"controls"`
	Focus    int       `json:"focus"` // id of the control that has it, or 0
	Seen     int       `json:"seen"`  // serial number of the last Act that this is after
}

// ActKind says what was done with a control's element.
type ActKind string

const (
	FocusAct  ActKind = "focus"  // it got the focus
	PressAct  ActKind = "press"  // a button was activated
	TextAct   ActKind = "text"   // Text is what a field holds now
	ChooseAct ActKind = "choose" // At is what a choice stands at now
)

// Act is what was done with a control's element.
type Act struct {
	Serial int // counts the page's acts, from 1
	Kind   ActKind
	ID     int
	Text   string
	At     int
}

// idLeaving is the control that Esc stands for where the picture offers it in words. No form has it.
const idLeaving = 100

// idInvitation is the link to the room. No form has it.
const idInvitation = 101

// entries say what the menu's fields are for: a telephone has a keyboard for each.
var entries = map[int]string{idName: "name", idRelay: "address", idRoom: "code"}

// mirror is the page's side of the controls.
type mirror struct {
	mu   sync.Mutex
	acts []Act // since the last look

	seen      int
	now, sent Screen
	ever      bool // sent is something
}

// Act passes on what was done with a control's element. It may be called from any goroutine.
func (g *Game) Act(a Act) {
	g.mirror.mu.Lock()
	defer g.mirror.mu.Unlock()
	g.mirror.acts = append(g.mirror.acts, a)
}

// form is the one that is on the screen, or nil.
func (g *Game) form() *form {
	switch {
	case g.current == nil && g.menu != nil:
		return &g.menu.form
	case g.current == nil:
		return nil
	case g.over():
		return &g.end
	}
	return g.ask
}

// obey lets the acts since the last look change the form that they were meant for: one that has been
// replaced since has other controls.
func (g *Game) obey(ev *events) {
	g.mirror.mu.Lock()
	defer g.mirror.mu.Unlock()
	f := g.form()
	for _, a := range g.mirror.acts {
		g.mirror.seen = a.Serial
		if a.ID == idLeaving && a.Kind == PressAct && f == nil {
			ev.keys |= keyEscape
		}
		if f != nil {
			f.obey(a, ev)
		}
	}
	g.mirror.acts = g.mirror.acts[:0]
}

// obey lets an act change the form.
func (f *form) obey(a Act, ev *events) {
	i := slices.IndexFunc(f.items, func(it item) bool { return it.id == a.ID })
	if i < 0 {
		return
	}
	it := &f.items[i]
	switch {
	case a.Kind == FocusAct:
		f.focus = i
	case a.Kind == PressAct && it.kind == button:
		f.focus, ev.pressed = i, it.id
	case a.Kind == TextAct && it.kind == field:
		f.focus = i
		f.change(it, func() { it.setText(a.Text) })
	case a.Kind == ChooseAct && it.kind == choice && a.At >= 0 && a.At < len(it.options):
		f.focus = i
		f.change(it, func() { it.at = a.At })
	}
}

// mirrored sends the screen to the page, if it is not what was sent last.
func (g *Game) mirrored() {
	if g.options.Mirror == nil {
		return
	}
	m := &g.mirror
	now := &m.now
	now.Title, now.Focus, now.Controls, now.Seen = "", 0, now.Controls[:0], m.seen
	at := func(r rect) [4]float64 { return [4]float64{r.x / g.scale, r.y / g.scale, r.w / g.scale, r.h / g.scale} }
	if r := g.ui.link; r.w > 0 {
		now.Controls = append(now.Controls, Control{ID: idInvitation, Kind: LinkControl, Label: g.ui.l.TheInvitation, Value: g.invite, Box: at(r), Size: g.ui.linkSize / g.scale})
	}
	if f := g.form(); f != nil {
		now.Title = f.title
		for i := range f.items {
			it := &f.items[i]
			c := Control{ID: it.id, Label: it.label, Box: at(it.box), Size: it.size / g.scale}
			switch it.kind {
			case button:
				c.Kind = ButtonControl
			case field:
				c.Kind, c.Value, c.Hint, c.Entry = FieldControl, it.value(), it.hint, entries[it.id]
			case choice:
				c.Kind, c.Options, c.At = ChoiceControl, it.options, it.at
			}
			now.Controls = append(now.Controls, c)
			if i == f.focus {
				now.Focus = it.id
			}
		}
	} else if g.hud.leave.w > 0 {
		now.Controls = append(now.Controls, Control{ID: idLeaving, Kind: LeaveControl, Label: g.ui.wayOut(&g.view), Box: at(g.hud.leave)})
		if !g.inPlay() {
			now.Focus = idLeaving
		}
	}
	if m.ever && now.equal(&m.sent) {
		return
	}
	m.ever = true
	m.sent.Title, m.sent.Focus, m.sent.Seen = now.Title, now.Focus, now.Seen
	m.sent.Controls = append(m.sent.Controls[:0], now.Controls...)
	g.options.Mirror(now)
}

func (s *Screen) equal(o *Screen) bool {
	return s.Title == o.Title && s.Focus == o.Focus && s.Seen == o.Seen && slices.EqualFunc(s.Controls, o.Controls, func(a, b Control) bool {
		return a.ID == b.ID && a.Kind == b.Kind && a.Label == b.Label && a.Value == b.Value && a.Hint == b.Hint && a.Entry == b.Entry &&
			a.At == b.At && a.Box == b.Box && a.Size == b.Size && slices.Equal(a.Options, b.Options)
	})
}

// turned returns the option to which the choice with the focus was turned last, if that was since the
// rest of what is told has changed. Which control has the focus need not be told: the page's own element
// of it has it as well.
func (g *Game) turned(rest [2]string) string {
	is, label := "", ""
	if f := g.form(); f != nil && f.focus < len(f.items) {
		if it := &f.items[f.focus]; it.kind == choice && it.at < len(it.options) {
			is, label = g.ui.join(it.label, ": ", it.options[it.at]), it.label
		}
	}
	if rest != g.rest {
		g.rest, g.turn = rest, ""
	} else if is != g.choice && is != "" && strings.HasPrefix(g.choice, label) {
		g.turn = is
	}
	g.choice = is
	return g.turn
}

// parted takes a line that is an address out of words: it is shown as a link.
func parted(words string) (rest, link string) {
	lines := strings.Split(words, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "https://") || strings.HasPrefix(line, "http://") {
			return strings.Join(slices.Delete(lines, i, i+1), "\n"), line
		}
	}
	return words, ""
}
