package netsim

import (
	"fmt"
	"slices"
	"strings"
)

// Specs are the lines of a room, as several -net options describe them.
type Specs struct{ parts []part }

// ParseSpecs reads several Specs. Those without a seat hold for all; one with a seat changes, for
// that seat, the keys it gives. The same key twice for the same seat (or for all) is an error.
func ParseSpecs(texts []string) (Specs, error) {
	var sp Specs
	for _, text := range texts {
		n, err := parse(text)
		if err != nil {
			return Specs{}, err
		}
		for _, p := range sp.parts {
			if p.spec.OneSeat != n.spec.OneSeat || p.spec.Seat != n.spec.Seat {
				continue
			}
			name := p.clash(&n)
			switch {
			case name == "":
			case n.spec.OneSeat:
				return Specs{}, fmt.Errorf("network %q: %s is given a second time for seat %d", text, name, n.spec.Seat)
			default:
				return Specs{}, fmt.Errorf("network %q: %s is given a second time: add seat=N to shape one seat", text, name)
			}
		}
		sp.parts = append(sp.parts, n)
	}
	return sp, nil
}

// clash names a key that two parts for the same seats give, or "".
func (p *part) clash(n *part) string {
	if p.preset != "" && n.preset != "" {
		return "a preset"
	}
	if twice := p.given &^ p.byPreset & (n.given &^ n.byPreset) &^ (1 << indexKey("seat")); twice != 0 {
		return keys[firstKey(twice)].name
	}
	for d := range ways {
		if twice := p.own[d] &^ p.ownBy[d] & (n.own[d] &^ n.ownBy[d]); twice != 0 {
			return strings.ReplaceAll(ways[d].prefix+keys[firstKey(twice)].name, ".rtt", ".delay")
		}
	}
	return ""
}

func firstKey(set keySet) int {
	i := 0
	for set&1 == 0 {
		set >>= 1
		i++
	}
	return i
}

// For is the line of a seat, a perfect one where nothing was said about it. What a preset says gives way
// to what is said outright for the same seats.
func (sp Specs) For(seat int) Spec {
	out := Spec{Seat: seat, OneSeat: true}
	var own [2]keySet
	for level := range 4 { // for all and for the seat, in each first what presets say
		one, preset := level > 1, level%2 == 0
		pick := func(all, by keySet) keySet {
			if preset {
				return by
			}
			return all &^ by
		}
		parts := slices.DeleteFunc(slices.Clone(sp.parts), func(p part) bool { return p.spec.OneSeat != one || one && p.spec.Seat != seat })
		for i := range parts {
			given := pick(parts[i].given, parts[i].byPreset)
			out.take(&parts[i].spec, given)
			for d := range ways {
				own[d] &^= given
			}
		}
		for i := range parts {
			for d := range ways {
				mine := pick(parts[i].own[d], parts[i].ownBy[d])
				text := ways[d].of(&out)
				had, _, err := parseWay(*text)
				more, _, err2 := parseWay(*ways[d].of(&parts[i].spec))
				if err != nil || err2 != nil {
					continue // parse has read both
				}
				had.take(&more, mine)
				own[d] |= mine
				*text = writeWay(&had, own[d])
			}
		}
	}
	return out
}

// take replaces what is given in from.
func (s *Spec) take(from *Spec, given keySet) {
	for i := range keys {
		if given&(1<<i) != 0 {
			keys[i].take(s, from)
		}
	}
}
