package scene

import (
	"image"
	"strings"
	"time"

	"tandem/env"
	"tandem/game/client"
	"tandem/game/render"
)

// hud is what surrounds and covers the picture of a match, and the texts it keeps from frame to
// frame.
type hud struct {
	scores  [env.MaxAgents]shown
	team    shown
	time    shown
	episode shown
	late    shown
	desync  shown
	count   shown // 3, 2, 1
	figures figures

	rulesOf *string // the first of the room's options, which are in a line in rule
	rule    string

	agent, youAre string // the player's agent, and the line that names it

	banner struct { // of the hold between two episodes
		episode int
		text    string
		seat    int
	}

	leave rect // where the pointer leaves, as drawn last
}

// Sizes of the score line and the status line, in units.
const (
	wideFrom     = 36.0 // window width from which everything stands side by side
	cardH        = 2.9
	cardGap      = 0.4
	infoH        = 1.7
	statusH      = 1.75
	touchStatusH = 3.0  // where its button is for fingers
	cardMin      = 10.0 // narrowest card
	cardRoomy    = 13.0 // narrowest with a slime on it
)

// match paints the game with its score line and status line.
func (g *Game) match(now time.Time, v *client.View) {
	u, w := g.ui, g.ui.w
	u.c.Rect(0, 0, w, u.h, palette.Bar, 1)
	top := g.hud.top(u, v)
	if v.Spec != nil {
		g.manual.know(g.ui.l, v.Spec, g.inputs, g.people())
	}
	bottom := g.hud.status(u, v, &g.manual, g.problem(v), g.touch)
	g.above = top
	free := rect{0, top, w, u.h - bottom - top}
	touch := g.touch && v.Spec != nil && !v.Watching && !g.over()
	if touch {
		free = g.pads.layout(u.u, free, v.Spec)
	}
	area := free.bounds()
	if v.Spec != nil && area.Dy() > 0 {
		g.senses.effects.deform(now, &v.Prev, &v.Cur)
		g.picture = g.painter.Paint(g.senses.effects.shaken(now, area), v.Spec.Aspect, &v.Prev, &v.Cur, v.Alpha)
		g.senses.effects.draw(u, now, g.picture)
	} else {
		g.picture = area
	}
	if touch {
		g.pads.draw(u)
	}
}

// problem is what the status line warns of.
func (g *Game) problem(v *client.View) string {
	if v.Warning != "" {
		return v.Warning
	}
	if err := g.painter.Err(); err != nil {
		return err.Error()
	}
	return ""
}

// top draws scores, time and episode and returns how much height they take.
func (h *hud) top(u *ui, v *client.View) float64 {
	s := u.u
	gap := cardGap * s
	n := len(v.Players)
	if n == 2 && u.w >= wideFrom*s {
		middle := 12 * s
		card := (u.w - middle - 4*gap) / 2
		h.card(u, v, 0, rect{gap, gap, card, cardH * s}, false)
		h.card(u, v, 1, rect{u.w - gap - card, gap, card, cardH * s}, true)
		h.middle(u, v, rect{u.w/2 - middle/2, gap, middle, cardH * s})
		return cardH*s + 2*gap
	}
	y := gap
	if n > 0 {
		// The cards of a row share the width; there are as many rows as it takes.
		cols := min(max(int((u.w-gap)/(cardMin*s+gap)), 1), n)
		rows := (n + cols - 1) / cols
		cols = (n + rows - 1) / rows
		card := (u.w - gap*float64(cols+1)) / float64(cols)
		height := cardH * s
		if rows > 2 { // a crowd gets lower cards, so that the picture stays the larger part
			height *= 0.6
		}
		for i := range n {
			h.card(u, v, i, rect{gap + float64(i%cols)*(card+gap), y + float64(i/cols)*(height+gap), card, height}, false)
		}
		y += float64(rows) * (height + gap)
	}
	half := u.w/2 - 2*gap
	if cooperative(v) {
		half = u.w/3 - 2*gap
		u.line(h.teamScore(u, v), render.Bold, s, u.w/2, y, half, render.Center, accent)
		u.line(h.episodeText(u, v), render.Regular, s, 2*gap, y, half, render.Left, soft)
		if left, ok := timeLeft(v); ok {
			u.line(h.time.get(left, u.l.TimeLeft), render.Bold, s, u.w-2*gap, y, half, render.Right, ink)
		}
	} else if left, ok := timeLeft(v); ok {
		u.line(h.time.get(left, u.l.TimeLeft), render.Bold, s, u.w-2*gap, y, half, render.Right, ink)
		u.line(h.episodeText(u, v), render.Regular, s, 2*gap, y, half, render.Left, soft)
	} else {
		u.line(h.episodeText(u, v), render.Regular, s, u.w/2, y, u.w-4*gap, render.Center, soft)
	}
	return y + infoH*s
}

