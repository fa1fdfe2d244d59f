package programs

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"tandem/netcode/protocol"
)

// orders are what a foe is to do, and where.
type orders struct {
	Attack  string
	Addr    string
	Monitor string // where the relay tells what it counts
	At      string // the foe's own address
	Rooms   []string
	Record  string // the relay's folder of recordings
	Frames  int
	Tokens  map[string][][]byte // of earlier rooms of the same codes
	Long    bool
	Length  time.Duration
	Heard   string // file for what it has heard
}

// heard is what a foe was told.
type heard struct {
	Tries   int
	Answers map[int]int // the codes that it was refused with, and how often
}

// foe is somebody hostile who goes on for a while, whatever the relay answers.
type foe struct {
	t *testing.T
	orders
	until time.Time
	mu    sync.Mutex
	heard
}

// attack is one kind of hostility.
type attack struct {
	name string
	run  func(*foe)
	want []int // codes: each must have been said
}

// proxy is an address that the relay believes when it says whom it speaks for.
const proxy = "127.0.0.2"

var attacks = []attack{
	{"watching in and out", (*foe).watchesInAndOut, []int{refusal(protocol.CodeBusy)}},
	{"WebSocket pings", func(f *foe) { f.floodsFrames("/ws", nil, ping) }, []int{websocket.ClosePolicyViolation}},
	{"empty continuation frames", func(f *foe) { f.floodsFrames("/ws", []byte{0x02, 0x81, 0, 0, 0, 0, 1}, emptyPart) }, []int{websocket.ClosePolicyViolation}},
	{"Engine.IO pings before a game", func(f *foe) { f.floodsFrames(engine, nil, ping, text("2"), text("3")) }, []int{websocket.ClosePolicyViolation, websocket.CloseProtocolError}},
	{"rooms from one /60", (*foe).opensRooms, []int{refusal(protocol.CodeRoomLimit)}},
	{"recording flood", (*foe).floodsRecordings, []int{refusal(protocol.CodeRoomLimit)}},
	{"code guessing", (*foe).guesses, []int{refusal(protocol.CodeTries)}},
	{"squatter", (*foe).squats, []int{refusal(protocol.CodeSeat), refusal(protocol.CodeRoomStarted)}},
	{"token thief", (*foe).steals, []int{refusal(protocol.CodeSeat)}},
	{"many networks", (*foe).comesFromEverywhere, []int{refusal(protocol.CodeTries)}},
}

// Frames that carry nothing.
var (
	ping      = []byte{0x89, 0x80, 0, 0, 0, 0}
	emptyPart = []byte{0x00, 0x80, 0, 0, 0, 0}
)

func text(s string) []byte { return append([]byte{0x81, 0x80 | byte(len(s)), 0, 0, 0, 0}, s...) }

// engine is where clients of the original system connect.
const engine = "/socket.io/?EIO=4&transport=websocket"

// on runs an attack for a time, and longer until it was answered as it should be. It does so in a process
// that gives way to all others: what is measured is what the relay suffers, and not what the players and
// the measuring do that share a core with the foe. The error says what the attack has won.
func (f *foe) on(a *attack, length time.Duration) error {
	f.t.Helper()
	self, err := os.Executable()
	if err != nil {
		f.t.Fatal(err)
	}
	monitor, ok := monitors.Load(f.Addr)
	if !ok {
		f.t.Fatalf("no relay of relayServer listens on %s", f.Addr)
	}
	f.Attack, f.Length, f.Monitor, f.Heard = a.name, length, monitor.(string), filepath.Join(f.t.TempDir(), "heard.json")
	text, err := json.Marshal(f.orders)
	if err != nil {
		f.t.Fatal(err)
	}
	by := append([]string{"nice", "-n", "19"}, core(f.t, 1)...)
	p := start(f.t, by, []string{attackEnv + "=" + string(text)}, self, "-test.run=^TestAttack$", "-test.timeout=0")
	if code := p.wait(); code != 0 {
		return fmt.Errorf("%s ended with %d:\n%s%s", a.name, code, p.out.String(), p.errs.String())
	}
	if text, err = os.ReadFile(f.Heard); err != nil {
		f.t.Fatal(err)
	}
	f.heard = heard{}
	if err := json.Unmarshal(text, &f.heard); err != nil {
		f.t.Fatal(err)
	}
	return nil
}

