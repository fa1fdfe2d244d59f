package netsim

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// key is one of the words left of an equals sign.
type key struct {
	name, form string // form is shown when the value cannot be read
	whole      bool   // it is of the line, not of a direction
	set        func(s *Spec, value string) error
	text       func(s *Spec) string // the value, "" where it is zero
	take       func(s, from *Spec)
}

// keys in the order in which error messages list them.
var keys []key

func init() { // keys and what reads them know each other
	keys = []key{
		{"rtt", "rtt=60ms", false, func(s *Spec, v string) (err error) {
			s.RTT, err = parseDuration(v)
			return err
		}, func(s *Spec) string { return formatDuration(s.RTT) }, func(s, from *Spec) { s.RTT = from.RTT }},
		{"jitter", "jitter=20ms", false, func(s *Spec, v string) (err error) {
			s.Jitter, err = parseDuration(v)
			return err
		}, func(s *Spec) string { return formatDuration(s.Jitter) }, func(s, from *Spec) { s.Jitter = from.Jitter }},
		{"tail", "tail=50ms/1.5 (scale/shape)", false, func(s *Spec, v string) (err error) {
			scale, shape, err := split(v)
			if err != nil {
				return err
			}
			if s.TailScale, err = parseDuration(scale); err != nil {
				return err
			}
			if s.TailShape, err = parseNumber(shape); err != nil {
				return err
			}
			if !(s.TailShape >= minShape && s.TailShape <= maxShape) {
				return fmt.Errorf("the shape is %v to %v", minShape, maxShape)
			}
			return nil
		}, func(s *Spec) string {
			return pair(s.TailScale != 0 || s.TailShape != 0, s.TailScale.String(), formatFloat(s.TailShape))
		}, func(s, from *Spec) { s.TailScale, s.TailShape = from.TailScale, from.TailShape }},
		{"stall", "stall=2%/300ms (share of the messages/length)", false, func(s *Spec, v string) (err error) {
			share, length, err := split(v)
			if err != nil {
				return err
			}
			if s.StallPercent, err = parsePercent(share); err != nil {
				return err
			}
			s.StallFor, err = parseDuration(length)
			return err
		}, func(s *Spec) string {
			return pair(s.StallPercent != 0 || s.StallFor != 0, formatFloat(s.StallPercent)+"%", s.StallFor.String())
		}, func(s, from *Spec) { s.StallPercent, s.StallFor = from.StallPercent, from.StallFor }},
		{"loss", "loss=1% (share of the packets)", false, func(s *Spec, v string) (err error) {
			s.LossPercent, err = parsePercent(v)
			return err
		}, func(s *Spec) string { return formatPercent(s.LossPercent) }, func(s, from *Spec) { s.LossPercent = from.LossPercent }},
		{"burst", "burst=0.5%/80ms (share of the time/mean length)", false, func(s *Spec, v string) (err error) {
			share, length, err := split(v)
			if err != nil {
				return err
			}
			if s.BurstPercent, err = parsePercent(share); err != nil {
				return err
			}
			s.BurstFor, err = parseDuration(length)
			return err
		}, func(s *Spec) string {
			return pair(s.BurstPercent != 0 || s.BurstFor != 0, formatFloat(s.BurstPercent)+"%", s.BurstFor.String())
		}, func(s, from *Spec) { s.BurstPercent, s.BurstFor = from.BurstPercent, from.BurstFor }},
		{"bw", "bw=64kbit (a second; also bit, mbit, gbit)", false, func(s *Spec, v string) (err error) {
			s.Bandwidth, err = parseBits(v)
			return err
		}, func(s *Spec) string {
			if s.Bandwidth == 0 {
				return ""
			}
			return formatBits(s.Bandwidth)
		}, func(s, from *Spec) { s.Bandwidth = from.Bandwidth }},
		{"buffer", "buffer=300ms (the longest wait behind others)", false, func(s *Spec, v string) (err error) {
			s.Buffer, err = parseDuration(v)
			return err
		}, func(s *Spec) string { return formatDuration(s.Buffer) }, func(s, from *Spec) { s.Buffer = from.Buffer }},
		{"load", "load=5s/10s (start/length of another's transfer)", false, func(s *Spec, v string) (err error) {
			s.LoadAt, s.LoadFor, err = parseSpan(v)
			return err
		}, func(s *Spec) string {
			return pair(s.LoadAt != 0 || s.LoadFor != 0, s.LoadAt.String(), s.LoadFor.String())
		}, func(s, from *Spec) { s.LoadAt, s.LoadFor = from.LoadAt, from.LoadFor }},
		{"over", "over=datagrams (or tcp)", true, func(s *Spec, v string) error {
			s.Over = Carrier(v)
			if s.Over != OverDatagrams && s.Over != OverTCP {
				return fmt.Errorf("there is no %q", v)
			}
			return nil
		}, func(s *Spec) string { return string(s.Over) }, func(s, from *Spec) { s.Over = from.Over }},
		{"drop", "drop=10s/2s (start/length)", true, func(s *Spec, v string) (err error) {
			s.DropAt, s.DropFor, err = parseSpan(v)
			return err
		}, func(s *Spec) string {
			return pair(s.DropAt != 0 || s.DropFor != 0, s.DropAt.String(), s.DropFor.String())
		}, func(s, from *Spec) { s.DropAt, s.DropFor = from.DropAt, from.DropFor }},
		{"skew", "skew=200 (parts per million, may be negative)", true, func(s *Spec, v string) (err error) {
			s.Skew, err = parseInt(strings.TrimSuffix(v, "ppm"))
			return err
		}, func(s *Spec) string {
			if s.Skew == 0 {
				return ""
			}
			return strconv.Itoa(s.Skew)
		}, func(s, from *Spec) { s.Skew = from.Skew }},
		{"seat", "seat=1 (0 is the first)", true, func(s *Spec, v string) (err error) {
			s.OneSeat = true
			s.Seat, err = parseInt(v)
			return err
		}, func(s *Spec) string {
			if !s.OneSeat {
				return ""
			}
			return strconv.Itoa(s.Seat)
		}, func(*Spec, *Spec) {}},
	}
}

