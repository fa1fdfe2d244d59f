//go:build !js

package relay

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/netcode/protocol"
)

// asks makes a request from an address, and returns the answer.
func asks(s *Server, method, path, from, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
	r.RemoteAddr = from + ":5000"
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// TestRequestsPerAddress asks for one thing after the other, small and large ones, from one address: after
// what a class needs at once it is told to wait, others are not, and after a while it is answered again.
func TestRequestsPerAddress(t *testing.T) {
	const size = 3_500_000
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(size)) // and would send it
	})
	for name, c := range map[string]struct {
		path        string
		least, most int // answers at once
	}{
		"health":             {"/healthz", asksBurst, asksBurst},
		"a page that is not": {"/no/such", asksBurst, asksBurst},
		"why":                {"/ws/why", asksBurst, asksBurst},
		"a WebSocket":        {"/ws", asksBurst, asksBurst},
		"the page":           {"/game.wasm", 100, 120},
	} {
		t.Run(name, func(t *testing.T) {
			var now atomic.Int64
			s := New(Options{Front: visitors, Now: func() time.Duration { return time.Duration(now.Load()) }})
			defer s.Close()
			s.Handle("GET /game.wasm", page)
			answered := 0
			var last *httptest.ResponseRecorder
			for range 2 * asksBurst {
				if last = asks(s, "GET", c.path, "203.0.113.7", ""); last.Code != http.StatusTooManyRequests {
					answered++
				}
			}
			if answered < c.least || answered > c.most {
				t.Errorf("%d of %d were answered, want %d to %d", answered, 2*asksBurst, c.least, c.most)
			}
			if last.Code != http.StatusTooManyRequests || last.Header().Get("Connection") != "close" || last.Header().Get("Retry-After") == "" || !strings.Contains(last.Body.String(), "try again") {
				t.Errorf("the last one: %d, %v, %q", last.Code, last.Header(), last.Body)
			}
			counts(t, s, `tandem_refusals_total{code="`+protocol.CodeTooFrequent.String()+`"} `+strconv.Itoa(2*asksBurst-answered)+"\n")
			if other := asks(s, "GET", c.path, "203.0.113.8", ""); other.Code == http.StatusTooManyRequests {
				t.Error("another address has to wait, too")
			}
			now.Add(int64(2 * time.Second))
			if again := asks(s, "GET", c.path, "203.0.113.7", ""); again.Code == http.StatusTooManyRequests {
				t.Error("two seconds later it still has to wait")
			}
		})
	}
}

// A Front's requests that it counts by itself are answered where their address is not.
func TestFrontCountsForItself(t *testing.T) {
	s := New(Options{Front: visitors, Now: func() time.Duration { return 0 }})
	defer s.Close()
	const from, path = "203.0.113.7", "/socket.io/?transport=polling"
	for range asksBurst {
		asks(s, "GET", "/healthz", from, "")
	}
	if w := asks(s, "POST", path, from, ""); w.Code != http.StatusTooManyRequests {
		t.Errorf("a stranger's: %d", w.Code)
	}
	if w := asks(s, "POST", path+"&sid="+visitorID, from, ""); w.Code != http.StatusBadRequest {
		t.Errorf("a visitor's: %d, %s", w.Code, w.Body)
	}
}

// TestLinesASecond opens and closes TCP connections as fast as it goes: after what a class needs they are
// closed unread, others' are not.
func TestLinesASecond(t *testing.T) {
	a := newAdmission(0, 0)
	open := func(from string, now time.Duration) bool {
		release := a.connect(placeOf(from), now)
		if release == nil {
			return false
		}
		release()
		return true
	}
	opened := 0
	for range 3 * tcpBurst {
		if open("203.0.113.7", 0) {
			opened++
		}
	}
	if opened != tcpBurst || !open("203.0.113.8", 0) || !open("203.0.113.7", time.Second) {
		t.Errorf("%d were opened, want %d", opened, tcpBurst)
	}
}

// TestLetInOneAfterTheOther connects many at once: never are more let in than a few and one a millisecond.
func TestLetInOneAfterTheOther(t *testing.T) {
	ln, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := New(Options{})
	defer s.Close()
	d := s.limit(ln)
	const lines = 100
	var ends [2 * lines]net.Conn
	for i := range lines {
		if ends[i], err = net.Dial("tcp", ln.Addr().String()); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	for i := range lines {
		if ends[lines+i], err = d.Accept(); err != nil {
			t.Fatal(err)
		}
		if in, most := i+1, letInBurst+1+int(time.Since(began)/letInEvery); in > most {
			t.Fatalf("%d are in after %v, want at most %d", in, time.Since(began), most)
		}
	}
	for _, c := range ends {
		_ = c.Close() // the other end may have done it
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
