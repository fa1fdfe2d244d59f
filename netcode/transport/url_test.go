package transport

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseURL(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"ws://example.org:8080", "ws://example.org:8080/ws"},
		{"wss://example.org", "wss://example.org/ws"},
		{"http://10.0.0.1:80/", "ws://10.0.0.1:80/ws"},
		{"https://play.example.org/games/relay", "wss://play.example.org/games/relay"},
		{"localhost:8080", "ws://localhost:8080/ws"},
		{"localhost:8080/other", "ws://localhost:8080/other"},
		{"example.org", "ws://example.org:7777/ws"},
		{"example.org/tandem/ws", "ws://example.org:7777/tandem/ws"},
		{"127.0.0.1", "ws://127.0.0.1:7777/ws"},
		{"[::1]", "ws://[::1]:7777/ws"},
		{"ws://example.org", "ws://example.org/ws"},
		{"wss://play.example/tandem/ws", "wss://play.example/tandem/ws"},
		{"[fe80::1%25eth0]:7801", "ws://[fe80::1%25eth0]:7801/ws"},
		{"[fe80::1%eth0]:7801", "ws://[fe80::1%25eth0]:7801/ws"},
		{"[fe80::1%eth0]", "ws://[fe80::1%25eth0]:7777/ws"},
		{"[fe80::1%25]:7801", "ws://[fe80::1%2525]:7801/ws"},
		{"wss://[fe80::1%eth0]", "wss://[fe80::1%25eth0]/ws"},
		{"  127.0.0.1:9 ", "ws://127.0.0.1:9/ws"},
		{"[::1]:8080", "ws://[::1]:8080/ws"},
		{"ws://[fe80::1%25eth0]:8080", "ws://[fe80::1%25eth0]:8080/ws"},
		{"WS://Example.org", "ws://Example.org/ws"},
		{"http://example.org:8080/#room", "ws://example.org:8080/ws"},
		{"ws://example.org/ws?a=b", "ws://example.org/ws?a=b"},
	} {
		u, err := ParseURL(c.in)
		if err != nil || u.String() != c.want {
			t.Errorf("%q: %v, %v, want %s", c.in, u, err, c.want)
		}
	}
	for _, c := range []struct{ in, words string }{
		{"", "it is empty"},
		{"ws://", "it has no host"},
		{":8080", "it has no host"},
		{"ftp://example.org", "ftp:// is not a way"},
		{"ws://me:secret@example.org", "user name"},
		{"example.org:", "missing"},
		{"example.org:99999", "a port is 1 to 65535, not 99999"},
		{"example.org:0", "a port is 1 to 65535, not 0"},
		{"example.org:http", "port"},
		{"my host:80", "invalid character"},
		{"::1", "in brackets"},
		{"[zz::1]:80", "invalid host"},
		{"ws://%zz", "invalid URL escape"},
		{"[::%\xd8]", "invalid URL escape"},
		{"[fe80::1%é]", "invalid URL escape"},
	} {
		_, err := ParseURL(c.in)
		if err == nil || !strings.Contains(err.Error(), c.words) || !strings.Contains(err.Error(), "write for example 192.168.1.5") {
			t.Errorf("%q: %v, want %q in it", c.in, err, c.words)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	f.Add("ws://example.org:8080/x?y#z")
	f.Add("[::1]:80")
	f.Add("[fe80::1%eth0]")
	f.Add("0? #")
	f.Fuzz(func(t *testing.T, s string) {
		u, err := ParseURL(s)
		if err != nil {
			return
		}
		again, err := ParseURL(u.String())
		if err != nil || again.String() != u.String() {
			t.Errorf("%q gives %q, and that %v, %v", s, u, again, err)
		}
	})
}

func TestCodes(t *testing.T) {
	for c := Code(0); c < 6000; c++ {
		if !c.Sendable() {
			continue
		}
		b := browserCode(c)
		if b != 1000 && (b < 3000 || b > 4999) {
			t.Errorf("%d: a browser may not send %d", c, b)
		}
		if receivedCode(b) != c || receivedCode(c) != c {
			t.Errorf("%d becomes %d and then %d", c, b, receivedCode(b))
		}
	}
	for _, c := range []Code{0, 999, 1004, CodeNoStatus, CodeAbnormal, 1015, 2000, 3003, 5000} {
		if c.Sendable() {
			t.Errorf("%d can be sent", c)
		}
	}
	if got := CodeTooBig.String(); got != "1009 message too big" {
		t.Error(got)
	}
	if got := Code(4007).String(); got != "4007" {
		t.Error(got)
	}
}

func TestClipReason(t *testing.T) {
	for _, s := range []string{"", "short", strings.Repeat("x", 123), strings.Repeat("x", 500),
		strings.Repeat("日本", 100), "\xff\xfe bad", strings.Repeat("\xff", 200)} {
		got := clipReason(s)
		if len(got) > maxReason || !utf8.ValidString(got) {
			t.Errorf("%q becomes %q", s, got)
		}
		if utf8.ValidString(s) && (!strings.HasPrefix(s, got) || len(s) <= maxReason && got != s || len(got) < min(len(s), maxReason-3)) {
			t.Errorf("%q becomes %q", s, got)
		}
	}
}

func TestCloseErrorWords(t *testing.T) {
	for want, e := range map[string]*CloseError{
		"the far end closed the connection: room is full (code 4003)":                  {Code: 4003, Reason: "room is full"},
		"the far end closed the connection (code 1001 going away)":                     {Code: CodeGoingAway},
		"the connection broke off: this end closed the connection":                     {Code: CodeAbnormal, Err: ErrClosed},
		"the connection broke off: the far end hung up":                                {Code: CodeAbnormal, Reason: "the far end hung up"},
		"the connection broke off":                                                     {Code: CodeAbnormal},
		"the far end closed the connection (code 1005 no code given)":                  {Code: CodeNoStatus},
		"the far end closed the connection: x (code 1012 restarting)":                  {Code: CodeRestart, Reason: "x"},
		"the far end closed the connection: y (code 1000 normal end)":                  {Code: CodeNormal, Reason: "y"},
		"the far end closed the connection: z (code 1003 unsupported kind of message)": {Code: CodeUnsupported, Reason: "z"},
	} {
		if got := e.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
