//go:build !js

// Command tandem-relay is the server that matches are played through.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"tandem/cmd/internal/app"
	_ "tandem/env/all" // for the witness
	"tandem/game/sim"
	"tandem/netcode/original/server"
	"tandem/netcode/recording"
	"tandem/netcode/relay"
	"tandem/netcode/transport"
)

const usage = `tandem-relay is the server that Tandem's players meet on.

  tandem-relay                    listen on port ` + app.DefaultPort + ` of every address
  tandem-relay -listen :9000      on another port
  tandem-relay -web               with the game as a web page (after make web)
  tandem-relay -metrics 9100      with metrics for Prometheus, for programs on this computer
  tandem-relay -witness           simulate every match, too, and say whose state is right
  tandem-relay -tls-cert cert.pem -tls-key key.pem
                                  for https and wss://HOST:PORT

Whoever plays with tandem -relay HOST:PORT -env slime makes a room and is shown its code; the others
join it with tandem -relay HOST:PORT -room CODE.
Socket.IO clients of the original system play Slime Volleyball at http://HOST:PORT/SUBJECT_ID
(events at /socket.io/, Engine.IO 4 over WebSocket or polling, JSON or msgpack parser).`

func main() { os.Exit(app.Main("tandem-relay", run)) }

func run(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("tandem-relay", flag.ContinueOnError)
	listen := fs.String("listen", ":"+app.DefaultPort, "`address` to listen on, HOST:PORT")
	maxRooms := fs.Int("max-rooms", 1000, "most `rooms` at one time")
	origins := fs.String("origins", "", "`list` of web origins whose pages may connect besides this relay's own, separated by commas;\nhttps://*.example.org for all below a host, * for any page")
	hostList := fs.String("hosts", "", "`list` of names that browsers may reach this relay by, separated by commas: play.example.org, *.example.org for all\nbelow, * for any; its addresses, local names, those of its certificate and of -origins need not be listed")
	perAddress := fs.String("per-address", "128/64", "most connections and rooms of one `address` at a time, CONNECTIONS/ROOMS; 0 for no limit")
	proxies := fs.String("trusted-proxies", "", "`list` of addresses and networks of reverse proxies whose X-Forwarded-For is believed,\nseparated by commas")
	basePath := fs.String("base-path", "", "`path` below which everything is served, too, as /tandem: where a proxy passes it on and does not take it off")
	tlsCert := fs.String("tls-cert", "", "PEM `file` with the certificate for wss:// addresses; renewed files are taken up without a restart")
	tlsKey := fs.String("tls-key", "", "PEM `file` with the key of -tls-cert")
	insecureKey := fs.Bool("insecure-key", false, "take the files of -tls-key and -key also where every user of this computer can read them")
	orig := fs.Bool("original", true, "serve Socket.IO clients of the original system at /socket.io/")
	origData := fs.String("original-data", "", "`folder` for the data that those clients upload: FOLDER/<scene>/<subject>.csv; without it nothing is kept")
	origPing := fs.String("original-ping", "25s/20s", "how often those clients are pinged and how long an answer may take, `INTERVAL/TIMEOUT`; 2s/5s finds dead connections\nsooner, and cuts off pages that are busy loading")
	origDeflate := fs.Bool("original-deflate", false, "compress what those clients' browsers offer to (permessage-deflate): fewer bytes, more processor time")
	web := fs.Bool("web", false, "serve the game as a web page, too: players open http://HOST:PORT")
	webDir := fs.String("web-dir", "", "`folder` with a web page built by make web, instead of the one in this program; with -web")
	record := fs.String("record", "", "record every match in this `folder`, one file each; tandem-replay reads them")
	recordLimit := app.DefaultRecordLimit
	fs.Var(&recordLimit, "record-limit", "most that the recordings in -record may take: `SIZE`, after which nothing more is recorded, or SIZE,oldest,\nafter which the oldest are removed; 0 for no limit")
	datagrams := fs.Bool("datagrams", true, "take datagrams (QUIC, WebTransport), too, on the same port over UDP: on lines that lose packets programs, and pages that came\nby https, play with half the delay")
	onLAN := fs.Bool("lan", false, "let players on the local network find this relay")
	key := fs.String("key", "", "`file` with the key that signs seats, made if it does not exist; matches survive a restart of the relay with the\nsame key (default: relay.key in Tandem's folder of your configuration; none: a key that is forgotten)")
	witness := fs.Bool("witness", false, "run every match inside the relay, too: it decides whose state holds where states differ, and supplies it")
	metrics := fs.String("metrics", "", "`address` for operators: Prometheus asks at /metrics, people at /healthz; a port alone, as 9100, is one of this computer\n(127.0.0.1); write 0.0.0.0:9100 to be asked from elsewhere, too, by whoever can reach it (default: off)")
	verbose := fs.Bool("v", false, "log everything, not only warnings")
	if err := app.Parse(fs, args, usage, os.Stdout); err != nil {
		return err
	}
	given := app.Given(fs)
	if *maxRooms < 1 || *maxRooms > 1_000_000 {
		return app.Usagef("-max-rooms %d: write a number from 1 to 1000000", *maxRooms)
	}
	allowed, err := transport.ParseOrigins(*origins)
	if err != nil {
		return app.Usagef("-origins: %w", err)
	}
	names, err := relay.ParseHosts(*hostList)
	if err != nil {
		return app.Usagef("-hosts: %w", err)
	}
	if own, err := os.Hostname(); err == nil {
		names = append(names, strings.ToLower(own))
	}
	trusted, err := relay.ParseProxies(*proxies)
	if err != nil {
		return app.Usagef("-trusted-proxies: %w", err)
	}
	base, err := parseBasePath(*basePath)
	if err != nil {
		return err
	}
	conns, rooms, err := parsePerAddress(*perAddress)
	if err != nil {
		return err
	}
	log := app.Log(*verbose)
	var cert *relay.Certificate
	if (*tlsCert == "") != (*tlsKey == "") {
		return app.Usagef("-tls-cert and -tls-key: use both flags together")
	}
	if *insecureKey && *tlsKey == "" && *key == app.NoKey {
		return app.Usagef("-insecure-key is for the files of -key and -tls-key, and there is none: leave it out")
	}
	if given["record-limit"] && *record == "" {
		return app.Usagef("-record-limit is for -record: give both")
	}
	if !*insecureKey {
		if err := app.CheckPrivate(*tlsKey); err != nil {
			return err
		}
	}
	if *tlsCert != "" {
		if cert, err = relay.LoadCertificate(*tlsCert, *tlsKey, nil, log); err != nil {
			return &app.UsageError{Err: err}
		}
	}
	var original *server.Options
	var front func(*relay.Server) relay.Front
	switch {
	case *orig:
		original = &server.Options{Data: *origData, Compression: *origDeflate}
		if original.PingInterval, original.PingTimeout, err = parsePing(*origPing); err != nil {
			return err
		}
	case *origData != "" || *origDeflate || given["original-ping"]:
		return app.Usagef("-original-data, -original-ping and -original-deflate mean nothing with -original=false: leave one of them out")
	}
	if err := original.CheckData(); err != nil {
		return app.Usagef("-original-data: %w", err)
	}
	if original != nil {
		front = server.New(*original)
	}
	page, err := webPage(*web, *webDir)
	if err != nil {
		return err
	}
	var recorder func(*recording.Header) (recording.File, error)
	if *record != "" {
		if recorder, err = app.RecordFolder(*record, recordLimit); err != nil {
			return err
		}
	}
	signing, err := app.RelayKey(*key, *insecureKey, log)
	if err != nil {
		return &app.UsageError{Err: err}
	}
	ln, err := relay.Listen(*listen)
	if err != nil {
		return &app.UsageError{Err: err}
	}
	operators, err := listenMetrics(*metrics, ln)
	if err != nil {
		return err
	}
	options := relay.Options{Program: app.Program("tandem-relay"), MaxRooms: *maxRooms, Origins: allowed, Hosts: names,
		ConnsPerAddress: conns, RoomsPerAddress: rooms, TrustedProxies: trusted, BasePath: base, Front: front, Key: signing, Record: recorder, Log: log,
		Scarce: app.MemoryScarce()}
	if *witness {
		options.Witness = sim.NewWitness
	}
	s := relay.New(options)
	if page != nil {
		servePage(s, page)
	}
	if operators != nil {
		s.ServeMetrics(operators)
		fmt.Printf("metrics at http://%s/metrics\n", operators.Addr())
	}
	if *datagrams {
		if err := s.TakeDatagrams(ln, cert); err != nil {
			log.Warn("datagrams are not used; everything travels by WebSocket", "reason", err)
		}
	}
	fmt.Printf("tandem-relay %s listens on %s\n", app.Version, ln.Addr())
	if *onLAN {
		defer app.Announce(ln.Addr().String(), "", cert != nil, s.Pin(), log)()
	}
	if cert != nil {
		return s.ServeTLS(ctx, ln, cert)
	}
	return s.Serve(ctx, ln)
}

