package socket

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/netcode/original/wire"
)

var t0 = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// counter makes the ids e1, e2 …: a server's first is the Engine.IO session.
func counter() func() string {
	n := 0
	return func() string { n++; return fmt.Sprintf("e%d", n) }
}

// trace tells what a machine answered, one item per order.
func trace(o Out) string {
	var b strings.Builder
	for _, f := range o.Send {
		if f.Binary {
			fmt.Fprintf(&b, "send %x; ", f.Data)
		} else {
			fmt.Fprintf(&b, "send %s; ", f.Data)
		}
	}
	if p := o.Packet; p != nil {
		fmt.Fprintf(&b, "packet %s %s", p.Type, p.Name)
		for _, v := range p.Args {
			fmt.Fprintf(&b, " %s", v)
		}
		b.WriteString("; ")
	}
	if o.Err != nil {
		kind := "?"
		for name, k := range map[string]error{"malformed": wire.ErrMalformed, "too big": wire.ErrTooBig, "unexpected": wire.ErrUnexpected,
			"timeout": ErrTimeout, "refused": ErrRefused, "closed": ErrClosed, "peer closed": ErrPeerClosed} {
			if errors.Is(o.Err, k) {
				kind = name
			}
		}
		fmt.Fprintf(&b, "over: %s; ", kind)
	}
	return strings.TrimSuffix(b.String(), "; ")
}

type step struct {
	in   string // text; "bin:…" binary; "+5s" lets time pass and ticks
	want string
}

func play(t *testing.T, m *Machine, steps []step) {
	t.Helper()
	now := t0
	for i, s := range steps {
		var out Out
		if d, err := time.ParseDuration(strings.TrimPrefix(s.in, "+")); err == nil && s.in[0] == '+' {
			now = now.Add(d)
			out = m.Tick(now)
		} else if data, ok := strings.CutPrefix(s.in, "bin:"); ok {
			out = m.Receive(now, true, []byte(data))
		} else {
			out = m.Receive(now, false, []byte(s.in))
		}
		if got := trace(out); got != s.want {
			t.Fatalf("step %d, %.60q: %s, want %s", i, s.in, got, s.want)
		}
	}
}

const accepted = `send 40{"sid":"e2"}; packet CONNECT `

func newTestServer(t *testing.T, cfg Config) *Machine {
	t.Helper()
	cfg.NewID = counter()
	m, out := NewServer(cfg, t0)
	if got := trace(out); !strings.HasPrefix(got, `send 0{"sid":"e1","upgrades":[],"pingInterval":`) {
		t.Fatal(got)
	}
	return m
}

