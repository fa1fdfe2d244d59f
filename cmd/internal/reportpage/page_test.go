package reportpage

import (
	"bytes"
	"encoding/xml"
	"html"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/game/client"
)

// played is a report of two seats on which nothing went wrong.
func played() *Page {
	p := &Page{Relay: "ws://relay.example", Machine: "linux/amd64", JSON: map[string]int{"seats": 2}}
	for i, agent := range []string{"agent_left", "agent_right"} {
		s := Seat{Report: client.Report{Seat: i, Agent: agent, Room: "room", Env: "slime", Frames: 900, Verified: 30, StepsPerS: 30,
			Executed: 900 - 9*i, Substituted: 9 * i, InputDelay: client.Percentiles{P50: 99, P95: 100, P99: 101, N: int64(900 - 9*i), Of: 900}, FinalHash: "00000000deadbeef", End: "ok", EndText: "The match is over.",
			RTT:   client.Percentiles{P50: 20, P95: 30.5, P99: 41.25, N: 30},
			Bytes: client.Bytes{In: 10, Out: 20, ByType: map[string]int{"ping": 7, "bundle": 23}}}}
		s.Line.Point = client.SlotTime
		for k := range 120 {
			v := float32(math.NaN())
			if k < 40 || k > 80 { // nothing is measured for ten seconds
				v = 33 + float32(k%5)
			}
			s.Line.Of[client.FrameInterval] = append(s.Line.Of[client.FrameInterval], v)
			s.Line.Of[client.Slack] = append(s.Line.Of[client.Slack], float32(k-60))
			s.Line.Of[client.QueueDepth] = append(s.Line.Of[client.QueueDepth], float32(math.NaN()))
		}
		p.Seats = append(p.Seats, s)
	}
	return p
}

func write(t *testing.T, p *Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	// Every tag is closed, apart from those that HTML does not close.
	d := xml.NewDecoder(strings.NewReader(b.String()))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, b.String())
		}
	}
	return b.String()
}

func TestPage(t *testing.T) {
	page := write(t, played())
	for _, want := range []string{"All states were the same: 30 comparisons in 900 frames (30 s)", "00000000deadbeef", "seat 1, agent_right",
		"20 / 30.5 / 41.25", "of 900 (1 %)", "n 891 of 900 (99 %)", "Frame interval, ms", "Slack, ms", "bundle", "ws://relay.example", `{"seats":2}`} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	for _, no := range []string{"Queue depth, bundles", "NaN", "ZgotmplZ", "http://", "https://", "src=", "href="} {
		if strings.Contains(page, no) {
			t.Errorf("%q is on the page", no)
		}
	}
	// Two figures, two seats; the silence parts each frame interval in two.
	if n := len(regexp.MustCompile(`<polyline points="[0-9., ]+" style="stroke:#[0-9a-f]{6};stroke-dasharray:[0-9 ]*"/>`).FindAllString(page, -1)); n != 2+4+2 {
		t.Errorf("%d lines, want two in the legend, four and two", n)
	}
}

// The page says in its first words what went wrong.
func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		words string
		bad   bool
		make  func(p *Page)
	}{
		{"found a difference, and there are 1 different final states", true, func(p *Page) { p.Seats[1].Desyncs = 2 }},
		{"there are 2 different final states", true, func(p *Page) { p.Seats[1].FinalHash = "1" }},
		{"did not come to its end", false, func(p *Page) { p.Seats[0].FinalHash, p.Seats[1].FinalHash = "", "" }},
		{"with the other players", false, func(p *Page) { p.Seats = p.Seats[:1] }},
		{"No frame was played", true, func(p *Page) { p.Seats[0].Frames, p.Seats[1].Frames = 0, 0 }},
		{"Nobody played", true, func(p *Page) { p.Seats = nil }},
		{"programs of the original", false, func(p *Page) { p.Seats[0].QueueMode = &client.QueueReport{Original: true} }},
		{"<li>900 of the other players&#39; 900 actions were not there", true, func(p *Page) {
			p.Seats[0].QueueMode, p.Seats[0].Rewards = &client.QueueReport{Missing: 900}, map[string]float64{"agent_left": 0, "agent_right": 0}
		}},
		{"met a defect of the original: a ghost.", false, func(p *Page) { p.Seats[0].QueueMode = &client.QueueReport{Defects: []string{"a ghost"}} }},
	} {
		p := played()
		c.make(p)
		page := write(t, p)
		if !strings.Contains(page, c.words) || strings.Contains(page, `class="verdict red"`) != c.bad {
			t.Errorf("%q: the page is\n%s", c.words, page)
		}
	}
}

