package reportpage

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"

	"tandem/game/client"
	"tandem/netcode/session"
)

// Seat is what one player measured.
type Seat struct {
	client.Report
	Line client.Timeline
}

// Page is a report.
type Page struct {
	Seats   []Seat
	Relay   string // its address
	Machine string // what it was measured on
	JSON    any    // the same as the JSON report has it; kept in the page for programs
}

//go:embed page.html
var source string

var tmpl = template.Must(template.New("page").Parse(source))

// row is a line of the table: a figure for each seat.
type row struct {
	Name, Unit, Why string
	Cells           []string
}

// view is what the template shows.
type view struct {
	Title, Verdict string
	Bad            bool
	Lines          []string // more sentences
	Heads          []string
	Rows           []row
	Types          []row
	Charts         []chart
	Legend         []key
	Relay, Machine string
	JSON           any
}

// Write writes the page.
func (p *Page) Write(w io.Writer) error {
	data, err := json.Marshal(p.JSON)
	if err != nil {
		return fmt.Errorf("the report: %w", err)
	}
	v := view{Relay: p.Relay, Machine: p.Machine, JSON: json.RawMessage(data)}
	p.words(&v)
	for i := range p.Seats {
		s := &p.Seats[i]
		v.Heads = append(v.Heads, s.title())
		v.Legend = append(v.Legend, key{Name: s.title(), style: styleOf(i)})
	}
	v.Rows = p.rows()
	v.Types = p.types()
	v.Charts = p.charts()
	if err := tmpl.Execute(w, &v); err != nil {
		return fmt.Errorf("the report's page: %w", err)
	}
	return nil
}

func (s *Seat) title() string {
	if s.Seat < 0 {
		return "spectator"
	}
	return fmt.Sprintf("seat %d, %s", s.Seat, s.Agent)
}

// words says what came out.
func (p *Page) words(v *view) {
	v.Title = "Tandem match report"
	if len(p.Seats) == 0 {
		v.Bad, v.Verdict = true, "Nobody played: there is nothing to report."
		return
	}
	first := &p.Seats[0]
	v.Title = fmt.Sprintf("Tandem match report: %s, room %s", first.Env, first.Room)
	frames, desyncs, verified := uint32(0), 0, 0
	hashes, ends := map[string]bool{}, map[string]bool{}
	for i := range p.Seats {
		s := &p.Seats[i]
		frames = max(frames, s.Frames)
		desyncs = max(desyncs, s.Desyncs)
		verified = max(verified, s.Verified)
		if s.FinalHash != "" {
			hashes[s.FinalHash] = true
		}
		if s.EndText != "" {
			ends[s.EndText] = true
		}
		if s.QueueMode != nil && s.QueueMode.Original {
			v.Lines = append(v.Lines, s.title()+" played with programs of the original system: only that the states meet again after a resync is promised, and its hash does not see the state.")
		}
		if s.QueueMode != nil {
			for _, d := range s.QueueMode.Defects {
				v.Lines = append(v.Lines, s.title()+" met a defect of the original: "+d+".")
			}
		}
	}
	length := fmt.Sprintf("%d frames (%s s)", frames, num(float64(frames)/session.FrameRate))
	switch {
	case frames == 0:
		v.Bad, v.Verdict = true, "No frame was played."
	case desyncs > 0 || len(hashes) > 1:
		v.Bad = true
		v.Verdict = fmt.Sprintf("The states were NOT the same at all times: %d of %d comparisons in %s found a difference, and there are %d different final states.", desyncs, verified, length, len(hashes))
	case len(hashes) == 0:
		v.Verdict = fmt.Sprintf("%s were played, and %d comparisons of the states found no difference; the match did not come to its end.", length, verified)
	case len(p.Seats) == 1:
		v.Verdict = fmt.Sprintf("%s were played, and %d comparisons with the other players' states found no difference. The final state is %s.", length, verified, first.FinalHash)
	default:
		v.Verdict = fmt.Sprintf("All states were the same: %d comparisons in %s found no difference, and every final state here is %s.", verified, length, first.FinalHash)
	}
	for e := range ends {
		v.Lines = append(v.Lines, "The match ended: "+e)
	}
	slices.Sort(v.Lines)
	v.Lines = slices.Compact(v.Lines)
}