// ways are the two directions as text.
var ways = [...]struct {
	prefix string
	of     func(s *Spec) *string
}{
	Upwards:   {"up.", func(s *Spec) *string { return &s.Up }},
	Downwards: {"down.", func(s *Spec) *string { return &s.Down }},
}

// keySet has a bit for each index of keys.
type keySet uint

// part is one -net: its Spec, and which keys it gives, itself or by a preset, for both directions and for
// each.
type part struct {
	spec     Spec
	given    keySet
	byPreset keySet // of given
	own      [2]keySet
	ownBy    [2]keySet
	preset   string
}

// ParseSpec reads a Spec as the command line's -net writes it: key=value pairs with commas between
// them, each key at most once, "" for a perfect line. The keys are those of Help; up. and down. before
// one make it that direction's, in which delay= takes the place of rtt=. A preset's name stands for its
// keys, which others replace. Durations carry their unit (60ms, 1.5s).
func ParseSpec(text string) (Spec, error) {
	p, err := parse(text)
	return p.spec, err
}

func parse(text string) (part, error) {
	p, err := parsePairs(text)
	if err == nil {
		err = p.spec.Validate()
	}
	if err != nil {
		return part{}, fmt.Errorf("network %q: %w", text, err)
	}
	return p, nil
}

// parsePairs reads everything but what needs all of it.
func parsePairs(text string) (p part, err error) {
	if strings.TrimSpace(text) == "" {
		return p, nil
	}
	pairs := strings.Split(text, ",")
	for i, word := range pairs {
		pairs[i] = strings.TrimSpace(word)
		for _, known := range presets {
			if pairs[i] != known.name {
				continue
			}
			if p.preset != "" {
				return p, fmt.Errorf("%s and %s are two presets: choose one", p.preset, known.name)
			}
			if p, err = parsePairs(known.text); err != nil {
				return p, err
			}
			p.preset, pairs[i] = known.name, ""
			p.byPreset, p.ownBy = p.given, p.own
		}
	}
	for i, word := range pairs {
		if p.preset != "" && word == "" && strings.TrimSpace(strings.Split(text, ",")[i]) == p.preset {
			continue
		}
		if err := p.add(word); err != nil {
			return p, err
		}
	}
	return p, nil
}

