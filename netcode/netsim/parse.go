package netsim

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Example is a value of -net that uses every key, for usage texts.
const Example = "rtt=60ms,jitter=20ms,tail=50ms/1.5,stall=2%/300ms,bw=64kbit,drop=10s/2s,skew=200,seat=1"

// key is one of the words left of an equals sign.
type key struct {
	name, form string // form is shown when the value cannot be read
	set        func(s *Spec, value string) error
}

// keys in the order in which error messages list them.
var keys = []key{
	{"rtt", "rtt=60ms", func(s *Spec, v string) (err error) {
		s.RTT, err = parseDuration(v)
		return err
	}},
	{"jitter", "jitter=20ms", func(s *Spec, v string) (err error) {
		s.Jitter, err = parseDuration(v)
		return err
	}},
	{"tail", "tail=50ms/1.5 (scale/shape)", func(s *Spec, v string) (err error) {
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
	}},
	{"stall", "stall=2%/300ms (share of the messages/length)", func(s *Spec, v string) (err error) {
		share, length, err := split(v)
		if err != nil {
			return err
		}
		percent, ok := strings.CutSuffix(share, "%")
		if !ok {
			return fmt.Errorf("%q has no %% sign", share)
		}
		if s.StallPercent, err = parseNumber(percent); err != nil {
			return err
		}
		s.StallFor, err = parseDuration(length)
		return err
	}},
	{"bw", "bw=64kbit (a second; also bit, mbit, gbit)", func(s *Spec, v string) (err error) {
		s.Bandwidth, err = parseBits(v)
		return err
	}},
	{"drop", "drop=10s/2s (start/length)", func(s *Spec, v string) (err error) {
		at, length, err := split(v)
		if err != nil {
			return err
		}
		if s.DropAt, err = parseDuration(at); err != nil {
			return err
		}
		s.DropFor, err = parseDuration(length)
		return err
	}},
	{"skew", "skew=200 (parts per million, may be negative)", func(s *Spec, v string) (err error) {
		s.Skew, err = parseInt(strings.TrimSuffix(v, "ppm"))
		return err
	}},
	{"seat", "seat=1 (0 is the first)", func(s *Spec, v string) (err error) {
		s.OneSeat = true
		s.Seat, err = parseInt(v)
		return err
	}},
}

// keySet has a bit for each index of keys.
type keySet uint

// ParseSpec reads a Spec as the command line's -net writes it: key=value pairs with commas between
// them, each key at most once, "" for a perfect line. The keys are rtt, jitter, tail, stall, bw,
// drop, skew and seat, as in Example. Durations carry their unit (60ms, 1.5s).
func ParseSpec(text string) (Spec, error) {
	s, _, err := parse(text)
	return s, err
}

func parse(text string) (Spec, keySet, error) {
	var (
		s     Spec
		given keySet
	)
	fail := func(format string, args ...any) (Spec, keySet, error) {
		return Spec{}, 0, fmt.Errorf("network %q: "+format, append([]any{text}, args...)...)
	}
	if strings.TrimSpace(text) == "" {
		return s, 0, nil
	}
	for pair := range strings.SplitSeq(text, ",") {
		pair = strings.TrimSpace(pair)
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return fail("%q is no key=value pair: write for example %s", pair, Example)
		}
		i := indexKey(strings.TrimSpace(name))
		if i < 0 {
			return fail("there is no key %q: the keys are %s", name, keyNames())
		}
		if given&(1<<i) != 0 {
			return fail("%s is given twice", keys[i].name)
		}
		given |= 1 << i
		if err := keys[i].set(&s, strings.TrimSpace(value)); err != nil {
			return fail("%s: %w: write for example %s", keys[i].name, err, keys[i].form)
		}
	}
	if err := s.Validate(); err != nil {
		return fail("%w", err)
	}
	return s, given, nil
}

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
		return 0, fmt.Errorf("%q is no duration", v)
	case d < 0:
		return 0, fmt.Errorf("%q is negative", v)
	}
	return d, nil
}

func parseNumber(v string) (float64, error) {
	// Plain decimal digits only: ParseFloat would also take hex, exponents, "inf" and "nan".
	if v == "" || strings.Trim(v, "0123456789.") != "" {
		return 0, fmt.Errorf("%q is no number of at least 0", v)
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no number", v)
	}
	return f, nil
}

func parseInt(v string) (int, error) {
	n, err := strconv.ParseInt(v, 10, 32)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("%q is out of range", v)
	case err != nil:
		return 0, fmt.Errorf("%q is no whole number", v)
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

// Specs are the lines of a room, as several -net options describe them.
type Specs struct{ parts []part }

type part struct {
	spec  Spec
	given keySet
}

// ParseSpecs reads several Specs. Those without a seat hold for all; one with a seat changes, for
// that seat, the keys it gives. The same key twice for the same seat (or for all) is an error.
func ParseSpecs(texts []string) (Specs, error) {
	var sp Specs
	for _, text := range texts {
		s, given, err := parse(text)
		if err != nil {
			return Specs{}, err
		}
		for _, p := range sp.parts {
			if p.spec.OneSeat != s.OneSeat || p.spec.Seat != s.Seat {
				continue
			}
			if twice := p.given & given &^ (1 << indexKey("seat")); twice != 0 {
				name := keys[firstKey(twice)].name
				if s.OneSeat {
					return Specs{}, fmt.Errorf("network %q: %s is given a second time for seat %d", text, name, s.Seat)
				}
				return Specs{}, fmt.Errorf("network %q: %s is given a second time: add seat=N to shape one seat", text, name)
			}
		}
		sp.parts = append(sp.parts, part{s, given})
	}
	return sp, nil
}

func firstKey(set keySet) int {
	i := 0
	for set&1 == 0 {
		set >>= 1
		i++
	}
	return i
}

// For is the line of a seat, a perfect one where nothing was said about it.
func (sp Specs) For(seat int) Spec {
	out := Spec{Seat: seat, OneSeat: true}
	for _, own := range []bool{false, true} {
		for _, p := range sp.parts {
			if p.spec.OneSeat == own && (!own || p.spec.Seat == seat) {
				out.take(p)
			}
		}
	}
	return out
}

// take replaces what p gives.
func (s *Spec) take(p part) {
	has := func(name string) bool { return p.given&(1<<indexKey(name)) != 0 }
	if has("rtt") {
		s.RTT = p.spec.RTT
	}
	if has("jitter") {
		s.Jitter = p.spec.Jitter
	}
	if has("tail") {
		s.TailScale, s.TailShape = p.spec.TailScale, p.spec.TailShape
	}
	if has("stall") {
		s.StallPercent, s.StallFor = p.spec.StallPercent, p.spec.StallFor
	}
	if has("bw") {
		s.Bandwidth = p.spec.Bandwidth
	}
	if has("drop") {
		s.DropAt, s.DropFor = p.spec.DropAt, p.spec.DropFor
	}
	if has("skew") {
		s.Skew = p.spec.Skew
	}
}
