// Package programs holds the tests of the commands as whole processes: their flags, their one
// sentence when something is wrong, their exit codes, and matches between several of them. It has
// no code of its own.
package programs