// The verdict stands first, in its colour, with a setting to try; where the time goes is shown in parts; what
// was not measured is no 0, and the bound stands beside what has one.
func TestPageTellsTheTruth(t *testing.T) {
	p := played()
	p.Seats[0].Waterfall = &client.Waterfall{N: 890, Of: 900, Sample: 16.7, Up: 20, Others: 8.25, Down: 21, Due: 4, Timer: -0.5, Whole: 69.45, Bound: 20.5}
	p.Seats[1].Executed, p.Seats[1].Substituted, p.Seats[1].LongestRun = 0, 900, 900
	p.Seats[1].InputDelay = client.Percentiles{Of: 900}
	page := write(t, p)
	verdict := strings.Index(page, `<section class="verdict red"`)
	if verdict < 0 || verdict > strings.Index(page, "<h2>") {
		t.Errorf("the page does not begin with its verdict:\n%s", page)
	}
	for _, want := range []string{"Bad play.", `<div class="green"><h3>seat 0, agent_left`, `<div class="red"><h3>seat 1, agent_right`,
		"900 of 900 (100.0 %) of the own inputs did not count", "900 own inputs in a row did not count", "Recommended: Use a cable",
		"not measured", "0 of 900", "20 ± 20.5", "69.45 ms", "n 890 of 900 inputs", "Waiting for the others"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page:\n%s", want, page)
		}
	}
	widths := 0.0
	for _, m := range regexp.MustCompile(`<rect x="[0-9.]+" y="2" width="([0-9.]+)"`).FindAllStringSubmatch(page, -1) {
		w, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			t.Error(err)
		}
		widths += w
	}
	if math.Abs(widths-900*69.95/69.45) > 1 {
		t.Errorf("the bars are %v long", widths)
	}
}

// Names come from other people: they are text, wherever they stand.
func TestNamesAreText(t *testing.T) {
	p := played()
	evil := `</script><script>alert(1)</script>`
	p.Relay, p.Seats[0].Room, p.Seats[0].EndText, p.JSON = evil, evil, evil, map[string]string{"x": evil}
	if page := write(t, p); strings.Contains(page, "<script>alert") {
		t.Errorf("a name became a part of the page:\n%s", page)
	}
}

func TestScales(t *testing.T) {
	for _, c := range []struct{ lo, hi float64 }{{0, 0}, {0, 1e-9}, {-3, 7}, {0, 33.3}, {0, 1e12}, {5, 5}} {
		ch := chart{}
		lo, hi := ch.scale(c.lo, c.hi)
		if n := len(ch.Ticks); lo > c.lo || hi < c.hi || hi <= lo || n < 2 || n > 9 {
			t.Errorf("%v to %v: %v to %v with %d ticks", c.lo, c.hi, lo, hi, n)
		}
	}
	for _, d := range []time.Duration{client.SlotTime, 7 * time.Second, 90 * time.Second, 40 * time.Minute, 30 * time.Hour} {
		ch := chart{}
		ch.clock(d)
		if n := len(ch.Times); n < 1 || n > 12 {
			t.Errorf("%v has %d marks", d, n)
		}
	}
}

// Every metric that a seat has is on the page, with what it means, and every figure with a chart has one.
func TestEveryMetricIsOnThePage(t *testing.T) {
	p := played()
	for i := range p.Seats {
		s := &p.Seats[i]
		s.OthersInputs, s.Interval.N, s.QueueMode = 900, 900, &client.QueueReport{}
		s.Rewards = map[string]float64{"agent_left": 1, "agent_right": 2}
		for _, spread := range []*client.Percentiles{&s.Latency, &s.Slack, &s.Overslept} {
			spread.N, spread.Of = 900, 900
		}
		for f := range client.NumFigures {
			s.Line.Of[f] = []float32{1, 2, 3}
		}
	}
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	page := html.UnescapeString(b.String())
	for _, m := range client.Metrics() {
		if !strings.Contains(page, "<th>"+m.Name+"</th>") || !strings.Contains(page, m.Help) {
			t.Errorf("the page has no row of %s", m.Name)
		}
	}
	for f := range client.NumFigures {
		if m := f.About(); strings.Contains(page, "<h3>"+m.Name+", "+m.Unit+"</h3>") != m.Chart {
			t.Errorf("%s: a chart, or none", m.Name)
		}
	}
}
