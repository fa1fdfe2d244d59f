package recording

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// Limits of a desync report.
const (
	// ReportBundles is how many of the last bundles a report holds: two seconds.
	ReportBundles = 60
	// maxReport bounds what is read as a report: two states of MaxState, their fields and bundles.
	maxReport = 2 << 20
	// maxFields bounds the fields that are listed by name.
	maxFields = 4096
	// reportFormat is the layout's version.
	reportFormat = 1
)

// DesyncReport is what a peer keeps when it learns that the players' states differ. It is a JSON
// object that says by itself what it is, so that it can be read without this program.
type DesyncReport struct {
	Format    int       `json:"tandem_desync_report"` // version of this layout
	Header    Header    `json:"session"`
	Written   time.Time `json:"written"`
	Epoch     uint8     `json:"epoch"`
	Frame     uint32    `json:"frame"` // the states are those after it
	Final     bool      `json:"final"` // it was the last: the states at the end of the match were compared
	Differing []int     `json:"differing_seats"`
	// Majority is false when the seats are not outliers: no state had a majority, so that all are
	// named.
	Majority bool `json:"majority"`
	// Judge says on whose word the seats are named, in words that follow "by".
	Judge    string         `json:"judge,omitempty"`
	Sections []string       `json:"differing_sections"` // as far as the verdict or both states tell
	OtherOf  string         `json:"other_state_of,omitempty"`
	Fields   []Field        `json:"fields"`
	Own      []byte         `json:"own_state"`             // complete; null when it was not kept that long
	Other    []byte         `json:"other_state,omitempty"` // of OtherOf, where it could be had
	Bundles  []ReportBundle `json:"bundles"`               // the last ones up to Frame
	Words    string         `json:"summary"`               // the same for people, in one or two sentences
}

// Field is one value of a state, by name.
type Field struct {
	Name    string `json:"name"` // "section.field", "section.field[2]"
	Own     string `json:"own,omitempty"`
	Other   string `json:"other,omitempty"`
	Differs bool   `json:"differs,omitempty"` // both are known and not equal
}

// ReportBundle is one executed frame.
type ReportBundle struct {
	Frame       uint32 `json:"frame"`
	Actions     []int  `json:"actions"`
	Substituted []int  `json:"substituted_seats,omitempty"`
}

// Encode writes the report as JSON. What is beyond its limits is left out: fields that do not differ
// first.
func (r *DesyncReport) Encode() ([]byte, error) {
	r.Format = reportFormat
	if len(r.Own) > MaxState || len(r.Other) > MaxState {
		return nil, fmt.Errorf("the desync report has a state of more than %d bytes", MaxState)
	}
	out := *r
	if len(out.Fields) > maxFields {
		out.Fields = nil
		for _, differs := range []bool{true, false} {
			for _, f := range r.Fields {
				if f.Differs == differs && len(out.Fields) < maxFields {
					out.Fields = append(out.Fields, f)
				}
			}
		}
	}
	if n := len(out.Bundles) - ReportBundles; n > 0 {
		out.Bundles = out.Bundles[n:]
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(&out); err != nil {
		return nil, fmt.Errorf("the desync report: %w", err)
	}
	return b.Bytes(), nil
}

// ReadDesyncReport reads what Encode wrote.
func ReadDesyncReport(r io.Reader) (*DesyncReport, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxReport+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxReport {
		return nil, fmt.Errorf("this is not a desync report of Tandem: it has more than %d bytes", maxReport)
	}
	d := new(DesyncReport)
	if err := json.Unmarshal(data, d); err != nil || d.Format == 0 {
		return nil, errors.New("this is not a desync report of Tandem, or it is damaged")
	}
	if d.Format > reportFormat {
		return nil, fmt.Errorf("the desync report has format %d, this program reads up to %d: update this program", d.Format, reportFormat)
	}
	if err := d.Header.check(); err != nil {
		return nil, err
	}
	if len(d.Own) > MaxState || len(d.Other) > MaxState {
		return nil, fmt.Errorf("this is not a desync report of Tandem: a state has more than %d bytes", MaxState)
	}
	return d, nil
}
