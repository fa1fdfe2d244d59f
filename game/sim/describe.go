package sim

import (
	"bytes"
	"fmt"

	"tandem/env"
	"tandem/netcode/recording"
)

// DescribeStates lists the values of two states of the same match by name, and marks those that
// differ. Either may be nil: only the other's values are listed then.
func DescribeStates(sections []env.Section, own, other []byte) ([]recording.Field, error) {
	describe := func(state []byte) ([]env.Value, error) {
		if state == nil {
			return nil, nil
		}
		return env.DescribeSections(sections, state)
	}
	a, err := describe(own)
	if err != nil {
		return nil, err
	}
	b, err := describe(other)
	if err != nil {
		return nil, err
	}
	fields := make([]recording.Field, max(len(a), len(b)))
	for i := range fields {
		f := &fields[i]
		if a != nil {
			f.Name, f.Own = a[i].Name, a[i].Text
		}
		if b != nil {
			f.Name, f.Other = b[i].Name, b[i].Text
		}
		f.Differs = a != nil && b != nil && f.Own != f.Other
	}
	return fields, nil
}

// DifferingSections names the sections in which two states differ.
func DifferingSections(sections []env.Section, a, b []byte) (names []string) {
	for i := 0; len(a) > 0 || len(b) > 0; i++ {
		pa, ra, oka := env.NextSection(a)
		pb, rb, okb := env.NextSection(b)
		if !oka && !okb {
			break
		}
		if oka != okb || !bytes.Equal(pa, pb) {
			names = append(names, SectionName(sections, i))
		}
		a, b = ra, rb
	}
	return names
}

// firstDifference says where two states differ first: the section, the value, and what it is in each.
func firstDifference(sections []env.Section, a, b []byte) string {
	names := DifferingSections(sections, a, b)
	fields, err := DescribeStates(sections, a, b)
	if err != nil {
		return fmt.Sprintf("sections %q differ", names)
	}
	for i := range fields {
		if f := &fields[i]; f.Differs {
			return fmt.Sprintf("section %q, %s: %s the first time, then %s", names[0], f.Name, f.Own, f.Other)
		}
	}
	return fmt.Sprintf("sections %q differ", names)
}
