package render

import "tandem/env/draw"

// Interpolate writes into dst the picture that lies between prev and cur at alpha: 0 is prev, 1 is
// cur. Whatever exists in cur is drawn, nothing else is. An item moves from where the item of the
// same ID and kind was in prev; it stands at its place in cur at once when there is none, when it
// has no ID or is marked Snap, or when a polygon changed its number of corners. With an empty prev
// (a start, a reset) the result therefore is cur.
//
// dst may not be prev or cur. Nothing is allocated once dst has grown to its size.
func Interpolate(dst, prev, cur *draw.List, alpha float64) {
	if !(alpha > 0) { // NaN too
		alpha = 0
	}
	alpha = min(alpha, 1)
	dst.Reset()
	// Lists keep their order from frame to frame, give or take an item that comes or goes, so the
	// search for a predecessor begins behind the last one found.
	next := 0
	for i := range cur.Items {
		it := cur.Items[i]
		var from *draw.Item
		if !it.Snap && it.ID != "" {
			if j := find(prev, it.ID, next); j >= 0 {
				next = j + 1
				if prev.Items[j].Kind == it.Kind {
					from = &prev.Items[j]
				}
			}
		}
		add(dst, prev, cur, from, &it, alpha)
	}
}

// find returns the index of the item with the ID, searching from start and wrapping round, or -1.
func find(l *draw.List, id string, start int) int {
	for i := start; i < len(l.Items); i++ {
		if l.Items[i].ID == id {
			return i
		}
	}
	for i := 0; i < min(start, len(l.Items)); i++ {
		if l.Items[i].ID == id {
			return i
		}
	}
	return -1
}

// add appends it, moved towards from unless that is nil.
func add(dst, prev, cur *draw.List, from, it *draw.Item, alpha float64) {
	out := *it
	if from != nil {
		out.X, out.Y = mix(from.X, it.X, alpha), mix(from.Y, it.Y, alpha)
		out.X2, out.Y2 = mix(from.X2, it.X2, alpha), mix(from.Y2, it.Y2, alpha)
		out.R = mix(from.R, it.R, alpha)
		out.W, out.H = mix(from.W, it.W, alpha), mix(from.H, it.H, alpha)
		out.Alpha = mix(from.Alpha, it.Alpha, alpha)
	}
	if it.Kind != draw.Polygon {
		dst.Add(out)
		return
	}
	corners := cur.Points(it)
	var old []draw.Point
	if from != nil {
		old = prev.Points(from)
	}
	dst.AddPolygon(out)
	for i, p := range corners {
		if len(old) == len(corners) {
			p.X, p.Y = mix(old[i].X, p.X, alpha), mix(old[i].Y, p.Y, alpha)
		}
		dst.Point(p.X, p.Y)
	}
}

// mix gives exactly b at alpha 1 and exactly a where both are equal, so that what stands still does
// not tremble.
func mix(a, b, alpha float64) float64 {
	if a == b || alpha == 1 {
		return b
	}
	return a + (b-a)*alpha
}
