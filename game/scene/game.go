package scene

import (
	"errors"
	"image"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"tandem/game/client"
	"tandem/game/input"
	"tandem/game/render"
	"tandem/game/sound"
	"tandem/game/words"
)

// Match is a match as a screen sees it. Its methods are called from the window's goroutine.
type Match interface {
	// View fills v with everything there is to show at now, reusing v's memory.
	View(now time.Time, v *client.View)
	// Leave ends the player's part in the match. It is called once, when the player leaves or
	// closes the window, also after the match ended by itself.
	Leave()
	// HangUp is Leave for a window that is closed without a goodbye: the seat waits for its player, as
	// the room's options say.
	HangUp()
	// Again says that the player wants another match, once this one is over.
	Again()
	// SetDelay asks for another input delay of the room ("auto"), StepDelay for one that is some
	// frames longer or shorter. What comes of it is told in the View.
	SetDelay(value string)
	StepDelay(by int)
	// SetAway says that the page is hidden, so that nobody can be playing, or that it is seen again.
	SetAway(away bool)
	// Pause stops a match that is played alone (View.Alone), as SetAway does, and Pause(false) alone lets it
	// go on. Where others play it changes nothing.
	Pause(on bool)
	// SetUnloads says that the page is being closed, left or loaded again, or that the browser had kept
	// it and it is back.
	SetUnloads(unloads bool)
}

// Shared is a Match in which a second person at this window has a seat, too.
type Shared interface {
	// Second is what asks for that person's actions; nil where there is no such person, or no seat for
	// them. It is asked at every Update.
	Second() *input.Sampler
}

// Options say how a Game behaves.
type Options struct {
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// Words is the language of what people read; words.English when nil.
	Words *words.Language
	// Rest waits; time.Sleep when nil.
	Rest func(time.Duration)

	// Start makes the match that the player chose in the menu, with the sampler that asks for the
	// player's actions. It must not wait for the network: a match begins in client.Connecting. An
	// error is shown in the menu, so it is to be in words. Without Start there is no menu, and the
	// game ends when its match is left.
	Start func(Choice) (Match, *input.Sampler, error)

	// Nearby answers which relays there are on the local network; it is asked again and again while
	// a game to join is chosen, and must not wait. Without it nothing is listed.
	Nearby func() []Relay

	// Defaults are what the menu's fields begin with.
	Defaults Choice

	// Named, when given, is called with what the player calls themselves whenever that changes in the
	// menu: a page that is loaded again before they play still knows it.
	Named func(name string)

	// Bindings are what keys and buttons mean; the usual ones when nil.
	Bindings *input.Bindings

	// Sound plays what is to be heard; nil is silence.
	Sound *sound.Player
	// ReducedMotion says that the player wants nothing to move but the game: no dust, no shaking, no confetti.
	ReducedMotion bool

	// Touch says that the device has a touch screen and perhaps no keys. Whoever touches the screen
	// has shown it.
	Touch bool
	// SavePicture and SaveData, when given, are offered when a match is over, SavePicture also on F2.
	// They may keep the picture. An error is shown.
	SavePicture func(*image.RGBA) error
	SaveData    func() error
	// HomeRelay says that all matches with others take place on one relay, so that the menu asks for
	// none: a page plays on the one that it came from.
	HomeRelay bool
	// Watch, when given, makes the match that watches the room which had no seat for m; it is offered
	// then.
	Watch func(m Match) (Match, error)
	// Reload, when given, is offered when the relay is of another version.
	Reload func()
	// Mirror, when given, gets the controls on the screen whenever they change, for a page that makes
	// elements of them (see Screen). It must not keep what it gets. What is done with them comes back
	// by Game.Act.
	Mirror func(*Screen)
	// Drawn, when given, is called after every picture with its number, from 1.
	Drawn func(picture int)
	// Tell, when given, is called with what happens in a match, in words, whenever that changes: for
	// people who do not see the picture.
	Tell func(text string)
}

