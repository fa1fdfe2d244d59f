// Package app is what the commands share: flags that several of them have, the room they ask for,
// an embedded relay, and how they end.
package app
