package client

import (
	"fmt"
	"strings"
	"time"

	"tandem/env"
	"tandem/env/draw"
	"tandem/game/words"
	"tandem/netcode/protocol"
	"tandem/netcode/session"
)

// scene is what View copies: the match as of the last update. It is guarded by Client.mu.
type scene struct {
	pause      string        // why the match stands still, in words; "" while it does not
	pauseUntil time.Duration // until when it waits; 0 when that is not known
	starting   time.Duration // when the frame after a pause is stepped

	spec       *env.Spec
	room       string
	frame      uint32
	scores     []float64
	points     []float64
	last       []float64
	prev, cur  draw.List
	shownAt    time.Duration // when cur was due
	hudFrame   uint32
	hudText    string
	delay      string // the room's input delay, in words
	invite     string
	told       string                 // what the relay has said about the waiting room
	rules      []string               // the room's options, in words
	watchers   string                 // who watches, in words
	restarting bool                   // the relay has said that it will be back
	roster     []protocol.RosterEntry // as it was told last
	apart      bool                   // some step has rewarded the seats differently
	againUntil time.Duration          // until when the room waits for another match
	own        bool                   // the end is this player's own: they left, or their connection broke
}

func (s *scene) init() { s.hudFrame = 1<<32 - 1 }

// show takes the picture of the state that a command has led to. fresh says that it has nothing to
// do with the picture before.
func (c *Client) show(fresh bool) {
	s := &c.scene
	s.frame = c.match.Frame()
	if !c.cfg.Screen {
		return
	}
	s.prev, s.cur = s.cur, s.prev
	if fresh {
		s.prev.Reset()
	}
	s.cur.Reset()
	c.match.Env().Render(&s.cur)
	if s.frame > 0 {
		s.shownAt = c.peer.PlayoutTime(s.frame - 1)
	}
}

// publish brings the small things up to date.
func (c *Client) publish() {
	s := &c.scene
	s.room = c.peer.Code()
	if c.match == nil {
		return
	}
	s.spec = c.match.Spec()
	s.scores = append(s.scores[:0], c.match.Scores()...)
	s.points = c.match.AppendPoints(s.points[:0])
	s.last = append(s.last[:0], c.match.LastScores()...)
}

// hudText is the line that a host shares once a second with those who cannot compute it.
func (c *Client) hudText() string {
	s := &c.scene
	if c.match == nil || !c.match.Begun() || s.spec == nil {
		return ""
	}
	if f := c.match.Frame() / session.FrameRate; f != s.hudFrame {
		s.hudFrame = f
		s.hudText = HUDText(c.match.Scores(), c.match.EpisodeStep(), s.spec)
	}
	return s.hudText
}

// HUDText writes scores and time left: "Score: 01 – -1 | Time left: 098.3s", after the original's
// line, with every seat's score because all see it.
func HUDText(scores []float64, step int, spec *env.Spec) string {
	var b strings.Builder
	b.WriteString("Score: ")
	for i, v := range scores {
		if i > 0 {
			b.WriteString(" – ")
		}
		fmt.Fprintf(&b, "%02.0f", v)
	}
	if spec.MaxSteps > 0 {
		fmt.Fprintf(&b, " | Time left: %05.1fs", float64(spec.MaxSteps-step)/float64(spec.FPS))
	}
	return b.String()
}

// View copies what there is to see at a moment of Config.Now's clock into v, reusing its memory.
func (c *Client) View(at time.Time, v *View) {
	now := at.Sub(c.start)
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &c.scene
	v.Spec, v.Room, v.Seat = s.spec, s.room, c.peer.Seat()
	v.Frame, v.Frames = s.frame, 0
	v.Scores = append(v.Scores[:0], s.scores...)
	v.Points = append(v.Points[:0], s.points...)
	v.LastScore = append(v.LastScore[:0], s.last...)
	v.Prev.CopyFrom(&s.prev)
	v.Cur.CopyFrom(&s.cur)
	v.Alpha = min(1, max(0, float64(now-s.shownAt)/float64(session.FrameTime(1))))
	v.Starting = 0
	counted := c.stats.ofMatch()
	v.Desyncs, v.Substituted, v.Stalls, v.Verified = counted.desyncs, counted.substituted, counted.stalls, counted.verified
	v.Warning, v.Transport = c.stats.warning, c.stats.report.Transport
	v.Watching, v.Watchers, v.Rules, v.HostsRelay = c.cfg.Peer.Watch, s.watchers, s.rules, c.cfg.HostsRelay
	v.Alone = c.alone.peer != nil
	v.Again, v.AgainAsked = 0, c.rematch.Load()
	if c.peer.State() == session.PeerAfter {
		v.Again = max(0, s.againUntil-now)
	}
	c.stats.meters.advance(now)
	c.stats.meters.copyTo(&v.Figures)
	v.Delay, v.Notice = s.delay, ""
	if now < c.control.until {
		v.Notice = c.control.notice
	}
	// Equal rewards at every step, and some at all, are a team's; without any, only the environment
	// can tell a team from a draw.
	v.Together = s.spec != nil && len(s.scores) > 1 && (s.spec.Cooperative || !s.apart && s.scores[0] != 0)
	v.Episode, v.Episodes, v.Step, v.Holding = 0, 0, 0, false
	if c.match != nil {
		v.Frames = c.match.Limit()
		v.Episode, v.Episodes = c.match.Episode()
		v.Step, v.Holding = c.match.EpisodeStep(), c.match.Holding()
	}
	v.Players = v.Players[:0]
	for i, r := range c.peer.Roster() {
		name := r.Name
		if r.Bot {
			name = c.words.BotName(name)
		}
		p := Player{Name: name, Present: c.present(&r), Host: r.Host, You: i == v.Seat}
		if s.spec != nil && i < len(s.spec.AgentTitles) {
			p.Agent = s.spec.AgentTitles[i]
		}
		v.Players = append(v.Players, p)
	}
	c.tell(now, v)
	v.Detail = words.Unsaid(v.Headline, v.Detail)
}

