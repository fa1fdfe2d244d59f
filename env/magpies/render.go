package magpies

import (
	"strconv"

	"tandem/env/draw"
)

const (
	depthGarden = iota
	depthNest
	depthCoin
	depthBody
	depthFace
	depthLoad
)

// Sizes, in cells.
const (
	hedgeInset = 0.05
	nestOuter  = 0.46
	nestInner  = 0.3
	coinSize   = 0.2
	coinHole   = 0.07
	bodySize   = 0.36
	bellySize  = 0.2
	eyeSize    = 0.09
	loadSize   = 0.12
)

// Every thing has a name of its own, made once so that no frame makes strings.
var (
	hedgeIDs                            [cells]string
	nestIDs, hollowIDs                  [maxSeats]string
	coinIDs, holeIDs                    [maxSeats + extraCoins]string
	bodyIDs, bellyIDs, tailIDs, beakIDs [maxSeats]string
	eyeIDs                              [maxSeats]string
	loadIDs                             [maxSeats][mostCarried]string
	towards                             = [numActions][2]float64{up: {0, -1}, down: {0, 1}, left: {-1, 0}, right: {1, 0}}
	safeAlpha                           = [2]float64{1, 0.55}
	loadPlaces                          = [mostCarried]float64{-0.26, 0, 0.26}
)

func init() {
	for i := range hedgeIDs {
		hedgeIDs[i] = "hedge_" + strconv.Itoa(i)
	}
	for i := range coinIDs {
		coinIDs[i], holeIDs[i] = "coin_"+strconv.Itoa(i), "coin_hole_"+strconv.Itoa(i)
	}
	for i := range maxSeats {
		n := strconv.Itoa(i)
		nestIDs[i], hollowIDs[i] = "nest_"+n, "nest_hollow_"+n
		bodyIDs[i], bellyIDs[i], tailIDs[i] = "body_"+n, "belly_"+n, "tail_"+n
		beakIDs[i], eyeIDs[i] = "beak_"+n, "eye_"+n
		for k := range mostCarried {
			loadIDs[i][k] = "load_" + n + "_" + strconv.Itoa(k)
		}
	}
}

// centre is the middle of a cell, in cells.
func centre(cell uint8) (x, y float64) {
	return float64(cell%cols) + 0.5, float64(cell/cols) + 0.5
}

func circle(l *draw.List, id string, role draw.Role, depth int8, x, y, r, alpha float64, snap bool) {
	l.Add(draw.Item{ID: id, Kind: draw.Circle, Role: role, Depth: depth, Alpha: alpha, Snap: snap, X: x / cols, Y: y / rows, R: r / cols})
}

// Render draws the garden, the nests in the colours of their seats, the coins, and the magpies with
// what they carry over their heads. One that cannot be robbed now can be seen through.
func (e *Env) Render(l *draw.List) {
	l.Add(draw.Item{ID: "garden", Kind: draw.Rect, Role: draw.Floor, Depth: depthGarden, Alpha: 1, W: 1, H: 1})
	for cell := range uint8(cells) {
		if hedge[cell] {
			x, y := centre(cell)
			const side = 1 - 2*hedgeInset
			l.Add(draw.Item{
				ID: hedgeIDs[cell], Kind: draw.Rect, Role: draw.Wall, Depth: depthGarden, Alpha: 1,
				X: (x - side/2) / cols, Y: (y - side/2) / rows, W: float64(side) / cols, H: float64(side) / rows,
			})
		}
	}
	for i := range e.seats {
		x, y := centre(nests[i])
		circle(l, nestIDs[i], draw.Seat(i), depthNest, x, y, nestOuter, 1, false)
		circle(l, hollowIDs[i], draw.Ground, depthNest, x, y, nestInner, 1, false)
	}
	for i, c := range e.scattered() {
		x, y := centre(c)
		// A coin that was taken appears elsewhere; it does not fly there.
		circle(l, coinIDs[i], draw.Glow, depthCoin, x, y, coinSize, 1, true)
		circle(l, holeIDs[i], draw.Floor, depthCoin, x, y, coinHole, 1, true)
	}
	for i := range e.seats {
		e.renderMagpie(l, i)
	}
}

func (e *Env) renderMagpie(l *draw.List, i int) {
	m := &e.magpies[i]
	snap := e.frame == 0
	alpha := safeAlpha[min(m.safe, 1)]
	x, y := centre(m.cell)
	fx, fy := towards[m.facing][0], towards[m.facing][1]
	// place is so far ahead of the magpie's middle and so far to its right, in cells.
	place := func(ahead, aside float64) (px, py float64) {
		return x + float64(ahead*fx) - float64(aside*fy), y + float64(ahead*fy) + float64(aside*fx)
	}
	corners := func(ahead ...[2]float64) {
		for _, c := range ahead {
			px, py := place(c[0], c[1])
			l.Point(px/cols, py/rows)
		}
	}

	l.AddPolygon(draw.Item{ID: tailIDs[i], Role: draw.Pupil, Depth: depthBody, Alpha: alpha, Snap: snap})
	corners([2]float64{-0.2, 0.16}, [2]float64{-0.2, -0.16}, [2]float64{-0.5, -0.08}, [2]float64{-0.5, 0.08})
	circle(l, bodyIDs[i], draw.Seat(i), depthBody, x, y, bodySize, alpha, snap)
	bx, by := place(-0.08, 0)
	circle(l, bellyIDs[i], draw.EyeWhite, depthFace, bx, by, bellySize, alpha, snap)
	l.AddPolygon(draw.Item{ID: beakIDs[i], Role: draw.Pupil, Depth: depthFace, Alpha: alpha, Snap: snap})
	corners([2]float64{0.26, 0.12}, [2]float64{0.26, -0.12}, [2]float64{0.56, 0})
	ex, ey := place(0.1, 0)
	circle(l, eyeIDs[i], draw.Pupil, depthLoad, ex, ey, eyeSize, alpha, snap)
	for k := range int(m.carried) {
		circle(l, loadIDs[i][k], draw.Glow, depthLoad, x+loadPlaces[k], y-0.42, loadSize, 1, snap)
	}
}
