package programs

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"tandem/netcode/protocol"
)

// crowd is a number of rooms of two bots each, every room a process, which play on a relay while something
// else happens to it.
type crowd struct {
	t      *testing.T
	addr   string
	rooms  []string
	frames int
	dir    string
	peers  []*process
	gauges []*gauge
}

// core is what starts a program on one core, so that the relay and who speaks to it do not have each
// other's.
func core(t *testing.T, n int) []string {
	t.Helper()
	if _, err := exec.LookPath("taskset"); err != nil || runtime.NumCPU() < 2 {
		t.Logf("the programs share %d cores as they come (taskset: %v)", runtime.NumCPU(), err)
		return nil
	}
	return []string{"taskset", "-c", strconv.Itoa(n)}
}

// roomSeed is that of a crowd's rooms: everybody knows it.
const roomSeed = "7"

// roomOptions are what a crowd's rooms are made with.
func roomOptions(frames int) []string {
	return []string{"env=slime", "actions=6", "players=2", "seed=" + roomSeed, "frames=" + strconv.Itoa(frames)}
}

// gather starts the rooms and waits until all of them play. flags are the players'.
func gather(t *testing.T, addr string, rooms, frames int, flags ...string) *crowd {
	t.Helper()
	c := &crowd{t: t, addr: addr, frames: frames, dir: t.TempDir()}
	pin := core(t, 1)
	for i := range rooms {
		c.rooms = append(c.rooms, fmt.Sprintf("crowd%d", i))
		args := append([]string{"-relay", addr, "-room", c.rooms[i], "-players", "2", "-env", "slime", "-seed", roomSeed, "-keep-seat=false",
			"-set", "countdown_ms=500", "-frames", strconv.Itoa(frames), "-desync", c.dir, "-report", c.file(i, ".json"), "-record", c.file(i, ".tandem")}, flags...)
		c.peers = append(c.peers, beginBy(t, pin, nil, "tandem-peer", args...))
	}
	for i, p := range c.peers {
		p.says(&p.errs, "of room "+c.rooms[i])
	}
	for _, room := range c.rooms {
		c.gauges = append(c.gauges, watchRoom(t, addr, room))
	}
	for _, g := range c.gauges {
		for tick := time.Tick(20 * time.Millisecond); g.reading().frames == 0; <-tick {
			if t.Context().Err() != nil {
				t.Fatal("a room does not begin")
			}
		}
	}
	c.readings() // what was before counts for nothing
	return c
}

// file is one of a room's, by its end.
func (c *crowd) file(i int, end string) string { return filepath.Join(c.dir, c.rooms[i]+end) }

// readings is what all gauges have seen since it was last asked.
func (c *crowd) readings() (sum reading) {
	for _, g := range c.gauges {
		r := g.take()
		sum.frames += r.frames
		sum.substituted += r.substituted
		sum.late = append(sum.late, r.late...)
	}
	return sum
}

// over tells whether a room plays no more.
func (c *crowd) over() bool {
	for _, p := range c.peers {
		select {
		case <-p.done:
			return true
		default:
		}
	}
	return false
}

// finish waits for all and checks that nobody has lost anything: every match was played to its end, both
// players ended with the same state, and what they have recorded is whole and equal.
func (c *crowd) finish() {
	c.t.Helper()
	for i, p := range c.peers {
		if code := p.wait(); code != 0 {
			c.t.Errorf("%s ended with %d:\n%s", c.rooms[i], code, p.errs.String())
			continue
		}
		seats := readReport(c.t, c.file(i, ".json")).Seats
		if len(seats) != 2 {
			c.t.Errorf("%s has the reports %+v", c.rooms[i], seats)
			continue
		}
		for _, s := range seats {
			if s.End != "ok" || int(s.Frames) != c.frames || s.Desyncs+s.Resyncs != 0 || s.FinalHash == "" || s.FinalHash != seats[0].FinalHash {
				c.t.Errorf("%s: a player reports %+v; the first one's hash is %s", c.rooms[i], s, seats[0].FinalHash)
			}
		}
		a, b := c.file(i, "-0.tandem"), c.file(i, "-1.tandem")
		for _, file := range []string{a, b} {
			if code, out, errs := replay(c.t, "verify", file); code != 0 || !strings.Contains(out, "All are equal") {
				c.t.Errorf("%s: verifying ended with %d: %s%s", file, code, out, errs)
			}
		}
		if x, y := rowsOf(c.t, a), rowsOf(c.t, b); len(x) != c.frames+1 || !slices.EqualFunc(x, y, slices.Equal) {
			c.t.Errorf("%s: the exports have %d and %d rows, or differ in one", c.rooms[i], len(x), len(y))
		}
	}
}

