//go:build !js

package socket

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/netcode/original/stock"
	"tandem/netcode/original/wire"
	"tandem/netcode/transport"
)

// packages are the stock ones, installed when a test needs them first.
var packages = stock.Packages{Scripts: "testdata/interop"}

func TestMain(m *testing.M) { os.Exit(packages.Run(m)) }

func needStock(t *testing.T) string { return packages.Dir(t) }

// serve runs handle for every connection.
func serve(t *testing.T, opts Options, handle func(*Socket)) (address string) {
	t.Helper()
	var all sync.WaitGroup
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		socket, err := Upgrade(w, r, opts)
		if err != nil {
			return
		}
		all.Go(func() {
			defer socket.Abort()
			handle(socket)
		})
	}))
	t.Cleanup(func() {
		s.Close()
		all.Wait()
	})
	return s.URL
}

// playStock runs the stock client to its end and returns what it said last.
func playStock(t *testing.T, args ...string) string {
	t.Helper()
	node := exec.CommandContext(t.Context(), "node", append([]string{"client.js"}, args...)...)
	node.Dir = needStock(t)
	said, err := node.CombinedOutput()
	last := stock.Last(said)
	if err != nil || !strings.HasPrefix(last, "ok ") {
		t.Fatalf("the stock client says %q (%v)", said, err)
	}
	return strings.TrimPrefix(last, "ok ")
}

// relayOne is the server's side of the scenario "talk".
func relayOne(t *testing.T, s *Socket) {
	for {
		p, err := s.Read()
		if err != nil {
			return
		}
		switch p.Name {
		case "pyodide_player_action":
			var in wire.PlayerAction
			if err = wire.Decode(p, &in); err == nil {
				err = s.Emit(&wire.OtherPlayerAction{PlayerID: in.PlayerID, Action: in.Action, Frame: in.Frame, Timestamp: 1766900000.5})
			}
		case "emit_remote_game_data":
			var in wire.EmitRemoteGameData
			if err = wire.Decode(p, &in); err == nil && string(in.Data) != "\x01\x02\x03" {
				err = fmt.Errorf("the upload is %x", in.Data)
			}
			if err == nil {
				err = s.EmitValues("blobs", wire.MapValue(wire.Field{Key: "first", Value: wire.BytesValue([]byte{9, 8})}), wire.BytesValue(nil))
			}
		case "wants_ack":
			err = s.Send(&wire.Packet{Type: wire.Ack, HasID: true, ID: p.ID, Args: []wire.Value{wire.MapValue(wire.Field{Key: "ok", Value: wire.IntValue(1)})}})
		case "burst":
			err = s.EmitValues("burst_back", p.Arg(0))
		case "finished":
			err = s.Close("done")
		}
		if err != nil {
			t.Errorf("%s: %v", p.Name, err)
			return
		}
	}
}

// Both stock clients, both parsers, with and without compression, against our server.
func TestStockClientTalks(t *testing.T) {
	needStock(t)
	for _, version := range []string{"4.7.2", "4.8"} {
		for _, parser := range []wire.Parser{wire.JSON, wire.Msgpack} {
			t.Run(version+"/"+parser.String(), func(t *testing.T) {
				opts := Options{Config: Config{Parser: parser, PingInterval: 50 * time.Millisecond, PingTimeout: time.Minute}}
				address := serve(t, opts, func(s *Socket) { relayOne(t, s) })
				if said := playStock(t, version, parser.String(), address, "talk"); said != "io server disconnect" {
					t.Fatalf("it ended with %q", said)
				}
			})
		}
	}
	t.Run("compressed", func(t *testing.T) {
		opts := Options{Compression: true, CompressAbove: 1, Config: Config{PingTimeout: time.Minute}}
		address := serve(t, opts, func(s *Socket) { relayOne(t, s) })
		playStock(t, "4.8", "json", address, "talk")
	})
}

func TestStockClientUnknownNamespace(t *testing.T) {
	needStock(t)
	for _, parser := range []wire.Parser{wire.JSON, wire.Msgpack} {
		opts := Options{Config: Config{Parser: parser}}
		address := serve(t, opts, func(s *Socket) { _, _ = s.Read() })
		if said := playStock(t, "4.8", parser.String(), address, "namespace"); said != "Invalid namespace" {
			t.Errorf("%v: it was told %q", parser, said)
		}
	}
}

// hanging is a file for which a script's thread waits, and a function that makes it.
func hanging(t *testing.T) (file string, release func()) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "go on")
	release = sync.OnceFunc(func() {
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Error(err)
		}
	})
	return file, release
}