// Every row of the table of malformed input, and the other decisions of doc.go.
func TestServerStrictness(t *testing.T) {
	big := strings.Repeat("x", wire.MaxMessage)
	for _, c := range []struct {
		name  string
		steps []step
	}{
		// the table
		{"unknown packet type digit", []step{{"40", accepted}, {`9["a"]`, "over: malformed"}}},
		{"unknown packet type digit before CONNECT", []step{{"9", "over: malformed"}}},
		{"text not starting with a digit", []step{{"40", accepted}, {"hello", "over: malformed"}}},
		{"event before any CONNECT", []step{{`42["a"]`, "over: unexpected"}}},
		{"event right behind 40", []step{{"40", accepted}, {`42["a"]`, "packet EVENT a"}}},
		{"Engine.IO ping from the client", []step{{"40", accepted}, {"2", "over: unexpected"}}},
		{"broken JSON in an event", []step{{"40", accepted}, {`42["a",{]`, "over: malformed"}}},
		{"binary message without a header", []step{{"40", accepted}, {"bin:abc", "over: malformed"}}},
		{"unknown namespace", []step{
			{"40/x,", `send 44/x,{"message":"Invalid namespace"}`},
			{`40/x,{"token":1}`, `send 44/x,{"message":"Invalid namespace"}`},
			{"40", accepted}, {"40/x", `send 44/x,{"message":"Invalid namespace"}`}, {`42["a"]`, "packet EVENT a"}}},

		// Engine.IO
		{"empty text", []step{{"", "over: malformed"}}},
		{"open from a client", []step{{`0{"sid":"x"}`, "over: unexpected"}}},
		{"upgrade", []step{{"5", "over: unexpected"}}},
		{"probe", []step{{"2probe", "over: unexpected"}}},
		{"noop", []step{{"6", ""}, {"40", accepted}, {"6", ""}}},
		{"close", []step{{"40", accepted}, {"1", "over: peer closed"}, {`42["a"]`, ""}}},
		{"pong nobody asked for", []step{{"3", ""}, {"40", accepted}, {"3", ""}}},
		{"too big", []step{{"40", accepted}, {`42["` + big, "over: too big"}}},
		{"too big, binary", []step{{"40", accepted}, {"bin:x" + big, "over: too big"}}},

		// Socket.IO
		{"empty message", []step{{"4", "over: malformed"}}},
		{"type 7", []step{{"47", "over: malformed"}}},
		{"CONNECT with auth", []step{{`40{"token":"t"}`, accepted + ` {"token":"t"}`}}},
		{"CONNECT with a list", []step{{`40[1]`, "over: malformed"}}},
		{"CONNECT with an id", []step{{`401`, "over: malformed"}}},
		{"second CONNECT", []step{{"40", accepted}, {"40", "over: unexpected"}}},
		{"CONNECT_ERROR from a client", []step{{"40", accepted}, {`44{"message":"no"}`, "over: unexpected"}}},
		{"event for another namespace", []step{{"40", accepted}, {`42/x,["a"]`, "over: unexpected"}}},
		{"disconnect and return", []step{{"40", accepted}, {"41", "packet DISCONNECT "},
			{"40", `send 40{"sid":"e3"}; packet CONNECT `}, {`42["a"]`, "packet EVENT a"}}},
		{"event behind disconnect", []step{{"40", accepted}, {"41", "packet DISCONNECT "}, {`42["a"]`, "over: unexpected"}}},
		{"DISCONNECT with data", []step{{"40", accepted}, {`41{}`, "over: malformed"}}},
		{"ack nobody asked for", []step{{"40", accepted}, {`4312[{"ok":1}]`, `packet ACK  {"ok":1}`}}},
		{"ack without id", []step{{"40", accepted}, {`43[1]`, "over: malformed"}}},
		{"event with id", []step{{"40", accepted}, {`427["a",1]`, "packet EVENT a 1"}}},
		{"id too large", []step{{"40", accepted}, {`4299999999999999999["a"]`, "over: malformed"}}},
		{"event without data", []step{{"40", accepted}, {`42`, "over: malformed"}}},
		{"event with a map", []step{{"40", accepted}, {`42{"a":1}`, "over: malformed"}}},
		{"empty event", []step{{"40", accepted}, {`42[]`, "over: malformed"}}},
		{"numeric event name", []step{{"40", accepted}, {`42[1,2]`, "over: malformed"}}},
		{"reserved event name", []step{{"40", accepted}, {`42["disconnect"]`, "over: malformed"}}},
		{"long event name", []step{{"40", accepted}, {`42["` + strings.Repeat("n", wire.MaxEventName+1) + `"]`, "over: too big"}}},
		{"many arguments", []step{{"40", accepted}, {`42["a",1,2,3,4,5,6,7,8]`, "packet EVENT a 1 2 3 4 5 6 7 8"},
			{`42["a",1,2,3,4,5,6,7,8,9]`, "over: too big"}}},
		{"deep", []step{{"40", accepted}, {`42["a",` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + "]",
			"packet EVENT a " + strings.Repeat("[", 31) + strings.Repeat("]", 31)},
			{`42["a",` + strings.Repeat("[", 500000), "over: too big"}}},
		{"no UTF-8", []step{{"40", accepted}, {"42[\"a\",\"\xff\"]", "over: malformed"}}},
		{"white space", []step{{"40", accepted}, {"42 [ \"a\" , 1 ] ", "packet EVENT a 1"}}},
		{"two values", []step{{"40", accepted}, {`42["a"]["b"]`, "over: malformed"}}},
		{"long namespace", []step{{"40/" + strings.Repeat("n", wire.MaxNamespace), "over: too big"}}},

		// attachments
		{"attachment", []step{{"40", accepted}, {`451-["a",{"_placeholder":true,"num":0}]`, ""}, {"bin:xyz", "packet EVENT a bytes(3)"}}},
		{"pong between header and attachment", []step{{"40", accepted}, {"+25s", "send 2"},
			{`451-["a",{"_placeholder":true,"num":0}]`, ""}, {"3", ""}, {"bin:", "packet EVENT a bytes(0)"}}},
		{"packet between header and attachment", []step{{"40", accepted}, {`451-["a",{"_placeholder":true,"num":0}]`, ""},
			{`42["b"]`, "over: malformed"}}},
		{"one attachment more", []step{{"40", accepted}, {`451-["a",{"_placeholder":true,"num":0}]`, ""},
			{"bin:1", "packet EVENT a bytes(1)"}, {"bin:2", "over: malformed"}}},
		{"placeholders in another order", []step{{"40", accepted},
			{`452-["a",{"num":1,"_placeholder":true},[{"_placeholder":true,"num":0,"x":{}}]]`, ""},
			{"bin:first", ""}, {"bin:2", `packet EVENT a bytes(1) [null]`}}},
		{"placeholder out of range", []step{{"40", accepted}, {`451-["a",{"_placeholder":true,"num":1}]`, "over: malformed"}}},
		{"placeholder below range", []step{{"40", accepted}, {`451-["a",{"_placeholder":true,"num":-1}]`, "over: malformed"}}},
		{"placeholder with a text", []step{{"40", accepted}, {`451-["a",{"_placeholder":true,"num":"0"}]`, "over: malformed"}}},
		{"placeholder without number", []step{{"40", accepted}, {`451-["a",{"_placeholder":true}]`, "over: malformed"}}},
		{"placeholder twice", []step{{"40", accepted},
			{`451-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]`, "over: malformed"}}},
		{"placeholder missing", []step{{"40", accepted}, {`451-["a",{"_placeholder":false,"num":0}]`, "over: malformed"}}},
		{"no attachments announced", []step{{"40", accepted}, {`450-["a"]`, "over: malformed"}}},
		{"no number of attachments", []step{{"40", accepted}, {`45-["a"]`, "over: malformed"}}},
		{"no hyphen", []step{{"40", accepted}, {`451["a",{"_placeholder":true,"num":0}]`, "over: malformed"}}},
		{"eleven attachments", []step{{"40", accepted}, {`4511-["a"]`, "over: too big"}}},
		{"attachments with a map", []step{{"40", accepted}, {`451-{"_placeholder":true,"num":0}`, "over: malformed"}}},
		{"attachments too big together", []step{{"40", accepted},
			{`453-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1},{"_placeholder":true,"num":2}]`, ""},
			{"bin:" + big, ""}, {"bin:" + big, ""}, {"bin:x", "over: too big"}}},
		{"placeholder in an ordinary event", []step{{"40", accepted},
			{`42["a",{"_placeholder":true,"num":0}]`, `packet EVENT a {"_placeholder":true,"num":0}`}}},
	} {
		t.Run(c.name, func(t *testing.T) { play(t, newTestServer(t, Config{}), c.steps) })
	}
}

