package wire

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// maxID is the largest acknowledgement id: what JavaScript counts without loss.
const maxID = 1<<53 - 1

// Decoder reads the packets of one connection. Under JSON it holds a header back until its
// attachments are complete, at most one header and MaxAttachmentBytes.
//
// After an error the connection cannot be understood any more and is to be closed.
type Decoder struct {
	parser Parser
	packet Packet
	args   [MaxArgs]Value

	header []byte   // JSON: the payload that waits for attachments; nil if none does
	atts   [][]byte // those that came
	want   int
	size   int // of atts together
}

// NewDecoder returns a Decoder for one connection.
func NewDecoder(p Parser) *Decoder { return &Decoder{parser: p} }

// Pending tells how many attachments are missing before the next packet is complete.
func (d *Decoder) Pending() int { return d.want - len(d.atts) }

// Kept tells what is held back until a packet is complete: how many attachments, and how many bytes
// together with the header.
func (d *Decoder) Kept() (attachments, bytes int) {
	bytes = len(d.header)
	for _, a := range d.atts {
		bytes += len(a)
	}
	return len(d.atts), bytes
}

// Text reads the payload of a text message, that is what follows the Engine.IO type 4. The packet
// is nil while attachments are missing. It shares memory with payload and is valid until the next
// call.
func (d *Decoder) Text(payload []byte) (*Packet, error) {
	switch {
	case d.parser == Msgpack:
		return nil, malformed("a packet as text: this connection speaks msgpack")
	case len(payload) > MaxMessage:
		return nil, tooBig("a message of %d bytes, %d are allowed", len(payload), MaxMessage)
	case d.want > 0:
		return nil, malformed("a text message where attachment %d of %d should be", len(d.atts)+1, d.want)
	}
	return d.text(payload)
}

// Binary reads a binary message: a packet under msgpack, an attachment under JSON.
func (d *Decoder) Binary(payload []byte) (*Packet, error) {
	if len(payload) > MaxMessage {
		return nil, tooBig("a message of %d bytes, %d are allowed", len(payload), MaxMessage)
	}
	if d.parser == Msgpack {
		return d.msgpack(payload)
	}
	if d.want == 0 {
		return nil, malformed("a binary message that no header has announced")
	}
	if d.size += len(payload); d.size > MaxAttachmentBytes {
		return nil, tooBig("attachments of more than %d bytes together", MaxAttachmentBytes)
	}
	// Not nil, also when empty: that is what marks it as there.
	d.atts = append(d.atts, append([]byte{}, payload...))
	if len(d.atts) < d.want {
		return nil, nil
	}
	header, atts := d.header, d.atts
	d.header, d.atts, d.want, d.size = nil, nil, 0, 0
	data := Value{raw: header, atts: atts, form: formJSON}
	if err := d.packet.check(data, true, d.args[:0]); err != nil {
		return nil, err
	}
	return &d.packet, nil
}

// text reads
//
//	TYPE [COUNT -] [NSP ,] [ID] [JSON]
func (d *Decoder) text(b []byte) (*Packet, error) {
	if len(b) == 0 || b[0] < '0' || b[0] > '6' {
		return nil, malformed("a packet must begin with a type digit 0 to 6")
	}
	if !utf8.Valid(b) {
		return nil, malformed("a text message that is no UTF-8")
	}
	d.packet = Packet{Type: PacketType(b[0] - '0'), Namespace: Root}
	p := &d.packet
	i, count := 1, int64(0)
	if p.Type >= binaryEvent {
		n, end, ok := readDigits(b, i)
		if !ok || n < 1 || end == len(b) || b[end] != '-' {
			return nil, malformed("a %s must begin with its number of attachments and a hyphen", p.Type)
		}
		if n > MaxAttachments {
			return nil, tooBig("%d attachments, %d are allowed", n, MaxAttachments)
		}
		count, i = n, end+1
		p.Type -= binaryEvent - Event
	}
	if i < len(b) && b[i] == '/' {
		end := bytes.IndexByte(b[i:], ',')
		if end < 0 {
			end = len(b) - i
		}
		nsp := b[i : i+end]
		i = min(i+end+1, len(b))
		if err := checkNamespace(nsp); err != nil {
			return nil, err
		}
		if len(nsp) > 1 {
			p.Namespace = string(nsp)
		}
	}
	if i < len(b) && b[i] >= '0' && b[i] <= '9' {
		id, end, ok := readDigits(b, i)
		if !ok || id > maxID {
			return nil, malformed("an id above %d", int64(maxID))
		}
		p.ID, p.HasID, i = id, true, end
	}
	payload := b[i:]
	if len(payload) > 0 {
		if err := checkJSON(payload); err != nil {
			return nil, err
		}
		payload = trimJSON(payload)
	}
	if count > 0 {
		if len(payload) == 0 || payload[0] != '[' {
			return nil, malformed("the data of an %s must be an array", p.Type)
		}
		if err := checkPlaceholders(payload, int(count)); err != nil {
			return nil, err
		}
		d.header, d.want = bytes.Clone(payload), int(count)
		return nil, nil
	}
	if err := p.check(Value{raw: payload, form: formJSON}, len(payload) > 0, d.args[:0]); err != nil {
		return nil, err
	}
	return p, nil
}

