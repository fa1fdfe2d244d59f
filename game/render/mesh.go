package render

import (
	"image/color"
	"math"

	"github.com/hajimehoshi/ebiten/v2"

	"tandem/env/draw"
)

// rim is half the width of the edge over which a shape fades out: one pixel in all, centred on the
// outline, which is what a pixel partly covered by the shape shows.
const rim = 0.5

// mesh collects shapes as triangles, in pixels.
type mesh struct {
	vertices []ebiten.Vertex
	indices  []uint32
	corners  []draw.Point // of the polygon under construction, without repetitions
}

func (m *mesh) reset() { m.vertices, m.indices = m.vertices[:0], m.indices[:0] }

// vertex appends a corner of the given opacity and returns its index. The colour is not
// premultiplied; the vertex is.
func (m *mesh) vertex(x, y float64, c color.RGBA, alpha float64) uint32 {
	a := float32(alpha) * float32(c.A) / 0xff
	m.vertices = append(m.vertices, ebiten.Vertex{
		DstX: float32(x), DstY: float32(y), SrcX: 1.5, SrcY: 1.5,
		ColorR: a * float32(c.R) / 0xff, ColorG: a * float32(c.G) / 0xff, ColorB: a * float32(c.B) / 0xff, ColorA: a,
	})
	return uint32(len(m.vertices) - 1)
}

func (m *mesh) quad(a, b, c, d uint32) { m.indices = append(m.indices, a, b, c, a, c, d) }

// gradient fills a rectangle of whole pixels from one colour at the top to another at the bottom.
// Its edges are hard, so that rectangles side by side leave no seam.
func (m *mesh) gradient(x, y, w, h float64, top, bottom color.RGBA, alpha float64) {
	x1, y1 := math.Round(x+w), math.Round(y+h)
	x, y = math.Round(x), math.Round(y)
	if x1 <= x || y1 <= y {
		return
	}
	m.quad(m.vertex(x, y, top, alpha), m.vertex(x1, y, top, alpha),
		m.vertex(x1, y1, bottom, alpha), m.vertex(x, y1, bottom, alpha))
}

// circle fills a circle.
func (m *mesh) circle(x, y, r float64, c color.RGBA, alpha float64) {
	if !(r > 0) {
		return
	}
	if r < rim { // smaller than a pixel: a pixel that is fainter by as much
		alpha *= r * r / (rim * rim)
		r = rim
	}
	n := arcSteps(r, 2*math.Pi)
	hub := m.vertex(x, y, c, alpha)
	first := uint32(len(m.vertices))
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		m.vertex(x+(r-rim)*cos, y+(r-rim)*sin, c, alpha)
		m.vertex(x+(r+rim)*cos, y+(r+rim)*sin, c, 0)
	}
	for i := range uint32(n) {
		a, b := first+2*i, first+2*((i+1)%uint32(n))
		m.indices = append(m.indices, hub, a, b)
		m.quad(a, a+1, b+1, b)
	}
}

// ellipse fills the part of an ellipse between two angles in turns, clockwise from the right, its ends
// joined.
func (m *mesh) ellipse(x, y, rx, ry, from, to float64, c color.RGBA, alpha float64) {
	angle := 2 * math.Pi * (to - from)
	n := arcSteps(max(rx, ry), math.Abs(angle))
	m.begin()
	for i := 0; i <= n; i++ {
		sin, cos := math.Sincos(2*math.Pi*from + angle*float64(i)/float64(n))
		m.corner(x+rx*cos, y+ry*sin)
	}
	m.convex(c, alpha)
}

// arcSteps returns how many straight pieces an arc needs to stay within a tenth of a pixel of the
// curve, which no eye can tell.
func arcSteps(r, angle float64) int {
	step := 2 * math.Acos(max(0, 1-0.1/max(r, 0.2)))
	return min(max(int(math.Ceil(angle/step)), 8), 512)
}

// line fills a straight line with flat ends. One thinner than a pixel is drawn fainter instead.
func (m *mesh) line(x1, y1, x2, y2, w float64, c color.RGBA, alpha float64) {
	length := math.Hypot(x2-x1, y2-y1)
	if !(length > 0) || !(w > 0) {
		return
	}
	if w < 1 {
		alpha *= w
		w = 1
	}
	nx, ny := -(y2-y1)/length*w/2, (x2-x1)/length*w/2
	m.begin()
	m.corner(x1+nx, y1+ny)
	m.corner(x2+nx, y2+ny)
	m.corner(x2-nx, y2-ny)
	m.corner(x1-nx, y1-ny)
	m.convex(c, alpha)
}

