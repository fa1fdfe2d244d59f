package cable

import (
	"container/heap"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"tandem/netcode/netsim"
)

// Host is one end of the network.
type Host struct {
	Namespace string // by its name
	Address   string // with the network's size: 10.79.0.1/24
	Line      netsim.Spec
}

// Counts tells what one direction of a host's line has done.
type Counts struct{ Passed, Lost int64 }

// Cable is a running network.
type Cable struct {
	ports []*port
	stop  int // a pipe's end that ends the loop
	done  chan error

	queue  frames
	number uint64
}

type port struct {
	fd     int
	mac    [6]byte
	known  bool
	way    [2]*netsim.Path
	passed [2]atomic.Int64
	lost   [2]atomic.Int64
}

// device is the name of each host's interface.
const device = "tap0"

// Join begins a network between hosts. It ends with Close.
func Join(hosts []Host, seed uint64) (*Cable, error) {
	c := &Cable{done: make(chan error, 1)}
	for i, h := range hosts {
		fd, err := open(h.Namespace)
		if err != nil {
			c.free()
			return nil, fmt.Errorf("a TAP device in %s: %w", h.Namespace, err)
		}
		p := &port{fd: fd}
		for _, d := range []netsim.Direction{netsim.Upwards, netsim.Downwards} {
			p.way[d] = netsim.NewPath(h.Line, d, seed+uint64(2*i)+uint64(d))
		}
		c.ports = append(c.ports, p)
		for _, args := range [][]string{{"addr", "add", h.Address, "dev", device}, {"link", "set", device, "up"}, {"link", "set", "lo", "up"}} {
			if out, err := exec.Command("ip", append([]string{"-n", h.Namespace}, args...)...).CombinedOutput(); err != nil {
				c.free()
				return nil, fmt.Errorf("ip %v: %w: %s", args, err, out)
			}
		}
	}
	var ends [2]int
	if err := unix.Pipe2(ends[:], unix.O_CLOEXEC); err != nil {
		c.free()
		return nil, fmt.Errorf("a pipe: %w", err)
	}
	c.stop = ends[1]
	go func() {
		err := c.run(ends[0])
		_ = unix.Close(ends[0])
		c.done <- err
	}()
	return c, nil
}

// Close ends the network.
func (c *Cable) Close() error {
	err := unix.Close(c.stop)
	err = errors.Join(err, <-c.done)
	c.free()
	return err
}

func (c *Cable) free() {
	for _, p := range c.ports {
		_ = unix.Close(p.fd)
	}
}

// Counts tells what a direction of a host's line has done.
func (c *Cable) Counts(host int, d netsim.Direction) Counts {
	p := c.ports[host]
	return Counts{p.passed[d].Load(), p.lost[d].Load()}
}

// open makes the TAP device inside a namespace.
func open(namespace string) (fd int, err error) {
	own, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer func() { _ = unix.Close(own) }()
	other, err := unix.Open("/run/netns/"+namespace, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer func() { _ = unix.Close(other) }()
	result := make(chan error)
	go func() { // on a thread that is thrown away, should it not find back
		runtime.LockOSThread()
		err := unix.Setns(other, unix.CLONE_NEWNET)
		if err == nil {
			fd, err = tap()
			if back := unix.Setns(own, unix.CLONE_NEWNET); back == nil {
				runtime.UnlockOSThread()
			}
		}
		result <- err
	}()
	return fd, <-result
}

func tap() (fd int, err error) {
	if fd, err = unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0); err != nil {
		return 0, err
	}
	var request struct {
		name  [unix.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}
	copy(request.name[:], device)
	request.flags = unix.IFF_TAP | unix.IFF_NO_PI
	if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TUNSETIFF, uintptr(unsafe.Pointer(&request))); e != 0 {
		_ = unix.Close(fd)
		return 0, e
	}
	return fd, nil
}

// frame is one under way.
type frame struct {
	at     time.Duration
	number uint64
	to     *port
	data   []byte
}

type frames []frame

func (q frames) Len() int      { return len(q) }
func (q frames) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *frames) Push(x any)   { *q = append(*q, x.(frame)) }
func (q frames) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].number < q[j].number
}
func (q *frames) Pop() any {
	x := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return x
}

// run moves frames on one thread, at a priority above the programs', so that the line is late for nobody.
func (c *Cable) run(stop int) error {
	runtime.LockOSThread()
	// Without the right to it the line is as late as the machine is busy; what is measured then is that.
	_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), -20)
	start := time.Now()
	buf := make([]byte, 1<<16)
	fds := []unix.PollFd{{Fd: int32(stop), Events: unix.POLLIN}}
	for _, p := range c.ports {
		fds = append(fds, unix.PollFd{Fd: int32(p.fd), Events: unix.POLLIN})
	}
	for {
		var timeout *unix.Timespec
		if len(c.queue) > 0 {
			t := unix.NsecToTimespec(max(0, int64(c.queue[0].at-time.Since(start))))
			timeout = &t
		}
		if _, err := unix.Ppoll(fds, timeout, nil); err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("waiting for frames: %w", err)
		}
		if fds[0].Revents != 0 {
			return nil
		}
		now := time.Since(start)
		for i, p := range c.ports {
			if fds[i+1].Revents == 0 {
				continue
			}
			for {
				n, err := unix.Read(p.fd, buf)
				if err != nil { // there is no more, or the namespace is gone
					break
				}
				c.take(now, p, buf[:n])
			}
		}
		for now = time.Since(start); len(c.queue) > 0 && c.queue[0].at <= now; {
			f := heap.Pop(&c.queue).(frame)
			if _, err := unix.Write(f.to.fd, f.data); err != nil {
				f.to.lost[netsim.Downwards].Add(1) // its host takes nothing any more
			}
		}
	}
}

// take sends a frame from a port on its way: to the host it names, or to all.
func (c *Cable) take(now time.Duration, from *port, data []byte) {
	const ethernet = 14 // addresses and type
	if len(data) < ethernet {
		return
	}
	copy(from.mac[:], data[6:12])
	from.known = true
	at, ok := from.pass(netsim.Upwards, now, data)
	if !ok {
		return
	}
	var only *port
	for _, p := range c.ports {
		if p != from && p.known && string(p.mac[:]) == string(data[:6]) {
			only = p
		}
	}
	for _, p := range c.ports {
		if p == from || only != nil && p != only {
			continue
		}
		if at, ok := p.pass(netsim.Downwards, at, data); ok {
			c.number++
			heap.Push(&c.queue, frame{at, c.number, p, append([]byte(nil), data...)})
		}
	}
}

// pass takes a frame over one direction. Questions for addresses are never lost: a kernel repeats them after
// a second, which is no part of a line.
func (p *port) pass(d netsim.Direction, now time.Duration, data []byte) (at time.Duration, ok bool) {
	if data[12] == 8 && data[13] == 6 {
		return now, true
	}
	if at, ok = p.way[d].Packet(now, len(data)); ok {
		p.passed[d].Add(1)
	} else {
		p.lost[d].Add(1)
	}
	return at, ok
}
