// Command tandem-relay is the server that matches are played through.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"tandem/cmd/internal/app"
	"tandem/netcode/relay"
)

const usage = `tandem-relay is the server that Tandem's players meet on.

  tandem-relay                    listen on port ` + app.DefaultPort + ` of every address
  tandem-relay -listen :9000      on another port

Players join with: tandem -relay HOST:PORT -room CODE`

func main() { os.Exit(app.Main("tandem-relay", run)) }

func run(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("tandem-relay", flag.ContinueOnError)
	listen := fs.String("listen", ":"+app.DefaultPort, "`address` to listen on, HOST:PORT")
	maxRooms := fs.Int("max-rooms", 1000, "most `rooms` at one time")
	origins := fs.String("origins", "", "`list` of web origins that may connect, separated by commas (besides pages from this relay)")
	verbose := fs.Bool("v", false, "log everything, not only warnings")
	if err := app.Parse(fs, args, usage, os.Stdout); err != nil {
		return err
	}
	if *maxRooms < 1 || *maxRooms > 1_000_000 {
		return app.Usagef("-max-rooms %d: write a number from 1 to 1000000", *maxRooms)
	}
	var allowed []string
	for o := range strings.SplitSeq(*origins, ",") {
		if o = strings.TrimSpace(o); o != "" {
			allowed = append(allowed, o)
		}
	}
	ln, err := relay.Listen(*listen)
	if err != nil {
		return &app.UsageError{Err: err}
	}
	s := relay.New(relay.Options{Program: app.Program("tandem-relay"), MaxRooms: *maxRooms, Origins: allowed, Log: app.Log(*verbose)})
	fmt.Printf("tandem-relay %s listens on %s\n", app.Version, ln.Addr())
	return s.Serve(ctx, ln)
}
