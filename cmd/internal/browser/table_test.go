//go:build !js

package browser

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/cmd/internal/app"
	"tandem/cmd/internal/site"
	_ "tandem/env/all"
	"tandem/game/client"
	"tandem/game/sim"
	"tandem/netcode/netsim"
	"tandem/netcode/protocol"
	"tandem/netcode/recording"
	"tandem/netcode/relay"
	"tandem/netcode/session"
	"tandem/netcode/transport"
)

// house is a relay that serves the page, as tandem-relay -web is.
type house struct {
	t     *testing.T
	relay *relay.Server
	url   string
	tap   func(message []byte) // hears what pages say; set before there are any
}

// builtPage returns the built page.
func builtPage(t *testing.T) *site.Handler {
	t.Helper()
	dir := os.Getenv(siteEnv)
	if dir == "" {
		t.Skipf("%s names no built page: make test STAGE=browser builds one and runs this", siteEnv)
	}
	h, err := site.New(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// openHouse starts a relay. With a line (see -net of tandem-peer) the pages' connections are like that;
// native players are near.
func openHouse(t *testing.T, line string) *house {
	t.Helper()
	h := &house{t: t, relay: relay.New(relay.Options{Program: "test", ConnsPerAddress: -1, RoomsPerAddress: -1})}
	h.relay.Handle("GET /", builtPage(t))
	mux := http.NewServeMux()
	mux.Handle("/", h.relay)
	spec, err := netsim.ParseSpec(line)
	if err != nil {
		t.Fatal(err)
	}
	mux.HandleFunc("/ws", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Origin") == "" || line == "" && h.tap == nil {
			h.relay.ServeHTTP(w, r)
			return
		}
		conn, err := transport.Upgrade(w, r, transport.Options{MaxMessage: protocol.MaxFrame})
		if err != nil {
			t.Errorf("a page cannot connect: %v", err)
			return
		}
		shaper, err := netsim.NewShaper(netsim.Schedule{{Spec: spec}}, 1)
		if err != nil {
			t.Error(err)
			return
		}
		far, err := shaper.Wrap(conn)
		if err != nil {
			t.Error(err)
			return
		}
		if h.tap != nil {
			far = tapped{far, h.tap}
		}
		h.relay.ServeConn(far)
	})
	srv := httptest.NewServer(mux)
	h.url = srv.URL
	t.Cleanup(func() {
		h.relay.Close()
		srv.Close()
	})
	return h
}

// tapped is a page's connection that is listened to.
type tapped struct {
	transport.Conn
	tap func(message []byte)
}

func (c tapped) Read() ([]byte, error) {
	message, err := c.Conn.Read()
	if err == nil {
		c.tap(message)
	}
	return message, err
}

// at is the address of the page with a query. Who has no name would be asked for one.
func (h *house) at(query string) string {
	if query != "" && !strings.Contains(query, "name=") {
		query += "&name=Page"
	}
	return h.url + "/?" + query
}

// link is the address that leads friends into a room.
func (h *house) link(room string) string { return h.url + "/?room=" + room }

func (h *house) dial(ctx context.Context) (transport.Conn, error) {
	return transport.Dial(ctx, strings.TrimPrefix(h.url, "http://"), transport.Options{MaxMessage: protocol.MaxFrame})
}

// native is a player without a page.
type native struct {
	t    *testing.T
	c    *client.Client
	tape tape
	done chan struct{} // closed when the match has ended
	err  error         // read after done
}

