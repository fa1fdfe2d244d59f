package env_test

import (
	"math"
	"testing"

	"tandem/env"
)

func TestDescribeSections(t *testing.T) {
	sections := []env.Section{
		{Name: "clock", Fields: []env.Field{{Name: "frame", Kind: env.U32}, {Name: "lives", Kind: env.I32}}},
		{Name: "cooks", Fields: []env.Field{
			{Name: "held", Kind: env.U8, Count: 2, Labels: []string{"ann", "bob"}, Words: []string{"nothing", "onion"}},
			{Name: "x", Kind: env.F64, Count: 2},
			{Name: "word", Kind: env.U64},
			{Name: "small", Kind: env.U16},
		}},
	}
	buf, mark := env.BeginSection(nil)
	buf = append(buf, 7, 0, 0, 0, 0xff, 0xff, 0xff, 0xff)
	buf = env.EndSection(buf, mark)
	buf, mark = env.BeginSection(buf)
	buf = append(buf, 1, 2)
	buf = env.AppendF64(buf, 0.1)
	buf = env.AppendF64(buf, math.Nextafter(0.1, 1))
	buf = append(buf, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1)
	buf = env.EndSection(buf, mark)

	got, err := env.DescribeSections(sections, buf)
	if err != nil {
		t.Fatal(err)
	}
	want := []env.Value{
		{Section: 0, Name: "clock.frame", Text: "7"},
		{Section: 0, Name: "clock.lives", Text: "-1"},
		{Section: 1, Name: "cooks.held[ann]", Text: "onion"},
		{Section: 1, Name: "cooks.held[bob]", Text: "2"}, // there is no word for it
		{Section: 1, Name: "cooks.x[0]", Text: "0.1"},
		{Section: 1, Name: "cooks.x[1]", Text: "0.10000000000000002"},
		{Section: 1, Name: "cooks.word", Text: "0x0000000000000001"},
		{Section: 1, Name: "cooks.small", Text: "256"},
	}
	if len(got) != len(want) {
		t.Fatalf("%d values, want %d: %v", len(got), len(want), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("value %d is %+v, want %+v", i, got[i], want[i])
		}
	}
	for name, bad := range map[string][]byte{"nothing": nil, "cut off": buf[:len(buf)-1], "too long": append(buf[:len(buf):len(buf)], 0), "another section": buf[10:]} {
		if _, err := env.DescribeSections(sections, bad); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
