//go:build !js

package relay

import (
	"net/http/httptest"
	"strings"
	"testing"

	"tandem/netcode/protocol"
	"tandem/netcode/session"
)

// What rooms do is on /metrics, and counting it allocates nothing.
func TestMetrics(t *testing.T) {
	s := New(Options{})
	events := []session.RoomEvent{
		{Kind: session.RoomStarted},
		{Kind: session.RoomClosed, Mask: 5},
		{Kind: session.RoomReceived, Type: protocol.TypeAction, N: 7},
		{Kind: session.RoomLate},
		{Kind: session.RoomVerified},
		{Kind: session.RoomDesync},
		{Kind: session.RoomRefused, Code: protocol.CodeRoomFull},
	}
	count := func() {
		for i := range events {
			s.metrics.event(&events[i])
		}
		s.metrics.sent(protocol.TypeBundle, 9)
	}
	count()
	if n := testing.AllocsPerRun(100, count); n != 0 {
		t.Errorf("counting allocates %v times", n)
	}
	s = New(Options{})
	for i := range events {
		s.metrics.event(&events[i])
	}
	s.metrics.sent(protocol.TypeBundle, 9)
	rec := httptest.NewRecorder()
	s.Monitor().ServeHTTP(rec, httptest.NewRequest("GET", "http://localhost/metrics", nil))
	for _, want := range []string{
		"tandem_frames_total 1\n", "tandem_substituted_inputs_total 2\n", "tandem_late_inputs_total 1\n",
		"tandem_desyncs_total 1\n", "tandem_verified_frames_total 1\n", "tandem_matches_total 1\n",
		`tandem_refusals_total{code="room_full"} 1`, `tandem_message_bytes_total{direction="in",type="player_action"} 7`,
		`tandem_messages_total{direction="out",type="bundle"} 1`, "tandem_rooms 0\n", "tandem_connections 0\n",
	} {
		if !strings.Contains(rec.Body.String(), want) {
			t.Errorf("/metrics lacks %q", want)
		}
	}
}
