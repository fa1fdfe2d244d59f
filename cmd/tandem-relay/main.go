//go:build !js

// Command tandem-relay is the server that matches are played through.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"

	"tandem/cmd/internal/app"
	_ "tandem/env/all" // for the witness
	"tandem/game/sim"
	"tandem/netcode/recording"
	"tandem/netcode/relay"
	"tandem/netcode/transport"
)

const usage = `tandem-relay is the server that Tandem's players meet on.

  tandem-relay                    listen on port ` + app.DefaultPort + ` of every address
  tandem-relay -listen :9000      on another port
  tandem-relay -web               with the game as a web page (after make web)
  tandem-relay -witness           simulate every match, too, and say whose state is right
  tandem-relay -tls-cert cert.pem -tls-key key.pem
                                  for https and wss://HOST:PORT

Whoever plays with tandem -relay HOST:PORT -env slime makes a room and is shown its code; the others
join it with tandem -relay HOST:PORT -room CODE.
Socket.IO clients of the original system play Slime Volleyball at http://HOST:PORT/SUBJECT_ID
(events at /socket.io/, Engine.IO 4 over WebSocket, JSON or msgpack parser).`

func main() { os.Exit(app.Main("tandem-relay", run)) }

func run(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("tandem-relay", flag.ContinueOnError)
	listen := fs.String("listen", ":"+app.DefaultPort, "`address` to listen on, HOST:PORT")
	maxRooms := fs.Int("max-rooms", 1000, "most `rooms` at one time")
	origins := fs.String("origins", "", "`list` of web origins whose pages may connect besides this relay's own, separated by commas;\nhttps://*.example.org for all below a host, * for any page")
	perAddress := fs.String("per-address", "128/64", "most connections and rooms of one `address` at a time, CONNECTIONS/ROOMS; 0 for no limit")
	proxies := fs.String("trusted-proxies", "", "`list` of addresses and networks of reverse proxies whose X-Forwarded-For is believed,\nseparated by commas")
	tlsCert := fs.String("tls-cert", "", "PEM `file` with the certificate for wss:// addresses; renewed files are taken up without a restart")
	tlsKey := fs.String("tls-key", "", "PEM `file` with the key of -tls-cert")
	orig := fs.Bool("original", true, "serve Socket.IO clients of the original system at /socket.io/")
	origData := fs.String("original-data", "", "`folder` for the data that those clients upload: FOLDER/<scene>/<subject>.csv; without it nothing is kept")
	origDeflate := fs.Bool("original-deflate", false, "compress what those clients' browsers offer to (permessage-deflate): fewer bytes, more processor time")
	web := fs.Bool("web", false, "serve the game as a web page, too: players open http://HOST:PORT")
	webDir := fs.String("web-dir", "", "`folder` with a web page built by make web, instead of the one in this program; with -web")
	record := fs.String("record", "", "record every match in this `folder`, one file each; tandem-replay reads them")
	onLAN := fs.Bool("lan", false, "let players on the local network find this relay")
	key := fs.String("key", "", "`file` with the key that signs seats, made if it does not exist; matches outlive a restart of the relay with the\nsame key (default: relay.key in Tandem's folder of your configuration; none: a key that is forgotten)")
	witness := fs.Bool("witness", false, "run every match inside the relay, too: it decides whose state holds where states differ, and supplies it")
	verbose := fs.Bool("v", false, "log everything, not only warnings")
	if err := app.Parse(fs, args, usage, os.Stdout); err != nil {
		return err
	}
	if *maxRooms < 1 || *maxRooms > 1_000_000 {
		return app.Usagef("-max-rooms %d: write a number from 1 to 1000000", *maxRooms)
	}
	allowed, err := transport.ParseOrigins(*origins)
	if err != nil {
		return app.Usagef("-origins: %w", err)
	}
	trusted, err := relay.ParseProxies(*proxies)
	if err != nil {
		return app.Usagef("-trusted-proxies: %w", err)
	}
	conns, rooms, err := parsePerAddress(*perAddress)
	if err != nil {
		return err
	}
	log := app.Log(*verbose)
	var cert *relay.Certificate
	if (*tlsCert == "") != (*tlsKey == "") {
		return app.Usagef("-tls-cert and -tls-key are the two halves of one thing: give both")
	}
	if *tlsCert != "" {
		if cert, err = relay.LoadCertificate(*tlsCert, *tlsKey, nil, log); err != nil {
			return &app.UsageError{Err: err}
		}
	}
	var original *relay.OriginalOptions
	switch {
	case *orig:
		original = &relay.OriginalOptions{Data: *origData, Compression: *origDeflate}
	case *origData != "" || *origDeflate:
		return app.Usagef("-original-data and -original-deflate mean nothing with -original=false: leave one of them out")
	}
	if err := original.CheckData(); err != nil {
		return app.Usagef("-original-data: %w", err)
	}
	page, err := webPage(*web, *webDir)
	if err != nil {
		return err
	}
	var recorder func(*recording.Header) (recording.File, error)
	if *record != "" {
		if recorder, err = app.RecordFolder(*record); err != nil {
			return err
		}
	}
	signing, err := app.RelayKey(*key, log)
	if err != nil {
		return &app.UsageError{Err: err}
	}
	ln, err := relay.Listen(*listen)
	if err != nil {
		return &app.UsageError{Err: err}
	}
	options := relay.Options{Program: app.Program("tandem-relay"), MaxRooms: *maxRooms, Origins: allowed,
		ConnsPerAddress: conns, RoomsPerAddress: rooms, TrustedProxies: trusted, Original: original, Key: signing, Record: recorder, Log: log}
	if *witness {
		options.Witness = sim.NewWitness
	}
	s := relay.New(options)
	if page != nil {
		servePage(s, page)
	}
	fmt.Printf("tandem-relay %s listens on %s\n", app.Version, ln.Addr())
	if *onLAN {
		defer app.Announce(ln.Addr().String(), "", cert != nil, log)()
	}
	if cert != nil {
		return s.ServeTLS(ctx, ln, cert)
	}
	return s.Serve(ctx, ln)
}

// parsePerAddress reads "CONNECTIONS/ROOMS"; what is 0 there has no limit, which Options write as -1.
func parsePerAddress(text string) (conns, rooms int, err error) {
	var n [2]int
	parts := strings.Split(text, "/")
	ok := len(parts) == len(n)
	for i := range n {
		if !ok {
			break
		}
		n[i], err = strconv.Atoi(parts[i])
		ok = err == nil && n[i] >= 0 && n[i] <= 1_000_000
		if n[i] == 0 {
			n[i] = -1
		}
	}
	if !ok {
		return 0, 0, app.Usagef("-per-address %q: write two numbers up to 1000000, for example 128/64", text)
	}
	return n[0], n[1], nil
}
