package relay

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Lines of one kind (level and message) that may be logged: whoever floods the relay must not flood
// its log. The messages are few and fixed, so what is remembered is bounded.
const (
	calmBurst = 40
	calmEvery = time.Second / 2
)

// calm is a slog.Handler that leaves lines out when too many of one kind come. The next one that
// passes tells how many were omitted.
type calm struct {
	to    slog.Handler
	state *calmState
}

type calmState struct {
	now   func() time.Duration
	mu    sync.Mutex
	kinds map[calmKind]*calmCount
}

type calmKind struct {
	level   slog.Level
	message string
}

type calmCount struct {
	limit   *rate.Limiter
	omitted int
}

func newCalm(to slog.Handler, now func() time.Duration) *calm {
	return &calm{to: to, state: &calmState{now: now, kinds: map[calmKind]*calmCount{}}}
}

func (c *calm) Enabled(ctx context.Context, level slog.Level) bool { return c.to.Enabled(ctx, level) }

func (c *calm) Handle(ctx context.Context, r slog.Record) error {
	omitted, ok := c.state.pass(calmKind{r.Level, r.Message})
	if !ok {
		return nil
	}
	if omitted > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int("omitted", omitted))
	}
	return c.to.Handle(ctx, r)
}

func (c *calm) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &calm{c.to.WithAttrs(attrs), c.state}
}
func (c *calm) WithGroup(name string) slog.Handler { return &calm{c.to.WithGroup(name), c.state} }

// pass tells whether a line of this kind may be logged, and how many were left out before it.
func (s *calmState) pass(k calmKind) (omitted int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.kinds[k]
	if n == nil {
		n = &calmCount{limit: rate.NewLimiter(rate.Every(calmEvery), calmBurst)}
		s.kinds[k] = n
	}
	if !n.limit.AllowN(moment(s.now()), 1) {
		n.omitted++
		return 0, false
	}
	omitted, n.omitted = n.omitted, 0
	return omitted, true
}
