// Package timing tells how long messages take and when frames are due by another computer's clock: a Clock
// that follows the relay's by pings, Windows of the delays of the last seconds with their upper quantiles,
// Slews that shift what people feel without a jump, and a Predictor of the action that has not come.
//
// Nothing here reads a clock: the time is always handed in, as a duration since some beginning.
package timing

import "time"

// FrameRate is the number of frames per second of every match.
const FrameRate = 30

// FrameInterval is the length of a frame, T, to the nanosecond.
const FrameInterval = time.Second / FrameRate
