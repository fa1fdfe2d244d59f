package wire

import "strconv"

// Encoder writes packets and events as WebSocket messages, the Engine.IO prefix included, in the
// bytes that the stock library on the same side writes.
type Encoder struct {
	Parser Parser
	Role   Role
}

// Binary tells whether the messages that Append returns are binary ones; attachments always are.
func (e Encoder) Binary() bool { return e.Parser == Msgpack }

// Append appends p as one message to dst. JSON: attachments are to follow at once, each as a binary
// message; they share memory with p.
func (e Encoder) Append(dst []byte, p *Packet) (message []byte, attachments [][]byte, err error) {
	if err := p.checkOut(); err != nil {
		return dst, nil, err
	}
	start := len(dst)
	if e.Parser == Msgpack {
		dst = e.appendMsgpack(dst, p)
	} else {
		dst, attachments, err = e.appendJSON(dst, p)
	}
	if err == nil {
		err = checkSize(len(dst)-start, attachments)
	}
	return dst, attachments, err
}

// checkOut refuses what no receiver would take.
func (p *Packet) checkOut() error {
	switch {
	case p.Type > ConnectError:
		return malformed("%s is not written by itself", p.Type)
	case p.Namespace != "" && p.Namespace[0] != '/' || len(p.Namespace) > MaxNamespace:
		return malformed("a namespace begins with a / and has at most %d bytes", MaxNamespace)
	case p.HasID && (p.ID < 0 || p.ID > maxID || p.Type != Event && p.Type != Ack):
		return malformed("a %s cannot have the id %d", p.Type, p.ID)
	case p.Type == Ack && !p.HasID:
		return malformed("an ACK without an id")
	case len(p.Args) > MaxArgs:
		return tooBig("%d arguments, %d are allowed", len(p.Args), MaxArgs)
	}
	for i := 0; i < len(p.Namespace); i++ {
		if c := p.Namespace[i]; c <= ' ' || c == ',' || c >= 0x7f {
			return malformed("a namespace has printable ASCII and no comma")
		}
	}
	if p.Type == Event {
		return checkName(p.Name)
	}
	return nil
}

func checkSize(message int, attachments [][]byte) error {
	if message > MaxMessage {
		return tooBig("a message of %d bytes, %d are allowed", message, MaxMessage)
	}
	if len(attachments) > MaxAttachments {
		return tooBig("%d attachments, %d are allowed", len(attachments), MaxAttachments)
	}
	total := 0
	for _, a := range attachments {
		if total += len(a); len(a) > MaxMessage {
			return tooBig("an attachment of %d bytes, %d are allowed", len(a), MaxMessage)
		}
	}
	if total > MaxAttachmentBytes {
		return tooBig("attachments of %d bytes together, %d are allowed", total, MaxAttachmentBytes)
	}
	return nil
}

// appendJSONHead writes everything before the payload, without an attachment count:
//
//	4 TYPE [NSP ,] [ID]
func appendJSONHead(dst []byte, typ PacketType, nsp string, id int64, hasID bool) []byte {
	dst = append(dst, '4', '0'+byte(typ))
	if nsp != "" && nsp != Root {
		dst = append(append(dst, nsp...), ',')
	}
	if hasID {
		dst = strconv.AppendInt(dst, id, 10)
	}
	return dst
}

func (e Encoder) appendJSON(dst []byte, p *Packet) ([]byte, [][]byte, error) {
	start := len(dst)
	dst = appendJSONHead(dst, p.Type, p.Namespace, p.ID, p.HasID)
	var atts [][]byte
	payload := len(dst)
	switch p.Type {
	case Event, Ack:
		dst = append(dst, '[')
		if p.Type == Event {
			dst = appendJSONString(dst, cleanText(p.Name))
		}
		for i, v := range p.Args {
			if i > 0 || p.Type == Event {
				dst = append(dst, ',')
			}
			dst = v.appendJSON(dst, &atts)
		}
		dst = append(dst, ']')
	case Connect, ConnectError:
		for _, v := range p.Args {
			dst = v.AppendJSON(dst)
			break
		}
	}
	if len(atts) == 0 {
		return dst, nil, nil
	}
	return finishBinary(dst, start, payload, atts)
}

// finishBinary turns a written EVENT or ACK into its binary type: the type goes up by 3, and the
// attachment count comes behind it. It refuses a payload in which something that came as ordinary
// text looks like one placeholder more: the receiver could not tell them apart.
func finishBinary(dst []byte, start, payload int, atts [][]byte) ([]byte, [][]byte, error) {
	if err := checkPlaceholders(dst[payload:], len(atts)); err != nil {
		return dst, nil, err
	}
	dst[start+1] += byte(binaryEvent - Event)
	var count [4]byte
	head := append(strconv.AppendInt(count[:0], int64(len(atts)), 10), '-')
	dst = append(dst, head...)
	copy(dst[start+2+len(head):], dst[start+2:len(dst)-len(head)])
	copy(dst[start+2:], head)
	return dst, atts, nil
}

// appendMsgpack writes one map, its keys in the order of the stock library:
//
//	client event   type data options [id] nsp     connect, error  type data nsp
//	server event   type data [id] nsp             disconnect      type nsp
//	ack            id type data nsp
func (e Encoder) appendMsgpack(dst []byte, p *Packet) []byte {
	if p.Type == Event {
		dst = e.appendMsgHead(dst, p.HasID)
		dst = appendMsgString(appendMsgArray(dst, 1+len(p.Args)), p.Name)
		for _, v := range p.Args {
			dst = v.appendMsgpack(dst)
		}
		return e.appendMsgTail(dst, p.ID, p.HasID, p.Namespace)
	}
	switch p.Type {
	case Ack:
		dst = appendMsgInt(append(dst, "\x84\xa2id"...), p.ID)
		dst = append(dst, "\xa4type\x03\xa4data"...)
		dst = appendMsgArray(dst, len(p.Args))
		for _, v := range p.Args {
			dst = v.appendMsgpack(dst)
		}
	case Disconnect:
		dst = append(dst, "\x82\xa4type\x01"...)
	default:
		dst = append(append(append(dst, "\x83\xa4type"...), byte(p.Type)), "\xa4data"...)
		if len(p.Args) > 0 {
			dst = p.Args[0].appendMsgpack(dst)
		} else {
			dst = append(dst, "\xd4\x00\x00"...) // undefined
		}
	}
	return appendMsgNamespace(dst, p.Namespace)
}

// appendMsgHead writes an event's map up to and with the key of its data.
func (e Encoder) appendMsgHead(dst []byte, hasID bool) []byte {
	n := byte(0x83)
	if e.Role == ClientRole {
		n++
	}
	if hasID {
		n++
	}
	return append(append(dst, n), "\xa4type\x02\xa4data"...)
}

// appendMsgTail writes what follows an event's data.
func (e Encoder) appendMsgTail(dst []byte, id int64, hasID bool, nsp string) []byte {
	if e.Role == ClientRole {
		dst = append(dst, "\xa7options\x81\xa8compress\xc3"...)
	}
	if hasID {
		dst = appendMsgInt(append(dst, "\xa2id"...), id)
	}
	return appendMsgNamespace(dst, nsp)
}

func appendMsgNamespace(dst []byte, nsp string) []byte {
	if nsp == "" {
		nsp = Root
	}
	return appendMsgString(append(dst, "\xa3nsp"...), nsp)
}
