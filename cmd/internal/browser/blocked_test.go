//go:build !js

package browser

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// blocked starts a browser whose settings keep every site from storing anything.
func blocked(t *testing.T) chromedp.ExecAllocatorOption {
	t.Helper()
	profile := profileFolder(t)
	settings := filepath.Join(profile, "Default", "Preferences")
	if err := os.MkdirAll(filepath.Dir(settings), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(settings, []byte(`{"profile": {"default_content_setting_values": {"cookies": 2}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	return chromedp.UserDataDir(profile)
}

// TestBlocked hosts a room and joins it where the site's data are blocked, so that session storage throws
// when it is only read. What needs it is done without.
func TestBlocked(t *testing.T) {
	draws(t)
	h := openHouse(t, "")
	b := chromium(t, blocked(t))
	host := open(t, b, "host", h.at("host&name=Ada&env=slime&env-opt=max_steps=90&env-opt=episodes=1"))
	host.waitWords("Friends open this link")
	guest := visit(t, b, "guest", h.at("name=Bob&room="+mustReport(host).Room))
	for _, p := range []*tab{host, guest} {
		if !eval[bool](p, `(() => { try { return !window.sessionStorage; } catch { return true; } })()`) {
			t.Fatalf("%s: this browser lets the page store something: the test is void", p.name)
		}
	}
	same(t, 0, host.waitEnd(), guest.waitEnd())
	guest.leaveResult()
}

// profileFolder is a folder for a browser's profile. Some of a browser's processes end a moment after it, and
// write until then.
func profileFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "profile-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := os.RemoveAll(dir)
		for until, tick := time.Now().Add(patience), time.Tick(50*time.Millisecond); err != nil && time.Now().Before(until); <-tick {
			err = os.RemoveAll(dir)
		}
		if err != nil {
			t.Error(err)
		}
	})
	return dir
}