// TestAttack is the process of one attack, see (*foe).on.
func TestAttack(t *testing.T) {
	text := os.Getenv(attackEnv)
	if text == "" {
		t.Skip("this is no test, but the attacks of TestForeignRooms and TestSoak")
	}
	f := &foe{t: t, heard: heard{Answers: map[int]int{}}}
	if err := json.Unmarshal([]byte(text), &f.orders); err != nil {
		t.Fatal(err)
	}
	monitors.Store(f.Addr, f.Monitor)
	a := &attacks[slices.IndexFunc(attacks, func(a attack) bool { return a.name == f.Attack })]
	f.until = time.Now().Add(f.Length)
	for deadline := time.Now().Add(patience); ; f.until = time.Now().Add(f.Length / 2) {
		a.run(f)
		missing := slices.ContainsFunc(a.want, func(code int) bool { return f.Answers[code] == 0 })
		if !missing {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("after %d tries the codes were %v, want each of %v", f.Tries, f.Answers, a.want)
		}
	}
	told, err := json.Marshal(f.heard)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(f.Heard, told, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (f *foe) over() bool { return !time.Now().Before(f.until) }

// told is what the foe has heard, for the log.
func (f *foe) told() string {
	var list []string
	for _, code := range slices.Sorted(maps.Keys(f.Answers)) {
		name := fmt.Sprint(code)
		if code >= protocol.CloseBase {
			name = protocol.Code(code - protocol.CloseBase).String()
		}
		list = append(list, fmt.Sprintf("%s %d×", name, f.Answers[code]))
	}
	return fmt.Sprint(list)
}

// note counts how a connection has ended.
func (f *foe) note(err error) {
	var ce *websocket.CloseError
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Tries++
	if errors.As(err, &ce) {
		f.Answers[ce.Code]++
	}
}

// dial connects from an address, or, by way of the proxy, for somebody. A relay may cut who comes too
// often without a word, so that there is no connection is nothing to report.
func (f *foe) dial(path, at, speaksFor string) *websocket.Conn {
	local := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(at)}, Timeout: 10 * time.Second}
	d := websocket.Dialer{NetDialContext: local.DialContext, HandshakeTimeout: 10 * time.Second}
	header := http.Header{}
	if speaksFor != "" {
		header.Set("X-Forwarded-For", speaksFor)
	}
	ws, _, err := d.DialContext(f.t.Context(), "ws://"+f.Addr+path, header)
	if err != nil {
		f.note(err)
		return nil
	}
	// Whatever it waits for: not for ever.
	if err := ws.SetReadDeadline(time.Now().Add(patience)); err != nil {
		f.t.Error(err)
	}
	return ws
}

// joins says hello and joins.
func (f *foe) joins(at, speaksFor string, j *protocol.Join) *websocket.Conn {
	ws := f.dial("/ws", at, speaksFor)
	if ws == nil {
		return nil
	}
	if err := ws.WriteMessage(websocket.BinaryMessage, greeting(j)); err != nil {
		f.hangUp(ws, err)
		return nil
	}
	return ws
}

// hears reads until a message of the type has come, and returns it; nil where the connection ended before.
func (f *foe) hears(ws *websocket.Conn, want protocol.Type) any {
	var dec protocol.Decoder
	for ws != nil {
		_, data, err := ws.ReadMessage()
		if err != nil {
			f.hangUp(ws, err)
			return nil
		}
		for dec.Reset(data); ; {
			typ, err := dec.Next()
			if err != nil {
				break
			}
			if typ == want && dec.Cold != nil {
				return dec.Cold
			}
			if typ == want {
				return typ
			}
		}
	}
	return nil
}

// hangUp ends a connection, which has ended with err already if that is not nil.
func (f *foe) hangUp(ws *websocket.Conn, err error) {
	if ws == nil {
		return
	}
	f.note(err)
	_ = ws.Close() // the relay has mostly closed it
}

