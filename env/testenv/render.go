package testenv

import "tandem/env/draw"

// One name per seat, so that drawing makes no strings.
var dotIDs = [...]string{
	"dot_0", "dot_1", "dot_2", "dot_3", "dot_4", "dot_5", "dot_6", "dot_7",
	"dot_8", "dot_9", "dot_10", "dot_11", "dot_12", "dot_13", "dot_14", "dot_15",
}

// Render draws a dot per agent, at the height of its word, and a bar of the episode's progress.
func (e *Env) Render(l *draw.List) {
	elapsed := min(float64(e.frame)/float64(e.steps), 1)
	l.Add(draw.Item{
		ID: "progress", Kind: draw.Rect, Role: draw.Ground, Alpha: 1, Snap: e.frame == 0,
		X: 0, Y: 0.97, W: elapsed, H: 0.03,
	})
	n := float64(len(e.words))
	for i, w := range e.words {
		l.Add(draw.Item{
			ID: dotIDs[i], Kind: draw.Circle, Role: draw.Seat(i), Depth: 1, Alpha: 1, Snap: e.frame == 0,
			X: (float64(i) + 0.5) / n,
			Y: 0.1 + float64(0.8*float64(fraction(w))),
			R: 0.02,
		})
	}
}