func TestServerStrictnessMsgpack(t *testing.T) {
	const (
		connect = "bin:\x82\xa4type\x00\xa3nsp\xa1/"
		reply   = "send 83a47479706500a46464" // the rest is in TestGoldenMsgpack
	)
	for _, c := range []struct{ name, in, want string }{
		{"text packet", `42["a"]`, "over: malformed"},
		{"not a map", "bin:\x93\x01\x02\x03", "over: malformed"},
		{"empty", "bin:", "over: malformed"},
		{"cut off", "bin:\x82\xa4type\x02\xa3nsp", "over: malformed"},
		{"more behind", "bin:\x82\xa4type\x01\xa3nsp\xa1/\xc0", "over: malformed"},
		{"a huge count", "bin:\xdf\xff\xff\xff\xff", "over: malformed"},
		{"a huge list", "bin:\x83\xa4type\x02\xa3nsp\xa1/\xa4data\xdd\x7f\xff\xff\xff\xa1a", "over: malformed"},
		{"type 5", "bin:\x83\xa4type\x05\xa3nsp\xa1/\xa4data\x91\xa1a", "over: malformed"},
		{"type as text", "bin:\x83\xa4type\xa12\xa3nsp\xa1/\xa4data\x91\xa1a", "over: malformed"},
		{"type 2.5", "bin:\x83\xa4type\xcb\x40\x04\x00\x00\x00\x00\x00\x00\xa3nsp\xa1/\xa4data\x91\xa1a", "over: malformed"},
		{"no namespace", "bin:\x82\xa4type\x02\xa4data\x91\xa1a", "over: malformed"},
		{"namespace 1", "bin:\x83\xa4type\x02\xa3nsp\x01\xa4data\x91\xa1a", "over: malformed"},
		{"no slash", "bin:\x83\xa4type\x02\xa3nsp\xa1x\xa4data\x91\xa1a", "over: malformed"},
		{"data a map", "bin:\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x80", "over: malformed"},
		{"data missing", "bin:\x82\xa4type\x02\xa3nsp\xa1/", "over: malformed"},
		{"id 1.5", "bin:\x84\xa4type\x02\xa3nsp\xa1/\xa4data\x91\xa1a\xa2id\xca\x3f\xc0\x00\x00", "over: malformed"},
		{"another extension", "bin:\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x92\xa1a\xd4\x01\x00", "over: malformed"},
		{"a key that is a list", "bin:\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x92\xa1a\x81\x90\x01", "over: malformed"},
		{"no UTF-8", "bin:\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x92\xa1a\xa1\xff", "over: malformed"},
		{"deep", "bin:\x83\xa4type\x02\xa3nsp\xa1/\xa4data" + strings.Repeat("\x91", 100) + "\xc0", "over: too big"},
		{"good", "bin:\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x92\xa1a\xd4\x00\x00", "packet EVENT a null"},
		{"text pong", "3", ""},
		{"unknown namespace", "bin:\x82\xa4type\x00\xa3nsp\xa2/x",
			"send 83a47479706504a46461746181a76d657373616765b1496e76616c6964206e616d657370616365a36e7370a22f78"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newTestServer(t, Config{Parser: wire.Msgpack})
			if got := trace(m.Receive(t0, true, []byte(strings.TrimPrefix(connect, "bin:")))); !strings.HasPrefix(got, reply[:12]) {
				t.Fatal(got)
			}
			play(t, m, []step{{c.in, c.want}})
		})
	}
}