// watchesInAndOut comes to watch a match and goes, 80 times a second; in a hurry, as fast as it goes.
func (f *foe) watchesInAndOut() {
	rate := time.Second / 80
	if !f.Long {
		rate = time.Millisecond
	}
	tick := time.NewTicker(rate)
	defer tick.Stop()
	for ; !f.over(); <-tick.C {
		ws := f.joins(f.At, "", &protocol.Join{Room: f.Rooms[0], Seat: -1, Watch: true})
		if f.hears(ws, protocol.TypeStart) != nil {
			f.hangUp(ws, nil)
		}
	}
}

// floodsFrames has eight connections send 50,000 frames a second each, and connects again when it is
// thrown out.
func (f *foe) floodsFrames(path string, start []byte, pieces ...[]byte) {
	const lines, perSecond, chunks = 8, 50_000, 50
	var work sync.WaitGroup
	for i := range lines {
		flood := slices.Repeat(pieces[i%len(pieces)], perSecond/chunks)
		work.Go(func() {
			for !f.over() {
				ws := f.dial(path, f.At, "")
				if ws == nil {
					continue
				}
				gone := make(chan error, 1)
				go func() {
					for {
						if _, _, err := ws.ReadMessage(); err != nil {
							gone <- err
							return
						}
					}
				}()
				_, err := ws.NetConn().Write(start)
				tick := time.NewTicker(time.Second / chunks)
				for err == nil && !f.over() {
					if _, err = ws.NetConn().Write(flood); err == nil {
						<-tick.C
					}
				}
				tick.Stop()
				if err == nil { // the time is over; what is on the way may still be answered
					_ = ws.SetReadDeadline(time.Now().Add(time.Second)) // a closed connection says so when it is read
				}
				f.hangUp(ws, <-gone)
			}
		})
	}
	work.Wait()
}

// opensRooms opens a thousand rooms in half a second from the sixteen networks of a /60, and keeps them.
func (f *foe) opensRooms() {
	const networks, rooms, atOnce = 16, 1000, 40
	before := counted(f.t, f.Addr, "rooms")
	var work sync.WaitGroup
	var kept []*websocket.Conn
	numbers := make(chan int)
	for range atOnce {
		work.Go(func() {
			for i := range numbers {
				ws := f.joins(proxy, fmt.Sprintf("2001:db8:0:%x::1", i%networks), &protocol.Join{Seat: -1, Create: roomOptions(f.Frames)})
				if f.hears(ws, protocol.TypeHostElected) == nil {
					continue
				}
				f.mu.Lock()
				kept = append(kept, ws)
				f.mu.Unlock()
			}
		})
	}
	for i := range rooms {
		numbers <- i
	}
	close(numbers)
	work.Wait()
	// On a slow machine some are over already: who says nothing for five seconds is taken for gone.
	if n := counted(f.t, f.Addr, "rooms") - before; len(kept) == 0 || n > 2*64 {
		f.t.Errorf("a /60 has %d rooms, and had %d", n, len(kept))
	}
	// Meanwhile somebody else opens one.
	friend := f.joins(proxy, "2a00::1", &protocol.Join{Seat: -1, Create: roomOptions(f.Frames)})
	if f.hears(friend, protocol.TypeHostElected) == nil {
		f.t.Errorf("nobody else can open a room: %s", f.told())
	}
	time.Sleep(time.Until(f.until))
	for _, ws := range append(kept, friend) {
		f.hangUp(ws, nil)
	}
}

