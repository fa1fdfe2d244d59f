package envtest

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
)

// Differ returns the first difference between a recorded value and ours, or nil. Numbers compare by
// their float64 bits, so -0 is not 0; objects compare their keys too.
func Differ(path string, want, got any) error {
	return compare(path, want, got, func(recorded, here float64) bool {
		return math.Float64bits(recorded) == math.Float64bits(here)
	})
}

// DifferAbout is Differ with a tolerance on numbers.
func DifferAbout(path string, want, got any, tolerance float64) error {
	return compare(path, want, got, func(recorded, here float64) bool {
		return math.Abs(recorded-here) <= tolerance
	})
}

// compare writes paths and messages only where something differs: most of the tests' time is spent
// here.
func compare(name string, want, got any, same func(recorded, here float64) bool) error {
	equal := false
	switch w := want.(type) {
	case json.Number:
		f, err := w.Float64()
		g, ok := Number(got)
		equal = err == nil && ok && same(f, g)
	case Object:
		g, ok := got.(Object)
		equal = ok
		for k, wv := range w {
			gv, ok := g[k]
			if !ok {
				return fmt.Errorf("%s.%s: recorded, missing here", name, k)
			}
			if err := compare(k, wv, gv, same); err != nil {
				return fmt.Errorf("%s.%w", name, err)
			}
		}
		for k := range g {
			if _, ok := w[k]; !ok {
				return fmt.Errorf("%s.%s: missing in the recording", name, k)
			}
		}
	case []any:
		g := reflect.ValueOf(got)
		k := g.Kind()
		if equal = (k == reflect.Slice || k == reflect.Array) && g.Len() == len(w); !equal {
			break
		}
		for i := range w {
			if err := compare("", w[i], g.Index(i).Interface(), same); err != nil {
				return fmt.Errorf("%s[%d]%w", name, i, err)
			}
		}
	default: // string, bool, nil
		equal = want == got
	}
	if !equal {
		return fmt.Errorf("%s: recorded %v, here %v", name, want, got)
	}
	return nil
}

// Number returns a Go number of any kind as a float64.
func Number(v any) (float64, bool) {
	switch n := v.(type) { // the most frequent kinds, without reflection
	case float64:
		return n, true
	case float32:
		return float64(n), true
	case int:
		return float64(n), true
	}
	r := reflect.ValueOf(v)
	switch {
	case !r.IsValid():
		return 0, false
	case r.CanInt():
		return float64(r.Int()), true
	case r.CanUint():
		return float64(r.Uint()), true
	case r.CanFloat():
		return r.Float(), true
	}
	return 0, false
}

// Field reads a recorded field of a known type.
func Field[T any](o Object, key string) (T, error) {
	v, ok := o[key].(T)
	if !ok {
		return v, fmt.Errorf("%s: %v is no %T", key, o[key], v)
	}
	return v, nil
}

// IntField reads a recorded number, as UintField and FloatField do.
func IntField(o Object, key string) (int, error) {
	n, err := Field[json.Number](o, key)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(n.String())
}

func UintField(o Object, key string) (uint64, error) {
	n, err := Field[json.Number](o, key)
	if err != nil {
		return 0, err
	}
	return strconv.ParseUint(n.String(), 10, 64)
}

func FloatField(o Object, key string) (float64, error) {
	n, err := Field[json.Number](o, key)
	if err != nil {
		return 0, err
	}
	return n.Float64()
}

// Plain turns a recorded value into one of ours, for fields that are taken from the recording.
func Plain(v any) any {
	switch v := v.(type) {
	case json.Number:
		f, err := strconv.ParseFloat(v.String(), 64)
		if err != nil {
			return v
		}
		return f
	case Object:
		o := Object{}
		for k, x := range v {
			o[k] = Plain(x)
		}
		return o
	case []any:
		l := make([]any, len(v))
		for i, x := range v {
			l[i] = Plain(x)
		}
		return l
	}
	return v
}
