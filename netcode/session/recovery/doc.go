// Package recovery puts a match together again after a restart of the relay, from what its players remember.
//
// Each who comes back claims how many bundles it has, and their sum (Claim). Once all are back, or after 10 s,
// the one with most of them is asked for the log (AskedFor, then Take). What is told must be what was claimed
// before anybody else's claim was known, and most of those who are back must have had it: one of them cannot
// have the others play something else than they have played. Where no two know the same, the best of the
// claims is taken.
//
// Nothing above the highest bundle that anybody brought back ever happened: a seat that comes later with more
// begins again from a snapshot or from the seed. A Gathering decides and does nothing else; whoever calls it
// asks, refuses and goes on with the match.
package recovery
