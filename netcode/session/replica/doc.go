// Package replica is the match at one computer: the orders that a session gives (Command), the bundles they
// come from (Log), and the Executor that carries them out on any Game, and keeps, hands out and loads its
// states. A player's computer has one, and so has a relay with a witness.
//
// A Snapshot is a complete state as it travels. It may be a difference to a state that its receiver has, with
// the frames behind that one simulated again; whoever loads it checks the hash of what it leads to, so that a
// damaged one changes nothing.
package replica
