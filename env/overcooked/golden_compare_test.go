package overcooked

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
)

// object is a JSON object: decoded values on the recorded side, Go values on ours.
type object = map[string]any

// differ returns the first difference between a recorded value and ours, or nil. Objects compare
// their keys too. Numbers are compared as float64, exactly.
func differ(name string, want, got any) error {
	equal := false
	switch w := want.(type) {
	case json.Number:
		f, err := w.Float64()
		g, ok := number(got)
		equal = err == nil && ok && math.Float64bits(f) == math.Float64bits(g)
	case object:
		g, ok := got.(object)
		equal = ok
		for k, wv := range w {
			gv, ok := g[k]
			if !ok {
				return fmt.Errorf("%s.%s: recorded, missing here", name, k)
			}
			if err := differ(k, wv, gv); err != nil {
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
		if equal = g.Kind() == reflect.Slice && g.Len() == len(w); !equal {
			break
		}
		for i := range w {
			if err := differ(strconv.Itoa(i), w[i], g.Index(i).Interface()); err != nil {
				return fmt.Errorf("%s.%w", name, err)
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

func number(v any) (float64, bool) {
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

// field reads a recorded field of a known type.
func field[T any](o object, key string) (T, error) {
	v, ok := o[key].(T)
	if !ok {
		return v, fmt.Errorf("%s: %v is no %T", key, o[key], v)
	}
	return v, nil
}

func uintField(o object, key string) (uint64, error) {
	n, err := field[json.Number](o, key)
	if err != nil {
		return 0, err
	}
	return strconv.ParseUint(n.String(), 10, 64)
}

// itemWord are the recordings' words for items.
var itemWord = [numItems]string{onion: "onion", plate: "plate", soup: "onion_soup"}

// recordedState is the environment's state as the recordings write it.
func recordedState(e *Env) object {
	var agents []object
	for i, a := range e.agents {
		inv := []string{}
		if a.held != nothing {
			inv = append(inv, itemWord[a.held])
		}
		agents = append(agents, object{"id": i, "pos": place(e.layout, a.cell), "dir": a.dir, "inv": inv})
	}
	objects := []object{}
	for cell, k := range e.layout.kinds {
		pos, it := place(e.layout, cell), e.items[cell]
		switch {
		case k == pot:
			p := e.pots[e.layout.potAt[cell]]
			contents := []string{}
			for range p.onions {
				contents = append(contents, "onion")
			}
			objects = append(objects, object{"pos": pos, "type": "pot", "contents": contents, "timer": p.timer, "code": p.code})
		case k == counter && it != nothing:
			objects = append(objects, object{"pos": pos, "type": "counter", "item": itemWord[it]})
		case it != nothing:
			objects = append(objects, object{"pos": pos, "type": itemWord[it]})
		}
	}
	return object{"agents": agents, "objects": objects, "rng": recordedGenerator(e)}
}

func place(l *layout, cell int) []int { return []int{l.row(cell), l.col(cell)} }

func recordedGenerator(e *Env) object {
	b := e.rng.AppendState(nil)
	o := object{"state": hex128(b), "buf": nil}
	if e.rng.HasHalf() {
		o["buf"] = binary.LittleEndian.Uint32(b[33:])
	}
	return o
}

// hex128 writes two stored words, the high one first, as the recordings write a 128-bit number.
func hex128(b []byte) string {
	return fmt.Sprintf("%016x%016x", binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]))
}

// recordedObservation splits an observation as the recordings do, the map multiplied by 100. It
// fails where a value of the map is not the float32 that is nearest to that many hundredths.
func recordedObservation(e *Env, agent int) (object, error) {
	obs := e.Observe(agent, nil)
	n := len(obs) - e.layout.view.features
	var codes []int
	for i, v := range obs[:n] {
		code := int(math.Round(float64(v) * 100))
		if v != float32(float64(code)/100) {
			return nil, fmt.Errorf("value %d of the map is %v", i, v)
		}
		codes = append(codes, code)
	}
	return object{"map": codes, "features": obs[n:]}, nil
}