// floodsRecordings opens one room after the other, plays its first frames with two players, and leaves.
func (f *foe) floodsRecordings() {
	before := f.recordings()
	began := time.Now()
	for !f.over() {
		var pair [2]*websocket.Conn
		host := f.joins(f.At, "", &protocol.Join{Seat: 0, Name: "a", Create: append(roomOptions(f.Frames), "countdown_ms=0")})
		m, _ := f.hears(host, protocol.TypeHostElected).(*protocol.HostElected)
		if m == nil {
			continue
		}
		pair[0], pair[1] = host, f.joins(f.At, "", &protocol.Join{Seat: 1, Name: "b", Room: m.Room})
		for _, ws := range pair {
			if ws != nil {
				_ = ws.WriteMessage(websocket.BinaryMessage, protocol.Append(nil, &protocol.Ready{})) // it may have been refused
			}
		}
		if f.hears(pair[0], protocol.TypeBundle) == nil {
			pair[0] = nil
		}
		for _, ws := range pair {
			f.hangUp(ws, nil)
		}
	}
	// What an address may open at once, and one in two seconds since; it may have been here before.
	if n, most := f.recordings()-before, 64+int(time.Since(began)/(2*time.Second))+1; n > most {
		f.t.Errorf("%d recordings were made in %v", n, time.Since(began))
	}
}

func (f *foe) recordings() int {
	files, err := os.ReadDir(f.Record)
	if err != nil {
		f.t.Fatal(err)
	}
	return len(files)
}

// guesses asks for rooms that are not there, from all connections that an address may have.
func (f *foe) guesses() {
	const lines = 128
	var work sync.WaitGroup
	for i := range lines {
		work.Go(func() {
			for n := 0; !f.over(); n++ {
				ws := f.joins(f.At, "", &protocol.Join{Room: fmt.Sprintf("guess-%d-%d", i, n), Seat: -1})
				if ws == nil {
					continue
				}
				// Its own patience is shorter than what the last answers are held back.
				_ = ws.SetReadDeadline(time.Now().Add(4 * time.Second)) // a closed connection says so when it is read
				_, _, err := ws.ReadMessage()
				for err == nil {
					_, _, err = ws.ReadMessage()
				}
				f.hangUp(ws, err)
			}
		})
	}
	work.Wait()
}

// squats asks for seats that are others', in every way that needs no token.
func (f *foe) squats() {
	ask := func(j *protocol.Join) {
		ws := f.joins(f.At, "", j)
		if f.hears(ws, protocol.TypeHostElected) != nil {
			f.t.Errorf("a squatter was given a seat with %+v", j)
			f.hangUp(ws, nil)
		}
	}
	for n := 0; !f.over(); n++ {
		room := f.Rooms[n%len(f.Rooms)]
		ask(&protocol.Join{Room: room, Seat: -1})
		ask(&protocol.Join{Room: room, Seat: -1, Create: roomOptions(f.Frames), Back: true, Have: 100, Epoch: 1})
		ask(&protocol.Join{Room: room, Seat: int8(n % 2), Token: make([]byte, protocol.MaxToken)})
	}
}

// remembers makes rooms of the codes that others will use, with their options and seed, and keeps the
// tokens of both seats.
func (f *foe) remembers() {
	f.Answers, f.Tokens = map[int]int{}, map[string][][]byte{}
	for _, room := range f.Rooms {
		var lines []*websocket.Conn
		for seat := range 2 {
			ws := f.joins(f.At, "", &protocol.Join{Room: room, Seat: int8(seat), Create: roomOptions(f.Frames)})
			m, _ := f.hears(ws, protocol.TypeHostElected).(*protocol.HostElected)
			if m == nil {
				f.t.Fatalf("no seat in %s before the others come: %s", room, f.told())
			}
			f.Tokens[room] = append(f.Tokens[room], slices.Clone(m.Token))
			lines = append(lines, ws)
		}
		for _, ws := range lines {
			if err := ws.WriteMessage(websocket.BinaryMessage, protocol.Append(nil, &protocol.Leave{})); err != nil {
				f.t.Error(err)
			}
			for {
				if _, _, err := ws.ReadMessage(); err != nil {
					f.hangUp(ws, err)
					break
				}
			}
		}
	}
}

// steals brings the tokens of earlier rooms, for the seats that they were of.
func (f *foe) steals() {
	for n := 0; !f.over(); n++ {
		room := f.Rooms[n%len(f.Rooms)]
		for seat, token := range f.Tokens[room] {
			ws := f.joins(f.At, "", &protocol.Join{Room: room, Seat: int8(seat), Token: token, Back: n%3 == 0, Create: roomOptions(f.Frames)})
			if f.hears(ws, protocol.TypeHostElected) != nil {
				f.t.Errorf("a token of an earlier room gave seat %d of %s", seat, room)
				f.hangUp(ws, nil)
			}
		}
	}
}

