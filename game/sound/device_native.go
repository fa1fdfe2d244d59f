//go:build !js

package sound

import (
	"errors"
	"time"

	"github.com/ebitengine/oto/v3"
)

// waitsForGesture says that nothing can be heard before somebody has pressed something.
const waitsForGesture = false

func activated() bool { return true }

// breath is how long rendering rests after each sound and note: other processors draw the pictures meanwhile.
const breath = 0

const (
	// ahead is how much is mixed before it is heard: a picture or two, and enough for a busy computer.
	ahead = 40 * time.Millisecond

	// patience is how long a device may take to answer.
	patience = 10 * time.Second
)

type output struct {
	*oto.Context
	stream *oto.Player
}

// openDevice opens this system's usual device and plays the mixer on it. It waits until that can be heard.
func openDevice(m *mixer) (device, error) {
	quieten()
	ctx, ready, err := oto.NewContext(&oto.NewContextOptions{
		SampleRate: rate, ChannelCount: 1, Format: oto.FormatFloat32LE, BufferSize: ahead, ApplicationName: "Tandem",
	})
	if err != nil {
		return nil, err
	}
	select {
	case <-ready:
	case <-time.After(patience):
		return nil, errors.New("the sound device does not answer")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	o := &output{ctx, ctx.NewPlayer(m)}
	o.stream.SetBufferSize(int(ahead.Seconds()*rate) * 4)
	o.stream.Play()
	return o, nil
}
