//go:build unix

package programs

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"tandem/netcode/protocol"
)

// TestHostileClients has two players play while somebody on the same address does to the relay what
// can be done from outside. Each attack is refused with its code, the relay stays small, its log
// short, and the players play what they would have played.
func TestHostileClients(t *testing.T) {
	t.Parallel()
	server, addr := relayServer(t, "-per-address", "60/8", "-v")
	dir := t.TempDir()
	var peers [2]*process
	var files [2]string
	for i, name := range []string{"Ann", "Bob"} {
		files[i] = filepath.Join(dir, name+".json")
		// The delay is far above what a busy machine makes of its timers.
		peers[i] = begin(t, nil, "tandem-peer", "-relay", addr, "-room", "three", "-env", "slime", "-name", name,
			"-frames", "450", "-set", "countdown_ms=500", "-delay", "15", "-report", files[i])
		peers[i].says(&peers[i].errs, "of room three")
	}
	a := &attacker{t: t, addr: addr}
	intoPlay(t, addr, played)
	before := memory(t, server)
	idle := a.watches()
	a.takesNothing()
	for _, attack := range []func(){a.speaksWrongly, a.floods, a.sendsTooMuch, a.comesFromElsewhere, a.guesses, a.opensThousands} {
		attack()
	}
	a.ends("a silent spectator", idle, refusal(protocol.CodeSilent))
	for i, p := range peers {
		if code := p.wait(); code != 0 {
			t.Fatalf("peer %d ended with %d:\n%s", i, code, p.errs.String())
		}
	}
	x, y := readReport(t, files[0]).Seats[0], readReport(t, files[1]).Seats[0]
	if x.Frames != 450 || y.Frames != 450 || x.FinalHash == "" || x.FinalHash != y.FinalHash || x.Desyncs+y.Desyncs+x.Resyncs+y.Resyncs != 0 || x.End != "ok" || y.End != "ok" {
		t.Errorf("the reports are\n%+v\n%+v", x, y)
	}
	t.Logf("substituted %d and %d of 450, interval p99 %.1f and %.1f ms", x.Substituted, y.Substituted, x.Interval.P99, y.Interval.P99)
	if after := memory(t, server); before > 0 && after > before+64<<10 {
		t.Errorf("the relay has grown from %d to %d KiB, at its largest", before, after)
	}
	metrics := a.get("/metrics")
	for _, code := range []protocol.Code{protocol.CodeTooFrequent, protocol.CodeMalformed, protocol.CodeTooLarge, protocol.CodeOrigin,
		protocol.CodeNoRoom, protocol.CodeTries, protocol.CodeSeat, protocol.CodeConnectLimit, protocol.CodeVersion, protocol.CodeSilent} {
		if !strings.Contains(metrics, `tandem_refusals_total{code="`+code.String()+`"} `) || strings.Contains(metrics, `{code="`+code.String()+`"} 0`+"\n") {
			t.Errorf("no refusal is counted with the code %s", code)
		}
	}
	if n := strings.Count(server.errs.String(), "\n"); n > 1500 {
		t.Errorf("the log has %d lines", n)
	}
	signal(t, server, syscall.SIGTERM)
	if code := server.wait(); code != 0 {
		t.Errorf("the relay ended with %d", code)
	}
}

