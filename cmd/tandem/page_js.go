package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"syscall/js"
	"time"

	"tandem/cmd/internal/app"
	"tandem/cmd/internal/visit"
	"tandem/env"
	"tandem/game/client"
	"tandem/game/dom"
	"tandem/game/scene"
	"tandem/game/words"
	"tandem/netcode/protocol"
	"tandem/netcode/transport"
)

// inPage says that the program runs in a web page.
const inPage = true

// main plays what the page's address asks for: ?room=CODE&env=NAME&delay=auto says what the flags of
// those names say (see package visit). What cannot be played so is said in the menu; the page
// (assets/web/page/tandem.js) shows what else goes wrong.
//
// For scripts on the page, window.tandem.report() answers the seat's report so far as JSON, in the
// layout of tandem-peer's, window.tandem.recording() the recording so far, as tandem-replay reads it, and
// window.tandem.parameters() as JSON the address's parameters that are not the game's, as those of a
// study: a list of values for each name.
func main() {
	page().Set("report", js.FuncOf(func(js.Value, []js.Value) any { return report() }))
	page().Set("recording", js.FuncOf(func(js.Value, []js.Value) any {
		t := current.Load()
		if t == nil {
			return nil
		}
		return toJS(t.tape.bytes())
	}))
	v := come()
	page().Set("parameters", js.FuncOf(func(js.Value, []js.Value) any { return v.KeptText() }))
	err := app.Run(func(ctx context.Context, _ []string) error { return play(ctx, v) }, nil)
	text := words.English.PageLeft
	if err != nil {
		text = app.Sentence(err)
	}
	page().Call("fail", text)
	// The browser goes on calling what the program has given it, as when the window is resized, and
	// a program that is no more would answer with an error.
	select {}
}

func page() js.Value { return js.Global().Get("tandem") }

// come reads the page's address, and what this tab knows from before about the room it leads to. What
// is not the game's is named once, for whoever wonders what became of it.
func come() *visit.Visit {
	v := visit.Read(js.Global().Get("location").Get("search").String())
	if len(v.Kept) > 0 {
		js.Global().Get("console").Call("info", "Tandem: kept, as they are none of the game's parameters: "+strings.Join(slices.Sorted(maps.Keys(v.Kept)), ", "))
	}
	v.RecallKept(stored(keptKey))
	if len(v.Kept) > 0 {
		store(keptKey, v.KeptText())
	}
	if v.Room != "" {
		v.Recall(stored(roomKey(v.Room)))
	}
	if v.Name == "" {
		v.Name = stored(nameKey)
	}
	return v
}

// play plays what an address asks for: on the relay that the page came from, or, without a room and the
// wish to open one, against a bot.
func play(ctx context.Context, v *visit.Visit) error {
	o := request{room: v.Room, watch: v.Watch && v.Room != "", name: v.Name, bot: v.Bot, verbose: v.Verbose,
		flags: app.RoomFlags{Env: v.Env, EnvOpts: v.EnvOpts, Set: v.Set, Delay: v.Delay}}
	at := scene.PlayBot
	switch {
	case o.watch:
		at, o.relay, o.bot, o.flags = scene.Watch, home(), "", app.RoomFlags{}
	case v.Watch && !v.Host: // which match is asked for in the menu
		o = request{name: v.Name, verbose: v.Verbose}
		return show(ctx, &o, &opening{at: scene.Watch})
	case v.Room != "" && !v.Host:
		at, o.relay = scene.Join, home()
	case v.Host:
		at, o.relay, o.flags.Env = scene.Host, home(), or(v.Env, firstEnv)
	}
	if o.relay == "" && o.bot == "" {
		o.bot = bestBot(or(o.flags.Env, firstEnv))
	}
	if err := o.valid(); err != nil {
		o = request{name: v.Name, room: v.Room, verbose: v.Verbose}
		if _, err := protocol.PlayerName(o.name); err != nil {
			o.name = ""
		}
		return show(ctx, &o, &opening{at: at, note: app.Sentence(err)})
	}
	if o.name != "" {
		called(o.name)
	}
	return show(ctx, &o, nil)
}

// keep records in memory, for the player to save, keeps the seat for the page that is loaded again,
// and says what a page does about versions.
func keep(o *request, c *client.Config, _ *slog.Logger) (close func()) {
	if o.away() && !o.watch {
		c.Dial = afterFirstPictures(c.Dial)
		c.Keep = func(code string, token []byte) { keepToken(seatKey(code), token) }
		if o.room != "" {
			c.Peer.Token = token(seatKey(o.room))
		}
	}
	newest = &tape{}
	c.Record = newest.open
	c.Outdated = words.English.PageOutdated
	return func() {}
}

