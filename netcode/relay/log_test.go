//go:build !js

package relay

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// A flood of one kind of line is cut, and told; other kinds are not affected by it.
func TestCalm(t *testing.T) {
	var now time.Duration
	var out bytes.Buffer
	log := slog.New(newLogLimiter(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo}), func() time.Duration { return now }))
	loud := log.With("conn", 7)
	for range 1000 {
		loud.Info("refused")
		loud.Debug("refused") // not enabled: counts nowhere
	}
	log.Warn("refused")
	log.Info("seated")
	if n := strings.Count(out.String(), "\n"); n != logBurst+2 {
		t.Errorf("%d lines, want %d and one of each other kind", n, logBurst)
	}
	if strings.Contains(out.String(), "omitted") {
		t.Error("a line tells of omitted ones before any were")
	}
	now += logEvery
	out.Reset()
	log.Info("refused", "code", "x")
	if want := `msg=refused code=x omitted=960` + "\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("after the flood: %q, want %q at its end", out.String(), want)
	}
	out.Reset()
	now += time.Hour
	log.WithGroup("g").Info("refused", "a", 1)
	if strings.Contains(out.String(), "omitted") || !strings.Contains(out.String(), "g.a=1") {
		t.Errorf("an hour later: %q", out.String())
	}
}
