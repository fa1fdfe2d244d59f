package reportpage

import (
	"cmp"
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
	"tandem/game/words"
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
	Name, Unit, Help string
	Cells            []cell
}

// cell is a figure, and below it of how many it is.
type cell struct{ Text, Of string }

// view is what the template shows.
type view struct {
	*words.Language // of the page's own texts

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
	v := view{Language: words.English, Relay: p.Relay, Machine: p.Machine, Seed: p.Seed, JSON: json.RawMessage(data)}
	p.tell(&v)
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

// tell says what came out.
func (p *Page) tell(v *view) {
	l := v.Language
	v.Title = l.ReportTitle
	if len(p.Seats) == 0 {
		v.Level, v.Verdict = client.Red, l.NobodyPlayed
		return
	}
	first := &p.Seats[0]
	v.Title = l.ReportOf(first.Env, first.Room)
	all := words.Sameness{Seats: len(p.Seats), Hash: first.FinalHash}
	hashes, lines := map[string]bool{}, []string{}
	for i := range p.Seats {
		s := &p.Seats[i]
		all.Frames, all.Differ, all.Of = max(all.Frames, int(s.Frames)), max(all.Differ, s.Desyncs), max(all.Of, s.Verified)
		verdict := s.Judge()
		v.Level = max(v.Level, verdict.Level)
		v.Judged = append(v.Judged, judged{s.Title(), verdict})
		if s.FinalHash != "" {
			hashes[s.FinalHash] = true
		}
		if s.EndText != "" {
			lines = append(lines, l.HowEnded(s.EndText))
		}
		if s.QueueMode == nil {
			continue
		}
		if s.QueueMode.Original {
			lines = append(lines, l.WithOriginal(s.Title()))
		}
		for _, d := range s.QueueMode.Defects {
			lines = append(lines, l.Defect(s.Title(), d))
		}
	}
	all.Seconds, all.Hashes = num(float64(all.Frames)/session.FrameRate), len(hashes)
	if all.Frames > 0 && !all.Same() {
		v.Level = client.Red
	}
	v.Verdict = map[client.Level]string{client.Green: l.GoodPlay, client.Amber: l.PlayWithFlaws, client.Red: l.BadPlay}[v.Level]
	slices.Sort(lines)
	v.Lines = append([]string{l.Sameness(all)}, slices.Compact(lines)...)
}

// rows is the table of figures. What no seat has is left out.
func (p *Page) rows() []row {
	l := words.English
	var rows []row
	add := func(name, unit, help string, of func(s *Seat) cell) {
		r := row{Name: name, Unit: unit, Help: help}
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
	add(l.FramesRow, "", l.FramesHelp, func(s *Seat) cell { return cell{Text: strconv.Itoa(int(s.Frames))} })
	for _, m := range client.Metrics() {
		if m.Spread != nil {
			add(m.Name, percentiles(m), m.Help, func(s *Seat) cell { return spread(m.Spread(&s.Report)) })
			continue
		}
		add(m.Name, cmp.Or(m.Things, m.Unit), m.Help, func(s *Seat) cell {
			n, of, known := m.Count(&s.Report)
			switch {
			case !known:
				return cell{}
			case of > 0 && m.Unit == "ms":
				return cell{num(n), num(100*n/of) + " % of play"}
			case of > 0:
				return cell{num(n), fmt.Sprintf("of %s (%s %%)", num(of), num(100*n/of))}
			}
			return cell{Text: num(n)}
		})
	}
	interval, depth := client.FrameInterval.About(), client.QueueDepth.About()
	add(interval.Name, "ms: 50 / 99 %, deviation", interval.Help, func(s *Seat) cell {
		if s.Interval.N == 0 {
			return cell{}
		}
		return cell{fmt.Sprintf("%s / %s, %s", num(s.Interval.P50), num(s.Interval.P99), num(s.Interval.Stddev)), fmt.Sprintf("n %d", s.Interval.N)}
	})
	add(depth.Name, "bundles: mean, most", depth.Help, func(s *Seat) cell {
		if s.Queue.N == 0 {
			return cell{}
		}
		return cell{fmt.Sprintf("%s, %d", num(s.Queue.Avg), s.Queue.Max), fmt.Sprintf("n %d", s.Queue.N)}
	})
	add(l.TransportRow, "", l.TransportHelp, func(s *Seat) cell { return cell{Text: s.Transport} })
	add(l.BytesRow, l.BytesUnit, client.BytesIn.About().Help, func(s *Seat) cell {
		return cell{Text: fmt.Sprintf("%d / %d", s.Bytes.In, s.Bytes.Out)}
	})
	add(l.RewardsRow, "", l.RewardsHelp, func(s *Seat) cell { return cell{Text: rewards(s.Rewards)} })
	add(l.FinalRow, l.FinalUnit, l.FinalHelp, func(s *Seat) cell { return cell{Text: s.FinalHash} })
	return rows
}

// percentiles says which ones a distribution shows.
func percentiles(m *client.Metric) string {
	if m == client.Slack.About() {
		return "ms: least / 0.1 / 1 / 50 %"
	}
	return "ms: 50 / 95 / 99 %"
}

// spread is a distribution. Where nothing was measured it says so: that is no 0.
func spread(q client.Percentiles) cell {
	switch {
	case q.N == 0 && q.Of == 0:
		return cell{}
	case q.N == 0:
		return cell{words.English.NotMeasured, fmt.Sprintf("0 of %d", q.Of)}
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
	var list []string
	for a, r := range of {
		list = append(list, a+" "+num(r))
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
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