func TestServerPings(t *testing.T) {
	t.Run("a page that is busy for 15 s", func(t *testing.T) {
		play(t, newTestServer(t, Config{}), []step{{"40", accepted}, {"+24999ms", ""}, {"+1ms", "send 2"}, {"+15s", ""}, {"3", ""},
			{"+24999ms", ""}, {"+1ms", "send 2"}, {"+19999ms", ""}, {`42["a"]`, "packet EVENT a"}, {"+1ms", "over: timeout"}, {"+1h", ""}})
	})
	t.Run("the seed's times", func(t *testing.T) {
		cfg := Config{PingInterval: 2 * time.Second, PingTimeout: 5 * time.Second}
		play(t, newTestServer(t, cfg), []step{{"40", accepted}, {"+1999ms", ""}, {"+1ms", "send 2"}, {"+1s", ""}, {"3", ""},
			{"+1999ms", ""}, {"+1ms", "send 2"}, {"+4999ms", ""}, {`42["a"]`, "packet EVENT a"}, {"+1ms", "over: timeout"}, {"+1h", ""}})
	})
	t.Run("as captured: 300 and 200 ms end at 500", func(t *testing.T) {
		m := newTestServer(t, Config{PingInterval: 300 * time.Millisecond, PingTimeout: 200 * time.Millisecond})
		play(t, m, []step{{"40", accepted}, {"+300ms", "send 2"}, {"+199ms", ""}, {"+1ms", "over: timeout"}})
	})
	t.Run("next", func(t *testing.T) {
		m := newTestServer(t, Config{})
		for _, c := range []struct {
			in string
			at time.Duration
		}{{"+0s", 25 * time.Second}, {"+25s", 45 * time.Second}, {"3", 45 * time.Second}} {
			if c.in[0] == '+' {
				d, _ := time.ParseDuration(c.in[1:])
				m.Tick(t0.Add(d))
			} else {
				m.Receive(t0.Add(25*time.Second), false, []byte(c.in))
			}
			if got := m.Next().Sub(t0); got != c.at {
				t.Errorf("after %s: next at %v, want %v", c.in, got, c.at)
			}
		}
	})
}

