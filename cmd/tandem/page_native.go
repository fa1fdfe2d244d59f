//go:build !js

package main

import (
	"flag"
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

// ownFlags adds the flags that need files and windows of one's own.
func ownFlags(fs *flag.FlagSet, o *options) {
	fs.StringVar(&o.listen, "listen", ":"+app.DefaultPort, "`address` the relay of -host listens on")
	fs.BoolVar(&o.fullscreen, "fullscreen", false, "begin in full screen")
	fs.StringVar(&o.screenshot, "screenshot", "", "save a picture to this PNG `file` and quit")
	fs.Float64Var(&o.after, "after", 5, "`seconds` until the picture of -screenshot")
	fs.StringVar(&o.report, "report", "", "write what was measured to this JSON `file` at the end (- for standard output)")
	fs.StringVar(&o.record, "record", "", "record the match in this `file`; tandem-replay reads it")
}

// keep says where a match is recorded, if at all, where desyncs are reported (with the user's own
// data), and keeps the seat for a program that is started again. close lets the place of the seat go.
func keep(o *options, c *client.Config, log *slog.Logger) (close func()) {
	close = func() {}
	if o.away() && !o.watch {
		seat := app.NewSeat(o.relay, log)
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

// complete fills in what only a page knows.
func complete(*options) error { return nil }

// userName is what the player is called unless they say otherwise.
func userName() string {
	if u, err := user.Current(); err == nil && u.Username != "" && len(u.Username) <= protocol.MaxName {
		return u.Username
	}
	return "Player"
}

// present, drawn and tell inform a page.
func present(*table) {}

var (
	drawn func(int)
	tell  func(string)
)

// touchScreen reports whether fingers are what the device is used with.
func touchScreen() bool { return false }

// saving adds nothing: pictures and recordings are written where the flags say.
func saving(*scene.Options) {}

// link is where friends follow a click into a room; only pages have such links.
func link(relay, code string) string { return "" }