// Game is the window's content. Its methods are called before Run, from one goroutine; what happens
// later happens through Options and Match.
type Game struct {
	options Options
	canvas  *render.Canvas
	painter *render.Painter
	ui      *ui
	hud     hud
	pads    pads
	touch   bool // the device has a touch screen
	devices devices
	inputs  *input.Devices // the keyboard and gamepads, as the game's keys
	news    news           // of a gamepad that has come or gone
	scale   float64        // device pixels per device-independent one

	menu *menu // nil without Options.Start

	current   Match // nil while the menu is shown
	sampler   *input.Sampler
	second    *input.Sampler // of another person at this window; nil without one
	other     input.State    // what that one has pressed
	unwatch   func()         // ends watching for a hidden page
	unlooked  atomic.Bool    // the page or window was hidden since the last Update
	focused   bool           // the window had the focus at the last Update
	spent     input.Keys     // keys that have pressed a button: no part of play before they are let go
	others    input.Keys     // the same of the second person's
	view      client.View
	ask       *form     // the question whether to leave, while it is open
	end       form      // the buttons under a result
	again     bool      // one of them is for another match
	endSince  time.Time // when the result appeared
	numbers   bool      // F3
	showsHelp bool      // F1
	manual    manual
	senses    senses
	picture   image.Rectangle
	above     float64   // height of what stands over the picture's area
	begun     time.Time // of the drawing
	drawn     int       // frames
	told      [2]string // headline and detail, as told last
	rest      [2]string // the same, without what a choice was turned to
	choice    string    // the choice that has the focus, with its option
	turn      string    // the option to which it was turned
	mirror    mirror
	invite    string // the link to the room, where it is shown as one
	shots     []shot
	terminate bool
	quit      atomic.Bool // asked for from outside

	hidden  bool       // the window is minimised
	naming  sync.Mutex // holds the window's title and the two below
	unseen  bool       // the title may say what happens
	caption string     // what it says usually
}

// The controls of a match's questions.
const (
	idStay = iota + 1
	idLeave
	idPicture
	idData
	idReload
	idAgain
	idWatchRoom
)

// New makes a Game that shows the menu, if Options.Start is given; otherwise ShowMatch must be
// called before the game runs.
func New(o Options) (*Game, error) {
	canvas, err := render.NewCanvas()
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Words == nil {
		o.Words = words.English
	}
	if o.Rest == nil {
		o.Rest = time.Sleep
	}
	if o.Bindings == nil {
		o.Bindings = input.DefaultBindings()
	}
	painter := render.NewPainter(canvas, palette)
	g := &Game{options: o, canvas: canvas, painter: painter, ui: newUI(o.Words, canvas, painter), scale: 1, touch: o.Touch,
		inputs: input.NewDevices(o.Bindings)}
	g.ui.elsewhere = o.Mirror != nil
	g.senses = senses{sound: o.Sound, learned: map[string]bool{}}
	g.senses.effects.still = o.ReducedMotion
	input.OnHidden(o.Sound.Hide)
	if o.Start != nil {
		g.menu = newMenu(o.Words, o.Defaults, canQuit)
		g.menu.nearby, g.menu.home = o.Nearby, o.HomeRelay
	}
	return g, nil
}

// ShowMatch shows m and feeds s with the player's keys. s may be nil for somebody who only watches.
func (g *Game) ShowMatch(m Match, s *input.Sampler) {
	g.current, g.sampler, g.ask = m, s, nil
	g.unlooked.Store(false)
	g.focused, g.spent, g.others, g.showsHelp = false, 0, 0, false
	g.askSecond()
	g.senses.begin()
	g.endSince, g.again = time.Time{}, false
	g.view = client.View{Seat: -1}
	g.hud = hud{}
	g.closing()
	g.unwatch = func() {}
	if s != nil {
		seen := input.OnHidden(func(hidden bool) {
			g.release()
			m.SetAway(hidden)
			g.unlooked.Store(true)
			g.told = [2]string{} // other things were told meanwhile
		})
		stays := input.OnUnload(func(unloads bool) {
			g.release()
			m.SetUnloads(unloads)
		})
		g.unwatch = func() {
			seen()
			stays()
		}
	}
}

// ShowMenu shows the menu's part for an action, with what was wrong, or is to be done first, in words.
// It is for games with a menu, instead of ShowMatch.
func (g *Game) ShowMenu(a Action, note string) {
	g.menu.show([...]page{PlayBot: pageBot, Host: pageHost, Join: pageJoin, Watch: pageJoin}[a], note)
}

// news is a sentence that is shown for a while.
type news struct {
	text  string
	until time.Time
}

// newsFor is how long it is: twice as long as reading it takes.
const newsFor = 4 * time.Second

// closing makes the buttons under a result anew: the way out.
func (g *Game) closing() {
	g.end = form{items: []item{{id: idLeave, label: g.ui.l.Close}}, back: idLeave}
	if g.menu != nil {
		g.end.items[0].label = g.ui.l.BackToMenu
	}
}

// Quit ends the game as closing the window does. It may be called from any goroutine.
func (g *Game) Quit() { g.quit.Store(true) }

// Update reads the devices. It returns ebiten.Termination when the player is done.
func (g *Game) Update() error {
	ev := g.devices.read(g.options.Now())
	state, said, says := g.inputs.Read(g.people())
	g.other = state[1]
	g.devices.pads(ev, said, says)
	if n := g.inputs.News(); n != "" {
		g.news = news{n, ev.now.Add(newsFor)}
	}
	g.hide(ebiten.IsWindowMinimized())
	if ev.has(keyFullscreen) {
		toggleFullscreen()
	}
	return g.update(ev, state[0].Held, state[0].Pressed)
}

