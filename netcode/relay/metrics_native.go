//go:build !js

package relay

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
)

// metrics counts what all rooms of a relay do, for Prometheus. Every counter that is touched in play
// is made at the start, so that counting is one atomic addition.
type metrics struct {
	registry    *prometheus.Registry
	frames      prometheus.Counter
	substituted prometheus.Counter
	late        prometheus.Counter
	desyncs     prometheus.Counter
	verified    prometheus.Counter
	matches     prometheus.Counter
	dropped     prometheus.Counter
	slow        prometheus.Counter
	refusals    [256]prometheus.Counter
	inBytes     [protocol.NumTypes]prometheus.Counter
	inCount     [protocol.NumTypes]prometheus.Counter
	outBytes    [protocol.NumTypes]prometheus.Counter
	outCount    [protocol.NumTypes]prometheus.Counter
}

func newMetrics(s *Server) *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: "tandem", Name: name, Help: help})
		m.registry.MustRegister(c)
		return c
	}
	m.frames = counter("frames_total", "Frames closed in all rooms.")
	m.substituted = counter("substituted_inputs_total", "Inputs the relay had to choose because those of players at their controls had not come.")
	m.late = counter("late_inputs_total", "Inputs that came after their frame had closed.")
	m.desyncs = counter("desyncs_total", "Frames whose state hashes differed.")
	m.verified = counter("verified_frames_total", "Frames whose state hashes were compared.")
	m.matches = counter("matches_total", "Matches started.")
	m.dropped = counter("dropped_connections_total", "Connections closed because they did not take what was sent.")
	m.slow = counter("slow_connections_total", "Connections that did not take what was sent for a while.")
	refusals := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "tandem", Name: "refusals_total",
		Help: "Joins, messages and connections refused, by code."}, []string{"code"})
	labels := []string{"direction", "type"}
	bytes := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "tandem", Name: "message_bytes_total",
		Help: "Bytes of protocol messages before WebSocket framing, by direction and type."}, labels)
	count := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "tandem", Name: "messages_total",
		Help: "Protocol messages, by direction and type."}, labels)
	m.registry.MustRegister(refusals, bytes, count)
	for i := range m.refusals {
		if c := protocol.Code(i); !strings.HasPrefix(c.String(), "code(") {
			m.refusals[i] = refusals.WithLabelValues(c.String())
		}
	}
	for i := range m.inBytes {
		t := protocol.Type(i).String()
		if strings.HasPrefix(t, "type(") {
			continue
		}
		m.inBytes[i], m.inCount[i] = bytes.WithLabelValues("in", t), count.WithLabelValues("in", t)
		m.outBytes[i], m.outCount[i] = bytes.WithLabelValues("out", t), count.WithLabelValues("out", t)
	}
	gauge := func(name, help string, f func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "tandem", Name: name, Help: help}, f))
	}
	gauge("rooms", "Rooms.", func() float64 { return float64(s.Rooms()) })
	gauge("connections", "Connections.", func() float64 { return float64(s.Connections()) })
	return m
}

func (m *metrics) sent(t protocol.Type, n int) {
	if int(t) < len(m.outBytes) && m.outBytes[t] != nil {
		m.outBytes[t].Add(float64(n))
		m.outCount[t].Inc()
	}
}

func (m *metrics) drop() { m.dropped.Inc() }

func (m *metrics) refused(c protocol.Code) {
	if m.refusals[c] != nil {
		m.refusals[c].Inc()
	}
}

func (m *metrics) event(e *session.RoomEvent) {
	switch e.Kind {
	case session.RoomReceived:
		if int(e.Type) < len(m.inBytes) && m.inBytes[e.Type] != nil {
			m.inBytes[e.Type].Add(float64(e.N))
			m.inCount[e.Type].Inc()
		}
	case session.RoomClosed:
		m.frames.Inc()
		for mask := e.Mask; mask != 0; mask &= mask - 1 {
			m.substituted.Inc()
		}
	case session.RoomLate:
		m.late.Inc()
	case session.RoomDesync:
		m.desyncs.Inc()
	case session.RoomVerified:
		m.verified.Inc()
	case session.RoomStarted:
		m.matches.Inc()
	case session.RoomSlow:
		m.slow.Inc()
	case session.RoomRefused:
		m.refused(e.Code)
	}
}
