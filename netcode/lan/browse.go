package lan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/zeroconf/v2"
)

const (
	// round is how long one question waits for answers before it is asked again: multicast gets
	// lost, and most of all over Wi-Fi.
	round = 1500 * time.Millisecond
	// memory is for how many rounds a relay stays in the list that is not heard any more.
	memory = 4
	// settle is how long Find waits for others once one has answered.
	settle = 600 * time.Millisecond
)

var (
	errNoNetwork = errors.New("this computer has no network on which relays could be found")
	errNone      = errors.New("no relay was found on this network")
)

// Browser keeps a list of the relays on the local network. It is safe for concurrent use.
type Browser struct {
	on     []net.Interface // nil: every one
	cancel context.CancelFunc
	done   chan struct{}
	news   chan struct{} // one token: the list has changed

	mu    sync.Mutex
	heard map[string]*sighting
	err   error
}

type sighting struct {
	relay Relay
	round int // in which it was heard last
}

// Browse begins to look; Close ends it.
func Browse() *Browser { return browse(nil) }

func browse(on []net.Interface) *Browser {
	ctx, cancel := context.WithCancel(context.Background())
	b := &Browser{on: on, cancel: cancel, done: make(chan struct{}), news: make(chan struct{}, 1), heard: map[string]*sighting{}}
	go b.run(ctx)
	return b
}

// Close ends looking.
func (b *Browser) Close() {
	b.cancel()
	<-b.done
}

// Relays returns what is there now, by name. The error says why nothing can be found, if that is so.
func (b *Browser) Relays() ([]Relay, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]Relay, 0, len(b.heard))
	for _, s := range b.heard {
		r := s.relay
		r.Addresses = slices.Clone(r.Addresses)
		list = append(list, r)
	}
	slices.SortFunc(list, func(x, y Relay) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.instance, y.instance))
	})
	return list, b.err
}

func (b *Browser) run(ctx context.Context) {
	defer close(b.done)
	for n := 1; ctx.Err() == nil; n++ {
		began := time.Now()
		err := b.ask(ctx, n)
		b.forget(n, err)
		if left := round - time.Since(began); left > 0 { // it could not ask
			select {
			case <-ctx.Done():
			case <-time.After(left):
			}
		}
	}
}

// ask sends one question on every kind of network there is, and takes the answers.
func (b *Browser) ask(ctx context.Context, n int) error {
	ctx, cancel := context.WithTimeout(ctx, round)
	defer cancel()
	kinds := []zeroconf.IPType{zeroconf.IPv4, zeroconf.IPv6} // one may be missing
	errs := make([]error, len(kinds))
	var work sync.WaitGroup
	for i, kind := range kinds {
		entries := make(chan *zeroconf.ServiceEntry)
		over := make(chan struct{})
		work.Go(func() {
			defer close(over)
			errs[i] = zeroconf.Browse(ctx, service, domain, entries, zeroconf.SelectIPTraffic(kind), zeroconf.SelectIfaces(b.on))
		})
		work.Go(func() {
			for {
				select {
				case e, ok := <-entries:
					if !ok {
						return
					}
					b.hear(e, n)
				case <-over: // it closes entries only when it has begun
					return
				}
			}
		})
	}
	work.Wait()
	for _, err := range errs {
		if err == nil {
			return nil
		}
	}
	return fmt.Errorf("%w (%w)", errNoNetwork, errs[0])
}

// hear takes an answer. The same relay may answer several times, with other addresses.
func (b *Browser) hear(e *zeroconf.ServiceEntry, n int) {
	r, ok := read(e)
	if !ok {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.heard[r.instance]; s != nil && s.round == n {
		for _, a := range s.relay.Addresses {
			if len(r.Addresses) < maxAddresses && !slices.Contains(r.Addresses, a) {
				r.Addresses = append(r.Addresses, a)
			}
		}
	} else if s == nil && len(b.heard) >= maxRelays {
		return
	}
	slices.SortFunc(r.Addresses, func(x, y netip.AddrPort) int {
		return cmp.Or(cmp.Compare(x.Addr().BitLen(), y.Addr().BitLen()), x.Compare(y))
	})
	b.heard[r.instance] = &sighting{r, n}
	select {
	case b.news <- struct{}{}:
	default:
	}
}

// forget drops what was not heard for a while.
func (b *Browser) forget(n int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = err
	for name, s := range b.heard {
		if n-s.round >= memory {
			delete(b.heard, name)
		}
	}
}

// Find looks for relays for as long as ctx lasts, or until a little after the first has answered. It
// answers an error when there is none, or no network.
func Find(ctx context.Context) ([]Relay, error) { return find(ctx, nil) }

func find(ctx context.Context, on []net.Interface) ([]Relay, error) {
	b := browse(on)
	defer b.Close()
	select {
	case <-b.news:
		select {
		case <-ctx.Done():
		case <-time.After(settle):
		}
	case <-ctx.Done():
	}
	list, err := b.Relays()
	if len(list) > 0 {
		return list, nil
	}
	if err != nil {
		return nil, err
	}
	return nil, errNone
}
