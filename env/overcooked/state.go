package overcooked

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"tandem/env"
	"tandem/env/numpyrand"
)

// sections is the state's layout.
func sections(l *layout) []env.Section {
	cooks := make([]string, l.seats)
	for i := range cooks {
		cooks[i] = "cook " + strconv.Itoa(i)
	}
	place := func(cell int) string {
		return "row " + strconv.Itoa(l.row(cell)) + " column " + strconv.Itoa(l.col(cell))
	}
	cells := make([]string, len(l.kinds))
	for i := range cells {
		cells[i] = place(i)
	}
	pots := make([]string, len(l.pots))
	for i, cell := range l.pots {
		pots[i] = "pot at " + place(cell)
	}
	highLow := []string{"high", "low"}
	return []env.Section{
		{Name: "clock", Fields: []env.Field{{Name: "t", Kind: env.U32}}},
		{Name: "agents", Fields: []env.Field{
			{Name: "row", Kind: env.U8, Count: l.seats, Labels: cooks},
			{Name: "col", Kind: env.U8, Count: l.seats, Labels: cooks},
			{Name: "dir", Kind: env.U8, Count: l.seats, Labels: cooks, Words: directionWords},
			{Name: "held", Kind: env.U8, Count: l.seats, Labels: cooks, Words: itemWords},
		}},
		{Name: "items", Fields: []env.Field{
			{Name: "item", Kind: env.U8, Count: len(l.kinds), Labels: cells, Words: itemWords}, // row by row
		}},
		{Name: "pots", Fields: []env.Field{
			{Name: "onions", Kind: env.U8, Count: len(l.pots), Labels: pots},
			{Name: "timer", Kind: env.U8, Count: len(l.pots), Labels: pots},
			{Name: "code", Kind: env.U8, Count: len(l.pots), Labels: pots},
		}},
		{Name: "rng", Fields: []env.Field{
			{Name: "state", Kind: env.U64, Count: 2, Labels: highLow},
			{Name: "inc", Kind: env.U64, Count: 2, Labels: highLow},
			{Name: "has_half", Kind: env.U8, Words: []string{"no", "yes"}},
			{Name: "half", Kind: env.U32},
		}},
	}
}

// What the numbers mean, for people.
var (
	directionWords = []string{right: "right", down: "down", left: "left", up: "up"}
	itemWords      = []string{nothing: "nothing", onion: "onion", plate: "plate", soup: "soup"}
)

const maxSteps = 1 << 30 // a year of play

// AppendState appends the complete state.
func (e *Env) AppendState(buf []byte) []byte {
	buf, mark := env.BeginSection(buf)
	buf = binary.LittleEndian.AppendUint32(buf, e.t)
	buf = env.EndSection(buf, mark)

	buf, mark = env.BeginSection(buf)
	for i := range e.agents {
		buf = append(buf, uint8(e.layout.row(e.agents[i].cell)))
	}
	for i := range e.agents {
		buf = append(buf, uint8(e.layout.col(e.agents[i].cell)))
	}
	for i := range e.agents {
		buf = append(buf, e.agents[i].dir)
	}
	for i := range e.agents {
		buf = append(buf, uint8(e.agents[i].held))
	}
	buf = env.EndSection(buf, mark)

	buf, mark = env.BeginSection(buf)
	for _, it := range e.items {
		buf = append(buf, uint8(it))
	}
	buf = env.EndSection(buf, mark)

	buf, mark = env.BeginSection(buf)
	for i := range e.pots {
		buf = append(buf, e.pots[i].onions)
	}
	for i := range e.pots {
		buf = append(buf, e.pots[i].timer)
	}
	for i := range e.pots {
		buf = append(buf, e.pots[i].code)
	}
	buf = env.EndSection(buf, mark)

	buf, mark = env.BeginSection(buf)
	buf = e.rng.AppendState(buf)
	return env.EndSection(buf, mark)
}

// SetState replaces the state. What no game can reach is refused and leaves this one as it was.
func (e *Env) SetState(data []byte) error {
	if err := e.spec.CheckState(data); err != nil {
		return err
	}
	k := &e.spare
	rest := data
	for i := range e.spec.Sections {
		payload, r, _ := env.NextSection(rest)
		rest = r
		name := e.spec.Sections[i].Name
		if what := k.readSection(e.layout, name, payload); what != "" {
			return fmt.Errorf("state of %s: section %q: %s", e.spec.Name, name, what)
		}
	}
	e.kitchen, e.spare = e.spare, e.kitchen
	return nil
}

// readSection fills the section's part of k and returns what is wrong with it, or "". The sections
// come in their order.
func (k *kitchen) readSection(l *layout, name string, payload []byte) string {
	switch name {
	case "clock":
		rd := env.NewReader(payload)
		if k.t = rd.U32(); k.t > maxSteps {
			return "a step that play does not reach"
		}
	case "agents":
		return k.readAgents(l, payload)
	case "items":
		return k.readItems(l, payload)
	case "pots":
		return k.readPots(l, payload)
	case "rng":
		var err error
		if k.rng, err = numpyrand.ParseState(payload); err != nil {
			return err.Error()
		}
	}
	return ""
}

func (k *kitchen) readAgents(l *layout, payload []byte) string {
	n := len(k.agents)
	for i := range k.agents {
		row, col := int(payload[i]), int(payload[n+i])
		a := cook{dir: payload[2*n+i], held: item(payload[3*n+i])}
		if row >= l.rows || col >= l.cols || l.kinds[row*l.cols+col] != free {
			return "a cook where there is no floor"
		}
		a.cell = row*l.cols + col
		for j := range i {
			if k.agents[j].cell == a.cell {
				return "two cooks on one cell"
			}
		}
		if a.dir > up || a.held >= numItems {
			return "a direction or an item that there is not"
		}
		k.agents[i] = a
	}
	return ""
}

func (k *kitchen) readItems(l *layout, payload []byte) string {
	for cell := range k.items {
		it := item(payload[cell])
		if it >= numItems || it != nothing && !l.carries(cell) {
			return "an item that there is not, or where none can lie"
		}
		k.items[cell] = it
	}
	for i := range k.agents {
		if k.items[k.agents[i].cell] != nothing {
			return "an item under a cook"
		}
	}
	return ""
}

func (k *kitchen) readPots(l *layout, payload []byte) string {
	n := len(k.pots)
	for i := range k.pots {
		p := pan{onions: payload[i], timer: payload[n+i], code: payload[2*n+i]}
		if !p.possible(len(k.agents)) {
			return "a pot that no game has"
		}
		k.pots[i] = p
	}
	return ""
}

// possible reports whether some pot becomes p in a step in which so many cooks used it.
func (p pan) possible(cooks int) bool {
	if p.onions > potCapacity || p.timer > cookingTime || p.timer < cookingTime && p.onions < potCapacity {
		return false
	}
	if p.timer < cookingTime { // cooking or ready: nothing can have happened to it since the tick
		return p.code == p.onions+p.onions*p.timer
	}
	const codeReady = potCapacity
	if p.code == codeReady { // the soup was taken by one cook
		return int(p.onions) < cooks
	}
	for before := range p.onions + 1 { // onions were added, one by each cook
		if int(p.onions-before) <= cooks && before < potCapacity && p.code == before+before*cookingTime {
			return true
		}
	}
	return false
}
