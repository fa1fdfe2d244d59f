package main

import (
	"strings"
	"testing"

	"tandem/cmd/internal/app"
)

// The waiting screen names an address that friends can use, or none.
func TestInvite(t *testing.T) {
	for _, c := range []struct {
		o     request
		relay string
		want  string
	}{
		{request{relay: "relay.example.org:7777"}, "", "tandem -relay relay.example.org:7777 -room CODE"},
		{request{host: true}, "[::]:7801", "tandem -relay " + joined(localAddresses()[0], "7801") + " -room CODE"},
		{request{host: true}, "this page", ""},
		{request{bot: "baseline"}, "127.0.0.1:40000", ""},
	} {
		tb := &table{relay: &app.Embedded{Addr: c.relay}}
		got := tb.invite(&c.o, "CODE")
		if (c.want == "") != (got == "") || !strings.HasSuffix(got, c.want) {
			t.Errorf("%+v on %q: %q, want %q at its end", c.o, c.relay, got, c.want)
		}
	}
}

func joined(host, port string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]:" + port
	}
	return host + ":" + port
}