// rows is the table of figures. What no seat has is left out.
func (p *Page) rows() []row {
	var rows []row
	add := func(name, unit, why string, cell func(s *Seat) string) {
		r := row{Name: name, Unit: unit, Why: why}
		any := false
		for i := range p.Seats {
			c := cell(&p.Seats[i])
			any = any || c != ""
			r.Cells = append(r.Cells, c)
		}
		if any {
			rows = append(rows, r)
		}
	}
	count := func(name, why string, of func(s *Seat) int) {
		add(name, "", why, func(s *Seat) string { return strconv.Itoa(of(s)) })
	}
	spread := func(name, why string, of func(s *Seat) client.Percentiles) {
		add(name, "ms: 50 / 95 / 99 %", why, func(s *Seat) string {
			q := of(s)
			if q.N == 0 {
				return ""
			}
			return fmt.Sprintf("%s / %s / %s", num(q.P50), num(q.P95), num(q.P99))
		})
	}
	count("frames", "played", func(s *Seat) int { return int(s.Frames) })
	add("speed", "frames/s", "30 is even play; pauses are left out", func(s *Seat) string { return num(s.StepsPerS) })
	count("desyncs", "comparisons that found another state here", func(s *Seat) int { return s.Desyncs })
	count("comparisons", "of state hashes at equal frames", func(s *Seat) int { return s.Verified })
	add("desync rate", "%", "of the comparisons", func(s *Seat) string { return num(100 * s.DesyncRate) })
	count("resyncs", "states taken over or handed out", func(s *Seat) int { return s.Resyncs })
	add("sync frequency", "per minute", "full states per minute of play", func(s *Seat) string { return num(s.SyncsPerMin) })
	add("substituted", "inputs", "that came too late and were replaced, for everybody alike; with their share", func(s *Seat) string {
		if s.Frames == 0 {
			return strconv.Itoa(s.Substituted)
		}
		return fmt.Sprintf("%d (%s %%)", s.Substituted, num(100*float64(s.Substituted)/float64(s.Frames)))
	})
	spread("input delay", "from sampling an own input to stepping with it", func(s *Seat) client.Percentiles { return s.InputDelay })
	spread("action latency", "from another player's sampling to stepping with it here", func(s *Seat) client.Percentiles { return s.Latency })
	spread("round trip", "to the relay and back", func(s *Seat) client.Percentiles { return s.RTT })
	spread("slack", "how long before its frame's close an own input was at the relay", func(s *Seat) client.Percentiles { return s.Slack })
	add("frame interval", "ms: 50 / 99 %, deviation", "between two steps; 33.3 is even", func(s *Seat) string {
		return fmt.Sprintf("%s / %s, %s", num(s.Interval.P50), num(s.Interval.P99), num(s.Interval.Stddev))
	})
	add("stalls", "times, ms", "intervals over 100 ms, and what they had above a frame", func(s *Seat) string {
		return fmt.Sprintf("%d, %s", s.Stalls.Count, num(s.Stalls.MS))
	})
	add("queue depth", "bundles: mean, most", "that waited when a frame was stepped, its own included", func(s *Seat) string {
		return fmt.Sprintf("%s, %d", num(s.Queue.Avg), s.Queue.Max)
	})
	add("bytes", "in / out", "of messages, before WebSocket framing", func(s *Seat) string {
		return fmt.Sprintf("%d / %d", s.Bytes.In, s.Bytes.Out)
	})
	count("breaks", "of the connection that were mended", func(s *Seat) int { return s.Reconnects })
	count("pauses", "announced", func(s *Seat) int { return s.Pauses })
	count("rewinds", "times that frames were undone after a relay's restart", func(s *Seat) int { return s.Rewinds })
	add("rewards", "", "sum per agent", func(s *Seat) string { return rewards(s.Rewards) })
	add("final state", "hash", "equal where the match was the same", func(s *Seat) string { return s.FinalHash })
	return rows
}

func rewards(of map[string]float64) string {
	var words []string
	for a, r := range of {
		words = append(words, a+" "+num(r))
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

// types is the table of bytes by type of message.
func (p *Page) types() []row {
	sums := map[string]int{}
	for i := range p.Seats {
		for name, n := range p.Seats[i].Bytes.ByType {
			sums[name] += n
		}
	}
	var names []string
	for name := range sums {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := sums[b] - sums[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	var rows []row
	for _, name := range names {
		r := row{Name: name}
		for i := range p.Seats {
			r.Cells = append(r.Cells, strconv.Itoa(p.Seats[i].Bytes.ByType[name]))
		}
		rows = append(rows, r)
	}
	return rows
}

// num writes a number as short as it can be read.
func num(v float64) string {
	switch s := strconv.FormatFloat(v, 'f', 2, 64); {
	case strings.HasSuffix(s, ".00"):
		return s[:len(s)-3]
	default:
		return strings.TrimSuffix(s, "0")
	}
}
