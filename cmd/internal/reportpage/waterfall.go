package reportpage

import (
	"math"

	"tandem/game/client"
	"tandem/game/words"
)

// part is a part of an own input's way.
type part struct {
	Name, Help string
	Colour     string
	Cells      []cell // of each seat
	unsure     bool   // the bound belongs to it
	of         func(w *client.Waterfall) float64
}

// parts are in the order of the way, in colours that stand apart from their neighbours on light and dark
// grounds.
func parts(l *words.Language) []part {
	return []part{
		{Name: l.SampleWait, Help: l.SampleHelp, Colour: "#9a9a9a", of: func(w *client.Waterfall) float64 { return w.Sample }},
		{Name: l.Uplink, Help: l.UplinkHelp, Colour: "#2f6fd0", unsure: true, of: func(w *client.Waterfall) float64 { return w.Up }},
		{Name: l.OthersWait, Help: l.OthersHelp, Colour: "#d0a02f", of: func(w *client.Waterfall) float64 { return w.Others }},
		{Name: l.Downlink, Help: l.DownlinkHelp, Colour: "#2f9a9a", unsure: true, of: func(w *client.Waterfall) float64 { return w.Down }},
		{Name: l.PlayoutWait, Help: l.PlayoutHelp, Colour: "#a04fc0", of: func(w *client.Waterfall) float64 { return w.Due }},
		{Name: l.OwnTimer, Help: l.OwnTimerHelp, Colour: "#c03f3f", of: func(w *client.Waterfall) float64 { return w.Timer }},
		{Name: l.WholeWay, Help: l.WholeWayHelp, of: func(w *client.Waterfall) float64 { return w.Whole }}, // no bar
	}
}

// fall is a seat's way as a bar.
type fall struct {
	Seat, Whole, Of string
	Bars            []bar
}

type bar struct {
	X, Width float64
	Colour   string
	Title    string
}

// falls are the bars of the seats that have one, to one scale, and their parts in numbers.
func (p *Page) falls() (list []fall, steps []part) {
	longest := 0.0
	for i := range p.Seats {
		if w := p.Seats[i].Waterfall; w != nil {
			longest = max(longest, w.Whole)
		}
	}
	if longest <= 0 {
		return nil, nil
	}
	l := words.English
	steps = parts(l)
	for i := range p.Seats {
		s := &p.Seats[i]
		w := s.Waterfall
		if w == nil {
			for k := range steps {
				steps[k].Cells = append(steps[k].Cells, cell{Text: l.NotMeasured})
			}
			continue
		}
		f := fall{Seat: s.Title(), Whole: num(w.Whole) + " ms", Of: l.InputsOf(w.N, w.Of)}
		at := 0.0
		for k := range steps {
			v := steps[k].of(w)
			c := cell{Text: num(v)}
			if steps[k].unsure {
				c.Text += " ± " + num(w.Bound)
			}
			steps[k].Cells = append(steps[k].Cells, c)
			if steps[k].Colour == "" {
				continue
			}
			width := max(0, v/longest*width) // an uplink of less than nothing is one that cannot be told from the downlink
			f.Bars = append(f.Bars, bar{X: round1(at), Width: math.Max(0, round1(width)), Colour: steps[k].Colour, Title: steps[k].Name + ": " + c.Text + " ms"})
			at += width
		}
		list = append(list, f)
	}
	return list, steps
}
