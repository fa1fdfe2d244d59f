// Command lint is a tool for go vet: analysers from golang.org/x/tools that go vet does not run by itself.
//
//	go build -o build/lint ./cmd/internal/lint && go vet -vettool=build/lint ./...
//
// What is left out: shadow (an err within a block is no mistake here, and all it finds is of that kind) and
// fieldalignment (the order of fields is for readers).
package main

import (
	"golang.org/x/tools/go/analysis/passes/deepequalerrors"
	"golang.org/x/tools/go/analysis/passes/httpmux"
	"golang.org/x/tools/go/analysis/passes/nilness"
	"golang.org/x/tools/go/analysis/passes/reflectvaluecompare"
	"golang.org/x/tools/go/analysis/passes/scannererr"
	"golang.org/x/tools/go/analysis/passes/sortslice"
	"golang.org/x/tools/go/analysis/passes/unusedwrite"
	"golang.org/x/tools/go/analysis/unitchecker"
)

func main() {
	unitchecker.Main(
		deepequalerrors.Analyzer,     // reflect.DeepEqual on errors
		httpmux.Analyzer,             // patterns that an older net/http would read otherwise
		nilness.Analyzer,             // what is certainly nil, or certainly not
		reflectvaluecompare.Analyzer, // == on reflect.Value
		scannererr.Analyzer,          // a bufio.Scanner that is not asked for its error
		sortslice.Analyzer,           // sort.Slice of no slice
		unusedwrite.Analyzer,         // fields that are set and never read
	)
}