// A stock client whose thread hangs answers no ping: we close, and both ends know why.
func TestStockClientPingTimeout(t *testing.T) {
	needStock(t)
	for _, version := range []string{"4.7.2", "4.8"} {
		ended := make(chan error, 1)
		file, release := hanging(t)
		opts := Options{Config: Config{PingInterval: 100 * time.Millisecond, PingTimeout: 3 * time.Second}}
		address := serve(t, opts, func(s *Socket) {
			defer release()
			for {
				if _, err := s.Read(); err != nil {
					ended <- err
					return
				}
			}
		})
		said := playStock(t, version, "json", address, "hang", file)
		if err := <-ended; !errors.Is(err, ErrTimeout) {
			t.Errorf("%s: our end says %v", version, err)
		}
		if said != "transport close" && said != "ping timeout" {
			t.Errorf("%s: its end says %q", version, said)
		}
	}
}

// A stock client answers our pings, one after the other.
func TestStockClientAnswersPings(t *testing.T) {
	needStock(t)
	opts := Options{Config: Config{PingInterval: 30 * time.Millisecond, PingTimeout: time.Minute}}
	address := serve(t, opts, func(s *Socket) {
		if _, err := s.Read(); err != nil {
			t.Error(err)
		}
		for range 15 { // it says nothing else
			if p, err := s.ReadMessage(); p != nil || err != nil {
				t.Errorf("%+v, %v where a pong should be", p, err)
			}
		}
		go s.Close("done")
		if _, err := s.Read(); !errors.Is(err, ErrClosed) {
			t.Errorf("it ended with %v", err)
		}
	})
	playStock(t, "4.8", "json", address, "idle")
}

// startStock runs the stock server until the test ends.
func startStock(t *testing.T, args ...string) (address string, lines <-chan string) {
	t.Helper()
	node := exec.Command("node", append([]string{"server.js"}, args...)...)
	node.Dir = needStock(t)
	node.Stderr = os.Stderr
	in, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	said := make(chan string, 100)
	t.Cleanup(func() {
		_ = in.Close() // it exits then
		kill := time.AfterFunc(5*time.Second, func() { _ = node.Process.Kill() })
		defer kill.Stop()
		for range said {
		}
		_ = node.Wait()
	})
	go func() {
		defer close(said)
		for r := bufio.NewScanner(io.Reader(out)); r.Scan(); {
			said <- r.Text()
		}
	}()
	port, ok := strings.CutPrefix(<-said, "port ")
	if !ok {
		t.Fatal("the stock server did not start")
	}
	return "socketio://127.0.0.1:" + port, said
}

func dialStock(t *testing.T, address string, opts Options) *Socket {
	t.Helper()
	s, err := Dial(t.Context(), address, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Abort)
	return s
}

