//go:build !js

package socketio

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
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
	"tandem/netcode/transport"
)

// packages are the stock ones, installed when a test needs them first.
var packages = stock.Packages{Scripts: "testdata/interop"}

func TestMain(m *testing.M) {
	code := m.Run()
	if err := packages.Remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

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
			var in PlayerAction
			if err = Decode(p, &in); err == nil {
				err = s.Emit(&OtherPlayerAction{in.PlayerID, in.Action, in.Frame, Odd{}, 1766900000.5})
			}
		case "emit_remote_game_data":
			var in EmitRemoteGameData
			if err = Decode(p, &in); err == nil && string(in.Data) != "\x01\x02\x03" {
				err = fmt.Errorf("the upload is %x", in.Data)
			}
			if err == nil {
				err = s.EmitValues("blobs", MapValue(Field{"first", BytesValue([]byte{9, 8})}), BytesValue(nil))
			}
		case "wants_ack":
			err = s.Send(&Packet{Type: Ack, HasID: true, ID: p.ID, Args: []Value{MapValue(Field{"ok", IntValue(1)})}})
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
		for _, parser := range []Parser{JSON, Msgpack} {
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
	for _, parser := range []Parser{JSON, Msgpack} {
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
func next(t *testing.T, s *Socket, name string) *Packet {
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
		parser  Parser
		deflate string
	}{{JSON, ""}, {Msgpack, ""}, {JSON, "deflate"}, {Msgpack, "deflate"}} {
		t.Run(c.parser.String()+c.deflate, func(t *testing.T) {
			address, said := startStock(t, c.parser.String(), "50", "600000", c.deflate) // a pong waits behind the burst
			opts := Options{Config: Config{Parser: c.parser}, Compression: c.deflate != "", CompressAbove: 1}
			s := dialStock(t, address, opts)
			hello := next(t, s, "hello").Arg(0)
			if want := `{"sid":"` + s.SID() + `","nothing":null,"big":4294967295,"x":0.5,"stamp":1766900000123}`; hello.String() != want {
				t.Fatalf("hello is %s, want %s", hello, want)
			}

			action := mustJSON(t, `{"deep":[1,2.5,"é\"\u2028"]}`)
			must(t, s.Emit(&PlayerAction{"g", IntPID(0), action, 7, Odd{}, 1766900000500}))
			var got OtherPlayerAction
			must(t, Decode(next(t, s, "pyodide_other_player_action"), &got))
			if got.PlayerID != IntPID(0) || got.Frame != 7 || got.Timestamp != 1766900000.5 ||
				got.Action.String() != "{\"deep\":[1,2.5,\"é\\\"\u2028\"]}" {
				t.Fatalf("relayed %+v", got)
			}

			must(t, s.Emit(&EmitRemoteGameData{Data: []byte{1, 2, 3}, SceneID: "s"}))
			blobs := next(t, s, "blobs")
			first, _ := blobs.Arg(0).Get("first")
			if b, ok := first.Bytes(); !ok || string(b) != "\x01\x02\x03" {
				t.Fatalf("the upload came back as %x", b)
			}
			if b, ok := blobs.Arg(1).Bytes(); !ok || len(b) != 0 {
				t.Fatalf("the empty attachment came as %v", blobs.Arg(1))
			}

			must(t, s.Send(&Packet{Type: Event, Name: "wants_ack", HasID: true, ID: 41, Args: []Value{mustJSON(t, `{"n":1}`)}}))
			p, err := s.Read()
			if err != nil || p.Type != Ack || p.ID != 41 || p.Arg(0).String() != `{"n":2}` {
				t.Fatalf("acknowledged %+v, %v", p, err)
			}
			must(t, s.EmitValues("ask"))
			p = next(t, s, "question")
			must(t, s.Send(&Packet{Type: Ack, HasID: true, ID: p.ID, Args: []Value{StringValue("yes")}}))
			if a := next(t, s, "answered").Arg(0).String(); a != `{"answer":"yes"}` {
				t.Fatalf("the answer came as %s", a)
			}

			for i := range int64(2000) {
				must(t, s.EmitValues("burst", MapValue(Field{"i", IntValue(i)})))
			}
			for i := range int64(2000) {
				n, _ := next(t, s, "burst_back").Arg(0).Get("i")
				if got, _ := n.Int(); got != i {
					t.Fatalf("burst message %d where %d should be", got, i)
				}
			}

			text := strings.Repeat("0123456789", 50000)
			must(t, s.EmitValues("large", MapValue(Field{"text", StringValue(text)})))
			back, _ := next(t, s, "large_back").Arg(0).Get("text")
			if got, _ := back.Text(); got != text {
				t.Fatalf("%d bytes came back of %d", len(got), len(text))
			}
			if err := s.EmitValues("large", BytesValue(make([]byte, MaxMessage+1))); !errors.Is(err, ErrTooBig) {
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
	for _, parser := range []Parser{JSON, Msgpack} {
		address, _ := startStock(t, parser.String(), "25000", "20000")
		opts := Options{Config: Config{Parser: parser, Auth: mustJSON(t, `{"token":"wrong"}`)}}
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
	must(t, s.EmitValues("hang", StringValue(file)))
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

// What our encoders write is, byte for byte, what the stock ones write for the same event.
func TestStockEncodersWriteTheSame(t *testing.T) {
	dir := needStock(t)
	var lines strings.Builder
	for _, e := range events(t) {
		fmt.Fprintf(&lines, "%s\n", e.wire)
	}
	node := exec.Command("node", "encode.js")
	node.Dir = dir
	node.Stdin = strings.NewReader(lines.String())
	out, err := node.Output()
	if err != nil {
		t.Fatal(err)
	}
	said := strings.Split(strings.TrimSpace(string(out)), "\n")
	for i, e := range events(t) {
		var want struct{ JSON, Server, Client string }
		if err := json.Unmarshal([]byte(said[i]), &want); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			e    Encoder
			want string
		}{{Encoder{JSON, ServerRole}, want.JSON}, {Encoder{JSON, ClientRole}, want.JSON},
			{Encoder{Msgpack, ServerRole}, want.Server}, {Encoder{Msgpack, ClientRole}, want.Client}} {
			got, _, err := c.e.AppendEvent(nil, e.p)
			if err != nil || hex.EncodeToString(got) != c.want {
				t.Errorf("%s, %v: %x, %v; the stock library writes %s", e.p.Name(), c.e, got, err, c.want)
			}
		}
	}
}
