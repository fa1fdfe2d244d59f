//go:build !js

package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"tandem/netcode/original/lobby"
	"tandem/netcode/original/wire"
)

const (
	actionIn  = "pyodide_player_action"
	actionOut = "pyodide_other_player_action"
)

// metrics counts what clients of the original system do. Every counter is made at the start,
// so that counting in play is one look-up and one addition.
type metrics struct {
	inBytes, inCount, outCount map[string]prometheus.Counter
	reasons                    *prometheus.CounterVec
	// Of the events that come thirty times a second: counting those takes no look-up.
	actionIn, actionBytes, actionOut prometheus.Counter
	notes                            [lobby.NumNotes]prometheus.Counter
}

func newMetrics(o *Server) *metrics {
	reg := o.server.Registry()
	vec := func(name, help string, labels ...string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "tandem", Subsystem: "original", Name: name, Help: help}, labels)
		reg.MustRegister(v)
		return v
	}
	m := &metrics{
		inBytes: map[string]prometheus.Counter{}, inCount: map[string]prometheus.Counter{}, outCount: map[string]prometheus.Counter{},
		reasons: vec("ignored_total", "Events of clients of the original system that were ignored, by reason.", "reason"),
	}
	count := vec("events_total", "Events of the original system, by direction and name.", "direction", "event")
	bytes := vec("received_bytes_total", "Bytes of events of the original system before WebSocket framing, by name.", "event")
	for _, name := range wire.EventNames(wire.FromClient) {
		m.inCount[name], m.inBytes[name] = count.WithLabelValues("in", name), bytes.WithLabelValues(name)
	}
	for _, name := range wire.EventNames(wire.FromServer) {
		m.outCount[name] = count.WithLabelValues("out", name)
	}
	m.actionIn, m.actionBytes = m.inCount[actionIn], m.inBytes[actionIn]
	m.actionOut = m.outCount[actionOut]
	notes := vec("notes_total", "What happened to clients of the original system.", "what")
	for k := range m.notes {
		if kind := lobby.NoteKind(k); kind.Ignored() {
			m.notes[k] = m.reasons.WithLabelValues(kind.String())
		} else {
			m.notes[k] = notes.WithLabelValues(kind.String())
		}
	}
	gauge := func(name, help string, pick func(conns, waiting, games int) int) {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "tandem", Subsystem: "original", Name: name, Help: help},
			func() float64 { return float64(pick(o.count())) }))
	}
	gauge("connections", "Connections of clients of the original system.", func(n, _, _ int) int { return n })
	gauge("waiting", "Players of the original system that wait for others.", func(_, n, _ int) int { return n })
	gauge("games", "Games of the original system in play.", func(_, _, n int) int { return n })
	return m
}

func (m *metrics) received(name string, bytes int) {
	if name == actionIn {
		m.actionIn.Inc()
		m.actionBytes.Add(float64(bytes))
		return
	}
	if c := m.inCount[name]; c != nil {
		c.Inc()
		m.inBytes[name].Add(float64(bytes))
	}
}

func (m *metrics) sent(name string) {
	if name == actionOut {
		m.actionOut.Inc()
		return
	}
	if c := m.outCount[name]; c != nil {
		c.Inc()
	}
}

// ignored counts what is not worth a counter of its own; it is rare.
func (m *metrics) ignored(reason string) { m.reasons.WithLabelValues(reason).Inc() }

func (m *metrics) note(k lobby.NoteKind) { m.notes[k].Inc() }