// middle draws what stands between two cards: time and episode, over them the score of a team.
func (h *hud) middle(u *ui, v *client.View, box rect) {
	s := u.u
	x, y := u.w/2, box.y
	left, timed := timeLeft(v)
	if cooperative(v) {
		u.line(h.teamScore(u, v), render.Bold, 1.2*s, x, y+0.1*s, box.w, render.Center, accent)
		y += 1.5 * s
		switch several := v.Episodes > 1; {
		case timed && several:
			half := box.w/2 - cardGap*s
			u.line(h.time.get(left, u.l.TimeLeft), render.Regular, 0.95*s, box.x, y, half, render.Left, ink)
			u.line(h.episodeText(u, v), render.Regular, 0.95*s, box.x+box.w, y, half, render.Right, soft)
		case timed:
			u.line(h.time.get(left, u.l.TimeLeft), render.Regular, 0.95*s, x, y, box.w, render.Center, ink)
		default:
			u.line(h.episodeText(u, v), render.Regular, 0.95*s, x, y, box.w, render.Center, soft)
		}
		return
	}
	if timed {
		u.line(h.time.get(left, u.l.TimeLeft), render.Bold, 1.2*s, x, y+0.1*s, box.w, render.Center, ink)
		y += 1.5 * s
	} else {
		y += 0.8 * s
	}
	u.line(h.episodeText(u, v), render.Regular, 0.95*s, x, y, box.w, render.Center, soft)
}

// cooperative reports whether everybody always has the same score, so that one number says it all.
func cooperative(v *client.View) bool { return v.Spec != nil && v.Spec.Cooperative }

func (h *hud) teamScore(u *ui, v *client.View) string {
	return h.team.get(points(scoreOf(v.Points, 0)), func(n int64) string {
		switch word := &v.Spec.Score; {
		case word[0] == "":
			return u.l.TogetherScore(n)
		case n == 1:
			return "1 " + word[0]
		default:
			return plain(n) + " " + word[1]
		}
	})
}

func (h *hud) episodeText(u *ui, v *client.View) string {
	if v.Episodes <= 1 {
		return ""
	}
	both := int64(min(v.Episode+1, v.Episodes))<<32 + int64(v.Episodes)
	return h.episode.get(both, func(both int64) string { return u.l.EpisodeOf(both>>32, both&(1<<32-1)) })
}

// card draws one seat: its colour, who it is, its score unless that is the team's. mirror puts the
// score to the left.
func (h *hud) card(u *ui, v *client.View, seat int, box rect, mirror bool) {
	p := &v.Players[seat]
	s := min(u.u, box.h/cardH*1.25)
	u.c.RoundRect(box.x, box.y, box.w, box.h, 0.5*s, control, 0.55)
	if p.You { // a bar in one's own colour under one's own card
		u.c.RoundRect(box.x+0.5*s, box.y+box.h-0.2*s, box.w-s, 0.2*s, 0.1*s, seatColour(v.Spec, seat), 1)
	}
	pad := 0.6 * s
	r := 0.75 * s
	lead := 2*r + 0.5*s // what stands before the name
	narrow := box.w < cardRoomy*s
	icon := seatIcon(v)
	if narrow && icon == nil { // no room for the slime: a bar of its colour
		lead = 0.2 * s
	}
	slimeX, nameX, scoreX := box.x+pad+r, box.x+pad+lead, box.x+box.w-pad
	nameAlign, scoreAlign := render.Left, render.Right
	if mirror {
		slimeX, nameX, scoreX = box.x+box.w-pad-r, box.x+box.w-pad-lead, box.x+pad
		nameAlign, scoreAlign = render.Right, render.Left
	}
	size := min(1.9*s, box.h*0.6)
	var number rect
	if !cooperative(v) {
		score := h.scores[seat%len(h.scores)].get(points(scoreOf(v.Points, seat)), plain)
		number = u.line(score, render.Bold, size, scoreX, box.y+(box.h-u.c.Height(render.Bold, size))/2, box.w*0.36, scoreAlign, seatColour(v.Spec, seat))
	}
	nameW := box.w - 2*pad - lead - 0.5*s - number.w
	if narrow && icon == nil {
		u.c.RoundRect(box.x+0.2*s, box.y+0.4*s, 0.25*s, box.h-0.8*s, 0.12*s, seatColour(v.Spec, seat), 1)
	} else {
		u.seat(icon, v.Spec.Colour(seat), slimeX, box.y+box.h/2, r, p.Name == "")
	}
	clr := ink
	if !p.Present {
		clr = soft
	}
	if note := u.join(p.Agent, dot, remark(p, u.l)); note != "" && box.h >= 2.2*s {
		nameH, noteH := u.c.Height(render.Bold, s), u.c.Height(render.Regular, 0.8*s)
		y := box.y + (box.h-nameH-noteH)/2
		noteClr := soft
		if p.Name != "" && !p.Present {
			noteClr = alarm
		}
		u.line(v.Name(seat, u.l), render.Bold, s, nameX, y, nameW, nameAlign, clr)
		u.line(note, render.Regular, 0.8*s, nameX, y+nameH, nameW, nameAlign, noteClr)
	} else {
		u.line(v.Name(seat, u.l), render.Bold, s, nameX, box.y+(box.h-u.c.Height(render.Bold, s))/2, nameW, nameAlign, clr)
	}
}

