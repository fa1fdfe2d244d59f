// Package testenv is a small deterministic environment for tests of synchronisation: "testenv",
// with 1 to 16 seats.
//
// Every action changes the whole state, and chaotically: whoever applies a different action, in a
// different frame or in a different order, or loses any part of the state, differs from then on in
// every section but the clock's. There is an integer part (one word per agent), a float64 part and a generator
// whose half-used words belong to the state. Some actions are one-shot. An episode is truncated
// after episode_steps steps.
//
// The option flaw makes it deliberately nondeterministic: the state then depends on a counter of
// the process, so that two instances differ as soon as both step. It serves to test that desyncs
// are noticed. The option drift does the same to a single number, float[2] of the section floats, from
// one step of each episode on: it serves to test that a desync is named as exactly as it happens.
package testenv
