//go:build !js

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"tandem/cmd/internal/app"
	"tandem/game/sim"
	"tandem/netcode/protocol"
	"tandem/netcode/recording"
)

// info says what is in a recording or a desync report; two reports of one desync are compared.
func info(out io.Writer, files []string, partial bool) error {
	return buffered(out, func(w io.Writer) error { return infoOf(w, files, partial) })
}

func infoOf(w io.Writer, files []string, partial bool) error {
	f, err := open(files[0])
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	b := bufio.NewReader(f)
	begin, err := b.Peek(1)
	switch {
	case err == io.EOF:
		return fmt.Errorf("%s is empty: its program was stopped as it began", files[0])
	case err != nil:
		return fmt.Errorf("%s cannot be read (%w)", files[0], err)
	case begin[0] != '{':
		if len(files) == 2 {
			return app.Usagef("%s is not a desync report: two reports of one desync can be compared, recordings are told one by one", files[0])
		}
		r, err := recording.NewReader(b)
		if err != nil {
			return fmt.Errorf("%s: %w", files[0], err)
		}
		return infoRecording(w, r, partial)
	}
	report, err := recording.ReadDesyncReport(b)
	if err != nil {
		return fmt.Errorf("%s: %w", files[0], err)
	}
	if len(files) == 2 {
		if err := addOther(report, files); err != nil {
			return err
		}
	}
	infoDesync(w, report)
	return nil
}

// addOther takes the other side's state from its own report of the same desync.
func addOther(r *recording.DesyncReport, files []string) error {
	f, err := open(files[1])
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	o, err := recording.ReadDesyncReport(f)
	if err != nil {
		return fmt.Errorf("%s: %w", files[1], err)
	}
	if o.Header.Room != r.Header.Room || o.Header.Seed != r.Header.Seed || o.Epoch != r.Epoch || o.Frame != r.Frame {
		return app.Usagef("%s is of frame %d in room %s, %s of frame %d in room %s: two reports of the same frame of one match can be compared",
			files[0], r.Frame, r.Header.Room, files[1], o.Frame, o.Header.Room)
	}
	r.OtherOf = owner(&o.Header)
	for i := range r.Fields {
		r.Fields[i].Other, r.Fields[i].Differs = "", false
		for _, f := range o.Fields {
			if f.Name == r.Fields[i].Name {
				r.Fields[i].Other = f.Own
				r.Fields[i].Differs = f.Own != r.Fields[i].Own
			}
		}
	}
	return nil
}

func owner(h *recording.Header) string {
	switch h.Owner {
	case recording.OwnerRelay:
		return "the relay"
	case recording.OwnerSpectator:
		return "a spectator"
	}
	return seatWords(h, h.Seat)
}

func seatWords(h *recording.Header, seat int) string {
	s := fmt.Sprintf("seat %d", seat)
	if a := h.Seats[seat].Agent; a != "" {
		s += ", " + a
	}
	if n := h.Seats[seat].Name; n != "" {
		s += fmt.Sprintf(" (%s)", printable(n))
	}
	return s
}

