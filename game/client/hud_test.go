package client

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"tandem/netcode/session"
)

// inState is a player in a state.
type inState struct {
	player
	state session.PeerState
}

func (p inState) State() session.PeerState { return p.state }

// What the relay says in the waiting room is told. A host's HUD text is not, and one may be overtaken by the end
// of the match.
func TestWordsOfTheWaitingRoom(t *testing.T) {
	for state, tells := range map[session.PeerState]bool{
		session.PeerSeated: true, session.PeerReady: true,
		session.PeerPlaying: false, session.PeerFinished: false, session.PeerCutOff: false, session.PeerClosed: false,
	} {
		var log strings.Builder
		c := &Client{peer: inState{state: state}}
		c.cfg.Now = time.Now
		c.cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
		c.handle(&session.Event{Kind: session.EventHUD, Text: "Score: 00"})
		if told := c.scene.told != "" || log.Len() > 0; told != tells {
			t.Errorf("state %v: told is %v, want %v", state, told, tells)
		}
	}
}
