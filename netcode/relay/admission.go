package relay

import (
	"container/list"
	"fmt"
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
	// opensBurst and opensEvery limit how fast an address may make rooms: a class at once, and then one
	// every two seconds, ten times what it needs for a match after the other.
	opensBurst = defaultRoomsPerAddress
	opensEvery = 2 * time.Second
	// triesBurst and triesEvery are how many codes without a room an address may name before its answers
	// are held back, and how soon it may name one more: enough for anybody's slips. triesMost is the
	// longest that an answer is held back; the connection counts as one of the address's until then,
	// also when its far end has gone. So an address that spends all of its 128 connections on guesses has
	// 128 / 30 s = 4.3 a second, and needs 2^42 / 1000 / 4.3 s = 32 years to try as many codes as there are
	// for each of a thousand rooms that stay open; nobody who knows the right code waits.
	triesBurst = 30
	triesEvery = 2 * time.Second
	triesMost  = 30 * time.Second
	// joinsPerSecond and joinsBurst limit how often an address joins rooms: a class behind one router
	// comes at once, twice, with its bots, and nobody joins ten times a second for good.
	joinsPerSecond = 10
	joinsBurst     = 256
	// asksPerSecond and asksBurst limit what an address asks for by HTTP: a request costs one, and one more
	// for every askBytes of the answer. A page is 70 of these, so a class loads it at once; and then an
	// address has 13 MB a second.
	asksPerSecond = 200
	asksBurst     = 6000
	askBytes      = 64 << 10
	// tcpPerSecond and tcpBurst limit how fast an address opens TCP connections, each of which may want
	// a TLS handshake: a millisecond of a processor. A client of the original that polls and keeps no
	// connection opens sixty a second.
	tcpPerSecond = 200
	tcpBurst     = 1000
	// A network may have this part of the places that are still free on the relay, times its factor: who
	// fills the relay gets less and less of it. A small number is always its own, or nobody could play
	// on a relay that is well used. The last of all places are for networks that have none.
	sharePart   = 8
	reservePart = 20
	// idleFor is when an account that holds nothing is as good as new: its limiters are full again.
	// maxIdle bounds how many of those are remembered, 20 MB; the oldest goes first. The accounts that
	// hold something are bounded by what the relay holds.
	idleFor = 5 * time.Minute
	maxIdle = 1 << 16
)

// admission counts what each address, and each network around it, holds and tries. It is safe for
// concurrent use.
//
// A cache that forgets what was used least recently (as golang-lru) would forget who holds something
// as soon as enough others come, and with it the limit; so only accounts that hold nothing are in the queue
// to be forgotten.
type admission struct {
	connsPerAddress, roomsPerAddress int // negative: no limit

	mu       sync.Mutex
	accounts map[place]*account
	idle     *list.List // of *account: those that hold nothing, from the one longest untouched
	now      time.Duration
}

// account is an address's or a network's.
type account struct {
	place place
	tcp   int // TCP connections, whatever they say
	conns int // connections that were admitted
	rooms int // rooms it has made
	// The limiters are made when they are first asked: most accounts are of networks that come once.
	opens, tries, joins, asks, dials *rate.Limiter

	touched time.Duration
	idle    *list.Element // nil while it holds something
}

func newAdmission(conns, rooms int) *admission {
	a := &admission{connsPerAddress: conns, roomsPerAddress: rooms, accounts: map[place]*account{}, idle: list.New()}
	if conns == 0 {
		a.connsPerAddress = defaultConnsPerAddress
	}
	if rooms == 0 {
		a.roomsPerAddress = defaultRoomsPerAddress
	}
	return a
}

// limiter returns the one at l, which is made where there is none.
func limiter(l **rate.Limiter, perSecond rate.Limit, burst int) *rate.Limiter {
	if *l == nil {
		*l = rate.NewLimiter(perSecond, burst)
	}
	return *l
}

// of returns the account of a network. a.mu is held.
func (a *admission) of(p place) *account {
	acc := a.accounts[p]
	if acc == nil {
		acc = &account{place: p}
		a.accounts[p] = acc
	}
	a.touch(acc)
	return acc
}

// touch puts an account at the end of the queue of those to be forgotten, or takes it out while it
// holds something, and forgets those whose time has come. a.mu is held.
func (a *admission) touch(acc *account) {
	acc.touched = a.now
	if acc.idle != nil {
		a.idle.Remove(acc.idle)
		acc.idle = nil
	}
	if acc.tcp == 0 && acc.conns == 0 && acc.rooms == 0 {
		acc.idle = a.idle.PushBack(acc)
	}
	for e := a.idle.Front(); e != nil && (a.idle.Len() > maxIdle || a.now-e.Value.(*account).touched > idleFor); e = a.idle.Front() {
		a.idle.Remove(e)
		delete(a.accounts, e.Value.(*account).place)
	}
}

// moment is a time of the relay's clock as the limiters want it.
func moment(now time.Duration) time.Time { return time.Unix(0, 0).Add(now) }

// supply is what there is of something on the relay: how many an address may have, how many there can
// be, and how many are free.
type supply struct{ perAddress, most, free int }

