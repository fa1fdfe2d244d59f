package main

import (
	"strings"
	"testing"

	"tandem/cmd/internal/app"
)

// The waiting screen names an address that friends can use, or none.
func TestInvite(t *testing.T) {
	for _, c := range []struct {
		o     options
		relay string
		want  string
	}{
		{options{relay: "relay.example.org:7777"}, "", "tandem -relay relay.example.org:7777 -room CODE"},
		{options{host: true}, "[::]:7801", "tandem -relay " + joined(localAddresses()[0], "7801") + " -room CODE"},
		{options{host: true}, "this page", ""},
		{options{bot: "baseline"}, "127.0.0.1:40000", ""},
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