func TestServerConnectTimeout(t *testing.T) {
	cfg := Config{ConnectTimeout: 3 * time.Second, PingInterval: time.Minute}
	play(t, newTestServer(t, cfg), []step{{"40/x", `send 44/x,{"message":"Invalid namespace"}`}, {"+2999ms", ""}, {"+1ms", "over: timeout"}})
	play(t, newTestServer(t, cfg), []step{{"40", accepted}, {"+10s", ""}, {"41", "packet DISCONNECT "},
		{"+2999ms", ""}, {"+1ms", "over: timeout"}})
}

func TestServerAccept(t *testing.T) {
	cfg := Config{Accept: func(auth wire.Value) error {
		if token, _ := auth.Get("token"); token.String() == `"t"` {
			return nil
		}
		return errors.New("no")
	}}
	play(t, newTestServer(t, cfg), []step{{"40", `send 44{"message":"no"}`}, {`40{"token":"t"}`, accepted + ` {"token":"t"}`}})
}

func TestServerLeaves(t *testing.T) {
	m := newTestServer(t, Config{})
	m.Receive(t0, false, []byte("40"))
	if got := trace(m.Leave()); got != "send 41; over: closed" || m.State() != Over || !m.Next().IsZero() {
		t.Error(got, m.State())
	}
	if got := trace(newTestServer(t, Config{}).Leave()); got != "over: closed" {
		t.Error(got)
	}
}

const (
	greeting = `0{"sid":"S","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`
	joined   = `packet CONNECT  {"sid":"X"}`
)

func TestClient(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps []step
	}{
		{"greeting of the JS server", []step{{greeting, "send 40"}, {`40{"sid":"X"}`, joined}, {"2", "send 3"}, {`42["a",1]`, "packet EVENT a 1"}}},
		{"greeting of the original: other order, no maxPayload", []step{
			{`0{"pingTimeout":20000,"pingInterval":25000,"upgrades":[],"sid":"S"}`, "send 40"}, {`40{"sid":"X","pid":"p"}`, `packet CONNECT  {"sid":"X","pid":"p"}`}}},
		{"no sid", []step{{`0{"pingInterval":25000,"pingTimeout":20000}`, "over: malformed"}}},
		{"interval as text", []step{{`0{"sid":"S","pingInterval":"1","pingTimeout":20000}`, "over: malformed"}}},
		{"a flood of pings", []step{{`0{"sid":"S","pingInterval":1,"pingTimeout":20000}`, "over: malformed"}}},
		{"maxPayload 0", []step{{`0{"sid":"S","pingInterval":25000,"pingTimeout":20000,"maxPayload":0}`, "over: malformed"}}},
		{"no map", []step{{`0[]`, "over: malformed"}}},
		{"packet before the greeting", []step{{`40{"sid":"X"}`, "over: unexpected"}}},
		{"second greeting", []step{{greeting, "send 40"}, {greeting, "over: unexpected"}}},
		{"never greeted", []step{{"+44999ms", ""}, {"+1ms", "over: timeout"}}},
		{"never joined", []step{{greeting, "send 40"}, {"+44s", ""}, {"2", "send 3"}, {"+1s", "over: timeout"}}},
		{"probe", []step{{greeting, "send 40"}, {"2probe", "send 3probe"}, {"2" + strings.Repeat("x", 33), "over: too big"}}},
		{"silence", []step{{greeting, "send 40"}, {`40{"sid":"X"}`, joined}, {"+44999ms", ""}, {"2", "send 3"},
			{"+44999ms", ""}, {"+1ms", "over: timeout"}}},
		{"refused", []step{{greeting, "send 40"}, {`44{"message":"no"}`, "over: refused"}}},
		{"refused with a bare text", []step{{greeting, "send 40"}, {`44"Unable to connect"`, "over: refused"}}},
		{"refused elsewhere", []step{{greeting, "send 40"}, {`44/x,{"message":"no"}`, ""}, {`40{"sid":"X"}`, joined}}},
		{"event before the answer", []step{{greeting, "send 40"}, {`42["a"]`, "packet EVENT a"}, {`40{"sid":"X"}`, joined}}},
		{"old server without sid", []step{{greeting, "send 40"}, {`40`, "over: malformed"}}},
		{"second answer", []step{{greeting, "send 40"}, {`40{"sid":"X"}`, joined}, {`40{"sid":"Y"}`, "over: unexpected"}}},
		{"thrown out", []step{{greeting, "send 40"}, {`40{"sid":"X"}`, joined}, {"41", "over: peer closed"}}},
		{"closed", []step{{greeting, "send 40"}, {"1", "over: peer closed"}}},
		{"upgrade", []step{{greeting, "send 40"}, {"5", "over: unexpected"}}},
		{"attachment", []step{{greeting, "send 40"}, {`40{"sid":"X"}`, joined},
			{`451-["a",{"_placeholder":true,"num":0}]`, ""}, {"2", "send 3"}, {"bin:xyz", "packet EVENT a bytes(3)"}}},
	} {
		t.Run(c.name, func(t *testing.T) { play(t, NewClient(Config{}, t0), c.steps) })
	}
	m := NewClient(Config{Auth: wire.MapValue(wire.Field{Key: "token", Value: wire.StringValue("t")})}, t0)
	play(t, m, []step{{`0{"sid":"S","pingInterval":25000,"pingTimeout":20000,"maxPayload":500}`, `send 40{"token":"t"}`}})
	if m.Limit() != 500 {
		t.Errorf("the limit is %d", m.Limit())
	}
}

