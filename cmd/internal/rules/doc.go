// Package rules holds the project's rules that a compiler does not check, as tests. It has no code
// of its own.
//
//   - imports_test.go: which package may import what, and why.
//   - simulation_test.go: what must not appear in code that every peer has to execute alike, and in
//     the session's state machines.
//   - tree_test.go: what lies at the top of the repository, and what no file may contain.
//   - papers_test.go: papers name tests and functions that exist.
//   - page_test.go: what a browser may refuse, and how it is read.
//
// A rule that fails says why it exists. Every rule is also run on the files of testdata, where the
// lines marked "want" break it and the others do not, so that no rule can stop working unnoticed.
//
// A new package needs a row in the table of imports_test.go; a new environment needs none.
package rules
