package main

import (
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"syscall/js"
	"time"

	"tandem/cmd/internal/app"
	"tandem/env"
	"tandem/game/client"
	"tandem/netcode/transport"
)

// inPage says that the program runs in a web page.
const inPage = true

// main plays what the page's address asks for: ?room=CODE&env=NAME&delay=auto says what the flags of
// those names say. The page (assets/web/page/tandem.js) shows what goes wrong.
//
// For scripts on the page, window.tandem.report() answers the seat's report so far as JSON, in the
// layout of tandem-peer's, and window.tandem.recording() the recording so far, as tandem-replay reads it.
func main() {
	page().Set("report", js.FuncOf(func(js.Value, []js.Value) any { return report() }))
	page().Set("recording", js.FuncOf(func(js.Value, []js.Value) any {
		t := current.Load()
		if t == nil {
			return nil
		}
		return toJS(t.tape.bytes())
	}))
	args, err := arguments(js.Global().Get("location").Get("search").String())
	if err == nil {
		err = app.Run(run, args)
	}
	words := "You have left the game. Reload the page to play again."
	if err != nil {
		words = app.Sentence(err)
	}
	page().Call("fail", words)
	// The browser goes on calling what the program has given it, as when the window is resized, and
	// a program that is no more would answer with an error.
	select {}
}

func page() js.Value { return js.Global().Get("tandem") }

// arguments turns the address's query into flags.
func arguments(query string) ([]string, error) {
	values, err := url.ParseQuery(strings.TrimPrefix(query, "?"))
	if err != nil {
		return nil, app.Usagef("the page's address cannot be read: %w", err)
	}
	var args []string
	for name, list := range values {
		for _, v := range list {
			if v == "" && name != "host" && name != "watch" && name != "v" {
				continue // ?room=&env=slime, as a form sends it
			}
			arg := "-" + name
			if v != "" {
				arg += "=" + v
			}
			args = append(args, arg)
		}
	}
	slices.Sort(args) // a map has no order; the same address must mean the same
	return args, nil
}

// ownFlags adds none: a page has neither files nor windows.
func ownFlags(*flag.FlagSet, *options) {}

// keep records in memory, for the player to save, keeps the seat for the page that is loaded again,
// and says what a page does about versions.
func keep(o *options, c *client.Config, _ *slog.Logger) (close func()) {
	if o.away() && !o.watch {
		c.Dial = afterFirstPictures(c.Dial)
		c.Keep = remember
		if o.room != "" {
			c.Peer.Token = remembered(o.room)
		}
	}
	newest = &tape{}
	c.Record = newest.open
	c.Outdated = "The game on this page and the relay are of different versions. Reload the page to get the relay's."
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

// complete fills in what follows from being a page: the relay is the one that the page came from,
// and without a room, or a wish to open one, the match is against a bot.
func complete(o *options) error {
	switch {
	case o.relay == "" && (o.room != "" || o.host):
		o.relay = home()
	case o.relay == "" && o.bot == "":
		name := o.flags.Env
		if name == "" {
			name = "slime"
		}
		o.bot = bestBot(name)
	}
	o.host = false // a page cannot run a relay for others: the room is opened on the page's
	return nil
}

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

// home is the relay that the page came from.
func home() string {
	at := js.Global().Get("location")
	scheme := "ws://"
	if at.Get("protocol").String() == "https:" {
		scheme = "wss://"
	}
	return scheme + at.Get("host").String()
}

// link is where friends follow a click into a room, and what this page's own address becomes, so
// that loading it again leads back into the room.
func link(relay, code string) string {
	if relay != home() {
		return ""
	}
	at := js.Global().Get("location")
	own := js.Global().Get("URL").New(at.Get("href").String())
	own.Get("searchParams").Call("set", "room", code)
	own.Get("searchParams").Call("delete", "host")
	js.Global().Get("history").Call("replaceState", js.Null(), "", own.Get("href").String())
	return at.Get("origin").String() + "/?room=" + url.QueryEscape(code)
}

// userName is what the player is called unless they say otherwise.
func userName() string { return "Player" }

// touchScreen reports whether fingers are what the device is mainly used with.
func touchScreen() bool {
	return js.Global().Call("matchMedia", "(pointer: coarse)").Get("matches").Bool()
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
