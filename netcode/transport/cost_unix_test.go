//go:build unix

package transport

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"
)

// costClients play for costTime, each with 30 messages a second in both directions.
const (
	costClients = 150
	costTime    = 4 * time.Second
	costAddress = "TANDEM_COST_ADDRESS"
	costBy      = "TANDEM_COST_BY"
)

// BenchmarkCost measures what a message costs the relay's side in processor time, by WebSocket and by
// datagrams; the clients are a process of their own.
func BenchmarkCost(b *testing.B) {
	for _, by := range []By{OnlyWebSocket, OnlyQUIC} {
		b.Run(string(by), func(b *testing.B) {
			for range b.N {
				cost(b, by)
			}
		})
	}
}

func cost(b *testing.B, by By) {
	s := newMixedServer(b, Options{})
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	clients := exec.Command(self, "-test.run", "^TestCostClients$", "-test.v")
	clients.Env = append(os.Environ(), costAddress+"="+s.URL, costBy+"="+string(by))
	clients.Stderr = os.Stderr
	out, err := clients.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := clients.Start(); err != nil {
		b.Fatal(err)
	}
	told := make(chan string, 100)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			told <- lines.Text()
		}
		close(told)
	}()
	conns := make([]Conn, costClients)
	for i := range conns {
		select {
		case conns[i] = <-s.conns:
		case <-time.After(30 * time.Second):
			b.Fatal("the clients do not come")
		}
	}
	for line := range told {
		if line == "ready" {
			break
		}
	}
	before, messages := processor(b), 0
	var mu sync.Mutex
	var work sync.WaitGroup
	for i, c := range conns {
		sender := NewSender(c, SenderOptions{})
		work.Go(func() {
			n := 0
			for {
				if _, err := c.Read(); err != nil {
					break
				}
				n++
			}
			mu.Lock()
			messages += n
			mu.Unlock()
			sender.Close(CodeNormal, "")
		})
		work.Go(func() { messages30(sender, i, sender.Done()) })
	}
	work.Wait()
	used := processor(b) - before
	b.ReportMetric(float64(used.Microseconds())/float64(messages)*1000, "µs-cpu/1000msgs")
	if err := clients.Wait(); err != nil {
		b.Fatal(err)
	}
	if want := int(costTime/time.Second) * 30 * costClients * 8 / 10; messages < want {
		b.Errorf("%d messages came, want %d: this computer is too busy to measure", messages, want)
	}
}

// messages30 sends a bundle's worth of bytes 30 times a second.
func messages30(s *Sender, i int, over <-chan struct{}) {
	time.Sleep(time.Duration(i) * time.Second / 30 / costClients)
	tick := time.NewTicker(time.Second / 30)
	defer tick.Stop()
	for {
		if s.Send(Ordered, make([]byte, 12)) != nil {
			return
		}
		select {
		case <-tick.C:
		case <-over:
			return
		}
	}
}

func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestCostClients are the clients of BenchmarkCost.
func TestCostClients(t *testing.T) {
	address, by := os.Getenv(costAddress), By(os.Getenv(costBy))
	if address == "" {
		t.Skip("it is a part of BenchmarkCost")
	}
	var conns []Conn
	for range costClients {
		c, err := DialBy(t.Context(), by, address, Options{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
	}
	fmt.Fprintln(os.Stdout, "ready")
	var work sync.WaitGroup
	over := make(chan struct{})
	for i, c := range conns {
		s := NewSender(c, SenderOptions{})
		work.Go(func() { messages30(s, i, over) })
		work.Go(func() {
			for {
				if _, err := c.Read(); err != nil {
					return
				}
			}
		})
		work.Go(func() {
			<-over
			s.Close(CodeNormal, "")
			<-s.Done()
		})
	}
	time.Sleep(costTime)
	close(over)
	work.Wait()
	_, _ = io.WriteString(os.Stdout, "done\n") // the parent may be gone
}
