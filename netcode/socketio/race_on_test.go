//go:build race

package socketio

const raceDetector = true
