package session

import (
	"time"

	"tandem/netcode/protocol"
	"tandem/netcode/session/timing"
)

// FrameRate is the number of frames per second of every match.
const FrameRate = timing.FrameRate

// FrameInterval is the length of a frame, T, to the nanosecond; FrameTime is exact for many.
const FrameInterval = timing.FrameInterval

// What is told of actions tells of all that there can be.
const _ = uint(timing.Actions - protocol.MaxAction - 1)

// FrameTime returns the length of n frames.
func FrameTime(n int64) time.Duration {
	return timing.FrameTime(n)
}
