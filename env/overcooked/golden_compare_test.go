package overcooked

import (
	"encoding/binary"
	"fmt"
	"math"

	"tandem/env/envtest"
)

// itemWord are the recordings' words for items.
var itemWord = [numItems]string{onion: "onion", plate: "plate", soup: "onion_soup"}

// recordedState is the environment's state as the recordings write it.
func recordedState(e *Env) envtest.Object {
	var agents []envtest.Object
	for i, a := range e.agents {
		inv := []string{}
		if a.held != nothing {
			inv = append(inv, itemWord[a.held])
		}
		agents = append(agents, envtest.Object{"id": i, "pos": place(e.layout, a.cell), "dir": a.dir, "inv": inv})
	}
	objects := []envtest.Object{}
	for cell, k := range e.layout.kinds {
		pos, it := place(e.layout, cell), e.items[cell]
		switch {
		case k == pot:
			p := e.pots[e.layout.potAt[cell]]
			contents := []string{}
			for range p.onions {
				contents = append(contents, "onion")
			}
			objects = append(objects, envtest.Object{"pos": pos, "type": "pot", "contents": contents, "timer": p.timer, "code": p.code})
		case k == counter && it != nothing:
			objects = append(objects, envtest.Object{"pos": pos, "type": "counter", "item": itemWord[it]})
		case it != nothing:
			objects = append(objects, envtest.Object{"pos": pos, "type": itemWord[it]})
		}
	}
	return envtest.Object{"agents": agents, "objects": objects, "rng": recordedGenerator(e)}
}

func place(l *layout, cell int) []int { return []int{l.row(cell), l.col(cell)} }

func recordedGenerator(e *Env) envtest.Object {
	b := e.rng.AppendState(nil)
	o := envtest.Object{"state": hex128(b), "buf": nil}
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
func recordedObservation(e *Env, agent int) (envtest.Object, error) {
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
	return envtest.Object{"map": codes, "features": obs[n:]}, nil
}