// roundRect fills a rectangle with corners of radius r.
func (m *mesh) roundRect(x, y, w, h, r float64, c color.RGBA, alpha float64) {
	r = min(r, w/2, h/2)
	if !(r > 0) {
		m.gradient(x, y, w, h, c, c, alpha)
		return
	}
	m.begin()
	n := arcSteps(r, math.Pi/2)
	for q, centre := range [4]draw.Point{{X: x + w - r, Y: y + h - r}, {X: x + r, Y: y + h - r}, {X: x + r, Y: y + r}, {X: x + w - r, Y: y + r}} {
		for i := 0; i <= n; i++ {
			sin, cos := math.Sincos(math.Pi / 2 * (float64(q) + float64(i)/float64(n)))
			m.corner(centre.X+r*cos, centre.Y+r*sin)
		}
	}
	m.convex(c, alpha)
}

// begin starts a polygon, corner adds to it; a corner that repeats the last one is dropped, because
// an edge without a length has no direction.
func (m *mesh) begin() { m.corners = m.corners[:0] }

func (m *mesh) corner(x, y float64) {
	const same = 1e-3 // pixels
	if n := len(m.corners); n > 0 && math.Abs(m.corners[n-1].X-x) < same && math.Abs(m.corners[n-1].Y-y) < same {
		return
	}
	m.corners = append(m.corners, draw.Point{X: x, Y: y})
}

// isConvex reports whether the corners turn one way only, so that a fan of triangles fills them.
func (m *mesh) isConvex() bool {
	n := len(m.corners)
	turn := 0.0
	for i := range n {
		a, b, c := m.corners[i], m.corners[(i+1)%n], m.corners[(i+2)%n]
		cross := (b.X-a.X)*(c.Y-b.Y) - (b.Y-a.Y)*(c.X-b.X)
		if math.Abs(cross) < 1e-6 {
			continue
		}
		if turn*cross < 0 {
			return false
		}
		turn = cross
	}
	return true
}

// convex fills the convex polygon of the corners: a fan, and a rim along every edge.
func (m *mesh) convex(c color.RGBA, alpha float64) {
	n := len(m.corners)
	if n > 1 && math.Hypot(m.corners[0].X-m.corners[n-1].X, m.corners[0].Y-m.corners[n-1].Y) < 1e-3 {
		n--
	}
	if n < 3 {
		return
	}
	p := m.corners[:n]
	area := 0.0
	for i := range p {
		j := (i + 1) % n
		area += p[i].X*p[j].Y - p[j].X*p[i].Y
	}
	out := rim // the side of an edge that is outside, seen along it
	if area < 0 {
		out = -rim
	}
	first := uint32(len(m.vertices))
	for i := range p {
		dx, dy := mitre(p[(i+n-1)%n], p[i], p[(i+1)%n])
		m.vertex(p[i].X-out*dx, p[i].Y-out*dy, c, alpha)
		m.vertex(p[i].X+out*dx, p[i].Y+out*dy, c, 0)
	}
	for i := range uint32(n) {
		a, b := first+2*i, first+2*((i+1)%uint32(n))
		if i > 0 && i < uint32(n)-1 {
			m.indices = append(m.indices, first, a, b)
		}
		m.quad(a, a+1, b+1, b)
	}
}

// mitre returns the offset of corner b, between its neighbours, that moves both edges outward by
// one. It is cut off at a sharp corner, where it would be endless.
func mitre(a, b, c draw.Point) (dx, dy float64) {
	n1x, n1y := normal(a, b)
	n2x, n2y := normal(b, c)
	dx, dy = n1x+n2x, n1y+n2y
	k := 2 / max(dx*dx+dy*dy, 0.5)
	return dx * k, dy * k
}

func normal(a, b draw.Point) (x, y float64) {
	l := math.Hypot(b.X-a.X, b.Y-a.Y)
	return (b.Y - a.Y) / l, -(b.X - a.X) / l
}