// update is Update with the devices read.
func (g *Game) update(ev *events, held, pressed input.Keys) error {
	g.touch = g.touch || len(ev.touches) > 0
	if ev.has(keyBack) && (g.ask != nil || g.current == nil || !g.inPlay()) {
		ev.keys |= keyEscape
	}
	g.obey(ev)
	g.hear(ev)
	if ev.closing || g.quit.Load() {
		if ev.closing && g.current != nil && g.inPlay() && !g.view.Watching {
			g.drop(g.current.HangUp)
		}
		g.drop(nil)
		g.terminate = true
	}
	switch {
	case g.terminate:
	case g.current != nil:
		g.updateMatch(ev, held, pressed)
	case g.menu != nil:
		g.updateMenu(ev)
	default:
		return errors.New("scene: there is neither a match nor a menu to show")
	}
	if g.terminate {
		return ebiten.Termination
	}
	return nil
}

func (g *Game) updateMenu(ev *events) {
	name := g.menu.choice.Name
	result := g.menu.update(ev)
	if now := g.menu.choice.Name; now != name && g.options.Named != nil {
		g.options.Named(now)
	}
	switch result {
	case menuQuits:
		g.terminate = true
	case menuChose:
		m, s, err := g.options.Start(g.menu.choice)
		if err != nil {
			g.menu.form.note = err.Error()
			return
		}
		g.ShowMatch(m, s)
	}
}

// askSecond learns whether there is a second person: their seat can be refused, or lost in mid-match.
func (g *Game) askSecond() {
	g.second = nil
	if two, ok := g.current.(Shared); ok && g.sampler != nil {
		g.second = two.Second()
	}
}

func (g *Game) updateMatch(ev *events, held, pressed input.Keys) {
	g.askSecond()
	if g.over() {
		g.ask = nil
		if g.endSince.IsZero() {
			g.endSince = ev.now
			g.senses.celebrate(ev.now, &g.view)
			g.closing()
			g.offer()
			g.again = false
		}
		g.offerAgain()
		if ev.now.Sub(g.endSince) < endGuard {
			if ev.keys &^= keyEnter | keySpace; g.view.Alone {
				ev.keys &^= keyEscape
			}
		}
		switch g.end.update(ev) {
		case idLeave:
			g.leave()
			return
		case idAgain:
			g.unlooked.Store(false) // who looked elsewhere while the result was shown is back
			g.current.Again()
		case idPicture:
			g.savePicture()
		case idData:
			g.noteError(g.options.SaveData())
		case idReload:
			g.options.Reload()
		case idWatchRoom:
			g.watchRoom()
			return
		}
	} else if g.endSince = (time.Time{}); g.ask != nil { // also a match that follows another
		switch g.ask.update(ev) {
		case idStay:
			g.ask, g.spent, g.others = nil, pressed, g.other.Pressed
			g.unlooked.Store(false)
			g.current.Pause(false)
		case idLeave:
			g.leave()
			return
		}
	} else if ev.has(keyEscape) && g.showsHelp && g.inPlay() {
		g.help(false)
	} else if g.interrupted(ev) || ev.has(keyEscape) || ev.clicked && g.hud.leave.contains(ev.x, ev.y) {
		g.ask, g.showsHelp = g.leaving(), false
		g.current.Pause(true)
	}
	g.focused = ev.focused
	if ev.has(keyPicture) && g.options.SavePicture != nil {
		g.savePicture()
	}
	if ev.has(keyHelp) && g.ask == nil && g.inPlay() {
		g.help(!g.showsHelp)
	}
	if ev.has(keyNumbers) {
		g.numbers = !g.numbers
	}
	if g.ask == nil && g.inPlay() && !g.view.Watching {
		g.changeDelay(ev.chars)
	}
	if g.sampler == nil {
		return
	}
	if ev.focused && g.ask == nil && !(g.view.Alone && g.showsHelp) && g.inPlay() {
		g.spent &= held
		if g.touch {
			held |= g.pads.keys(ev.touches)
		}
		g.sampler.Update(ev.now, held&^g.spent, pressed&^g.spent)
		if g.second != nil {
			g.others &= g.other.Held
			g.second.Update(ev.now, g.other.Held&^g.others, g.other.Pressed&^g.others)
		}
	} else {
		g.release()
	}
}

// help shows all keys, or the match again. A match that is played alone stands still meanwhile.
func (g *Game) help(shown bool) {
	g.showsHelp = shown
	if g.view.Alone {
		g.current.Pause(shown)
	}
}

// people is how many play at this window.
func (g *Game) people() int {
	if g.second != nil {
		return 2
	}
	return 1
}

// release lets go of every key.
func (g *Game) release() {
	for _, s := range [...]*input.Sampler{g.sampler, g.second} {
		if s != nil {
			s.Release()
		}
	}
}

