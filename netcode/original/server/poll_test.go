//go:build !js

package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"tandem/netcode/relay"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// A session that began by polling and goes on as a WebSocket may send no more control frames than any other.
func TestUpgradedIdleFlood(t *testing.T) {
	_, addr := onPort(t, relay.Options{}, Options{})
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

// askedAtOnce is more requests than a relay answers an address at once.
const askedAtOnce = 6000

// ask sends one request from an address.
func ask(s *relayed, method, path, from, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
	r.RemoteAddr = from + ":5000"
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// TestPollsCountForThemselves: a player who polls is answered where its address is not, and who polls
// without end loses the session.
func TestPollsCountForThemselves(t *testing.T) {
	s := newRelayed(relay.Options{Now: func() time.Duration { return 0 }}, Options{})
	defer s.Close()
	const from, path = "203.0.113.7", "/socket.io/?EIO=4&transport=polling"
	greeting := ask(s, "GET", path, from, "").Body.String()
	_, rest, _ := strings.Cut(greeting, `"sid":"`)
	sid, _, ok := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("greeted with %q", greeting)
	}
	for range askedAtOnce {
		ask(s, "GET", "/healthz", from, "")
	}
	if w := ask(s, "POST", path, from, ""); w.Code != http.StatusTooManyRequests {
		t.Errorf("a new session: %d", w.Code)
	}
	if w := ask(s, "POST", path+"&sid="+sid, from, "40"); w.Code != http.StatusOK {
		t.Errorf("a session's post: %d, %s", w.Code, w.Body)
	}
	ended := 0
	for range 10_000 {
		// Without end, in a way that carries nothing for whoever counts messages.
		w := ask(s, "DELETE", path+"&sid="+sid, from, "")
		if _, err := io.Copy(io.Discard, w.Result().Body); err != nil {
			t.Fatal(err)
		}
		if w.Code == http.StatusTooManyRequests {
			ended++
		}
	}
	if ended < 5000 {
		t.Errorf("of 10,000 requests %d were refused", ended)
	}
}
