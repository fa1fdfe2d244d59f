package client

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Condition is a sentence about a report that may be true of a seat: a metric, a comparison and a value with
// its unit, as in "substituted>1%", "input_delay.p95 > 120ms", "stalls>0" or "verdict>=red". Blanks change
// nothing.
//
//	condition  = metric comparison value
//	metric     = a name of Conditions
//	comparison = ">" | ">=" | "<" | "<=" | "=" | "!="
//	value      = a number without a sign or with "-", and "%", "ms", "s" or no unit, as the metric has it;
//	             for verdict green, amber or red
type Condition struct {
	text   string
	metric metric
	op     string
	value  float64
	share  bool // value is a percentage of all there were
}

// metric is what a condition may be about.
type metric struct {
	name   string
	unit   string // "ms", "" for a number, "level" for the verdict's
	shared bool   // it may be compared as a percentage
	of     func(r *Report) (n, of float64, known bool)
}

func metrics() (list []metric) {
	add := func(name, unit string, shared bool, of func(r *Report) (float64, float64, bool)) {
		list = append(list, metric{name, unit, shared, of})
	}
	all := Metrics()
	for _, m := range all {
		if m.Count == nil {
			continue
		}
		unit := ""
		if m.Unit == "ms" {
			unit = "ms"
		}
		add(m.Key, unit, m.Share, m.Count)
	}
	for _, m := range all {
		if m.Spread == nil {
			continue
		}
		part := func(name string, v func(p *Percentiles) float64) {
			add(m.Key+"."+name, "ms", false, func(r *Report) (float64, float64, bool) {
				p := m.Spread(r)
				return v(&p), 0, p.N > 0
			})
		}
		if m.fold == lowest {
			part("min", func(p *Percentiles) float64 { return p.Min })
			part("p0_1", func(p *Percentiles) float64 { return p.P01 })
			part("p1", func(p *Percentiles) float64 { return p.P1 })
		}
		part("p50", func(p *Percentiles) float64 { return p.P50 })
		part("p95", func(p *Percentiles) float64 { return p.P95 })
		part("p99", func(p *Percentiles) float64 { return p.P99 })
	}
	add("frame_interval.p50", "ms", false, func(r *Report) (float64, float64, bool) { return r.Interval.P50, 0, r.Interval.N > 0 })
	add("frame_interval.p99", "ms", false, func(r *Report) (float64, float64, bool) { return r.Interval.P99, 0, r.Interval.N > 0 })
	add("verdict", "level", false, func(r *Report) (float64, float64, bool) { return float64(r.Verdict.Level), 0, true })
	return list
}

// Conditions names what a condition may be about.
func Conditions() (names []string) {
	for _, m := range metrics() {
		names = append(names, m.name)
	}
	return names
}

// comparisons are in the order in which they are looked for: the longer first.
var comparisons = []string{">=", "<=", "!=", ">", "<", "="}

// ParseCondition reads a condition; its error says what to write.
func ParseCondition(text string) (c Condition, err error) {
	c.text = strings.TrimSpace(text)
	at := strings.IndexAny(c.text, "<>=!")
	if at < 0 {
		return c, errors.New("write METRIC>VALUE, such as substituted>1%; for > also >=, <, <=, = or !=")
	}
	for _, op := range comparisons {
		if strings.HasPrefix(c.text[at:], op) {
			c.op = op
			break
		}
	}
	if c.op == "" {
		return c, errors.New("! stands only in !=")
	}
	name, value := strings.TrimSpace(c.text[:at]), strings.TrimSpace(c.text[at+len(c.op):])
	all := metrics()
	k := slices.IndexFunc(all, func(m metric) bool { return m.name == name })
	if k < 0 {
		return c, fmt.Errorf("there is no metric %q; there are %s", name, strings.Join(Conditions(), ", "))
	}
	c.metric = all[k]
	return c, c.parseValue(value)
}

func (c *Condition) parseValue(value string) error {
	m := &c.metric
	if m.unit == "level" {
		var l Level
		if err := l.UnmarshalText([]byte(value)); err != nil {
			return fmt.Errorf("%s is compared with green, amber or red, not %q", m.name, value)
		}
		c.value = float64(l)
		return nil
	}
	number := strings.TrimRight(value, "%abcdefghijklmnopqrstuvwxyz ")
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || strings.ContainsAny(number, "eExXpPiInN_+") || v > 1e12 || v < -1e12 {
		return fmt.Errorf("%q is not a number with its unit, such as %s", value, m.example())
	}
	switch unit := strings.TrimSpace(value[len(number):]); {
	case unit == "%" && m.shared:
		c.share = true
	case unit == "ms" && m.unit == "ms", unit == "" && m.unit == "":
	case unit == "s" && m.unit == "ms":
		v *= 1000
	default:
		return fmt.Errorf("%s is compared with values like %s, not %q", m.name, m.example(), value)
	}
	c.value = v
	return nil
}

func (m *metric) example() string {
	example := "10"
	if m.unit == "ms" {
		example = "120ms, 1.5s"
	}
	if m.shared {
		example += ", 1%"
	}
	return example
}

// String returns the condition as it was written.
func (c *Condition) String() string { return c.text }

// Check says what is the matter where the condition is true of a seat; "" where it is not. Of what was not
// measured nobody can say that it is false. A spectator has no inputs, and no fault with them.
func (c *Condition) Check(r *Report) string {
	l := r.language()
	n, of, known := c.metric.of(r)
	switch {
	case !known && r.Seat < 0:
		return ""
	case !known, c.share && of <= 0:
		return l.Holds(c.text, "")
	}
	if c.share {
		n = 100 * n / of
	}
	holds := map[string]bool{">": n > c.value, ">=": n >= c.value, "<": n < c.value, "<=": n <= c.value, "=": n == c.value, "!=": n != c.value}[c.op]
	if !holds {
		return ""
	}
	value, unit := l.Number(round(n), -1), c.metric.unit
	switch {
	case unit == "level":
		return l.Holds(c.text, Level(n).String())
	case c.share:
		unit = "%"
	}
	return l.Holds(c.text, strings.TrimSpace(value+" "+unit))
}