// status draws the bottom line (two in a narrow window) and returns its height.
func (h *hud) status(u *ui, v *client.View, m *manual, problem string, touch bool) float64 {
	s := u.u
	size, pad := 0.85*s, 0.6*s
	words, clr := problem, alarm
	wayClr, countsClr := soft, accent
	if v.Notice != "" {
		words = v.Notice
	} else if words == "" {
		clr = soft
		if v.Phase == client.Playing { // the other phases have a panel for it
			words = v.Headline
		}
		if words == "" && v.Watching {
			words = u.join(u.l.YouWatch, dot, v.Watchers)
		}
		if words == "" && v.Spec != nil && !touch {
			words = u.join(m.line, dot, v.Watchers)
		}
	}
	counts := ""
	if v.Substituted > 0 {
		counts = h.late.get(int64(v.Substituted), u.l.LateInputs)
	}
	if v.Desyncs > 0 {
		counts = u.join(counts, dot, h.desync.get(int64(v.Desyncs), u.l.Desyncs))
	}
	height, way := statusH*s, u.l.EscLeaves
	if v.Alone {
		way = u.l.EscPauses
	}
	if touch {
		height, way = touchStatusH*s, u.wayOut(v)
	}
	lineH := height
	y := u.h - height
	text := func(y float64) float64 { return y + (lineH-u.c.Height(render.Regular, size))/2 }
	wayW := u.c.Width(way, render.Regular, size)
	h.leave = rect{u.w - wayW - 2*pad, y, wayW + 2*pad, height}
	narrow := u.w < wideFrom*s && counts != ""
	if v.Notice != "" { // on a bar of its own colour: eyes are on the game
		clr = onAccent
		if narrow {
			u.c.Rect(0, y-height*0.8, u.w, height*0.8, accent, 1)
		} else {
			u.c.Rect(0, y, u.w, height, accent, 1)
			wayClr, countsClr = onAccent, onAccent
		}
	}
	if touch {
		u.c.RoundRect(h.leave.x+pad/2, y+0.25*s, h.leave.w-pad, height-0.5*s, 0.5*s, control, 1)
		wayClr = ink
	}
	u.line(way, render.Regular, size, u.w-pad, text(y), wayW+1, render.Right, wayClr)
	if narrow {
		u.line(counts, render.Regular, size, pad, text(y), h.leave.x-2*pad, render.Left, accent)
		y -= height * 0.8
		u.line(words, render.Regular, size, pad, text(y), u.w-2*pad, render.Left, clr)
		return height * 1.8
	}
	right := h.leave.x - pad
	if counts != "" {
		right = u.line(counts, render.Regular, size, right, text(y), u.w*0.3, render.Right, countsClr).x - 2*pad
	}
	u.line(words, render.Regular, size, pad, text(y), right-pad, render.Left, clr)
	return height
}

// rules writes the room's options as one text.
func (h *hud) rules(v *client.View) string {
	if first := &v.Rules[0]; h.rulesOf != first {
		h.rulesOf, h.rule = first, strings.Join(v.Rules, dot)
	}
	return h.rule
}