// add reads one pair.
func (p *part) add(word string) error {
	name, value, ok := strings.Cut(word, "=")
	if !ok {
		return fmt.Errorf("%q is not a key=value pair and no preset (%s): write for example %s", word, presetNames(), "rtt=60ms,jitter=20ms")
	}
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	for d := range ways {
		own, ok := strings.CutPrefix(name, ways[d].prefix)
		if !ok {
			continue
		}
		return p.addWay(d, name, own, value)
	}
	if name == "delay" {
		return fmt.Errorf("the line has a round trip: write rtt=60ms, or up.delay= and down.delay= for its directions")
	}
	i := indexKey(name)
	if i < 0 {
		return fmt.Errorf("there is no key %q: the keys are %s", name, keyNames())
	}
	if p.given&^p.byPreset&(1<<i) != 0 {
		return fmt.Errorf("%s is given twice", name)
	}
	p.given |= 1 << i
	p.byPreset &^= 1 << i
	if err := keys[i].set(&p.spec, value); err != nil {
		return fmt.Errorf("%s: %w: write for example %s", name, err, keys[i].form)
	}
	for d := range ways { // it replaces what the preset says about one direction, too
		if p.ownBy[d]&(1<<i) != 0 {
			p.own[d] &^= 1 << i
			p.ownBy[d] &^= 1 << i
			own, _, err := parseWay(*ways[d].of(&p.spec))
			if err != nil {
				return err
			}
			*ways[d].of(&p.spec) = writeWay(&own, p.own[d])
		}
	}
	return nil
}

// addWay reads the value of a key of one direction.
func (p *part) addWay(d int, name, key, value string) error {
	own, _, err := parseWay(*ways[d].of(&p.spec))
	if err != nil {
		return err
	}
	i, err := setWay(&own, name, key, value)
	if err != nil {
		return err
	}
	if p.own[d]&^p.ownBy[d]&(1<<i) != 0 {
		return fmt.Errorf("%s is given twice", name)
	}
	p.own[d] |= 1 << i
	p.ownBy[d] &^= 1 << i
	*ways[d].of(&p.spec) = writeWay(&own, p.own[d])
	return nil
}

// setWay reads the value of a key that stands for one direction; name is how it was written.
func setWay(s *Spec, name, key, value string) (i int, err error) {
	if key == "delay" {
		if s.RTT, err = parseDuration(value); err != nil {
			return 0, fmt.Errorf("%s: %w: write for example %s=5ms", name, err, name)
		}
		if s.RTT > maxDelay/2 {
			return 0, fmt.Errorf("%s is at most %v, it is %v", name, maxDelay/2, s.RTT)
		}
		s.RTT *= 2
		return indexKey("rtt"), nil
	}
	i = indexKey(key)
	switch {
	case key == "rtt":
		return 0, fmt.Errorf("a direction has no round trip: write %s=30ms", strings.TrimSuffix(name, "rtt")+"delay")
	case i < 0:
		return 0, fmt.Errorf("there is no key %q: the keys of a direction are %s", name, wayNames())
	case keys[i].whole:
		return 0, fmt.Errorf("%s is the same in both directions: write %s", key, keys[i].form)
	}
	if err = keys[i].set(s, value); err != nil {
		return 0, fmt.Errorf("%s: %w: write for example %s", name, err, strings.TrimSuffix(name, key)+keys[i].form)
	}
	return i, nil
}

// parseWay reads what writeWay has written: Spec.Up or Spec.Down.
func parseWay(text string) (s Spec, given keySet, err error) {
	if text == "" {
		return s, 0, nil
	}
	for pair := range strings.SplitSeq(text, ",") {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return s, 0, fmt.Errorf("%q is not a key=value pair", pair)
		}
		i, err := setWay(&s, key, key, value)
		if err != nil {
			return s, 0, err
		}
		given |= 1 << i
	}
	return s, given, nil
}

