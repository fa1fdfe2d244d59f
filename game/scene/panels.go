package scene

import (
	"slices"
	"time"

	"tandem/game/client"
	"tandem/game/render"
)

// The panels of the menu and of a match. Each is a list of elements for stack.

func (u *ui) title(s string) {
	u.els = append(u.els, element{text: s, style: render.Bold, size: 1.7, clr: ink})
}

func (u *ui) say(s string, gap float64) {
	if s != "" {
		u.els = append(u.els, element{text: s, size: 1, gap: gap, clr: soft})
	}
}

func (u *ui) controls(f *form, gap float64) {
	for i := range f.items {
		g := 0.45
		if i == 0 {
			g = gap
		}
		u.els = append(u.els, element{kind: itemElement, item: &f.items[i], focus: i == f.focus, gap: g})
	}
}

// formPanel draws a form in the middle of the window.
func (u *ui) formPanel(f *form) {
	u.els = u.els[:0]
	u.title(f.title)
	u.say(f.lead, 0.2)
	if f.note != "" {
		u.els = append(u.els, element{text: f.note, size: 1, gap: 0.5, clr: alarm})
	}
	u.controls(f, 0.9)
	u.stack(rect{0, 0, u.w, u.h}, u.els)
}

func (g *Game) drawMenu(now time.Time) {
	g.ui.backdrop(now.Sub(g.begun))
	g.ui.formPanel(&g.menu.form)
	if u := g.ui; now.Before(g.news.until) {
		u.line(g.news.text, render.Regular, u.u, u.w/2, u.h-1.6*u.u, u.w-2*u.u, render.Center, accent)
	}
}

func (g *Game) drawMatch(now time.Time) {
	u, v := g.ui, &g.view
	hasPicture := v.Spec != nil && len(v.Cur.Items) > 0
	whole := rect{0, 0, u.w, u.h}
	switch v.Phase {
	case client.Connecting, client.Waiting:
		u.backdrop(now.Sub(g.begun))
	default:
		if hasPicture || v.Phase != client.Closed {
			g.match(now, v)
		} else {
			u.backdrop(now.Sub(g.begun))
		}
	}
	if g.ask != nil && !g.over() {
		g.cover()
		u.formPanel(g.ask)
		return
	}
	if g.showsHelp && g.inPlay() {
		g.drawHelp()
		return
	}
	u.els = u.els[:0]
	switch v.Phase {
	case client.Connecting:
		u.raise()
		u.title(or(v.Headline, u.l.Connecting))
		u.say(v.Detail, 0.4)
		u.busy(g.leavable(whole), now.Sub(g.begun))
	case client.Waiting:
		u.raise()
		g.waiting(v)
		g.leavable(whole)
	case client.Countdown:
		g.hud.countdown(u, v, &g.manual, g.picture, g.touch)
	case client.Playing:
		p := g.picture
		area := rect{float64(p.Min.X), float64(p.Min.Y), float64(p.Dx()), float64(p.Dy())}
		g.drawHint(now, v)
		if g.numbers {
			area = g.hud.figures.draw(u, v, area, g.above)
		}
		if v.Holding {
			g.hud.hold(u, v, area)
		} else {
			g.hud.banner.text = ""
		}
	case client.Paused:
		g.cover()
		u.title(or(v.Headline, u.l.MatchPaused))
		u.say(or(v.Detail, u.l.PausedForOthers), 0.4)
		g.leavable(whole)
	case client.Finished:
		g.cover()
		g.senses.effects.confetti(u, now)
		u.title(or(v.Headline, u.l.Result(v.Result(u.l))))
		u.say(v.Detail, 0.3)
		g.standings(v)
		u.controls(&g.end, 1)
		u.stack(whole, u.els)
	case client.Closed:
		g.cover()
		u.title(or(v.Headline, u.l.MatchEnded))
		u.say(or(v.Detail, u.l.JoinAgain), 0.4)
		if len(v.Scores) > 0 {
			g.standings(v)
		}
		u.controls(&g.end, 1)
		u.stack(whole, u.els)
	}
}

// leavable draws the panel with the way out as its last line, which can be clicked as well.
func (g *Game) leavable(area rect) rect {
	u := g.ui
	way := u.l.EscLeaves
	if g.touch {
		way = u.l.TouchLeaves
	}
	u.say(way, 0.8)
	box := u.stack(area, u.els)
	at := u.words[len(u.words)-1].at
	g.hud.leave = rect{at.x - u.u, at.y - u.u/2, at.w + 2*u.u, at.h + u.u}
	return box
}

// cover dims the match and begins a layer over it.
func (g *Game) cover() {
	g.ui.dim(0.6)
	g.ui.raise()
}

// waiting lists the elements of the waiting room.
func (g *Game) waiting(v *client.View) {
	u := g.ui
	u.title(or(v.Headline, u.l.GettingReady))
	if v.Spec != nil {
		u.say(v.Spec.Title, 0.1)
	}
	if v.Room != "" {
		u.els = append(u.els, element{kind: codeElement, text: v.Room, gap: 0.6, clr: accent})
	}
	tell := v.Detail
	free := slices.ContainsFunc(v.Players, func(p client.Player) bool { return p.Name == "" })
	if tell == "" && v.Room != "" && free {
		tell = u.l.TellJoin
	}
	if v.HostsRelay {
		tell += "\n" + u.l.LivesHere
	}
	link := ""
	if u.elsewhere {
		tell, link = parted(tell)
	}
	u.say(tell, 0.4)
	if g.invite = link; link != "" {
		u.els = append(u.els, element{kind: linkElement, text: link, gap: 0.3})
	}
	for i := range v.Players {
		p := &v.Players[i]
		el := element{kind: playerElement, text: v.Name(i, u.l), remark: u.join(p.Agent, dot, remark(p, u.l)), clr: seatColour(v.Spec, i), icon: seatIcon(v), role: v.Spec.Colour(i), gap: 0.1}
		if p.Name == "" {
			el.text, el.remark, el.faint = u.l.FreeSeat, p.Agent, true
		}
		if i == 0 {
			el.gap = 0.8
		}
		u.els = append(u.els, el)
	}
	if v.Watchers != "" {
		u.els = append(u.els, element{text: v.Watchers, size: 0.9, gap: 0.4, clr: soft})
	}
	if len(v.Rules) > 0 {
		u.els = append(u.els, element{text: g.hud.rules(v), size: 0.85, gap: 0.5, clr: soft})
	}
}

// standings lists the scores, in the order of the seats.
func (g *Game) standings(v *client.View) {
	for i := range v.Players {
		score := g.hud.scores[i%len(g.hud.scores)].get(points(scoreOf(v.Points, i)), plain)
		el := element{kind: playerElement, text: v.Name(i, g.ui.l), remark: score, score: true, clr: seatColour(v.Spec, i), icon: seatIcon(v), role: v.Spec.Colour(i), gap: 0.1}
		if i == 0 {
			el.gap = 0.8
		}
		g.ui.els = append(g.ui.els, el)
	}
}

// busy draws three dots that run along the lower edge of a panel: something is going on.
func (u *ui) busy(box rect, since time.Duration) {
	const step = 250 * time.Millisecond
	for i := range 3 {
		alpha := 0.25
		if int(since/step)%3 == i {
			alpha = 1
		}
		u.c.Circle(box.x+box.w/2+(float64(i)-1)*u.u*0.9, box.y+box.h-0.65*u.u, u.u*0.2, accent, alpha)
	}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
