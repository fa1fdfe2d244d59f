package transport

import (
	"fmt"
	"os"
	"syscall/js"
	"testing"
)

// fakes is a class of sessions without a browser and a network: what one end of them writes the other reads,
// and every class has one session, whose far end is its property far.
const fakes = `(() => {
	const pipe = () => new TransformStream(undefined, { highWaterMark: 64 }, { highWaterMark: 64 });
	const end = (inward, outward) => {
		const e = { datagrams: { readable: inward.readable, writable: outward.writable }, ready: Promise.resolve() };
		e.closed = new Promise((done) => { e.done = done; });
		e.close = () => { e.done({}); e.far.done({}); };
		return e;
	};
	const up = pipe(), down = pipe(), near = end(down, up), far = end(up, down);
	near.far = far;
	far.far = near;
	far.accepted = new Promise((accept) => {
		near.createBidirectionalStream = async () => {
			const there = pipe(), back = pipe();
			accept({ readable: there.readable, writable: back.writable });
			return { readable: back.readable, writable: there.writable };
		};
	});
	const session = function(url, options) {
		if (url !== "https://relay.example:7777/ws" || options.serverCertificateHashes[0].value.byteLength !== 32) throw new Error("wrong arguments");
		return near;
	};
	session.far = far;
	return session;
})()`

// linePair makes the two lines of a session.
func linePair(t *testing.T) (near, far *webTransport) {
	t.Helper()
	class := js.Global().Call("eval", fakes)
	far = newWebTransport(class.Get("far"))
	met := make(chan error, 1)
	go func() {
		wait := newAwait(far.ended)
		stream, err := wait.promise(far.session.Get("accepted"))
		if err == nil {
			err = far.use(stream)
		}
		if err == nil {
			_, err = far.meet()
		}
		met <- err
	}()
	u, err := ParseURL("relay.example")
	if err != nil {
		t.Fatal(err)
	}
	near, err = dialWebTransport(t.Context(), class, pageURL(u), []string{sumOfNobody}, linkID{1})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-met; err != nil {
		t.Fatal(err)
	}
	return near, far
}

// sumOfNobody is a sum as a relay tells it.
const sumOfNobody = "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f"

// TestPageLines: a connection with WebTransport does what every Conn does, with a WebSocket and without.
func TestPageLines(t *testing.T) {
	server := os.Getenv(serverEnv)
	if server == "" {
		t.Skip("run by TestInNode")
	}
	pairs := 0
	for _, socket := range []bool{false, true} {
		t.Run(fmt.Sprintf("WebSocket=%v", socket), func(t *testing.T) {
			testConn(t, func(t *testing.T, a, b Options) (Conn, Conn) {
				pairs++
				near, far := linePair(t)
				var ends [2]*mixed
				for i, l := range []line{near, far} {
					opts := []Options{a, b}[i].withDefaults()
					ends[i] = newMixed(mixedConfig{Options: opts, remote: "fake", client: i == 0, always: true, packet: pagePacket, late: late(opts)})
					t.Cleanup(ends[i].Abort)
					if socket {
						u, err := ParseURL(fmt.Sprintf("%s/ws?pair=page%d", server, pairs))
						if err != nil {
							t.Fatal(err)
						}
						ws, err := dialWebSocket(t.Context(), u, inner(opts))
						if err != nil {
							t.Fatal(err)
						}
						ws.head = ws.opts.MaxMessage - opts.MaxMessage
						ends[i].addSocket(ws)
					}
					ends[i].addLine(l)
				}
				return ends[0], ends[1]
			})
		})
	}
}

// TestPageWithout: relays that have no datagrams, and those that never heard of them, are used all the same.
func TestPageWithout(t *testing.T) {
	server := os.Getenv(serverEnv)
	if server == "" {
		t.Skip("run by TestInNode")
	}
	js.Global().Set("WebTransport", js.Global().Call("eval", fakes))
	defer js.Global().Delete("WebTransport")
	for _, query := range []string{"new&pair=without", "pair=unheard"} {
		var ends [2]Conn
		for i := range ends {
			c, err := DialBy(t.Context(), OnlyQUIC, server+"/ws?"+query, Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.(Aborter).Abort)
			ends[i] = c
		}
		mustWrite(t, ends[0], []byte("hello"))
		if got := mustRead(t, ends[1]); string(got) != "hello" || Carrier(ends[1]) != CarrierWebSocket {
			t.Errorf("%s: %q by %s", query, got, Carrier(ends[1]))
		}
	}
}