// next reads the event of that name.
func next(t *testing.T, s *Socket, name string) *wire.Packet {
	t.Helper()
	p, err := s.Read()
	if err != nil || p.Name != name {
		t.Fatalf("%+v, %v where %s should be", p, err, name)
	}
	return p
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Our client against the stock server, both parsers.
func TestStockServerTalks(t *testing.T) {
	needStock(t)
	for _, c := range []struct {
		parser  wire.Parser
		deflate string
	}{{wire.JSON, ""}, {wire.Msgpack, ""}, {wire.JSON, "deflate"}, {wire.Msgpack, "deflate"}} {
		t.Run(c.parser.String()+c.deflate, func(t *testing.T) {
			address, said := startStock(t, c.parser.String(), "50", "600000", c.deflate) // a pong waits behind the burst
			opts := Options{Config: Config{Parser: c.parser}, Compression: c.deflate != "", CompressAbove: 1}
			s := dialStock(t, address, opts)
			hello := next(t, s, "hello").Arg(0)
			if want := `{"sid":"` + s.SID() + `","nothing":null,"big":4294967295,"x":0.5,"stamp":1766900000123}`; hello.String() != want {
				t.Fatalf("hello is %s, want %s", hello, want)
			}

			action := jsonValue(t, `{"deep":[1,2.5,"é\"\u2028"]}`)
			must(t, s.Emit(&wire.PlayerAction{GameID: "g", PlayerID: wire.IntPID(0), Action: action, Frame: 7, Timestamp: 1766900000500}))
			var got wire.OtherPlayerAction
			must(t, wire.Decode(next(t, s, "pyodide_other_player_action"), &got))
			if got.PlayerID != wire.IntPID(0) || got.Frame != 7 || got.Timestamp != 1766900000.5 ||
				got.Action.String() != "{\"deep\":[1,2.5,\"é\\\"\u2028\"]}" {
				t.Fatalf("relayed %+v", got)
			}

			must(t, s.Emit(&wire.EmitRemoteGameData{Data: []byte{1, 2, 3}, SceneID: "s"}))
			blobs := next(t, s, "blobs")
			first, _ := blobs.Arg(0).Get("first")
			if b, ok := first.Bytes(); !ok || string(b) != "\x01\x02\x03" {
				t.Fatalf("the upload came back as %x", b)
			}
			if b, ok := blobs.Arg(1).Bytes(); !ok || len(b) != 0 {
				t.Fatalf("the empty attachment came as %v", blobs.Arg(1))
			}

			must(t, s.Send(&wire.Packet{Type: wire.Event, Name: "wants_ack", HasID: true, ID: 41, Args: []wire.Value{jsonValue(t, `{"n":1}`)}}))
			p, err := s.Read()
			if err != nil || p.Type != wire.Ack || p.ID != 41 || p.Arg(0).String() != `{"n":2}` {
				t.Fatalf("acknowledged %+v, %v", p, err)
			}
			must(t, s.EmitValues("ask"))
			p = next(t, s, "question")
			must(t, s.Send(&wire.Packet{Type: wire.Ack, HasID: true, ID: p.ID, Args: []wire.Value{wire.StringValue("yes")}}))
			if a := next(t, s, "answered").Arg(0).String(); a != `{"answer":"yes"}` {
				t.Fatalf("the answer came as %s", a)
			}

			for i := range int64(2000) {
				must(t, s.EmitValues("burst", wire.MapValue(wire.Field{Key: "i", Value: wire.IntValue(i)})))
			}
			for i := range int64(2000) {
				n, _ := next(t, s, "burst_back").Arg(0).Get("i")
				if got, _ := n.Int(); got != i {
					t.Fatalf("burst message %d where %d should be", got, i)
				}
			}

			text := strings.Repeat("0123456789", 50000)
			must(t, s.EmitValues("large", wire.MapValue(wire.Field{Key: "text", Value: wire.StringValue(text)})))
			back, _ := next(t, s, "large_back").Arg(0).Get("text")
			if got, _ := back.Text(); got != text {
				t.Fatalf("%d bytes came back of %d", len(got), len(text))
			}
			if err := s.EmitValues("large", wire.BytesValue(make([]byte, wire.MaxMessage+1))); !errors.Is(err, wire.ErrTooBig) {
				t.Fatalf("too much was taken: %v", err)
			}

			must(t, s.Close("done"))
			if words := <-said; words != "left client namespace disconnect" {
				t.Fatalf("the stock server says %q", words)
			}
		})
	}
}

func TestStockServerRefuses(t *testing.T) {
	needStock(t)
	for _, parser := range []wire.Parser{wire.JSON, wire.Msgpack} {
		address, _ := startStock(t, parser.String(), "25000", "20000")
		opts := Options{Config: Config{Parser: parser, Auth: jsonValue(t, `{"token":"wrong"}`)}}
		_, err := Dial(t.Context(), address, opts)
		var e *transport.DialError
		if !errors.As(err, &e) || !errors.Is(err, ErrRefused) || !strings.Contains(e.Words, "not with that token") {
			t.Errorf("%v: %v", parser, err)
		}
	}
}

func TestStockServerDisconnects(t *testing.T) {
	needStock(t)
	address, _ := startStock(t, "json", "25000", "20000")
	s := dialStock(t, address, Options{})
	next(t, s, "hello")
	must(t, s.EmitValues("throw_out"))
	if _, err := s.Read(); !errors.Is(err, ErrPeerClosed) {
		t.Fatalf("it ended with %v", err)
	}
}

// A stock server whose thread hangs is given up after its interval and time-out together.
func TestStockServerPingTimeout(t *testing.T) {
	needStock(t)
	file, release := hanging(t) // first, since its folder goes last
	defer release()
	address, _ := startStock(t, "json", "1000", "2000")
	s := dialStock(t, address, Options{})
	next(t, s, "hello")
	must(t, s.EmitValues("hang", wire.StringValue(file)))
	if _, err := s.Read(); !errors.Is(err, ErrTimeout) || !strings.Contains(err.Error(), "3s") {
		t.Fatalf("it ended with %v", err)
	}
}

// A client of ours that does not read answers no ping: the stock server closes.
func TestStockServerMissesPong(t *testing.T) {
	needStock(t)
	address, said := startStock(t, "json", "1000", "2000")
	s := dialStock(t, address, Options{})
	s.mu.Lock()
	s.machine.silentAt = time.Now().Add(time.Hour) // what is not read looks like silence to us
	s.mu.Unlock()
	if words := <-said; words != "left ping timeout" {
		t.Fatalf("the stock server says %q", words)
	}
	next(t, s, "hello")
	if _, err := s.Read(); !errors.Is(err, ErrPeerClosed) {
		t.Fatalf("it ended with %v", err)
	}
}

func jsonValue(t *testing.T, text string) wire.Value {
	t.Helper()
	v, err := wire.JSONValue([]byte(text))
	must(t, err)
	return v
}
