//go:build !js

// Command tandem-replay reads recordings and desync reports.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tandem/cmd/internal/app"
	_ "tandem/env/all" // every environment
	"tandem/game/sim"
	"tandem/netcode/recording"
)

const usage = `tandem-replay reads what tandem-peer, tandem-relay and tandem have recorded.

  tandem-replay verify FILE       play the recording again and compare every state hash
  tandem-replay info FILE         say what is in a recording or a desync report
  tandem-replay info FILE FILE    compare two players' reports of one desync, value by value
  tandem-replay export FILE [-format csv|parquet] [-csv-safe] [-o OUT]
                                  write one row per frame: actions, rewards, infos, latencies

Exit status 0 only if all of a match could be read and every hash was equal. 3: what was read is right,
but the recording is cut off, or nothing proves that it is whole, or its owner was away for some of the
match and came back behind that; -partial accepts it. The columns of an export
whose names begin with "local." are what only the owner of the recording measured; all others are the
same in every recording of a match, as far as it goes: a late joiner has the rows from there on.`

func main() { os.Exit(app.Main("tandem-replay", run)) }

func run(_ context.Context, args []string) error {
	var command string
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		command, args = args[0], args[1:]
	}
	set := flag.NewFlagSet("tandem-replay", flag.ContinueOnError)
	format, out, partial, safe := "", "", false, false
	set.BoolVar(&partial, "partial", false, "accept a recording that is cut off, or not proven to be whole, or lacks frames in its middle")
	if command == "export" || command == "" {
		set.StringVar(&format, "format", "", "`format` of an export: csv or parquet (default: by the name of -o, else csv)")
		set.BoolVar(&safe, "csv-safe", false, "put an apostrophe before names that a spreadsheet would run as a formula (=, +, -, @);\nwithout it names stand in the CSV exactly as the players wrote them")
		set.StringVar(&out, "o", "", "`file` of an export, - for standard output (default: beside the recording)")
	}
	files, err := parse(set, args)
	if err != nil {
		return err
	}
	need := func(low, high int) error {
		if len(files) < low || len(files) > high {
			return app.Usagef("tandem-replay %s needs one recording; tandem-replay -h shows how", command)
		}
		return nil
	}
	switch command {
	case "verify":
		if err := need(1, 1); err != nil {
			return err
		}
		return verify(os.Stdout, files[0], partial)
	case "info":
		if err := need(1, 2); err != nil {
			return err
		}
		return info(os.Stdout, files, partial)
	case "export":
		if err := need(1, 1); err != nil {
			return err
		}
		return export(files[0], format, out, partial, safe)
	case "":
		return app.Usagef("say what to do: verify, info or export; tandem-replay -h shows how")
	}
	return app.Usagef("there is no command %q: verify, info or export", command)
}

// parse reads flags before, between and behind the files.
func parse(set *flag.FlagSet, args []string) (files []string, err error) {
	for {
		// app.Parse refuses what is no flag: it is given the flags up to the next file only.
		n := 0
		for n < len(args) && strings.HasPrefix(args[n], "-") && args[n] != "-" {
			f := set.Lookup(strings.TrimLeft(args[n], "-"))
			n++
			if f != nil && n < len(args) && !isSwitch(f) {
				n++ // its value
			}
		}
		if err := app.Parse(set, args[:n], usage, os.Stdout); err != nil {
			return nil, err
		}
		if n == len(args) {
			return files, nil
		}
		files, args = append(files, args[n]), args[n+1:]
	}
}

// isSwitch reports whether a flag takes no value.
func isSwitch(f *flag.Flag) bool {
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

// partialWords is what to do about a recording that is not whole.
const partialWords = "if that will do, give -partial"

// open opens a file to read; its error is one the user can put right.
func open(file string) (*os.File, error) {
	f, err := os.Open(file)
	if err == nil {
		var st os.FileInfo
		if st, err = f.Stat(); err == nil && st.IsDir() {
			err = errors.Join(errors.New("it is a folder"), f.Close())
		}
	}
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return nil, app.Usagef("%s cannot be read (%w)", file, err)
	}
	return f, nil
}

