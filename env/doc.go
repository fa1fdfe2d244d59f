// Package env is the contract between Tandem and the multi-agent environments it plays.
//
// An environment follows the Gym semantics (Gymnasium / PettingZoo "parallel"): Reset starts an
// episode, Step takes one action per agent and answers rewards, terminated and truncated flags and
// infos per agent, Observe gives an agent's observation. What Tandem adds is what deterministic
// lock-step play needs: the complete state as canonical bytes in named sections (AppendState,
// SetState), and a picture as data (Render).
//
// Everything that runs inside Reset, Step and SetState is simulation code: every peer of a match
// executes it, on any processor, and must arrive at the same bits. The rules are therefore strict:
//
//   - float64 or integers, with + − × ÷ and math.Sqrt only. A product that is added to or
//     subtracted from something is written float64(x*y)+z, because Go may otherwise fuse the two
//     operations on arm64 or with GOAMD64=v3 and round once instead of twice.
//   - no math.Exp, Log, Pow, Hypot, Sin, Cos, Tanh and the like: they differ between processors.
//   - no iteration over maps, no time, no goroutines, no global state.
//   - every generator's position belongs to the state.
//
// Render and Observe are executed by whoever wants to look and may use package math freely, but
// observations that a bot inside every peer decides upon are simulation code too.
//
// The package's example is a whole environment in eighty lines. One that is to be played lives in a folder
// of its own, registers itself with Register from an init function, and is switched on by one import in
// tandem/env/all. Where circles, lines and polygons are not enough, sprites of its own come with it: see
// tandem/env/sprite.
package env
