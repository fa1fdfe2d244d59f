package env

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// Option is a whole-number setting of an environment. Switches are options with Min 0 and Max 1;
// for those, true, false, on and off are understood too.
type Option struct {
	Name     string // "lives"
	Help     string // one sentence for people
	Min, Max int    // both inclusive
	Value    int    // the default in a registration, the value in force in a Spec
}

// Options are settings by name, as a person gives them: {"lives": "5"}.
type Options map[string]string

// ParseOptions reads "K=V" words. A repeated key is refused.
func ParseOptions(words []string) (Options, error) {
	o := Options{}
	for _, w := range words {
		k, v, ok := strings.Cut(w, "=")
		if !ok || k == "" || v == "" {
			return nil, fmt.Errorf("option %q: write NAME=VALUE, for example lives=5", w)
		}
		if _, dup := o[k]; dup {
			return nil, fmt.Errorf("option %q is given twice; keep one", k)
		}
		o[k] = v
	}
	return o, nil
}

// Resolve returns known with the values of o. An unknown name, a value that is not a whole number and
// one outside its range are refused in words.
func (o Options) Resolve(envName string, known []Option) ([]Option, error) {
	out := append([]Option(nil), known...)
	names := make([]string, 0, len(o))
	for name := range o {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		i := 0
		for i < len(out) && out[i].Name != name {
			i++
		}
		if i == len(out) {
			have := make([]string, len(known))
			for j, k := range known {
				have[j] = k.Name
			}
			return nil, fmt.Errorf("%s has no option %q; it has: %s", envName, name, strings.Join(have, ", "))
		}
		v, err := parseValue(o[name], out[i])
		if err != nil {
			return nil, fmt.Errorf("%s: option %s=%s: %w", envName, name, o[name], err)
		}
		out[i].Value = v
	}
	return out, nil
}

func parseValue(s string, opt Option) (int, error) {
	if opt.Min == 0 && opt.Max == 1 {
		switch s {
		case "true", "on", "yes":
			return 1, nil
		case "false", "off", "no":
			return 0, nil
		}
	}
	v, err := strconv.Atoi(s)
	if err != nil {
		return 0, fmt.Errorf("write a whole number from %d to %d", opt.Min, opt.Max)
	}
	if v < opt.Min || v > opt.Max {
		return 0, fmt.Errorf("must be from %d to %d", opt.Min, opt.Max)
	}
	return v, nil
}

// Get returns the value of the named option. Asking for one that does not exist is a programming
// error and panics.
func Get(opts []Option, name string) int {
	for _, o := range opts {
		if o.Name == name {
			return o.Value
		}
	}
	panic("env: no option " + name)
}

// CanonicalOptions writes options as "name=value" words in their declared order. Peers compare this
// text before they play together.
func CanonicalOptions(opts []Option) string {
	words := make([]string, len(opts))
	for i, o := range opts {
		words[i] = o.Name + "=" + strconv.Itoa(o.Value)
	}
	return strings.Join(words, " ")
}