// limit is how many a network may have. A relay that is smaller than what one address may have is
// somebody's own, and not shared out. The smaller one is above that, the larger the part of a network: who
// runs a relay for one laboratory says how many rooms that needs, and all of it may be behind one address.
func (s *supply) limit(factor int) int {
	limit := factor * s.perAddress
	if s.most > s.perAddress {
		part := factor * s.free / sharePart
		if s.most < sharePart*s.perAddress {
			part = factor * s.free * s.perAddress / s.most
		}
		limit = min(limit, max(s.perAddress/sharePart, part, 1))
	}
	return limit
}

// full says why a network gets no more of something.
type full struct {
	network string // "Your address", or which network
	limit   int    // how many it may have; 0: the rest is for others
	wait    time.Duration
}

// hold counts one more of something in for an address and the networks around it, unless one of them
// has as many as it may. The answer gives it back; it is nil when there is no room, and full says why.
func (a *admission) hold(p place, now time.Duration, s supply, count func(*account) *int, rated func(acc *account, factor int) *rate.Limiter) (release func(), no *full) {
	if !p.IsValid() || s.perAddress < 0 {
		return func() {}, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.now = max(a.now, now)
	nets := rings(p)
	accs := make([]*account, len(nets))
	for i, r := range nets {
		wide, err := p.Addr().Prefix(r.bits)
		if err != nil {
			wide = p // the lengths fit every address
		}
		acc := a.of(wide)
		accs[i] = acc
		full := &full{network: "Your address", limit: s.limit(r.factor)}
		if i > 0 {
			full.network = fmt.Sprintf("Your network, %s,", wide)
		}
		last := i == len(nets)-1 && s.most > s.perAddress && s.free <= s.most/reservePart && *count(acc) > 0
		switch {
		case last:
			full.limit = 0
			return nil, full
		case *count(acc) >= full.limit:
			return nil, full
		case rated != nil && rated(acc, r.factor).TokensAt(moment(now)) < 1:
			full.wait = opensEvery
			return nil, full
		}
	}
	for i, acc := range accs {
		*count(acc)++
		if rated != nil {
			rated(acc, nets[i].factor).AllowN(moment(now), 1)
		}
		a.touch(acc)
	}
	return sync.OnceFunc(func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		for _, acc := range accs {
			*count(acc)--
			a.touch(acc)
		}
	}), nil
}

// connect admits a TCP connection. Twice as many as may play leaves room for those that are being told
// why they may not.
func (a *admission) connect(p place, now time.Duration) func() {
	limit := a.connsPerAddress
	if limit >= 0 {
		limit = 2*limit + 8
	}
	release, _ := a.hold(p, now, supply{perAddress: limit}, func(acc *account) *int { return &acc.tcp },
		func(acc *account, factor int) *rate.Limiter {
			return limiter(&acc.dials, rate.Limit(tcpPerSecond*factor), tcpBurst*factor)
		})
	return release
}

// conn admits a connection, of which the relay takes most and has free.
func (a *admission) conn(p place, now time.Duration, most, free int) (func(), *full) {
	return a.hold(p, now, supply{a.connsPerAddress, most, free}, func(acc *account) *int { return &acc.conns }, nil)
}

func (a *admission) room(p place, now time.Duration, most, free int) (func(), *full) {
	return a.hold(p, now, supply{a.roomsPerAddress, most, free}, func(acc *account) *int { return &acc.rooms },
		func(acc *account, factor int) *rate.Limiter {
			return limiter(&acc.opens, rate.Every(opensEvery/time.Duration(factor)), factor*max(opensBurst, a.roomsPerAddress))
		})
}

// mayJoin counts a join; false when the address joins too often.
func (a *admission) mayJoin(p place, now time.Duration) bool {
	return a.may(p, now, func(acc *account) *rate.Limiter { return limiter(&acc.joins, joinsPerSecond, joinsBurst) })
}

// mayAsk counts a request; false when the address makes too many, or has had too much for an answer.
func (a *admission) mayAsk(p place, now time.Duration) bool {
	return a.may(p, now, func(acc *account) *rate.Limiter { return limiter(&acc.asks, asksPerSecond, asksBurst) })
}

// may takes one from an address's limiter; false when that has none left.
func (a *admission) may(p place, now time.Duration, rated func(*account) *rate.Limiter) bool {
	if !p.IsValid() || a.connsPerAddress < 0 {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.now = max(a.now, now)
	return rated(a.of(p)).AllowN(moment(now), 1)
}

// had counts an answer of so many bytes.
func (a *admission) had(p place, now time.Duration, bytes int64) {
	if !p.IsValid() || a.connsPerAddress < 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.now = max(a.now, now)
	limiter(&a.of(p).asks, asksPerSecond, asksBurst).ReserveN(moment(now), int(min(bytes/askBytes, asksBurst))) // a debt, which time pays off
}

// tried counts a code that named no room and opened none, and returns for how long the answer is to
// be held back.
func (a *admission) tried(p place, now time.Duration) time.Duration {
	if !p.IsValid() {
		return 0
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.now = max(a.now, now)
	r := limiter(&a.of(p).tries, rate.Every(triesEvery), triesBurst).ReserveN(moment(now), 1)
	wait := r.DelayFrom(moment(now))
	if wait > triesMost { // the debt grows no further: it is paid off within this time
		r.CancelAt(moment(now))
		wait = triesMost
	}
	return wait
}