// memory is the most that a process has held so far, in KiB; 0 where the system does not tell.
func memory(t *testing.T, p *process) int {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if errors.Is(err, os.ErrNotExist) {
		t.Log("this system does not tell what a process holds: the relay's memory is not checked")
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "VmHWM:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// attacker does what a relay must not mind.
type attacker struct {
	t    *testing.T
	addr string
}

func (a *attacker) dial() *websocket.Conn {
	a.t.Helper()
	ws, _, err := websocket.DefaultDialer.DialContext(a.t.Context(), "ws://"+a.addr+"/ws", nil)
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { _ = ws.Close() }) // the relay has mostly closed it
	if err := ws.SetReadDeadline(time.Now().Add(patience)); err != nil {
		a.t.Fatal(err)
	}
	return ws
}

// ends reads to the end and checks the closing code, and that there are words.
func (a *attacker) ends(what string, ws *websocket.Conn, want int) {
	a.t.Helper()
	var err error
	for err == nil {
		_, _, err = ws.ReadMessage()
	}
	var ce *websocket.CloseError
	if !errors.As(err, &ce) || ce.Code != want || ce.Text == "" {
		a.t.Errorf("%s ended with %v, want code %d and words", what, err, want)
	}
}

func refusal(c protocol.Code) int { return protocol.CloseBase + int(c) }

func (a *attacker) say(kind int, data []byte) *websocket.Conn {
	a.t.Helper()
	ws := a.dial()
	if err := ws.WriteMessage(kind, data); err != nil {
		a.t.Error(err)
	}
	return ws
}

func greeting(more ...any) []byte {
	b := protocol.Append(nil, &protocol.Hello{Magic: protocol.Magic, Version: protocol.Version})
	for _, m := range more {
		b = protocol.Append(b, m)
	}
	return b
}

// watches has a seat among the spectators of the match, and says nothing any more, as a computer whose
// cable was pulled.
func (a *attacker) watches() *websocket.Conn {
	a.t.Helper()
	ws := a.say(websocket.BinaryMessage, greeting(&protocol.Join{Room: "three", Seat: -1, Watch: true}))
	if _, _, err := ws.ReadMessage(); err != nil {
		a.t.Error(err)
	}
	return ws
}

// takesNothing watches the match, reads nothing of it, and lets the relay believe that it is there.
func (a *attacker) takesNothing() {
	ws := a.watches()
	over := make(chan struct{})
	go func() {
		defer close(over)
		ping := protocol.AppendPing(nil, &protocol.Ping{Sent: 1})
		tick := time.NewTicker(time.Second / 60)
		defer tick.Stop()
		for ws.WriteMessage(websocket.BinaryMessage, ping) == nil { // until the match is over
			<-tick.C
		}
	}()
	a.t.Cleanup(func() {
		_ = ws.Close() // the relay has mostly closed it
		<-over
	})
}

func (a *attacker) floods() {
	ws := a.say(websocket.BinaryMessage, greeting())
	ping := protocol.AppendPing(nil, &protocol.Ping{Sent: 1})
	for range 1000 {
		if ws.WriteMessage(websocket.BinaryMessage, ping) != nil {
			break // it has had enough
		}
	}
	a.ends("a flood", ws, refusal(protocol.CodeTooFrequent))
}

func (a *attacker) speaksWrongly() {
	// First, while the match is on for certain.
	a.ends("another player's seat", a.say(websocket.BinaryMessage, greeting(&protocol.Join{Room: "three", Seat: 1, Token: []byte("mine")})), refusal(protocol.CodeSeat))
	a.ends("text", a.say(websocket.TextMessage, []byte("hello")), websocket.CloseUnsupportedData)
	a.ends("another version", a.say(websocket.BinaryMessage, protocol.Append(nil, &protocol.Hello{Magic: protocol.Magic, Version: 99})), refusal(protocol.CodeVersion))
	r := rand.New(rand.NewPCG(4, 0))
	for range 20 {
		b := make([]byte, 1+r.IntN(200))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		b[0] = 0xc1 // never valid, so that the code is known
		a.ends("garbage", a.say(websocket.BinaryMessage, b), refusal(protocol.CodeMalformed))
	}
	// Lengths that lie: a list of 3.7 billion elements, and of as many as some machines have room for. A
	// stranger says it, somebody who has said hello, and a player.
	for _, lie := range []string{"\x94\x06\xdd\xdd\xdd\xdd\x94", "\x94\x06\xdd\x08\x00\x00\x00", "\x96\x01\xdd\x08\x00\x00\x00", "\x98\x03\xdd\x08\x00\x00\x00"} {
		a.ends("a lie", a.say(websocket.BinaryMessage, []byte(lie)), refusal(protocol.CodeMalformed))
		a.ends("a lie behind a hello", a.say(websocket.BinaryMessage, append(greeting(), lie...)), refusal(protocol.CodeMalformed))
		ws := a.say(websocket.BinaryMessage, greeting(&protocol.Join{Room: "liar", Seat: -1, Create: []string{"env=slime", "actions=6", "players=2"}}))
		if err := ws.WriteMessage(websocket.BinaryMessage, []byte(lie)); err != nil {
			a.t.Error(err)
		}
		a.ends("a player's lie", ws, refusal(protocol.CodeMalformed))
	}
	// Broken framing: a frame that is not masked.
	ws := a.dial()
	if _, err := ws.NetConn().Write([]byte{0x82, 0x01, 0x00}); err != nil {
		a.t.Error(err)
	}
	a.ends("an unmasked frame", ws, websocket.CloseProtocolError)
}

func (a *attacker) sendsTooMuch() {
	ws := a.dial()
	var sending sync.WaitGroup
	sending.Go(func() {
		_ = ws.WriteMessage(websocket.BinaryMessage, make([]byte, 10<<20)) // the relay hangs up in mid-message
	})
	// The goodbye may be lost in the reset that 10 MB of unread bytes bring.
	_, _, err := ws.ReadMessage()
	if err == nil || !websocket.IsCloseError(err, websocket.CloseMessageTooBig) && !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
		a.t.Errorf("10 MB ended with %v", err)
	}
	sending.Wait()
	a.ends("5000 bytes", a.say(websocket.BinaryMessage, make([]byte, 5000)), websocket.CloseMessageTooBig)
	status := a.request("GET /ws HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 64<<10) + "\r\n\r\n")
	if status != http.StatusRequestHeaderFieldsTooLarge && status != 0 {
		a.t.Errorf("64 KiB of headers are answered with %d", status)
	}
}

func (a *attacker) comesFromElsewhere() {
	_, resp, err := websocket.DefaultDialer.DialContext(a.t.Context(), "ws://"+a.addr+"/ws", http.Header{"Origin": {"https://evil.example"}})
	if err == nil || resp == nil || resp.StatusCode != http.StatusForbidden {
		a.t.Fatalf("a foreign page: %v, %+v", err, resp)
	}
	words, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(words), "may not use this relay") {
		a.t.Errorf("a foreign page is told %q, %v", words, err)
	}
}

