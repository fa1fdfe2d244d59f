//go:build race

package envtest

func init() { underRace = true }