// hold draws the banner between two episodes, in the upper part of area.
func (h *hud) hold(u *ui, v *client.View, area rect) {
	if h.banner.text == "" || h.banner.episode != v.Episode {
		h.banner.episode, h.banner.text, h.banner.seat = v.Episode, u.l.Episode(v.EpisodeResult(u.l)), v.Spec.Leader(v.LastScore)
	}
	clr := accent
	if h.banner.seat >= 0 {
		clr = seatColour(v.Spec, h.banner.seat)
	}
	s := u.u
	size := 1.5 * s
	w := min(u.fit(h.banner.text, render.Bold, size, area.w-4*s).w+3*s, area.w-s)
	box := rect{area.x + (area.w-w)/2, area.y + area.h*0.16, w, 2.6 * s}
	u.c.RoundRect(box.x, box.y, box.w, box.h, box.h/2, clr, 1)
	u.c.RoundRect(box.x+0.15*s, box.y+0.15*s, box.w-0.3*s, box.h-0.3*s, box.h/2-0.15*s, panel, 1)
	u.centred(h.banner.text, render.Bold, size, box, 1.2*s, ink)
}

// countdown draws the large number before the first frame.
func (h *hud) countdown(u *ui, v *client.View, m *manual, pic image.Rectangle, touch bool) {
	s := u.u
	n := secondsUp(v.Starting)
	text := u.l.Go
	if n > 0 {
		text = h.count.get(n, plain)
	}
	words := v.Headline
	if words == "" {
		words = u.l.GetReady
	}
	you := v.Detail
	if you == "" && v.Watching {
		you = u.l.YouWatch
	}
	if you == "" && v.Seat >= 0 && v.Seat < len(v.Players) {
		you = h.youPlay(u, v.Players[v.Seat].Agent)
	}
	// At the start of a match, what it is about; after a pause everybody knows.
	goal, keys := "", ""
	if v.Frame == 0 && v.Spec != nil {
		goal = v.Spec.Goal
		if !touch && !v.Watching {
			keys = m.line
		}
	}
	height := float64(pic.Dy())
	big := min(6*s, height*0.42)
	if goal != "" {
		big = min(4*s, height*0.25)
	}
	inner := min(u.w-2*s, 30*s)
	about, how := u.wrap(goal, render.Regular, s, inner), u.wrap(keys, render.Bold, 0.9*s, inner)
	if goal == "" {
		about.lines, how.lines = nil, nil
	}
	top, low, step := u.c.Height(render.Bold, 1.3*s), u.c.Height(render.Regular, s), u.c.Height(render.Bold, 0.9*s)
	total := top + u.c.Height(render.Bold, big) + low + float64(len(about.lines))*low + float64(len(how.lines))*step
	w := min(max(14*s, u.fit(words, render.Bold, 1.3*s, u.w-4*s).w+3*s, u.fit(you, render.Regular, s, u.w-4*s).w+3*s), u.w-s)
	if goal != "" {
		w = max(w, min(inner+1.5*s, u.w-s))
		total += 0.6 * s
	}
	box := rect{u.w/2 - w/2, float64(pic.Min.Y+pic.Max.Y)/2 - total/2 - 0.5*s, w, total + s}
	u.c.RoundRect(box.x, box.y, box.w, box.h, cornerRadius*s, panel, 0.82)
	y := box.y + 0.5*s
	u.line(words, render.Bold, 1.3*s, u.w/2, y, w-s, render.Center, ink)
	y += top
	u.line(text, render.Bold, big, u.w/2, y, w-s, render.Center, accent)
	y += u.c.Height(render.Bold, big)
	u.line(you, render.Regular, s, u.w/2, y, w-s, render.Center, soft)
	y += low + 0.3*s
	for _, line := range about.lines {
		u.line(line, render.Regular, s, u.w/2, y, w-s, render.Center, ink)
		y += low
	}
	y += 0.3 * s
	for _, line := range how.lines {
		u.line(line, render.Bold, 0.9*s, u.w/2, y, w-s, render.Center, soft)
		y += step
	}
}

// youPlay names the player's agent.
func (h *hud) youPlay(u *ui, agent string) string {
	if h.agent != agent || h.youAre == "" {
		h.agent, h.youAre = agent, u.l.YouPlay(agent)
	}
	return h.youAre
}