// readDigits reads a number of at most 16 digits.
func readDigits(b []byte, i int) (n int64, end int, ok bool) {
	start := i
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		if i-start == 16 {
			return 0, i, false
		}
		n = n*10 + int64(b[i]-'0')
		i++
	}
	return n, i, i > start
}

func checkNamespace(nsp []byte) error {
	if len(nsp) > MaxNamespace {
		return tooBig("a namespace of %d bytes, %d are allowed", len(nsp), MaxNamespace)
	}
	for i, c := range nsp {
		if i == 0 && c != '/' || c <= ' ' || c == ',' || c >= 0x7f {
			return malformed("a namespace begins with a / and has printable ASCII without a comma")
		}
	}
	if len(nsp) == 0 {
		return malformed("an empty namespace")
	}
	return nil
}

// checkPlaceholders tells whether a checked payload names each of count attachments exactly once.
// The stock parser would let one be named twice, which would let a small message become a large one.
func checkPlaceholders(payload []byte, count int) error {
	var seen [MaxAttachments]bool
	if count > MaxAttachments {
		return tooBig("%d attachments, %d are allowed", count, MaxAttachments)
	}
	found := 0
	var walk func(v Value) error
	walk = func(v Value) error {
		switch v.Kind() {
		case Array:
			for c := openCursor(v); ; {
				item, ok := c.item()
				if !ok {
					return nil
				}
				if err := walk(item); err != nil {
					return err
				}
			}
		case Map:
			// A map that claims to be a placeholder is one, or the packet is refused.
			mark, _ := v.Get("_placeholder")
			if is, _ := mark.Bool(); is {
				num, ok := placeholder(v.raw)
				if !ok || num >= count || seen[num] {
					return malformed("a placeholder must name one of the %d attachments, each once", count)
				}
				seen[num] = true
				found++
				return nil
			}
			for c := openCursor(v); ; {
				_, item, ok := c.field()
				if !ok {
					return nil
				}
				if err := walk(item); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if err := walk(Value{raw: payload, form: formJSON}); err != nil {
		return err
	}
	if found != count {
		return malformed("%d attachments announced, %d placeholders", count, found)
	}
	return nil
}

// msgpack reads one map with the keys type, nsp, data and id in any order; others are ignored, and
// of a key that occurs twice the last counts.
func (d *Decoder) msgpack(b []byte) (*Packet, error) {
	// The map around the packet does not count: JSON has none, and the limits should agree.
	if err := checkMsgpack(b, -1); err != nil {
		return nil, err
	}
	whole := Value{raw: b, form: formMsgpack}
	if whole.Kind() != Map {
		return nil, malformed("a packet must be a map, this is a %s", whole.Kind())
	}
	var typ, nsp, data, id Value
	for c := openCursor(whole); ; {
		key, item, ok := c.field()
		if !ok {
			break
		}
		switch string(key) {
		case "type":
			typ = item
		case "nsp":
			nsp = item
		case "data":
			data = item
		case "id":
			id = item
		}
	}
	n, ok := typ.Int()
	if !ok || n < 0 || n > int64(ConnectError) {
		return nil, malformed("the type of a packet must be a whole number from 0 to 4, not %s", clip(typ.String()))
	}
	name, ok := nsp.text()
	if !ok {
		return nil, malformed("the namespace of a packet must be a string")
	}
	if err := checkNamespace(name); err != nil {
		return nil, err
	}
	d.packet = Packet{Type: PacketType(n), Namespace: Root}
	if len(name) > 1 {
		d.packet.Namespace = string(name)
	}
	if !id.IsNull() {
		n, ok := id.Int()
		if !ok || n < 0 || n > maxID {
			return nil, malformed("the id of a packet must be a whole number from 0 to %d", int64(maxID))
		}
		d.packet.ID, d.packet.HasID = n, true
	}
	if err := d.packet.check(data, !data.IsNull(), d.args[:0]); err != nil {
		return nil, err
	}
	return &d.packet, nil
}

// clip keeps an error's text short and printable whatever was received.
func clip(s string) string { return Clip(s, 40) }

// Clip quotes at most n bytes of a text that was received.
func Clip(s string, n int) string {
	if len(s) > n {
		return strconv.Quote(s[:n]) + "…"
	}
	return strconv.Quote(s)
}
