//go:build !js

package socketio

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkRelay sends actions over a real line to a server that passes each on, 64 under way.
func BenchmarkRelay(b *testing.B) {
	for _, parser := range []Parser{JSON, Msgpack} {
		b.Run(parser.String(), func(b *testing.B) {
			opts := Options{Config: Config{Parser: parser}}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				s, err := Upgrade(w, r, opts)
				if err != nil {
					return
				}
				defer s.Abort()
				var in PlayerAction
				for {
					p, err := s.Read()
					if err != nil {
						return
					}
					if p.Type == Event && Decode(p, &in) == nil {
						_ = s.Emit(&OtherPlayerAction{in.PlayerID, in.Action, in.Frame, Odd{}, in.Timestamp / 1000})
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
			var out OtherPlayerAction
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
					err = Decode(p, &out)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
