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
	logBurst = 40
	logEvery = time.Second / 2
)

// logLimiter is a slog.Handler that leaves lines out when too many of one kind come. The next one that
// passes tells how many were omitted.
type logLimiter struct {
	to     slog.Handler
	limits *logLimits
}

type logLimits struct {
	now   func() time.Duration
	mu    sync.Mutex
	kinds map[logKind]*logCount
}

type logKind struct {
	level   slog.Level
	message string
}

type logCount struct {
	limit   *rate.Limiter
	omitted int
}

func newLogLimiter(to slog.Handler, now func() time.Duration) *logLimiter {
	return &logLimiter{to: to, limits: &logLimits{now: now, kinds: map[logKind]*logCount{}}}
}

func (h *logLimiter) Enabled(ctx context.Context, level slog.Level) bool {
	return h.to.Enabled(ctx, level)
}

func (h *logLimiter) Handle(ctx context.Context, r slog.Record) error {
	omitted, ok := h.limits.pass(logKind{r.Level, r.Message})
	if !ok {
		return nil
	}
	if omitted > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int("omitted", omitted))
	}
	return h.to.Handle(ctx, r)
}

func (h *logLimiter) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &logLimiter{h.to.WithAttrs(attrs), h.limits}
}
func (h *logLimiter) WithGroup(name string) slog.Handler {
	return &logLimiter{h.to.WithGroup(name), h.limits}
}

// pass tells whether a line of this kind may be logged, and how many were left out before it.
func (l *logLimits) pass(k logKind) (omitted int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.kinds[k]
	if n == nil {
		n = &logCount{limit: rate.NewLimiter(rate.Every(logEvery), logBurst)}
		l.kinds[k] = n
	}
	if !n.limit.AllowN(moment(l.now()), 1) {
		n.omitted++
		return 0, false
	}
	omitted, n.omitted = n.omitted, 0
	return omitted, true
}