// listenMetrics opens the port of -metrics, nil without the flag.
func listenMetrics(text string, players net.Listener) (net.Listener, error) {
	if text == "" {
		return nil, nil
	}
	// Some systems let two listen on one port, where one of them names an address.
	if _, port, _ := net.SplitHostPort(players.Addr().String()); text[strings.LastIndexByte(text, ':')+1:] == port {
		return nil, app.Usagef("-metrics %s: the players have port %s: choose another, for example -metrics 9100", text, port)
	}
	ln, err := relay.ListenMetrics(text)
	if err != nil {
		return nil, &app.UsageError{Err: err}
	}
	return ln, nil
}

// parseBasePath reads a path as people write it, with or without slashes around it.
func parseBasePath(text string) (string, error) {
	parts := strings.Split(strings.Trim(text, "/"), "/")
	if parts[0] == "" && len(parts) == 1 {
		return "", nil
	}
	for _, part := range parts {
		if part == "" || part == "." || part == ".." || url.PathEscape(part) != part {
			return "", app.Usagef("-base-path %q: write the path at which the proxy has the relay, for example /tandem", text)
		}
	}
	return "/" + strings.Join(parts, "/"), nil
}

// parsePing reads "INTERVAL/TIMEOUT".
func parsePing(text string) (interval, timeout time.Duration, err error) {
	a, b, _ := strings.Cut(text, "/")
	interval, err = time.ParseDuration(a)
	timeout, err2 := time.ParseDuration(b)
	for _, d := range []time.Duration{interval, timeout} {
		if err != nil || err2 != nil || d < time.Second || d > 10*time.Minute {
			return 0, 0, app.Usagef("-original-ping %q: write two times from 1s to 10m, for example 25s/20s", text)
		}
	}
	return interval, timeout, nil
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