func TestRefusalWords(t *testing.T) {
	m := NewClient(Config{}, t0)
	m.Receive(t0, false, []byte(greeting))
	out := m.Receive(t0, false, []byte(`44{"message":"no \u001b[31m"}`))
	if got := out.Err.Error(); got != `the server refuses the connection: "no \x1b[31m"` {
		t.Error(got)
	}
}

// A server that detects the parser answers each client in its own, and holds it to it.
func TestServerDetectsTheParser(t *testing.T) {
	cfg := Config{Detect: true, Parser: wire.Msgpack} // what is detected counts
	play(t, newTestServer(t, cfg), []step{{"3", ""}, {"40", accepted}, {`42["a"]`, "packet EVENT a"}, {"bin:\x83", "over: malformed"}})
	connect := "\x83\xa4type\x00\xa4data\xd4\x00\x00\xa3nsp\xa1/"
	m := newTestServer(t, Config{Detect: true})
	out := m.Receive(t0, true, []byte(connect))
	if out.Err != nil || out.Packet == nil || out.Packet.Type != wire.Connect || len(out.Send) != 1 || !out.Send[0].Binary {
		t.Fatalf("a CONNECT in msgpack led to %s", trace(out))
	}
	if out.Packet.Size != len(connect) {
		t.Errorf("its size is %d", out.Packet.Size)
	}
	if got := trace(m.Receive(t0, false, []byte(`42["a"]`))); got != "over: malformed" {
		t.Errorf("a packet as text led to %s", got)
	}
}

// Size counts what a packet took on the wire, so that limits can be kept by it.
func TestPacketSize(t *testing.T) {
	m := newTestServer(t, Config{})
	m.Receive(t0, false, []byte("40"))
	if p := m.Receive(t0, false, []byte(`42["a",1]`)).Packet; p.Size != len(`42["a",1]`) {
		t.Errorf("an event has size %d", p.Size)
	}
	head := `451-["a",{"_placeholder":true,"num":0}]`
	m.Receive(t0, false, []byte(head))
	if p := m.Receive(t0, true, make([]byte, 1000)).Packet; p.Size != len(head)+1000 {
		t.Errorf("an event with an attachment has size %d, want %d", p.Size, len(head)+1000)
	}
}

// The msgpack server names an undefined pid, as the stock one does; and a server that does not say
// maxPayload takes what the original takes.
func TestGreetingsInFull(t *testing.T) {
	m := newTestServer(t, Config{Parser: wire.Msgpack})
	out := m.Receive(t0, true, []byte("\x82\xa4type\x00\xa3nsp\xa1/"))
	if len(out.Send) != 1 || string(out.Send[0].Data) != "\x83\xa4type\x00\xa4data\x82\xa3sid\xa2e2\xa3pid\xd4\x00\x00\xa3nsp\xa1/" {
		t.Errorf("answered %s", trace(out))
	}
	c := NewClient(Config{}, t0)
	play(t, c, []step{{`0{"pingTimeout":20000,"pingInterval":25000,"upgrades":[],"sid":"S"}`, "send 40"}})
	if c.Limit() != wire.MaxMessage {
		t.Errorf("the limit is %d", c.Limit())
	}
}
