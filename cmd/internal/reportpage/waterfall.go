package reportpage

import (
	"fmt"
	"math"

	"tandem/game/client"
	"tandem/game/words"
)

// part is a part of an own input's way.
type part struct {
	Name, Help string
	Colour     string
	Cells      []cell // of each seat
	of         func(w *client.Waterfall) float64
}

// parts are in the order of the way, in colours that stand apart from their neighbours on light and dark
// grounds.
var parts = []part{
	{Name: "Sample wait", Help: "from the press to the sample: half the time between two, on the average", Colour: "#9a9a9a", of: func(w *client.Waterfall) float64 { return w.Sample }},
	{Name: "Uplink", Help: "to the relay", Colour: "#2f6fd0", of: func(w *client.Waterfall) float64 { return w.Up }},
	{Name: "Waiting for the others", Help: "at the relay, until everybody's input was there or the frame's time was up", Colour: "#d0a02f", of: func(w *client.Waterfall) float64 { return w.Others }},
	{Name: "Downlink", Help: "back from the relay", Colour: "#2f9a9a", of: func(w *client.Waterfall) float64 { return w.Down }},
	{Name: "Playout wait", Help: "here, until the step is due: it waits for bundles that come later, so that play is even", Colour: "#a04fc0", of: func(w *client.Waterfall) float64 { return w.Due }},
	{Name: "Own timer", Help: "that the step came later than due: this computer", Colour: "#c03f3f", of: func(w *client.Waterfall) float64 { return w.Timer }},
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
	steps = append(steps, parts...)
	whole := part{Name: "All of it", Help: "from the press to the step: the parts add up to it", of: func(w *client.Waterfall) float64 { return w.Whole }}
	steps = append(steps, whole)
	for i := range p.Seats {
		s := &p.Seats[i]
		w := s.Waterfall
		if w == nil {
			for k := range steps {
				steps[k].Cells = append(steps[k].Cells, cell{Text: words.English.NotMeasured})
			}
			continue
		}
		f := fall{Seat: s.Title(), Whole: num(w.Whole) + " ms", Of: fmt.Sprintf("n %d of %d inputs", w.N, w.Of)}
		at := 0.0
		for k := range steps {
			v := steps[k].of(w)
			c := cell{Text: num(v)}
			if name := steps[k].Name; name == "Uplink" || name == "Downlink" {
				c.Text += " ± " + num(w.Bound)
			}
			steps[k].Cells = append(steps[k].Cells, c)
			if k == len(parts) {
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
