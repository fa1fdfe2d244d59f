// Package sound plays short sounds and a soft tune.
//
// There are no sound files. A sound is a few lines of data (sounds.go) from which its samples are computed
// once the device is open; DECISIONS.md says why. Programs mix what is played into one stream (mixer_native.go),
// which a device takes from a goroutine of its own; in a page the browser mixes (device_js.go).
//
// Nothing is opened before the first sound that can be heard: with the sound off, in a hidden page, or before
// a page's visitor has pressed anything, a Player costs nothing. Where there is no device, or the only one
// fails, the Player says so once in the log and is silent from then on. After some seconds of silence the
// device rests.
package sound