// tell fills in the phase and what it means, in words.
func (c *Client) tell(now time.Duration, v *View) {
	l := c.words
	v.Detail, v.Outdated, v.MayWatch = "", false, false
	switch st := c.peer.State(); st {
	case session.PeerCutOff:
		if c.match == nil {
			v.Phase, v.Headline, v.Detail = Connecting, l.Connecting, l.ConnectingAgain
			return
		}
		cut := words.CutOff{Watching: c.cfg.Peer.Watch, InProgram: c.inProgram()}
		v.Phase, v.Headline = Paused, l.ConnectionLost
		if c.scene.restarting {
			v.Headline, cut.Restarting = l.RelayRestarts, c.scene.pause
		}
		v.Detail = l.CutOff(cut)
	case session.PeerGreeting, session.PeerJoining:
		if c.match != nil && c.match.Begun() {
			v.Phase, v.Headline, v.Detail = Paused, l.ConnectionLost, l.RelayAnswers
			return
		}
		v.Phase, v.Headline = Connecting, l.Connecting
	case session.PeerSeated, session.PeerReady:
		v.Phase = Waiting
		v.Headline, v.Detail = l.Waiting(c.waiting(v))
	case session.PeerPlaying, session.PeerFinished:
		c.tellPlay(now, v)
	case session.PeerAfter:
		v.Phase, v.Headline = Finished, l.Result(v.Result(l))
		if !v.Alone {
			v.Detail = l.Again(c.wantAgain(v))
		}
	case session.PeerClosed:
		end := c.peer.End()
		if end.Code == protocol.CodeOK {
			v.Phase, v.Headline, v.Detail = Finished, l.Result(v.Result(l)), end.Text
			return
		}
		v.Phase, v.Outdated = Closed, end.Code == protocol.CodeVersion
		v.MayWatch = !v.Watching && (end.Code == protocol.CodeRoomFull || end.Code == protocol.CodeRoomStarted)
		v.Headline, v.Detail = l.End(words.End{Code: end.Code, Text: end.Text, Own: c.scene.own, Seated: c.match != nil && (v.Seat >= 0 || v.Watching),
			Watching: v.Watching, Played: v.Frame > 0, InProgram: c.inProgram(), Outdated: c.cfg.Outdated})
	}
}

// tellPlay does that for a match that is played.
func (c *Client) tellPlay(now time.Duration, v *View) {
	l := c.words
	if c.scene.pause != "" {
		left := time.Duration(0)
		if c.scene.pauseUntil > 0 {
			left = c.scene.pauseUntil - now
		}
		v.Phase, v.Headline = Paused, l.MatchPaused
		if !v.Alone { // else by whoever looks at it, who knows
			v.Detail = l.PausedFor(c.scene.pause, left)
		}
		return
	}
	if left := c.scene.starting - now; left > 0 && v.Frame > 0 {
		v.Phase, v.Headline, v.Starting = Countdown, l.Resuming, left
		return
	}
	if v.Frame == 0 {
		v.Phase, v.Headline = Countdown, l.GetReady
		v.Starting = max(0, c.peer.PlayoutTime(0)-now)
		c.startsWithout(v)
		return
	}
	v.Phase, v.Headline = Playing, ""
	if c.away.Load() {
		v.Headline, v.Detail = l.GoesOnWithout, l.ComeBack
	}
	switch {
	case c.peer.State() != session.PeerFinished:
	case c.guest != nil && c.guest.Done():
		v.Phase, v.Headline, v.Detail = Finished, l.Result(v.Result(l)), l.RecordUploaded
	default:
		v.Headline = l.MatchOver
	}
}

// equal reports whether every seat has the same score.
func equal(scores []float64) bool {
	for _, s := range scores {
		if s != scores[0] {
			return false
		}
	}
	return true
}