// seat lets a native bot take a seat.
func (h *house) seat(bot, room string, flags app.RoomFlags) *native {
	h.t.Helper()
	flags.Set = append(flags.Set, "pause_ms=20000") // a busy machine may keep a page from play for long
	create, require, err := flags.Room("")
	if err != nil {
		h.t.Fatal(err)
	}
	n := &native{t: h.t, done: make(chan struct{})}
	seated := make(chan struct{})
	n.c = client.New(client.Config{
		Dial: h.dial,
		Peer: session.PeerConfig{Program: "test", Name: "native", Room: room, Seat: -1, Create: create, Require: require},
		Input: func(m *sim.Match, seat int) (session.Sampler, error) {
			return sim.NewBotInput(bot, m, seat, 1)
		},
		OnSeated: func(string, int) { close(seated) },
		Record:   n.tape.open,
	})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer close(n.done)
		_, n.err = n.c.Run(ctx)
	}()
	h.t.Cleanup(func() {
		cancel()
		<-n.done
	})
	select {
	case <-seated:
	case <-n.done:
		h.t.Fatalf("the native player found no seat: %v", n.err)
	}
	return n
}

// end waits for the end of the match and returns what the seat has measured.
func (n *native) end() client.Report {
	n.t.Helper()
	<-n.done
	if n.err != nil {
		n.t.Errorf("the native player's match: %v", n.err)
	}
	return n.c.Report()
}

// waitView waits until this player's screen shows something.
func (n *native) waitView(what string, is func(*client.View) bool) *client.View {
	n.t.Helper()
	var v client.View
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		n.c.View(time.Now(), &v)
		if is(&v) {
			return &v
		}
		if time.Now().After(deadline) {
			n.t.Fatalf("waited %v in vain until %s: %q, %q", patience, what, v.Headline, v.Detail)
		}
	}
}

// pauses are the words of the match's pauses.
func (n *native) pauses() (words []string) {
	n.t.Helper()
	records(n.t, n.recording(), func(rec *recording.Record) {
		if rec.Kind == recording.KindNote && rec.Note == recording.NotePause {
			words = append(words, rec.Text)
		}
	})
	return words
}

// recording is the match as this player recorded it.
func (n *native) recording() []byte {
	<-n.done
	return n.tape.data
}

// actions returns what a seat did in the match, by action.
func (n *native) actions(seat int) map[uint8]int {
	n.t.Helper()
	did := map[uint8]int{}
	records(n.t, n.recording(), func(rec *recording.Record) {
		if rec.Kind == recording.KindBundle {
			did[rec.Actions[seat]]++
		}
	})
	return did
}

// records reads a recording.
func records(t *testing.T, data []byte, f func(*recording.Record)) {
	t.Helper()
	r, err := recording.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for {
		rec, err := r.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		f(rec)
	}
}

// rows is the match as data: a row per frame, without what only this player can know.
func (n *native) rows() string {
	n.t.Helper()
	table, err := sim.NewTable(bytes.NewReader(n.recording()))
	if err != nil {
		n.t.Fatal(err)
	}
	var b bytes.Buffer
	if err := table.WriteCSV(&b); err != nil {
		n.t.Fatal(err)
	}
	return b.String()
}

// tape keeps a recording in memory. It is read when the match is over.
type tape struct {
	mu   sync.Mutex
	data []byte
}

func (t *tape) open(*recording.Header) (recording.File, error) { return t, nil }

func (t *tape) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = append(t.data, b...)
	return len(b), nil
}

func (t *tape) Truncate(size int64) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = t.data[:size]
	return nil
}

func (t *tape) Close() error { return nil }

// same checks that all seats have played the same match to its end.
func same(t *testing.T, frames uint32, reports ...client.Report) {
	t.Helper()
	for i, r := range reports {
		if r.End != "ok" || frames != 0 && r.Frames != frames || r.Frames != reports[0].Frames || r.Desyncs != 0 || r.FinalHash == "" || r.FinalHash != reports[0].FinalHash {
			t.Errorf("player %d (seat %d): ended %s (%s) after %d frames, %d desyncs, final hash %s; want ok, %d frames (0: any) and the first one's hash %s",
				i, r.Seat, r.End, r.EndText, r.Frames, r.Desyncs, r.FinalHash, frames, reports[0].FinalHash)
		}
	}
}
