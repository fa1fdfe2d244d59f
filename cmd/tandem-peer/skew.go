package main

import (
	"time"

	"tandem/netcode/netsim"
)

// skewed is this machine's clock as a seat with -net skew= has it.
func skewed(line netsim.Spec) func() time.Time {
	start := time.Now()
	clock := netsim.Clock{Skew: line.Skew}
	return func() time.Time { return start.Add(clock.Local(time.Since(start))) }
}
