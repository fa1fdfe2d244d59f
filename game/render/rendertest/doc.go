// Package rendertest lets the tests of a package draw and read pixels back.
//
// Ebitengine answers Image.At and ReadPixels only while a game is running, and runs one game per
// process. So TestMain hands the whole test run to Main, which opens a window and runs the tests
// inside the game's first Update.
package rendertest