// printable keeps what came from the network from steering a terminal.
func printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		if protocol.Control(r) {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func infoHeader(w io.Writer, h *recording.Header) {
	fmt.Fprintf(w, "  room         %s, seed %d\n", printable(h.Room), h.Seed)
	fmt.Fprintf(w, "  environment  %s, version %d: %s\n", printable(h.Env), h.EnvVersion, printable(h.EnvOptions))
	for i := range h.Seats {
		fmt.Fprintf(w, "  %-12s %s\n", map[bool]string{true: "players"}[i == 0], seatWords(h, i))
	}
	var rest []string
	for _, o := range h.Options {
		if name, value, _ := strings.Cut(o, "="); !slices.Contains([]string{"env", "env_version", "env_options", "players", "actions", "seed"}, name) && value != "" {
			rest = append(rest, printable(o))
		}
	}
	const perLine = 4
	for i := 0; i < len(rest); i += perLine {
		fmt.Fprintf(w, "  %-12s %s\n", map[bool]string{true: "room options"}[i == 0], strings.Join(rest[i:min(i+perLine, len(rest))], "  "))
	}
}

// summary counts what a recording holds.
type summary struct {
	frames      int
	first, last uint32
	from, to    time.Duration
	substituted []int
	hashes      int
	delays      []time.Duration
	latencies   [][]time.Duration
	happened    []string
	ended       bool
	holes       sim.Holes
}

func infoRecording(w io.Writer, r *recording.Reader, partial bool) error {
	h := r.Header
	fmt.Fprintf(w, "Recording by %s, of %s (protocol %d).\n", owner(h), printable(h.Program), h.Protocol)
	infoHeader(w, h)
	fmt.Fprintf(w, "  began        %s\n", h.Began.Format(time.RFC3339))
	s := summary{substituted: make([]int, len(h.Seats)), latencies: make([][]time.Duration, len(h.Seats))}
	var err error
	for {
		var rec *recording.Record
		if rec, err = r.Next(); err != nil {
			break
		}
		s.add(h, rec)
	}
	s.print(w, h)
	var d *recording.Damage
	switch {
	case err == io.EOF && s.holes.Err() != nil && partial:
		note(w, s.holes.Err())
	case err == io.EOF && s.holes.Err() != nil:
		return &app.PartialError{Err: fmt.Errorf("%w; %s", s.holes.Err(), partialWords)}
	case err == io.EOF && !s.ended:
		fmt.Fprintf(w, "The recording is whole; the match did not end while it was made.\n")
	case err == io.EOF:
		fmt.Fprintf(w, "The recording is whole.\n")
	case errors.As(err, &d) && d.Partial && partial:
		fmt.Fprintf(w, "Note: %s.\n", d.Text)
	case errors.As(err, &d) && d.Partial:
		return &app.PartialError{Err: fmt.Errorf("%w; %s", d, partialWords)}
	default:
		return err
	}
	return nil
}

func (s *summary) add(h *recording.Header, rec *recording.Record) {
	tell := func(format string, args ...any) {
		s.happened = append(s.happened, fmt.Sprintf("%9s  frame %-7d %s", clock(rec.At), rec.Frame, fmt.Sprintf(format, args...)))
	}
	s.holes.Record(rec)
	switch rec.Kind {
	case recording.KindBundle:
		if s.frames == 0 {
			s.first, s.from = rec.Frame, rec.At
		}
		s.frames++
		s.last, s.to = rec.Frame, rec.At
		for i := range s.substituted {
			if rec.Substituted&(1<<i) != 0 {
				s.substituted[i]++
			}
		}
	case recording.KindHash:
		s.hashes++
	case recording.KindDelay:
		s.delays = append(s.delays, rec.Dur)
	case recording.KindLatency:
		if rec.Seat >= 0 {
			s.latencies[rec.Seat] = append(s.latencies[rec.Seat], rec.Dur)
		}
	case recording.KindReset:
		tell("a match begins (epoch %d)", rec.Epoch)
	case recording.KindEpoch:
		tell("it goes on in epoch %d", rec.Epoch)
	case recording.KindSnapshot:
		tell("a snapshot of %d bytes was loaded", len(rec.State))
	case recording.KindEpisode:
		tell("episode %d ended", rec.N)
	case recording.KindDesync:
		tell("the states of the seats %s differ", strings.Join(bitsOf(rec.Mask), ", "))
	case recording.KindNote:
		if rec.Note == recording.NoteHolder {
			whose := "nobody"
			if rec.Text != "" {
				whose = printable(rec.Text)
			}
			tell("seat %d is %s's from frame %d on", rec.Seat, whose, rec.Frame)
			return
		}
		if rec.Note == recording.NoteKept {
			tell("the match is begun again; what was played of it before this frame holds")
			return
		}
		who := ""
		if rec.Seat >= 0 {
			who = fmt.Sprintf(" for seat %d", rec.Seat)
		}
		text := ""
		if rec.Text != "" {
			text = ": " + printable(rec.Text)
		}
		tell("%s%s%s", rec.Note, who, text)
	case recording.KindEnd:
		s.ended = true
		tell("end (%s): %s", rec.Code, printable(rec.Text))
	case recording.KindStopped:
		tell("the recording could not go on: %s", printable(rec.Text))
	}
}

func bitsOf(mask uint16) (list []string) {
	for i := range protocol.MaxSeats {
		if mask&(1<<i) != 0 {
			list = append(list, fmt.Sprint(i))
		}
	}
	return list
}

// clock is a time since the recording began.
func clock(d time.Duration) string {
	return fmt.Sprintf("%d:%04.1f", int(d.Minutes()), (d % time.Minute).Seconds())
}

func (s *summary) print(w io.Writer, h *recording.Header) {
	if s.frames == 0 {
		fmt.Fprintf(w, "  frames       none\n")
	} else {
		fmt.Fprintf(w, "  frames       %d (%d to %d), in %s\n", s.frames, s.first, s.last, clock(s.to-s.from))
	}
	for i, n := range s.substituted {
		fmt.Fprintf(w, "  %-12s seat %d: %d", map[bool]string{true: "substituted"}[i == 0], i, n)
		if s.frames > 0 {
			fmt.Fprintf(w, " (%.1f %%)", 100*float64(n)/float64(s.frames))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "  hashes       %d\n", s.hashes)
	if len(s.delays) > 0 {
		fmt.Fprintf(w, "  input delay  %s\n", quantiles(s.delays))
	}
	for i, list := range s.latencies {
		if len(list) > 0 {
			fmt.Fprintf(w, "  latency      of seat %d: %s\n", i, quantiles(list))
		}
	}
	const most = 200
	for i, line := range s.happened {
		if i == most/2 && len(s.happened) > most {
			fmt.Fprintf(w, "       … %d lines are left out …\n", len(s.happened)-most)
		}
		if i < most/2 || i >= len(s.happened)-most/2 {
			fmt.Fprintln(w, line)
		}
	}
}

func quantiles(list []time.Duration) string {
	slices.Sort(list)
	at := func(q float64) float64 {
		return float64(list[min(len(list)-1, int(q*float64(len(list))))]) / float64(time.Millisecond)
	}
	return fmt.Sprintf("median %.1f ms, 95 %% within %.1f ms", at(0.5), at(0.95))
}

func infoDesync(w io.Writer, r *recording.DesyncReport) {
	h := &r.Header
	fmt.Fprintf(w, "Desync report by %s, of %s, written %s.\n%s\n", owner(h), printable(h.Program), r.Written.Format(time.RFC3339), printable(r.Words))
	if r.Final {
		fmt.Fprintln(w, "It was the match's last frame.")
	}
	infoHeader(w, h)
	infoFields(w, r)
	fmt.Fprintf(w, "\nThe last %d bundles (* marks a substituted action):\n", len(r.Bundles))
	for _, b := range r.Bundles {
		fmt.Fprintf(w, "  frame %-7d", b.Frame)
		for i, a := range b.Actions {
			mark := ""
			if slices.Contains(b.Substituted, i) {
				mark = "*"
			}
			fmt.Fprintf(w, " %4s", fmt.Sprint(a)+mark)
		}
		fmt.Fprintln(w)
	}
}

// infoFields prints the states, value by value.
func infoFields(w io.Writer, r *recording.DesyncReport) {
	if len(r.Fields) == 0 {
		fmt.Fprintln(w, "\nThe state of that frame was not kept any more.")
		return
	}
	both, differ := false, 0
	for _, f := range r.Fields {
		both = both || f.Other != ""
		if f.Differs {
			differ++
		}
	}
	fmt.Fprintf(w, "\nThe state after frame %d", r.Frame)
	switch {
	case !both:
		fmt.Fprintf(w, ", in sections that differ marked with *. To compare it, give the other player's report as well:\n")
	default:
		fmt.Fprintf(w, ": %s marked with *:\n", counted(differ, "value that differs is", "values that differ are"))
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if both {
		fmt.Fprintf(tw, "  \t\t%s\t%s\n", owner(&r.Header), printable(r.OtherOf))
	}
	for _, f := range r.Fields {
		section, _, _ := strings.Cut(f.Name, ".")
		mark := " "
		if f.Differs || !both && slices.Contains(r.Sections, section) {
			mark = "*"
		}
		fmt.Fprintf(tw, "%s \t%s\t%s", mark, printable(f.Name), printable(f.Own))
		if both {
			fmt.Fprintf(tw, "\t%s", printable(f.Other))
		}
		fmt.Fprintln(tw)
	}
	_ = tw.Flush() // w keeps its first error
}
