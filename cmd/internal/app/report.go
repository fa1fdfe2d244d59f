package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// partial is where a report is written before it takes its name, so that a full disk never leaves
// half of one, and an older report stays until there is a newer.
func partial(file string) string { return file + ".part" }

// CheckReport refuses a report file that could not be written in the end, before anything begins, and
// one whose name does not end in one of the kinds there are. "" and "-" (standard output) are fine.
func CheckReport(file string, kinds ...string) error {
	if file == "" || file == "-" {
		return nil
	}
	if !slices.Contains(kinds, filepath.Ext(file)) {
		return Usagef("-report %s: name a file that ends in %s", file, strings.Join(kinds, " or "))
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return Usagef("-report %s: that is a folder; name a file", file)
	}
	f, err := os.OpenFile(partial(file), os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		err = errors.Join(f.Close(), os.Remove(partial(file)))
	}
	if err != nil {
		return Usagef("-report %s cannot be written (%v); name a file in a folder that exists and that you may write to", file, reason(err))
	}
	return nil
}

// WriteReport writes a report as JSON to a file, or to out for "-"; "" writes nothing.
func WriteReport(file string, report any, out io.Writer) error {
	if file == "" {
		return nil
	}
	data, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return fmt.Errorf("the report: %w", err)
	}
	data = append(data, '\n')
	if file != "-" {
		return WriteReportFile(file, data)
	}
	if _, err := out.Write(data); err != nil {
		return fmt.Errorf("the report cannot be written to standard output (%w)", reason(err))
	}
	return nil
}

// WriteReportFile writes a report to a file: all of it, or nothing.
func WriteReportFile(file string, data []byte) error {
	err := os.WriteFile(partial(file), data, 0o644)
	if err == nil {
		err = os.Rename(partial(file), file)
	}
	if err != nil {
		_ = os.Remove(partial(file)) // it may not be there
		return fmt.Errorf("the report %s cannot be written (%w)", file, reason(err))
	}
	return nil
}

// reason leaves out what the sentence around it says already: the operation and the file.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
