package relay

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits per address; Options has the two that an operator may want to change.
const (
	// defaultConnsPerAddress is room for a class behind one router, each with a bot.
	defaultConnsPerAddress = 128
	// defaultRoomsPerAddress is a room for every two of them.
	defaultRoomsPerAddress = 64
	// triesBurst and triesEvery limit how many codes without a room an address may name: enough for
	// anybody's slips, and next to nothing of the codes there are.
	triesBurst = 30
	triesEvery = 2 * time.Second
	// maxPlaces bounds what is remembered. Addresses beyond it share one account.
	maxPlaces = 1 << 16
)

// admission counts what each address holds and tries. It is safe for concurrent use.
type admission struct {
	connsPerAddress, roomsPerAddress int // negative: no limit

	mu       sync.Mutex
	accounts map[place]*account
	sweepAt  int // number of accounts at which those that are not needed are dropped
}

// account is one address's.
type account struct {
	lines int // TCP connections, whatever they say
	conns int // connections that were admitted
	rooms int // rooms it has made
	tries *rate.Limiter
}

// everybody is the account of the addresses that are too many to remember.
var everybody = placeOf("0.0.0.0")

func newAdmission(conns, rooms int) *admission {
	a := &admission{connsPerAddress: conns, roomsPerAddress: rooms, accounts: map[place]*account{}, sweepAt: 1 << 10}
	if conns == 0 {
		a.connsPerAddress = defaultConnsPerAddress
	}
	if rooms == 0 {
		a.roomsPerAddress = defaultRoomsPerAddress
	}
	return a
}

// of returns an address's account. a.mu is held.
func (a *admission) of(p place, now time.Duration) *account {
	if acc := a.accounts[p]; acc != nil {
		return acc
	}
	if len(a.accounts) >= a.sweepAt {
		for k, acc := range a.accounts {
			if acc.idle(now) {
				delete(a.accounts, k)
			}
		}
		a.sweepAt = max(1<<10, 2*len(a.accounts))
	}
	if len(a.accounts) >= maxPlaces && p != everybody {
		return a.of(everybody, now)
	}
	acc := &account{tries: rate.NewLimiter(rate.Every(triesEvery), triesBurst)}
	a.accounts[p] = acc
	return acc
}

// idle tells whether forgetting the account would change nothing.
func (acc *account) idle(now time.Duration) bool {
	return acc.lines == 0 && acc.conns == 0 && acc.rooms == 0 && acc.tries.TokensAt(moment(now)) >= triesBurst
}

// moment is a time of the relay's clock as the limiters want it.
func moment(now time.Duration) time.Time { return time.Unix(0, 0).Add(now) }

// hold counts one more of something in, unless the address has limit of them. The answer gives it
// back; it is nil when there is no room.
func (a *admission) hold(p place, now time.Duration, limit int, count func(*account) *int) (release func()) {
	if !p.IsValid() || limit < 0 {
		return func() {}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	acc := a.of(p, now)
	n := count(acc)
	if *n >= limit {
		return nil
	}
	*n++
	return sync.OnceFunc(func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		*n--
	})
}

// line admits a TCP connection. Twice as many as may play leaves room for those that are being told
// why they may not.
func (a *admission) line(p place, now time.Duration) func() {
	limit := a.connsPerAddress
	if limit >= 0 {
		limit = 2*limit + 8
	}
	return a.hold(p, now, limit, func(acc *account) *int { return &acc.lines })
}

func (a *admission) conn(p place, now time.Duration) func() {
	return a.hold(p, now, a.connsPerAddress, func(acc *account) *int { return &acc.conns })
}

func (a *admission) room(p place, now time.Duration) func() {
	return a.hold(p, now, a.roomsPerAddress, func(acc *account) *int { return &acc.rooms })
}

// mayTry tells whether the address may name a room's code, and when again if not.
func (a *admission) mayTry(p place, now time.Duration) (ok bool, wait time.Duration) {
	if !p.IsValid() {
		return true, 0
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	tokens := a.of(p, now).tries.TokensAt(moment(now))
	if tokens >= 1 {
		return true, 0
	}
	return false, time.Duration((1 - tokens) * float64(triesEvery))
}

// tried counts a code that named no room.
func (a *admission) tried(p place, now time.Duration) {
	if !p.IsValid() {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.of(p, now).tries.AllowN(moment(now), 1)
}
