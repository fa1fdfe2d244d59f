//go:build !js

package socket

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"tandem/netcode/original/wire"
)

var someAction = &wire.PlayerAction{GameID: "6e0c6e5e-3b1f-4b7e-9d3f-1c0a4c1de001", PlayerID: wire.StringPID("agent_left"), Action: wire.IntValue(3), Frame: 900,
	Timestamp: 1766900000123}

// BenchmarkRelay sends actions over a real line to a server that passes each on, 64 under way.
func BenchmarkRelay(b *testing.B) {
	for _, parser := range []wire.Parser{wire.JSON, wire.Msgpack} {
		b.Run(parser.String(), func(b *testing.B) {
			opts := Options{Config: Config{Parser: parser}}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				s, err := Upgrade(w, r, opts)
				if err != nil {
					return
				}
				defer s.Abort()
				var in wire.PlayerAction
				for {
					p, err := s.Read()
					if err != nil {
						return
					}
					if p.Type == wire.Event && wire.Decode(p, &in) == nil {
						_ = s.Emit(&wire.OtherPlayerAction{PlayerID: in.PlayerID, Action: in.Action, Frame: in.Frame, Timestamp: in.Timestamp / 1000})
					}
				}
			}))
			defer server.Close()
			c, err := Dial(context.Background(), server.URL, opts)
			if err != nil {
				b.Fatal(err)
			}
			defer c.Abort()
			b.ReportAllocs()
			under := 0
			var out wire.OtherPlayerAction
			for b.Loop() {
				if err := c.Emit(someAction); err != nil {
					b.Fatal(err)
				}
				if under++; under < 64 {
					continue
				}
				under--
				p, err := c.Read()
				if err == nil {
					err = wire.Decode(p, &out)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