func (a *attacker) guesses() {
	for i := range 40 {
		ws := a.say(websocket.BinaryMessage, greeting(&protocol.Join{Room: fmt.Sprintf("guess%d", i), Seat: -1}))
		if i < 25 {
			a.ends("a guess", ws, refusal(protocol.CodeNoRoom))
			continue
		}
		_, _, _ = ws.ReadMessage() // the welcome
	}
	// Now and then one more is allowed again: it must have been used up when the right code comes.
	for range 100 {
		ws := a.say(websocket.BinaryMessage, greeting(&protocol.Join{Room: "three", Seat: -1}))
		var err error
		for err == nil {
			_, _, err = ws.ReadMessage()
		}
		if websocket.IsCloseError(err, refusal(protocol.CodeTries)) {
			return
		}
		_, _, _ = a.say(websocket.BinaryMessage, greeting(&protocol.Join{Room: "guess", Seat: -1})).ReadMessage()
	}
	a.t.Error("the right code is still taken after too many wrong ones")
}

// opensThousands opens more connections than there may be: silent ones, and some that begin a
// request and never end it.
func (a *attacker) opensThousands() {
	var lines []net.Conn
	for i := range 2000 {
		c, err := net.Dial("tcp", a.addr)
		if err != nil {
			a.t.Fatalf("connection %d: %v", i, err)
		}
		lines = append(lines, c)
		if i%2 == 0 {
			_, _ = io.WriteString(c, "GET /ws HTT") // it may have been cut already
		}
		if len(lines) > 500 { // this process has limits, too
			_ = lines[0].Close()
			lines = lines[1:]
		}
	}
	for _, c := range lines {
		_ = c.Close()
	}
}

// request sends bytes and returns the status of the answer, 0 when the line was cut before it.
func (a *attacker) request(text string) int {
	a.t.Helper()
	c, err := net.Dial("tcp", a.addr)
	if err != nil {
		a.t.Fatal(err)
	}
	defer c.Close()
	go func() { _, _ = io.WriteString(c, text) }() // the relay may hang up in mid-request
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// get asks the relay for a page, again for as long as the last attack's connections are in the way.
func (a *attacker) get(path string) string {
	a.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		resp, err := http.Get("http://" + a.addr + path)
		if err == nil {
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				a.t.Fatal(err)
			}
			return string(body)
		}
		if time.Now().After(deadline) {
			a.t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}
