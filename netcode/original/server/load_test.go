//go:build unix

package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tandem/netcode/original/socket"
	"tandem/netcode/original/wire"
	"tandem/netcode/relay"
)

// The load: what a hundred pairs of stock clients send, JSON, compression off.
const (
	loadRooms = 100
	loadRate  = 30 // a second
	loadWarm  = 2 * time.Second
	loadTime  = 6 * time.Second
	loadRuns  = 5 // medians are of these
)

// runLoadRelay is what loadRelayEnv makes of this test binary. It speaks as relay.js does.
func init() { loadRelay = runLoadRelay }

func runLoadRelay() {
	ln, err := relay.Listen("127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	if path := os.Getenv("TANDEM_LOAD_PROFILE"); path != "" {
		f, err := os.Create(path)
		if err != nil {
			panic(err)
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			panic(err)
		}
		defer pprof.StopCPUProfile()
	}
	s := newRelayed(relay.Options{ConnsPerAddress: -1}, Options{})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		in := bufio.NewScanner(os.Stdin)
		for in.Scan() {
			var u syscall.Rusage
			if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
				panic(err)
			}
			fmt.Println("cpu", (time.Duration(u.Utime.Nano()) + time.Duration(u.Stime.Nano())).Microseconds())
		}
		if err := in.Err(); err != nil {
			panic(err)
		}
		cancel()
	}()
	fmt.Println("port", ln.Addr().String()[strings.LastIndex(ln.Addr().String(), ":")+1:])
	if err := s.Serve(ctx, ln); err != nil {
		panic(err)
	}
}

// process is a relay under load.
type process struct {
	port string
	in   io.WriteCloser
	out  *bufio.Scanner
	cmd  *exec.Cmd
}

func startRelay(b *testing.B, cmd *exec.Cmd) *process {
	b.Helper()
	p := &process{cmd: cmd}
	cmd.Stderr = os.Stderr
	var err error
	if p.in, err = cmd.StdinPipe(); err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	p.out = bufio.NewScanner(out)
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	p.port = p.read(b, "port ")
	return p
}

func (p *process) read(b *testing.B, what string) string {
	b.Helper()
	if !p.out.Scan() {
		b.Fatalf("the relay has ended: %v", p.out.Err())
	}
	rest, ok := strings.CutPrefix(p.out.Text(), what)
	if !ok {
		b.Fatalf("the relay says %q", p.out.Text())
	}
	return rest
}

// cpu is the processor time it has used.
func (p *process) cpu(b *testing.B) time.Duration {
	b.Helper()
	if _, err := fmt.Fprintln(p.in, "cpu"); err != nil {
		b.Fatal(err)
	}
	var us int64
	if _, err := fmt.Sscan(p.read(b, "cpu "), &us); err != nil {
		b.Fatal(err)
	}
	return time.Duration(us) * time.Microsecond
}

