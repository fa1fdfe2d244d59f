//go:build !js

package programs

import "testing"

// TestNoDisplay: without a screen the window's program says so, whatever it was to show.
func TestNoDisplay(t *testing.T) {
	t.Parallel()
	none := []string{"DISPLAY=", "WAYLAND_DISPLAY="}
	begin(t, none, "tandem").sentence(usage, "DISPLAY")
	begin(t, none, "tandem", "-bot", "random").sentence(usage, "DISPLAY")
	begin(t, none, "tandem", "-relay", free(t), "-room", "r").sentence(usage, "DISPLAY")
}
