//go:build !js

package main

import (
	"log/slog"
	"os"
	"os/user"
	"path/filepath"

	"tandem/cmd/internal/app"
	"tandem/game/client"
	"tandem/game/scene"
	"tandem/netcode/protocol"
)

func main() { os.Exit(app.Main("tandem", run)) }

// inPage says that the program runs in a web page.
const inPage = false

// keepOther keeps the seat of somebody whom the player brought, a bot or a second person, as keep does the
// player's. who tells them apart.
func keepOther(o *request, who, code string, c *client.Config, log *slog.Logger) (close func()) {
	if !o.away() {
		return func() {}
	}
	seat := app.NewSeat(o.relay, who, log)
	c.Keep, c.Peer.Token = seat.Keep, seat.Token(code)
	return seat.Close
}

// keep says where a match is recorded, if at all, where desyncs are reported (with the user's own
// data), and keeps the seat for a program that is started again. close lets the place of the seat go.
func keep(o *request, c *client.Config, log *slog.Logger) (close func()) {
	close = func() {}
	if o.away() && !o.watch {
		seat := app.NewSeat(o.relay, "", log)
		c.Keep, close = seat.Keep, seat.Close
		if o.room != "" {
			c.Peer.Token = seat.Token(o.room)
		}
	}
	c.Record = app.RecordFile(o.record)
	if dir := app.DataFolder(); dir != "" {
		c.KeepDesync = (&app.DesyncFolder{Dir: filepath.Join(dir, "desync")}).Keep
	}
	return close
}

// userName is what this system calls the player, or "".
func userName() string {
	if u, err := user.Current(); err == nil {
		if name, err := protocol.PlayerName(u.Username); err == nil && name != "" {
			return name
		}
	}
	return ""
}

// home is the relay that a page came from.
func home() string { return "" }

// present, seated, left, called, drawn, tell, mirror and hear are for a page.
func present(*table)          {}
func seated(*request, string) {}
func left(*request)           {}
func called(string)           {}

var (
	drawn  func(int)
	tell   func(string)
	mirror func(*scene.Screen)
)

func hear(*scene.Game) {}

// unseen tells what happens while the window is minimised.
func unseen(g *scene.Game) func(headline, detail string) { return g.Unseen }

// touchScreen reports whether fingers are what the device is used with.
func touchScreen() bool { return false }

// reducedMotion reports whether the player wants little to move. Nothing tells a program on every system.
func reducedMotion() bool { return false }

// saving adds nothing: pictures and recordings are written where the flags say.
func saving(*scene.Options) {}

// link is where friends follow a click into a room; only pages have such links.
func link(relay, code string) string { return "" }