// keepOther keeps the seat of somebody whom the player brought, as keep does the player's. who tells them
// apart.
func keepOther(o *request, who, code string, c *client.Config, _ *slog.Logger) (close func()) {
	if o.away() {
		key := func(code string) string { return seatKey(code) + "." + who }
		c.Keep = func(code string, token []byte) { keepToken(key(code), token) }
		c.Peer.Token = token(key(code))
	}
	return func() {}
}

// afterFirstPictures connects when the first pictures have been drawn. Until then the page's only
// thread prepares the drawing, for seconds on a slow device, and would keep the relay waiting until
// that has no patience any more. A page that is hidden draws nothing and does not wait.
func afterFirstPictures(dial app.Dialer) app.Dialer {
	return func(ctx context.Context) (transport.Conn, error) {
		look := time.NewTicker(100 * time.Millisecond)
		defer look.Stop()
		for hidden := false; !hidden; {
			select {
			case <-firstPictures:
				return dial(ctx)
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-look.C:
				hidden = js.Global().Get("document").Get("visibilityState").String() == "hidden"
			}
		}
		return dial(ctx)
	}
}

// firstPictures is closed when they have been drawn: the third begins when all that the second needed
// is done, which is most of what there is to prepare.
var firstPictures = make(chan struct{})

// bestBot returns the bot that is made for the environment, or one that plays anything.
func bestBot(name string) string {
	best := ""
	for _, b := range env.BotNames(name) {
		if b != "idle" && b != "sticky" && (best == "" || best == "random") {
			best = b
		}
	}
	return best
}

// folder is the address of the page without its query: where it lies, below a path perhaps.
func folder() string {
	at := js.Global().Get("location")
	path := at.Get("pathname").String()
	return at.Get("origin").String() + path[:strings.LastIndexByte(path, '/')+1]
}

// home is the relay that the page came from.
func home() string { return "ws" + strings.TrimPrefix(folder(), "http") + "ws" }

// link is where friends follow a click into a room.
func link(relay, code string) string {
	if relay != home() {
		return ""
	}
	return folder() + visit.Address(code)
}

// seated makes the page's address an invitation to the room, and keeps beside it what leads this player
// back when the page is loaded again.
func seated(o *request, code string) {
	if !o.away() {
		return
	}
	m := visit.Match{Env: o.flags.Env, EnvOpts: o.flags.EnvOpts, Set: o.flags.Set, Delay: o.flags.Delay, Bot: o.bot, Watch: o.watch}
	store(roomKey(code), m.Text())
	lead(code)
}

// left makes the page's address that of the page alone.
func left(o *request) {
	if o.away() {
		forgetRooms()
	}
	lead("")
}

// lead changes the page's address. That is refused in a frame without an origin of its own, and where it
// is done too often: the address stays.
func lead(code string) {
	if history, err := dom.Get(js.Global(), "history"); err == nil {
		_ = dom.Try(func() { history.Call("replaceState", js.Null(), "", folder()+visit.Address(code)) })
	}
}

// called keeps what the player calls themselves.
func called(name string) { store(nameKey, name) }

// touchScreen reports whether fingers are what the device is mainly used with.
func touchScreen() bool {
	return js.Global().Call("matchMedia", "(pointer: coarse)").Get("matches").Bool()
}

// reducedMotion reports whether the system is set to move as little as possible.
func reducedMotion() bool {
	return js.Global().Call("matchMedia", "(prefers-reduced-motion: reduce)").Get("matches").Bool()
}

// current is the match on the screen, with its recording.
var current atomic.Pointer[shown]

type shown struct {
	*table
	tape *tape
}

// newest is the recording of the table that was made last: the one that is presented next.
var newest *tape

func present(t *table) { current.Store(&shown{t, newest}) }

func report() any {
	t := current.Load()
	if t == nil {
		return nil
	}
	data, err := json.Marshal(t.human.Report())
	if err != nil {
		return nil // a report has nothing that JSON lacks
	}
	return string(data)
}

// drawn is called when a picture is there, tell with what happens, in words.
func drawn(picture int) {
	switch picture {
	case 1:
		page().Call("ready")
	case 3:
		close(firstPictures)
	}
}

func tell(text string) { page().Call("say", text) }

// unseen tells what happens while the page is hidden, also by its title: nothing is drawn then.
func unseen(*scene.Game) func(headline, detail string) {
	return func(headline, detail string) {
		text := headline
		if detail != "" {
			text += ". " + detail
		}
		page().Call("unseen", headline, text)
	}
}