func (p *process) stop(b *testing.B) {
	b.Helper()
	if err := p.in.Close(); err != nil {
		b.Error(err)
	}
	kill := time.AfterFunc(10*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer kill.Stop()
	for p.out.Scan() {
	}
	if err := p.cmd.Wait(); err != nil {
		b.Error(err)
	}
}

// loadClient is one of a pair. sent[frame] is when it sent that frame, in ns since the run began.
type loadClient struct {
	socket *socket.Socket
	game   string
	id     wire.PID
	other  *loadClient
	sent   []atomic.Int64
	delays []time.Duration // of the other's messages, while measuring
	next   int64
}

// join goes through the scenes until the game starts.
func (c *loadClient) join(ctx context.Context, address, subject string) error {
	visit, err := http.NewRequestWithContext(ctx, "GET", address+"/"+subject, nil)
	if err != nil {
		return err
	}
	page, err := http.DefaultClient.Do(visit)
	if err != nil {
		return err
	}
	if err := page.Body.Close(); err != nil {
		return err
	}
	if c.socket, err = socket.Dial(ctx, address, socket.Options{}); err != nil {
		return err
	}
	for _, e := range []wire.Payload{&wire.RegisterSubject{SubjectID: subject}, &wire.AdvanceScene{}, &wire.JoinGame{}} {
		if err := c.socket.Emit(e); err != nil {
			return err
		}
	}
	return nil
}

// await reads until the game starts.
func (c *loadClient) await() error {
	for {
		p, err := c.socket.Read()
		if err != nil {
			return err
		}
		switch p.Name {
		case "pyodide_host_elected":
			var e wire.HostElected
			if err := wire.Decode(p, &e); err != nil {
				return err
			}
			c.game, c.id = e.GameID, e.PlayerID
		case "start_game":
			return nil
		case "create_game_failed", "end_game":
			return fmt.Errorf("%s: %s", p.Name, p.Arg(0))
		}
	}
}

// load plays all rooms and answers the delays, how many messages came while measuring, and the relay's
// processor time for them.
func load(b *testing.B, p *process) (delays []time.Duration, cpu time.Duration) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	address := "http://127.0.0.1:" + p.port
	frames := int((loadWarm+loadTime)/time.Second) * loadRate
	clients := make([]*loadClient, 0, 2*loadRooms)
	for i := range loadRooms {
		pair := [2]*loadClient{{sent: make([]atomic.Int64, frames)}, {sent: make([]atomic.Int64, frames)}}
		for n, c := range pair {
			c.other = pair[1-n]
			if err := c.join(ctx, address, fmt.Sprintf("load-%d-%d", i, n)); err != nil {
				b.Fatal(err)
			}
			defer c.socket.Abort()
			clients = append(clients, c)
		}
		for _, c := range pair {
			if err := c.await(); err != nil {
				b.Fatal(err)
			}
		}
	}

	began := time.Now()
	var work sync.WaitGroup
	for _, c := range clients {
		work.Go(func() {
			var e wire.OtherPlayerAction
			for c.next < int64(frames) {
				packet, err := c.socket.Read()
				if err == nil && packet.Name == e.Name() {
					if err = wire.Decode(packet, &e); err == nil && (e.Frame != c.next || e.PlayerID != c.other.id) {
						err = fmt.Errorf("frame %d of %v where %d of %v should be", e.Frame, e.PlayerID, c.next, c.other.id)
					}
					if now := time.Since(began); now >= loadWarm {
						c.delays = append(c.delays, now-time.Duration(c.other.sent[c.next].Load()))
					}
					c.next++
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
		work.Go(func() {
			time.Sleep(time.Duration(rand.Int64N(int64(time.Second / loadRate)))) // people are not in step
			tick := time.NewTicker(time.Second / loadRate)
			defer tick.Stop()
			e := wire.PlayerAction{GameID: c.game, PlayerID: c.id, Action: wire.IntValue(3)}
			for frame := range frames {
				<-tick.C
				e.Frame, e.Timestamp = int64(frame), float64(time.Now().UnixMilli())
				c.sent[frame].Store(int64(time.Since(began)))
				if err := c.socket.Emit(&e); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	time.Sleep(time.Until(began.Add(loadWarm)))
	before := p.cpu(b)
	time.Sleep(time.Until(began.Add(loadWarm + loadTime - 200*time.Millisecond)))
	cpu = p.cpu(b) - before
	work.Wait()
	for _, c := range clients {
		delays = append(delays, c.delays...)
	}
	// What was counted while the processor time was taken: at a steady rate, that share of all.
	return delays, cpu
}

// BenchmarkOriginalLoad plays a hundred two-player rooms of stock JSON clients at 30 Hz through a relay
// process, and through a minimal npm one, in turns; the medians of five runs are told. "messages" are
// those that a client sends: each is received once and sent on once.
func BenchmarkOriginalLoad(b *testing.B) {
	packages.Dir(b)
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	relays := []struct {
		name string
		cmd  func() *exec.Cmd
	}{
		{"tandem", func() *exec.Cmd {
			cmd := exec.CommandContext(b.Context(), self, "-test.run=^$")
			cmd.Env = append(os.Environ(), loadRelayEnv+"=1")
			return cmd
		}},
		{"npm", func() *exec.Cmd { return packages.Node(b.Context(), b, "relay.js") }},
	}
	p50, p99, most, perThousand := make([][]float64, 2), make([][]float64, 2), make([][]float64, 2), make([][]float64, 2)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	const messages = 2 * loadRooms * loadRate * float64(loadTime-200*time.Millisecond) / float64(time.Second)
	b.ResetTimer()
	for range loadRuns {
		for i, r := range relays {
			p := startRelay(b, r.cmd())
			delays, cpu := load(b, p)
			p.stop(b)
			if b.Failed() {
				return
			}
			slices.Sort(delays)
			p50[i] = append(p50[i], ms(delays[len(delays)/2]))
			p99[i] = append(p99[i], ms(delays[len(delays)*99/100]))
			most[i] = append(most[i], ms(delays[len(delays)-1]))
			perThousand[i] = append(perThousand[i], ms(cpu)/messages*1000)
			b.Logf("%s: %d messages, p50 %.2f ms, p99 %.2f ms, max %.2f ms, %.2f ms of processor time for 1,000 messages",
				r.name, len(delays), p50[i][len(p50[i])-1], p99[i][len(p99[i])-1], most[i][len(most[i])-1], perThousand[i][len(perThousand[i])-1])
		}
	}
	median := func(v []float64) float64 { slices.Sort(v); return v[len(v)/2] }
	for i, r := range relays {
		b.ReportMetric(median(p50[i]), r.name+"-p50-ms")
		b.ReportMetric(median(p99[i]), r.name+"-p99-ms")
		b.ReportMetric(median(most[i]), r.name+"-max-ms")
		b.ReportMetric(median(perThousand[i]), r.name+"-cpu-ms/1000")
	}
	b.ReportMetric(median(perThousand[0])/median(perThousand[1]), "cpu-ratio")
}
