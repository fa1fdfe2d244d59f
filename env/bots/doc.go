// Package bots registers the bots that can play every environment:
//
//   - idle sends the default action,
//   - random sends a uniformly random action each time,
//   - sticky repeats a random action for a random while, as a person holds a key.
//
// Their randomness comes from env/numpyrand and the seed alone, so a bot's game can be played again.
package bots