// writeWay writes the given keys of a direction, zeros included.
func writeWay(s *Spec, given keySet) string {
	var parts []string
	for i := range keys {
		if given&(1<<i) == 0 {
			continue
		}
		name, text := keys[i].name, keys[i].text(s)
		if name == "rtt" {
			name, text = "delay", (s.RTT / 2).String()
		}
		if text == "" {
			text = zeros[name]
		}
		parts = append(parts, name+"="+text)
	}
	return strings.Join(parts, ",")
}

// zeros are the values that say that a direction has none of what the line has.
var zeros = map[string]string{"jitter": "0s", "tail": "0s/1", "stall": "0%/0s", "loss": "0%", "burst": "0%/0s", "buffer": "0s", "load": "0s/0s"}

func indexKey(name string) int {
	for i := range keys {
		if keys[i].name == name {
			return i
		}
	}
	return -1
}

func keyNames() string {
	names := make([]string, len(keys))
	for i := range keys {
		names[i] = keys[i].name
	}
	return strings.Join(names, ", ")
}

func presetNames() string {
	names := make([]string, len(presets))
	for i := range presets {
		names[i] = presets[i].name
	}
	return strings.Join(names, ", ")
}

func wayNames() string {
	names := []string{"delay"}
	for i := range keys {
		if !keys[i].whole && keys[i].name != "rtt" {
			names = append(names, keys[i].name)
		}
	}
	return strings.Join(names, ", ")
}

// pair writes two values, or "" where there is nothing to write.
func pair(there bool, first, second string) string {
	if !there {
		return ""
	}
	return first + "/" + second
}

func formatDuration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func formatPercent(f float64) string {
	if f == 0 {
		return ""
	}
	return formatFloat(f) + "%"
}

func parsePercent(v string) (float64, error) {
	percent, ok := strings.CutSuffix(v, "%")
	if !ok {
		return 0, fmt.Errorf("%q has no %% sign", v)
	}
	return parseNumber(percent)
}

// parseSpan reads a start and a length.
func parseSpan(v string) (at, length time.Duration, err error) {
	first, second, err := split(v)
	if err != nil {
		return 0, 0, err
	}
	if at, err = parseDuration(first); err != nil {
		return 0, 0, err
	}
	length, err = parseDuration(second)
	return at, length, err
}

func split(v string) (first, second string, err error) {
	first, second, ok := strings.Cut(v, "/")
	if !ok {
		return "", "", fmt.Errorf("%q has no slash between its two parts", v)
	}
	return first, second, nil
}

func parseDuration(v string) (time.Duration, error) {
	d, err := time.ParseDuration(v)
	switch {
	case err != nil && v != "" && strings.Trim(v, "0123456789.") == "":
		return 0, fmt.Errorf("%q has no unit (ms, s)", v)
	case err != nil:
		return 0, fmt.Errorf("%q is not a duration", v)
	case d < 0:
		return 0, fmt.Errorf("%q is negative", v)
	}
	return d, nil
}

func parseNumber(v string) (float64, error) {
	// Plain decimal digits only: ParseFloat would also take hex, exponents, "inf" and "nan".
	if v == "" || strings.Trim(v, "0123456789.") != "" {
		return 0, fmt.Errorf("%q is not a number of at least 0", v)
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a number", v)
	}
	return f, nil
}

func parseInt(v string) (int, error) {
	n, err := strconv.ParseInt(v, 10, 32)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("%q is out of range", v)
	case err != nil:
		return 0, fmt.Errorf("%q is not a whole number", v)
	}
	return int(n), nil
}

func parseBits(v string) (int64, error) {
	lower := strings.ToLower(v)
	for _, u := range bitUnits {
		number, ok := strings.CutSuffix(lower, u.name)
		if !ok {
			continue
		}
		f, err := parseNumber(number)
		if err != nil {
			return 0, err
		}
		f = math.Round(f * float64(u.bits))
		if f < minBits || f > maxBits {
			return 0, fmt.Errorf("%s is outside %s to %s", v, formatBits(minBits), formatBits(maxBits))
		}
		return int64(f), nil
	}
	return 0, fmt.Errorf("%q has no unit", v)
}
