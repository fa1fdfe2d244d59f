package reportpage

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"math"
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
	Seed    uint64 // of the players' process: what repeats the match
	JSON    any    // the same as the JSON report has it; kept in the page for programs
}

//go:embed page.html
var source string

var tmpl = template.Must(template.New("page").Parse(source))

// row is a line of the table: a figure for each seat.
type row struct {
	client.About
	Cells []cell
}

// cell is a figure, and below it of how many it is.
type cell struct{ Text, Of string }

// view is what the template shows.
type view struct {
	Title, Verdict string
	Level          client.Level
	Judged         []judged
	Lines          []string // more sentences
	Heads          []string
	Rows           []row
	Falls          []fall
	Steps          []part // of the falls: what each part is
	Types          []row
	Charts         []chart
	Legend         []key
	Relay, Machine string
	Seed           uint64
	JSON           any
}

// judged is the verdict on a seat.
type judged struct {
	Seat string
	client.Verdict
}

// Write writes the page.
func (p *Page) Write(w io.Writer) error {
	data, err := json.Marshal(p.JSON)
	if err != nil {
		return fmt.Errorf("the report: %w", err)
	}
	v := view{Relay: p.Relay, Machine: p.Machine, Seed: p.Seed, JSON: json.RawMessage(data)}
	p.words(&v)
	for i := range p.Seats {
		s := &p.Seats[i]
		v.Heads = append(v.Heads, s.Title())
		v.Legend = append(v.Legend, key{Name: s.Title(), style: styleOf(i)})
	}
	v.Rows = p.rows()
	v.Falls, v.Steps = p.falls()
	v.Types = p.types()
	v.Charts = p.charts()
	if err := tmpl.Execute(w, &v); err != nil {
		return fmt.Errorf("the report's page: %w", err)
	}
	return nil
}

// heads are what the levels of a whole match are called.
var heads = [...]string{client.Green: "Good play.", client.Amber: "Play with flaws.", client.Red: "Bad play."}

// words says what came out.
func (p *Page) words(v *view) {
	v.Title = "Tandem match report"
	if len(p.Seats) == 0 {
		v.Level, v.Verdict = client.Red, "Nobody played: there is nothing to report."
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
		verdict := s.Judge()
		v.Level = max(v.Level, verdict.Level)
		v.Judged = append(v.Judged, judged{s.Title(), verdict})
		if s.FinalHash != "" {
			hashes[s.FinalHash] = true
		}
		if s.EndText != "" {
			ends[s.EndText] = true
		}
		if s.QueueMode != nil && s.QueueMode.Original {
			v.Lines = append(v.Lines, s.Title()+" played with programs of the original system: only that the states meet again after a resync is promised, and its hash does not see the state.")
		}
		if s.QueueMode != nil {
			for _, d := range s.QueueMode.Defects {
				v.Lines = append(v.Lines, s.Title()+" met a defect of the original: "+d+".")
			}
		}
	}
	length := fmt.Sprintf("%d frames (%s s)", frames, num(float64(frames)/session.FrameRate))
	same := ""
	switch {
	case frames == 0:
		same = "No frame was played."
	case desyncs > 0 || len(hashes) > 1:
		v.Level = client.Red
		same = fmt.Sprintf("The states were NOT the same at all times: %d of %d comparisons in %s found a difference, and there are %d different final states.", desyncs, verified, length, len(hashes))
	case verified == 0:
		same = fmt.Sprintf("%s were played, and the states were never compared.", length)
	case len(hashes) == 0:
		same = fmt.Sprintf("%s were played, and %d comparisons of the states found no difference; the match did not come to its end.", length, verified)
	case len(p.Seats) == 1:
		same = fmt.Sprintf("%s were played, and %d comparisons with the other players' states found no difference. The final state is %s.", length, verified, first.FinalHash)
	default:
		same = fmt.Sprintf("All states were the same: %d comparisons in %s found no difference, and every final state here is %s.", verified, length, first.FinalHash)
	}
	v.Verdict = heads[v.Level]
	for e := range ends {
		v.Lines = append(v.Lines, "The match ended: "+e)
	}
	slices.Sort(v.Lines)
	v.Lines = append([]string{same}, slices.Compact(v.Lines)...)
}

