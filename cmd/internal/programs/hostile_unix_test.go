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
			"-frames", "900", "-set", "countdown_ms=500", "-delay", "15", "-report", files[i])
		peers[i].says(&peers[i].errs, "of room three")
	}
	a := &attacker{t: t, addr: addr}
	intoPlay(t, addr, played)
	before := memory(t, server)
	idle := a.watches()
	a.takesNothing()
	// First what needs the room, which ends with its match. The last guess is answered late, so that is looked at later.
	var lastGuess *websocket.Conn
	for _, attack := range []func(){func() { lastGuess = a.guesses() }, a.speaksWrongly, a.comesAndGoes, a.floods, a.sendsTooMuch, a.comesFromElsewhere, a.pings, a.opensThousands} {
		attack()
	}
	a.ends("the last guess", lastGuess, refusal(protocol.CodeTries))
	a.ends("a silent spectator", idle, refusal(protocol.CodeSilent))
	for i, p := range peers {
		if code := p.wait(); code != 0 {
			t.Fatalf("peer %d ended with %d:\n%s", i, code, p.errs.String())
		}
	}
	x, y := readReport(t, files[0]).Seats[0], readReport(t, files[1]).Seats[0]
	if x.Frames != 900 || y.Frames != 900 || x.FinalHash == "" || x.FinalHash != y.FinalHash || x.Desyncs+y.Desyncs+x.Resyncs+y.Resyncs != 0 || x.End != "ok" || y.End != "ok" {
		t.Errorf("the reports are\n%+v\n%+v", x, y)
	}
	t.Logf("substituted %d and %d of 900, interval p99 %.1f and %.1f ms", x.Substituted, y.Substituted, x.Interval.P99, y.Interval.P99)
	if after := memory(t, server); before > 0 && after > before+64<<10 {
		t.Errorf("the relay has grown from %d to %d KiB, at its largest", before, after)
	}
	metrics := monitored(t, addr, "/metrics")
	for _, code := range []protocol.Code{protocol.CodeTooFrequent, protocol.CodeMalformed, protocol.CodeTooLarge, protocol.CodeOrigin,
		protocol.CodeNoRoom, protocol.CodeTries, protocol.CodeSeat, protocol.CodeConnectLimit, protocol.CodeVersion, protocol.CodeSilent, protocol.CodeBusy} {
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
func memory(t *testing.T, p *process) int { return status(t, p, "VmHWM:") }

// cpu is the processor time that a process has used; 0 where the system does not tell.
func cpu(t *testing.T, p *process) time.Duration {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if errors.Is(err, os.ErrNotExist) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), ") ") // the name may hold anything
	fields := strings.Fields(rest)
	ticks := 0
	for _, f := range fields[11:13] { // of user and of system, a hundred a second
		n, err := strconv.Atoi(f)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// status is what the system tells of a process under a name, in KiB; 0 where it does not tell.
func status(t *testing.T, p *process, name string) int {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if errors.Is(err, os.ErrNotExist) {
		t.Log("this system does not tell what a process holds: the relay's memory is not checked")
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), name)
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

// pings sends what no bucket of messages counts: control frames, and a message in empty parts.
func (a *attacker) pings() {
	for what, frame := range map[string][]byte{"pings": {0x89, 0x80, 0, 0, 0, 0}, "pongs": {0x8a, 0x80, 0, 0, 0, 0}, "empty parts": {0x00, 0x80, 0, 0, 0, 0}} {
		ws := a.dial()
		var flood []byte
		if what == "empty parts" {
			flood = []byte{0x02, 0x81, 0, 0, 0, 0, 1}
		}
		for range 2000 {
			flood = append(flood, frame...)
		}
		// The relay may hang up while the flood is still being written; its goodbye is then lost in the reset.
		if _, err := ws.NetConn().Write(flood); err == nil {
			a.ends(what, ws, websocket.ClosePolicyViolation)
		} else if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
			a.t.Errorf("%s: %v", what, err)
		}
	}
}

// comesAndGoes comes to watch the match, many at once, and goes again, until the room takes nobody any more.
func (a *attacker) comesAndGoes() {
	for range 10 {
		var lines []*websocket.Conn
		for range 40 { // of the 60 that the address may have
			lines = append(lines, a.say(websocket.BinaryMessage, greeting(&protocol.Join{Room: "three", Seat: -1, Watch: true})))
		}
		refused := 0
		for _, ws := range lines {
			var err error
			for range 3 { // welcome, spectator, start, or a refusal
				if _, _, err = ws.ReadMessage(); err != nil {
					break
				}
			}
			_ = ws.Close() // the relay may have closed it
			if websocket.IsCloseError(err, refusal(protocol.CodeBusy)) {
				refused++
			}
		}
		if refused > 0 {
			return
		}
	}
	a.t.Error("ten times forty came to watch at once, and all were let in")
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

// guesses tries codes that there are not, until its answers are held back, and returns the last try.
func (a *attacker) guesses() *websocket.Conn {
	ask := func(code string) *websocket.Conn {
		return a.say(websocket.BinaryMessage, greeting(&protocol.Join{Room: code, Seat: -1}))
	}
	for i := range 25 {
		a.ends("a guess", ask(fmt.Sprintf("guess%d", i)), refusal(protocol.CodeNoRoom))
	}
	var held []*websocket.Conn
	for range 10 {
		held = append(held, ask("guess"))
	}
	// A right code is answered at once, and the room is full: it is no guess.
	a.ends("the right code after too many wrong ones", ask("three"), refusal(protocol.CodeRoomStarted))
	return held[len(held)-1]
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
