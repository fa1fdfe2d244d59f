//rules: maps env/slime/game.go

package slime

import (
	"maps"
	"slices"
	"sort"
)

type seats map[string]int

func sum(m map[string]int, s seats) (n int) {
	for _, v := range m { // want
		n += v
	}
	for range s { // want
		n++
	}
	for k := range maps.Keys(m) { // want
		n += len(k)
	}
	var keys []string
	for k := range m { // want
		keys = append(keys, k)
	}
	for k := range m { // want
		keys = append(keys, k)
		n++
	}
	return n + len(keys)
}

func generic[M ~map[K]V, K comparable, V any](m M) (n int) {
	for range m { // want
		n++
	}
	return n
}

func names(m map[string]int) []string {
	var names, big []string
	for k := range m {
		names = append(names, k)
	}
	sort.Strings(names)
	for k, v := range m {
		if v > 1 {
			big = append(big, k)
		}
	}
	slices.Sort(big)
	for range 3 {
		names = append(names, big...)
	}
	for i := range names {
		_ = i
	}
	return names
}

func values(m map[string]int) (v []int) {
	for _, x := range m { // want
		v = append(v, x)
	}
	sort.Ints(v)
	return v
}
