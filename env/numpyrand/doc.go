// Package numpyrand reproduces, bit for bit, the random numbers that the Python references of the
// environments draw: numpy's Generator(PCG64(SeedSequence(seed))).
//
// SeedSequence spreads a seed of any length over 256 bits. PCG64 is the generator those bits start:
// the 128-bit linear congruential generator of M. E. O'Neill's PCG family with the XSL-RR output
// function. Its draws are numpy's: Float64 is Generator.random, Uniform is Generator.uniform, Below
// is Generator.integers(n) for n < 2³², Shuffle is Generator.shuffle of a list.
//
// A generator is a plain value. Its position, the half-used word included, is part of the state of
// the environment that owns it: AppendState and ParseState carry it.
//
// Everything here is simulation code (see package env): integers, and float64 products that are
// rounded before they are added. No draw allocates.
package numpyrand
