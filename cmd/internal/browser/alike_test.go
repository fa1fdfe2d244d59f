//go:build !js

package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"tandem/cmd/internal/app"
	"tandem/netcode/recording"
)

// TestThree plays a whole match of a native host and two tabs: all end in the same state.
func TestThree(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	host := h.seat("cook", "three", app.RoomFlags{Env: "overcooked/party_3", Frames: 450})
	b := chromium(t)
	one := open(t, b, "tab 1", h.at("room=three&name=One"))
	two := visit(t, b, "tab 2", h.at("room=three&name=Two"))
	two.waitFrame(60)
	two.picture("three")
	same(t, 450, one.waitEnd(), two.waitEnd(), host.end())
}

// TestMixed compares the states of a native player and a page after every single frame. A page on a busy
// machine may be told a few frames as history, which nobody hashes; the frames after them show that
// they were the same, and enough are played that 3,000 are compared all the same.
func TestMixed(t *testing.T) {
	waits(t) // its pages are small, and it lasts as long as what they play
	const frames, atLeast = 3300, 3000
	h := openHouse(t, "")
	type pair struct {
		host *native
		page *tab
	}
	var pairs []pair
	b := chromium(t, chromedp.WindowSize(320, 240))
	for i, env := range []string{"slime", "overcooked/cramped_room"} {
		room := fmt.Sprint("mixed-", i)
		host := h.seat("random", room, app.RoomFlags{Env: env, Frames: frames, Set: app.Words{"state_sync_frequency_frames=1"}})
		pairs = append(pairs, pair{host, visit(t, b, "tab "+env, h.at("room="+room))})
	}
	for _, p := range pairs {
		r := p.page.waitEnd()
		same(t, frames, p.host.end(), r)
		here, there := hashes(t, p.page.recording(), r.Seat), hashes(t, p.host.recording(), p.host.c.Report().Seat)
		if len(there) != frames {
			t.Fatalf("%s: the native recording has the states of %d frames, want %d", r.Env, len(there), frames)
		}
		compared := 0
		for f := range uint32(frames) {
			sum, ok := here[f]
			if !ok {
				continue
			}
			if sum != there[f] || sum == 0 {
				t.Fatalf("%s: after frame %d the page's state is %016x, the native one %016x", r.Env, f, sum, there[f])
			}
			compared++
		}
		if compared < atLeast {
			t.Errorf("%s: the page has told the states of %d frames, want at least %d", r.Env, compared, atLeast)
		}
		t.Logf("%s: the states after %d frames are equal", r.Env, compared)
	}
}

// hashes returns a recording's hashes of its owner's states, by frame.
func hashes(t *testing.T, data []byte, seat int) map[uint32]uint64 {
	t.Helper()
	list := map[uint32]uint64{}
	records(t, data, func(rec *recording.Record) {
		if rec.Kind == recording.KindHash && rec.Seat == seat {
			list[rec.Frame] = rec.Hash.Total
		}
	})
	return list
}
