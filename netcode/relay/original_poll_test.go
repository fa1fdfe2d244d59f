//go:build !js

package relay

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// A session that began by polling and goes on as a WebSocket may send no more control frames than any other.
func TestUpgradedIdleFlood(t *testing.T) {
	_, addr := originalServer(t, Options{})
	const path = "/socket.io/?EIO=4&transport="
	resp, err := http.Get("http://" + addr + path + "polling")
	if err != nil {
		t.Fatal(err)
	}
	greeting, err := io.ReadAll(resp.Body)
	if cerr := resp.Body.Close(); err != nil || cerr != nil {
		t.Fatal(err, cerr)
	}
	var g struct{ SID string }
	if err := json.Unmarshal(bytes.TrimPrefix(greeting, []byte("0")), &g); err != nil || g.SID == "" {
		t.Fatalf("greeted with %q (%v)", greeting, err)
	}
	ws, _, err := websocket.DefaultDialer.Dial("ws://"+addr+path+"websocket&sid="+g.SID, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	for _, c := range []struct{ say, hear string }{{"2probe", "3probe"}, {"5", ""}, {"40", `40{"sid":`}} {
		if err := ws.WriteMessage(websocket.TextMessage, []byte(c.say)); err != nil {
			t.Fatal(err)
		}
		if c.hear == "" {
			continue
		}
		if _, said, err := ws.ReadMessage(); err != nil || !strings.HasPrefix(string(said), c.hear) {
			t.Fatalf("%s is answered with %q, %v", c.say, said, err)
		}
	}
	go func() {
		// The relay may hang up in mid-flood. The last frame asks for an end where pings are let through.
		_, _ = ws.NetConn().Write(append(bytes.Repeat([]byte{0x89, 0x80, 0, 0, 0, 0}, 2000), 0x81, 0x81, 0, 0, 0, 0, '1'))
	}()
	for err == nil {
		_, _, err = ws.ReadMessage()
	}
	var ce *websocket.CloseError
	if !errors.As(err, &ce) || ce.Code != websocket.ClosePolicyViolation || ce.Text == "" {
		t.Errorf("ended with %v, want code %d and words", err, websocket.ClosePolicyViolation)
	}
}