// openRecording opens a recording.
func openRecording(file string) (*os.File, *recording.Reader, error) {
	f, err := open(file)
	if err != nil {
		return nil, nil, err
	}
	r, err := recording.NewReader(f)
	if err != nil {
		_ = f.Close() // it was only read
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	return f, r, nil
}

func verify(out io.Writer, file string, partial bool) error {
	return buffered(out, func(w io.Writer) error { return verifyTo(w, file, partial) })
}

func verifyTo(out io.Writer, file string, partial bool) error {
	f, r, err := openRecording(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return check(out, file, r, partial)
}

// check plays a recording again and says what its hashes tell.
func check(out io.Writer, file string, r *recording.Reader, partial bool) error {
	p, err := sim.NewReplay(r)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	cut, err := p.Verify()
	c := &p.Check
	fmt.Fprintf(out, "%s: %d frames of %s played again, %s compared.\n", file, c.Frames, r.Header.Env, counted(c.Compared, "hash", "hashes"))
	lack := p.Lack(cut)
	if lack != nil && partial {
		note(out, lack)
	}
	switch {
	case c.First != nil:
		return errors.Join(fmt.Errorf("%s of %d differ; first, %v", counted(c.Different, "hash", "hashes"), c.Compared, c.First), err)
	case err != nil:
		return err
	case c.Unknown > 0:
		return fmt.Errorf("%s could not be compared: their frames are not in the recording", counted(c.Unknown, "hash", "hashes"))
	case c.Compared == 0 && (lack == nil || partial):
		return errors.New("the recording holds no hash, so nothing could be compared")
	}
	if lack == nil {
		fmt.Fprintln(out, "All are equal.")
		return nil
	}
	if c.Compared > 0 {
		fmt.Fprintln(out, "All are equal as far as it goes.")
	}
	if partial {
		return nil
	}
	return &app.PartialError{Err: fmt.Errorf("%w; %s", lack, partialWords)}
}

// note tells what -partial accepts.
func note(w io.Writer, lack error) {
	for _, line := range strings.Split(lack.Error(), "\n") {
		fmt.Fprintf(w, "Note: %s.\n", line)
	}
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func export(file, format, out string, partial, safe bool) error {
	if format == "" {
		format = "csv"
		if strings.EqualFold(filepath.Ext(out), ".parquet") {
			format = "parquet"
		}
	}
	write := map[string]func(*sim.Table, io.Writer) error{"csv": (*sim.Table).WriteCSV, "parquet": writeParquet}[format]
	if write == nil {
		return app.Usagef("-format %s: write csv or parquet", format)
	}
	if safe && format != "csv" {
		return app.Usagef("-csv-safe is for -format csv: in parquet a text is never a formula; leave it out")
	}
	f, err := open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	t, err := sim.NewTable(f)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	t.Safe = safe
	if out == "" {
		out = strings.TrimSuffix(file, filepath.Ext(file)) + "." + format
	}
	if out == "-" {
		err = buffered(os.Stdout, func(w io.Writer) error { return write(t, w) })
	} else {
		err = writeFile(out, func(w io.Writer) error { return write(t, w) })
	}
	if err != nil {
		return err
	}
	if c := t.Replay.Check; c.First != nil {
		err = fmt.Errorf("the rows are written, but %s of %d differ from what was played: rewards and infos may not be what the players saw; first, %v", counted(c.Different, "hash", "hashes"), c.Compared, c.First)
	}
	lack := t.Replay.Lack(t.Cut)
	switch {
	case lack == nil:
		return err
	case t.Cut != nil && !t.Cut.Partial || err != nil:
		return errors.Join(fmt.Errorf("the rows that are there are written, but %w", lack), err)
	case partial:
		note(os.Stderr, lack)
		return nil
	}
	return &app.PartialError{Err: fmt.Errorf("the rows that are there are written, but %w; %s", lack, partialWords)}
}

// buffered writes through a buffer.
func buffered(w io.Writer, f func(io.Writer) error) error {
	b := bufio.NewWriterSize(w, 64<<10)
	return errors.Join(f(b), b.Flush())
}

// writeFile writes a file that takes its name only when it is whole.
func writeFile(file string, f func(io.Writer) error) error {
	if isRecording(file) {
		return app.Usagef("-o %s: that is a recording; choose another name", file)
	}
	part := file + ".part"
	out, err := os.Create(part)
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return app.Usagef("-o %s cannot be written (%w)", file, err)
	}
	err = errors.Join(buffered(out, f), out.Close())
	if err != nil {
		_ = os.Remove(part) // the first error says what went wrong
		return fmt.Errorf("%s was not written: %w", file, err)
	}
	return os.Rename(part, file)
}

// isRecording reports whether a file is there and begins as a recording does.
func isRecording(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	begin := make([]byte, 32)
	n, _ := io.ReadFull(f, begin) // a short file is none
	return recording.IsRecording(begin[:n])
}
