//go:build !js

package relay

import (
	"math/bits"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
)

// counters are what is counted of all rooms, declared once: to add one, add a row.
var counters = []struct {
	name, help string
	kind       session.RoomEventKind
	add        func(e *session.RoomEvent) int // nil: 1
}{
	{"frames_total", "Frames closed in all rooms.", session.RoomClosed, nil},
	{"substituted_inputs_total", "Inputs the relay had to choose because those of players at their controls had not come.", session.RoomClosed,
		func(e *session.RoomEvent) int { return bits.OnesCount16(e.Mask) }},
	{"late_inputs_total", "Inputs that came after their frame had closed.", session.RoomLate, nil},
	{"desyncs_total", "Frames whose state hashes differed.", session.RoomDesync, nil},
	{"verified_frames_total", "Frames whose state hashes were compared.", session.RoomVerified, nil},
	{"matches_total", "Matches started.", session.RoomStarted, nil},
	{"slow_connections_total", "Connections that did not take what was sent for a while.", session.RoomSlow, nil},
}

// metrics counts what all rooms of a relay do, for Prometheus. Every counter that is touched in play
// is made at the start, so that counting is one atomic addition.
type metrics struct {
	registry *prometheus.Registry
	counters []prometheus.Counter // of the rows above
	dropped  prometheus.Counter
	refusals [256]prometheus.Counter
	inBytes  [protocol.NumTypes]prometheus.Counter
	inCount  [protocol.NumTypes]prometheus.Counter
	outBytes [protocol.NumTypes]prometheus.Counter
	outCount [protocol.NumTypes]prometheus.Counter
}

func newMetrics(s *Server) *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: "tandem", Name: name, Help: help})
		m.registry.MustRegister(c)
		return c
	}
	for i := range counters {
		m.counters = append(m.counters, counter(counters[i].name, counters[i].help))
	}
	m.dropped = counter("dropped_connections_total", "Connections closed because they did not take what was sent.")
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
	for i := range counters {
		switch c := &counters[i]; {
		case c.kind != e.Kind:
		case c.add != nil:
			m.counters[i].Add(float64(c.add(e)))
		default:
			m.counters[i].Inc()
		}
	}
	switch e.Kind {
	case session.RoomReceived:
		if int(e.Type) < len(m.inBytes) && m.inBytes[e.Type] != nil {
			m.inBytes[e.Type].Add(float64(e.N))
			m.inCount[e.Type].Inc()
		}
	case session.RoomRefused:
		m.refused(e.Code)
	}
}