// interrupted reports whether something else has come between a match that is played alone and its player.
// A window that has never had the focus is shown to be looked at, as is one of which a picture is wanted.
func (g *Game) interrupted(ev *events) bool {
	unlooked := g.unlooked.Swap(false)
	return g.view.Alone && g.inPlay() && len(g.shots) == 0 && (unlooked || g.focused && !ev.focused)
}

// hear lets the sound follow what was pressed: a page may be heard from then on, and M turns it off and on,
// unless it is a letter of a text.
func (g *Game) hear(ev *events) {
	p := g.senses.sound
	if ev.keys != 0 || ev.clicked || len(ev.chars) > 0 {
		p.Gesture()
	}
	p.Update()
	p.Tune(g.current == nil)
	if f := g.form(); p == nil || f != nil && len(f.items) > 0 && f.items[f.focus].kind == field {
		return
	}
	for _, r := range ev.chars {
		if r == 'm' || r == 'M' {
			p.SetMuted(!p.Muted())
			g.news = news{g.ui.l.SoundOn, ev.now.Add(newsFor)}
			if p.Muted() {
				g.news.text = g.ui.l.SoundOff
			}
		}
	}
}

// changeDelay obeys the keys for the input delay. They are told by their letters, because every
// keyboard has these elsewhere.
func (g *Game) changeDelay(chars []rune) {
	for _, r := range chars {
		switch r {
		case '-', '−', '[':
			g.current.StepDelay(-1)
		case '+', '=', ']': // = is the unshifted + of many keyboards
			g.current.StepDelay(1)
		case '*':
			g.current.SetDelay("auto")
		}
	}
}

// inPlay reports whether the keys belong to the game.
func (g *Game) inPlay() bool {
	p := g.view.Phase
	return p == client.Countdown || p == client.Playing || p == client.Paused
}

// Draw asks the match for this moment and paints it.
func (g *Game) Draw(screen *ebiten.Image) {
	now := g.options.Now()
	if g.drawn == 0 {
		g.begun = now
	}
	if g.hidden && len(g.shots) == 0 {
		g.options.Rest(time.Second / hiddenTicks) // nobody sees it
		return
	}
	g.drawn++
	b := screen.Bounds()
	g.ui.begin(b.Dx(), b.Dy(), g.scale)
	g.canvas.Begin(screen)
	g.hud.leave = rect{}
	if g.current != nil {
		g.current.View(now, &g.view)
		if g.view.Notice == "" && now.Before(g.news.until) {
			g.view.Notice = g.news.text
		}
		g.senses.look(now, &g.view)
		g.drawMatch(now)
	} else if g.menu != nil {
		g.drawMenu(now)
	}
	g.canvas.End()
	g.capture(screen, now)
	g.mirrored()
	g.tell()
	if g.options.Drawn != nil {
		g.options.Drawn(g.drawn)
	}
}

// tell says in words what the picture shows, where somebody listens.
func (g *Game) tell() {
	if g.options.Tell == nil {
		return
	}
	var now [2]string
	if f := g.form(); f != nil && f.title != "" { // the menu, or a question
		now = [2]string{f.title, or(f.note, f.lead)}
		if g.current == nil && f.back == none {
			now[0] = g.ui.l.TheMenu
		}
	} else if g.current != nil {
		v := &g.view
		now = [2]string{v.Headline, v.Detail}
		if v.Notice != "" {
			now = [2]string{v.Notice, g.sentences(v.Headline, v.Detail)} // a pause is no less news
		}
		if now[0] == "" && v.Spec != nil {
			now[0] = v.Spec.Title
		}
		if f != nil && f.note != "" {
			now = [2]string{f.note, ""}
		}
	}
	if is := g.turned(now); is != "" {
		now = [2]string{is, ""}
	}
	if now != g.told {
		g.told = now
		g.options.Tell(g.sentences(now[0], now[1]))
	}
}

// sentences puts two of them together, the first of which may end without a full stop.
func (g *Game) sentences(a, b string) string {
	sep := ". "
	if strings.HasSuffix(a, "?") || strings.HasSuffix(a, "!") || strings.HasSuffix(a, ".") {
		sep = " "
	}
	return g.ui.join(a, sep, b)
}

// Layout is never called, because there is LayoutF, but belongs to ebiten.Game.
func (g *Game) Layout(w, h int) (int, int) { return w, h }

// LayoutF makes the screen as large as the window in the device's own pixels, so that nothing is
// scaled afterwards.
func (g *Game) LayoutF(w, h float64) (float64, float64) {
	g.scale = 1
	if m := ebiten.Monitor(); m != nil {
		g.scale = max(m.DeviceScaleFactor(), 0.25)
	}
	return max(w*g.scale, 1), max(h*g.scale, 1)
}