// comesFromEverywhere spends the guesses of an address, comes from more networks than the relay remembers,
// and guesses again: the address is still known.
func (f *foe) comesFromEverywhere() {
	networks, lines := 1000, 40
	if f.Long {
		networks = 40_000
	}
	guess := func(from string) {
		ws := f.joins(proxy, from, &protocol.Join{Room: "nowhere", Seat: -1})
		for ws != nil {
			if _, _, err := ws.ReadMessage(); err != nil {
				f.hangUp(ws, err)
				return
			}
		}
	}
	const guesser = "203.0.113.9"
	for range 30 {
		guess(guesser)
	}
	var work sync.WaitGroup
	numbers := make(chan int)
	for range lines {
		work.Go(func() {
			for i := range numbers {
				guess(fmt.Sprintf("2a00:%x::1", i))
			}
		})
	}
	for i := range networks {
		numbers <- i
	}
	close(numbers)
	work.Wait()
	guess(guesser)
}

// TestForeignRooms has eight rooms play while each attack goes on beside them: no match is lost or ended,
// hardly an input is substituted, and the attacker is refused with a code. With -long each attack goes on
// for half a minute, the delay is what the players choose, and how late the bundles come is judged, too:
// that wants a machine of two cores that does nothing else.
func TestForeignRooms(t *testing.T) {
	const rooms, most = 8, 0.005
	// A machine that is busy with something else loses no input with a delay of half a second; a relay that
	// is held up does.
	length, frames, delay, tries := 1500*time.Millisecond, 750, "15", 3
	if *long {
		length, frames, delay, tries = 30*time.Second, 30*30*(len(attacks)+3), "auto", 1
	}
	dir := t.TempDir()
	record := dir + "/record"
	server, addr := relayBy(t, core(t, 0), "-key", dir+"/relay.key", "-record", record, "-trusted-proxies", proxy)
	f := &foe{t: t, orders: orders{Addr: addr, At: "127.66.0.1", Record: record, Frames: frames, Long: *long}}
	for i := range rooms {
		f.Rooms = append(f.Rooms, fmt.Sprintf("crowd%d", i))
	}
	f.remembers()
	c := gather(t, addr, rooms, frames, "-delay", delay)
	time.Sleep(length / 2)
	quiet := c.readings()
	t.Logf("%-30s %v", "nothing", &quiet)
	before := memory(t, server)
	for i := range attacks {
		a := &attacks[i]
		for try := 1; ; try++ {
			f.At = fmt.Sprintf("127.66.%d.%d", i+1, try)
			c.readings()
			began, used := time.Now(), cpu(t, server)
			err := f.on(a, length)
			r := c.readings()
			if c.over() {
				// A room that has ended is anybody's, and what was measured and won there says nothing: once
				// more, beside longer matches, for this machine is slow.
				c.finish()
				frames *= 2
				f.Frames = frames
				c = gather(t, addr, rooms, frames, "-delay", delay)
				try--
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%-30s %v, relay at %.0f %%; %d tries, refused with %s", a.name, &r,
				100*(cpu(t, server)-used).Seconds()/time.Since(began).Seconds(), f.Tries, f.told())
			if *long && r.p99() > 20*time.Millisecond {
				t.Errorf("beside %s the bundles were %v late", a.name, r.p99())
			}
			if r.share() <= most {
				break
			}
			if try == tries {
				t.Errorf("beside %s %.2f %% of the inputs of other rooms were substituted, %d times", a.name, 100*r.share(), tries)
				break
			}
		}
	}
	c.finish()
	if after := memory(t, server); before > 0 && after > before+64<<10 {
		t.Errorf("the relay has grown from %d to %d KiB, at its largest", before, after)
	} else {
		t.Logf("the relay took %d KiB before, and %d at its largest", before, after)
	}
}
