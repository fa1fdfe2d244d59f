package wire

import "strconv"

// The two events that a relay passes thirty times a second and player are read and written here in
// one go where they look as every stock page writes them. Everything else, right or wrong, is left to
// the Decoder and the Encoder, which give the same results.

const (
	quickIn  = `42["pyodide_player_action",{"game_id":"`
	quickOut = `42["pyodide_other_player_action",{"player_id":"`
	// quickDigits is how many digits a number may have: below what JavaScript counts without loss.
	quickDigits = 15
)

// QuickAction reads
//
//	42["pyodide_player_action",{"game_id":"…","player_id":"…","action":N,"frame_number":N,"timestamp":N}]
//
// and answers false where m is anything else. e is then undefined. Its action shares memory with m.
func QuickAction(m []byte, e *PlayerAction) bool {
	if len(m) < len(quickIn) || string(m[:len(quickIn)]) != quickIn {
		return false
	}
	game, m := quickText(m[len(quickIn):], `","player_id":"`, MaxIdentifier)
	player, m := quickText(m, `","action":`, MaxPID)
	action, _, m := quickNumber(m, `,"frame_number":`)
	_, frame, m := quickNumber(m, `,"timestamp":`)
	_, stamp, m := quickNumber(m, `}]`)
	if m == nil || len(m) > 0 {
		return false
	}
	if e.GameID != string(game) { // the same text costs no allocation
		e.GameID = string(game)
	}
	if e.PlayerID.isInt || e.PlayerID.text != string(player) {
		e.PlayerID = PID{text: string(player)}
	}
	e.Action = Value{raw: action, form: formJSON}
	e.Frame, e.Odd, e.Timestamp = frame, Odd{}, float64(stamp)
	return true
}

// quickText reads a text of plain characters up to what must follow it. The rest is nil where there is
// none; given nil, it answers nil.
func quickText(m []byte, then string, limit int) (text, rest []byte) {
	n := 0
	for n < len(m) && n <= limit && plain[m[n]] {
		n++
	}
	if n == 0 || n > limit || len(m) < n+len(then) || string(m[n:n+len(then)]) != then {
		return nil, nil
	}
	return m[:n], m[n+len(then):]
}

// quickNumber reads a whole number that is not negative, as quickText reads a text.
func quickNumber(m []byte, then string) (digits []byte, x int64, rest []byte) {
	n := 0
	for n < len(m) && n <= quickDigits && m[n]-'0' <= 9 {
		x = 10*x + int64(m[n]-'0')
		n++
	}
	if n == 0 || n > quickDigits || n > 1 && m[0] == '0' || len(m) < n+len(then) || string(m[n:n+len(then)]) != then {
		return nil, 0, nil
	}
	return m[:n], x, m[n+len(then):]
}

// plain are the characters of texts that are written as they are, and mean themselves.
var plain = func() (is [256]bool) {
	for c := 'a'; c <= 'z'; c++ {
		is[c], is[c-'a'+'A'] = true, true
	}
	for c := '0'; c <= '9'; c++ {
		is[c] = true
	}
	is['-'], is['_'] = true, true
	return is
}()

// appendQuick appends an OtherPlayerAction in JSON, where QuickAction could have read its texts and
// its action; otherwise it answers false and dst as it was.
func appendQuick(dst []byte, e *OtherPlayerAction) ([]byte, bool) {
	if e.Odd.Is || e.PlayerID.isInt || len(e.PlayerID.text) == 0 || len(e.PlayerID.text) > MaxPID || e.Action.form != formJSON || e.Frame < 0 || e.Frame > 1<<53 || !(e.Timestamp >= 0 && e.Timestamp < 1<<53) {
		return dst, false
	}
	for i := range len(e.PlayerID.text) {
		if !plain[e.PlayerID.text[i]] {
			return dst, false
		}
	}
	raw := e.Action.raw
	if len(raw) == 0 || len(raw) > quickDigits || len(raw) > 1 && raw[0] == '0' {
		return dst, false
	}
	for _, c := range raw {
		if c-'0' > 9 {
			return dst, false
		}
	}
	dst = append(append(append(dst, quickOut...), e.PlayerID.text...), `","action":`...)
	dst = append(append(dst, raw...), `,"frame_number":`...)
	dst = append(strconv.AppendInt(dst, e.Frame, 10), `,"timestamp":`...)
	if x := int64(e.Timestamp); float64(x) == e.Timestamp {
		dst = strconv.AppendInt(dst, x, 10)
	} else {
		dst = appendJSONFloat(dst, e.Timestamp, false)
	}
	return append(dst, `}]`...), true
}