// gauge watches a room and measures what its players are sent.
type gauge struct {
	began time.Time
	frame uint32 // closes at close, and each after it a frame later
	close time.Duration
	least [2]time.Duration // the shortest way of a bundle; the second one is of those that left too early to say how early

	mu  sync.Mutex
	now reading
}

// reading is what a gauge has seen.
type reading struct {
	frames      int
	substituted int             // inputs
	late        []time.Duration // how much later than the fastest each bundle has come
}

func (r *reading) share() float64 { return float64(r.substituted) / float64(max(1, 2*r.frames)) }

// p99 is of how late the bundles came.
func (r *reading) p99() time.Duration {
	if len(r.late) == 0 {
		return 0
	}
	slices.Sort(r.late)
	return r.late[len(r.late)*99/100]
}

func (r *reading) String() string {
	return fmt.Sprintf("%d frames, %.2f %% substituted, bundles p99 %.1f ms late", r.frames, 100*r.share(), float64(r.p99().Microseconds())/1000)
}

func (g *gauge) reading() reading {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now
}

func (g *gauge) take() (r reading) {
	g.mu.Lock()
	defer g.mu.Unlock()
	r, g.now = g.now, reading{}
	return r
}

// watchRoom lets a gauge watch until the match is over.
func watchRoom(t *testing.T, addr, room string) *gauge {
	t.Helper()
	g := &gauge{began: time.Now(), least: [2]time.Duration{1 << 62, 1 << 62}}
	ws, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://"+addr+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := ws.WriteMessage(websocket.BinaryMessage, greeting(&protocol.Join{Room: room, Seat: -1, Watch: true})); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	var work sync.WaitGroup
	work.Go(func() {
		defer close(over)
		var dec protocol.Decoder
		for {
			_, data, err := ws.ReadMessage()
			if err != nil {
				return // the match is over, or the test
			}
			g.message(&dec, data)
		}
	})
	work.Go(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for ws.WriteMessage(websocket.BinaryMessage, protocol.AppendPing(nil, &protocol.Ping{Sent: 1})) == nil {
			select {
			case <-tick.C:
			case <-over:
				return
			}
		}
	})
	t.Cleanup(func() {
		_ = ws.Close() // the relay has mostly closed it
		work.Wait()
	})
	return g
}

func (g *gauge) message(dec *protocol.Decoder, data []byte) {
	now := time.Since(g.began)
	for dec.Reset(data); ; {
		typ, err := dec.Next()
		if err != nil {
			return
		}
		switch typ {
		case protocol.TypeStart:
			m := dec.Cold.(*protocol.Start)
			g.frame, g.close = m.Frame, time.Duration(m.Close)*time.Microsecond
		case protocol.TypeResume:
			m := dec.Cold.(*protocol.Resume)
			g.frame, g.close = m.Frame, time.Duration(m.Close)*time.Microsecond
		case protocol.TypeBundle:
			g.bundle(now, &dec.Bundle)
		}
	}
}

func (g *gauge) bundle(now time.Duration, b *protocol.Bundle) {
	way := now - g.close - time.Duration(int64(b.Frame)-int64(g.frame))*time.Second/30 + time.Duration(b.Early)*time.Millisecond
	kind := 0
	if b.Early == protocol.MaxEarly {
		kind = 1
	}
	g.least[kind] = min(g.least[kind], way)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now.frames++
	g.now.substituted += strings.Count(strconv.FormatUint(uint64(b.Substituted), 2), "1")
	g.now.late = append(g.now.late, way-g.least[kind])
}