// rows is the table of figures. What no seat has is left out.
func (p *Page) rows() []row {
	var rows []row
	add := func(about client.About, of func(s *Seat) cell) {
		r := row{About: about}
		any := false
		for i := range p.Seats {
			c := of(&p.Seats[i])
			any = any || c.Text != ""
			r.Cells = append(r.Cells, c)
		}
		if any {
			rows = append(rows, r)
		}
	}
	add(client.About{Name: "Frames", Help: "played"}, func(s *Seat) cell { return cell{Text: strconv.Itoa(int(s.Frames))} })
	for _, c := range client.Counts {
		add(c.About, func(s *Seat) cell {
			n, of, known := c.Of(&s.Report)
			switch {
			case !known:
				return cell{}
			case of > 0 && c.Unit == "ms":
				return cell{num(n), num(100*n/of) + " % of play"}
			case of > 0:
				return cell{num(n), fmt.Sprintf("of %s (%s %%)", num(of), num(100*n/of))}
			}
			return cell{Text: num(n)}
		})
	}
	for _, d := range client.Distributions {
		add(percentiles(d), func(s *Seat) cell { return spread(d.Of(&s.Report)) })
	}
	interval := client.FrameInterval.About()
	interval.Unit = "ms: 50 / 99 %, deviation"
	add(interval, func(s *Seat) cell {
		if s.Interval.N == 0 {
			return cell{}
		}
		return cell{fmt.Sprintf("%s / %s, %s", num(s.Interval.P50), num(s.Interval.P99), num(s.Interval.Stddev)), fmt.Sprintf("n %d", s.Interval.N)}
	})
	depth := client.QueueDepth.About()
	depth.Unit = "bundles: mean, most"
	add(depth, func(s *Seat) cell {
		if s.Queue.N == 0 {
			return cell{}
		}
		return cell{fmt.Sprintf("%s, %d", num(s.Queue.Avg), s.Queue.Max), fmt.Sprintf("n %d", s.Queue.N)}
	})
	add(client.About{Name: "Transport", Help: "what small messages travelled by last"}, func(s *Seat) cell { return cell{Text: s.Transport} })
	add(client.About{Name: "Bytes", Unit: "in / out", Help: client.BytesIn.About().Help}, func(s *Seat) cell {
		return cell{Text: fmt.Sprintf("%d / %d", s.Bytes.In, s.Bytes.Out)}
	})
	add(client.About{Name: "Rewards", Help: "sum per agent"}, func(s *Seat) cell { return cell{Text: rewards(s.Rewards)} })
	add(client.About{Name: "Final state", Unit: "hash", Help: "equal where the match was the same"}, func(s *Seat) cell { return cell{Text: s.FinalHash} })
	return rows
}

// percentiles says which ones a distribution shows.
func percentiles(d client.Distribution) client.About {
	a := d.About
	a.Unit = "ms: 50 / 95 / 99 %"
	if d.Key == "slack" {
		a.Unit = "ms: least / 0.1 / 1 / 50 %"
	}
	return a
}

// spread is a distribution. Where nothing was measured it says so: that is no 0.
func spread(q client.Percentiles) cell {
	switch {
	case q.N == 0 && q.Of == 0:
		return cell{}
	case q.N == 0:
		return cell{"not measured", fmt.Sprintf("0 of %d", q.Of)}
	}
	text := fmt.Sprintf("%s / %s / %s", num(q.P50), num(q.P95), num(q.P99))
	if q.Low() {
		text = fmt.Sprintf("%s / %s / %s / %s", num(q.Min), num(q.P01), num(q.P1), num(q.P50))
	}
	if q.Bounded() {
		text += " ± " + num(q.Bound)
	}
	return cell{text, fmt.Sprintf("n %d of %d (%s %%)", q.N, q.Of, num(math.Floor(1000*q.Coverage())/10))}
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
		r := row{About: client.About{Name: name}}
		for i := range p.Seats {
			r.Cells = append(r.Cells, cell{Text: strconv.Itoa(p.Seats[i].Bytes.ByType[name])})
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
