package scene

import (
	"time"

	"tandem/game/client"
)

// endGuard is how long a result stays before Enter or Space closes it, and Esc where that has paused the match.
// They are keys of the game, and somebody who plays to the last moment presses them when the match ends; a second
// is enough to see that it has.
const endGuard = time.Second

// leaving asks whether to leave, and says what comes of it.
func (g *Game) leaving() *form {
	l := g.ui.l
	f := &form{title: l.AskLeave, lead: l.LeaveAlone, items: []item{{id: idStay, label: l.Stay}, {id: idLeave, label: l.Leave}}, back: idStay}
	switch {
	case g.view.Alone:
		f.title, f.lead, f.items[0].label = l.Paused, l.GoesOnWhere, l.GoOn
	case g.view.Watching:
		f.title, f.lead = l.AskUnwatch, l.MatchGoesOn
	case g.view.HostsRelay:
		f.lead = l.LeaveEnds
	case g.view.Phase == client.Waiting:
		f.title, f.lead = l.AskLeaveRoom, l.SeatMayGo
	}
	return f
}

// offerAgain shows the button for another match for as long as the room waits for one.
func (g *Game) offerAgain() {
	offered := g.view.Again > 0 && !g.view.AgainAsked && !g.view.Watching
	if offered == g.again {
		return
	}
	g.again = offered
	if offered {
		g.end.items = append([]item{{id: idAgain, label: g.ui.l.PlayAgain}}, g.end.items...)
		g.end.focus = 0
		return
	}
	g.end.items, g.end.focus = g.end.items[1:], max(g.end.focus-1, 0)
}

// offer adds to the end of a match what there is to do beside leaving.
func (g *Game) offer() {
	add := func(there bool, id int, label string) {
		if there {
			g.end.items = append(g.end.items, item{id: id, label: label})
		}
	}
	if g.view.Outdated && g.options.Reload != nil {
		g.end.items = append([]item{{id: idReload, label: g.ui.l.Reload}}, g.end.items...)
		return
	}
	if g.view.MayWatch && g.options.Watch != nil {
		g.end.items = append([]item{{id: idWatchRoom, label: g.ui.l.WatchMatch}}, g.end.items...)
	}
	played := g.view.Frame > 0
	add(played && g.options.SavePicture != nil, idPicture, g.ui.l.SavePicture)
	add(played && g.options.SaveData != nil, idData, g.ui.l.SaveData)
}

// watchRoom watches the room that had no seat.
func (g *Game) watchRoom() {
	m, err := g.options.Watch(g.current)
	if err != nil {
		g.noteError(err)
		return
	}
	g.drop(nil)
	g.ShowMatch(m, nil)
}

// savePicture saves the next picture that is drawn.
func (g *Game) savePicture() {
	g.shots = append(g.shots, shot{keep: g.options.SavePicture, done: g.noteError})
}

// noteError shows what went wrong under a result.
func (g *Game) noteError(err error) {
	g.end.note = ""
	if err != nil {
		g.end.note = err.Error()
	}
}

// over reports whether the match has ended, one way or the other.
func (g *Game) over() bool { return g.view.Phase == client.Finished || g.view.Phase == client.Closed }

// drop gives up the match, if there is one, by how instead of leaving where that is given.
func (g *Game) drop(how func()) {
	if g.current == nil {
		return
	}
	g.unwatch()
	g.release()
	if how == nil {
		how = g.current.Leave
	}
	how()
	g.current, g.sampler, g.second, g.ask = nil, nil, nil, nil
}

// leave gives up the match and goes on to the menu, or ends the game without one.
func (g *Game) leave() {
	g.drop(nil)
	if g.menu == nil {
		g.terminate = true
		return
	}
	g.menu.show(pageMain, "")
}
