//go:build !race

// Package race tells tests whether the race detector watches them: they play fewer matches then, and do
// not count allocations, because it allocates too.
package race

const Enabled = false
