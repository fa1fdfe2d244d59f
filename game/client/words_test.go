package client

import "testing"

// What a headline says does not stand there again under it.
func TestUnsaid(t *testing.T) {
	for _, c := range []struct{ headline, detail, want string }{
		{"The relay is being restarted", "The relay is being restarted; the match goes on when it is back. Your seat is kept.", "The match goes on when it is back. Your seat is kept."},
		{"The relay is shutting down", "The relay is shutting down; try again in a minute.", "Try again in a minute."},
		{"A player left", "a player left.", ""},
		{"Connection lost", "Connection lost: über alles", "Über alles"},
		{"The relay is busy", "The relay is busy with others.", "The relay is busy with others."},
		{"The match has ended", "The match has ended", ""},
		{"You", "Your seat was taken.", "Your seat was taken."},
		{"", "Nothing above.", "Nothing above."},
		{"A long headline", "Short", "Short"},
		{"Paused", "", ""},
	} {
		if got := unsaid(c.headline, c.detail); got != c.want {
			t.Errorf("under %q: %q becomes %q, want %q", c.headline, c.detail, got, c.want)
		}
	}
}
