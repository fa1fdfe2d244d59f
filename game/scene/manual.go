package scene

import (
	"slices"
	"strings"

	"github.com/hajimehoshi/ebiten/v2"

	"tandem/env"
	"tandem/game/input"
	"tandem/game/render"
	"tandem/game/words"
)

// manual is what a game says about itself: what it is about and which keys do what. It is written when
// the game, the bindings or the gamepads change, and not in every frame.
type manual struct {
	spec  *env.Spec
	bound *input.Bindings
	pads  int
	two   bool // two people play at this window

	button string   // the key of the first extra button
	line   string   // while playing: "← →: run · ↑: jump"
	who    string   // "Two players, against each other"
	keys   []string // every key that does something, a line for each verb
}

// know writes the manual of a game anew, unless it is there.
func (m *manual) know(l *words.Language, spec *env.Spec, d *input.Devices, people int) {
	pads, pad := d.Pads()
	if m.spec == spec && m.bound == d.Bindings() && m.pads == pads && m.two == (people > 1) {
		return
	}
	*m = manual{spec: spec, bound: d.Bindings(), pads: pads, two: people > 1, who: l.Players(len(spec.Agents), spec.Cooperative, spec.Teams != nil, spec.TeamTitles), keys: m.keys[:0]}
	m.button = keyNames(m.bound, []env.Key{env.KeyA}, 1)
	var short []string
	for _, w := range works(spec) {
		short = append(short, keyNames(m.bound, w.keys, 1)+": "+w.verb)
		m.keys = append(m.keys, upperFirst(w.verb)+": "+keyNames(m.bound, w.keys, -1))
	}
	m.line = strings.Join(append(short, l.AllKeys), dot)
	if m.two {
		first, second := d.Shares()
		m.line = l.Shares(first, second)
		m.keys = append(m.keys, m.line)
	}
	if pads > 0 {
		m.keys = append(m.keys, l.PadKeys(pad))
	}
}

// work is something that a player does, and the keys that do it.
type work struct {
	verb string
	keys []env.Key
}

// works lists what single keys do, in the order of the keys.
func works(spec *env.Spec) (list []work) {
	for k := range env.NumKeys {
		for _, c := range spec.Keys {
			if len(c.Keys) != 1 || c.Keys[0] != k || c.Action >= len(spec.Actions) || spec.Actions[c.Action].Verb == "" {
				continue
			}
			verb := spec.Actions[c.Action].Verb
			i := slices.IndexFunc(list, func(w work) bool { return w.verb == verb })
			if i < 0 {
				i = len(list)
				list = append(list, work{verb: verb})
			}
			list[i].keys = append(list[i].keys, k)
		}
	}
	return list
}

// keyNames writes which keys are bound, at most so many of each function, or all where most is
// negative: those of one hand together.
func keyNames(b *input.Bindings, of []env.Key, most int) string {
	var names []string
	for i := 0; ; i++ {
		any := false
		for _, f := range of {
			if i < len(b.Keys[f]) && (most < 0 || i < most) {
				names = append(names, keyName(b.Keys[f][i]))
				any = true
			}
		}
		if !any {
			return strings.Join(names, " ")
		}
	}
}

// keyName is what stands on a key, by the layout of this keyboard where the system tells it.
func keyName(k ebiten.Key) string {
	switch k {
	case ebiten.KeyArrowLeft:
		return "←"
	case ebiten.KeyArrowRight:
		return "→"
	case ebiten.KeyArrowUp:
		return "↑"
	case ebiten.KeyArrowDown:
		return "↓"
	case ebiten.KeyShiftRight:
		return "right Shift"
	case ebiten.KeyNumpadEnter:
		return "Num Enter"
	}
	name := k.String()
	if digit, ok := strings.CutPrefix(name, "Numpad"); ok {
		return "Num " + digit
	}
	if local := ebiten.KeyName(k); local != "" {
		return strings.ToUpper(local)
	}
	return name
}

func upperFirst(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// drawHelp covers the match with everything there is to know about the game and the keys.
func (g *Game) drawHelp() {
	u := g.ui
	g.cover()
	u.els = u.els[:0]
	if spec := g.view.Spec; spec != nil {
		g.manual.know(u.l, spec, g.inputs, g.people())
		u.title(spec.Title)
		u.say(spec.Goal, 0.2)
		u.say(g.manual.who, 0.3)
		for i, line := range g.manual.keys {
			gap := 0.1
			if i == 0 {
				gap = 0.7
			}
			u.els = append(u.els, element{text: line, style: render.Bold, size: 1, gap: gap, clr: ink})
		}
	} else {
		u.title(u.l.Keys)
	}
	keys := u.l.WindowKeys
	if g.view.Alone {
		keys = u.l.WindowKeysAlone
	}
	u.say(keys, 0.7)
	u.stack(rect{0, 0, u.w, u.h}, u.els)
}
