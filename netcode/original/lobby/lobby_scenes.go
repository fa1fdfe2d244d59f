package lobby

import (
	"slices"
	"time"

	"tandem/netcode/original/wire"
)

// Upload is data that a visitor sends about a scene it has been in: answers to a page's questions, or
// the record of a game.
type Upload struct {
	SceneID string
	Subject string
	Answers wire.Value // a map; null for a game
	Game    []byte     // msgpack; nil for answers
	Globals wire.Value // a map
}

// register names a visitor, and shows the scene where its subject was last.
func (l *Lobby) register(now time.Time, v *visitor, subject string) {
	if v.subject != "" && v.subject != subject {
		l.note(NoteMisplaced, v, "", "register_subject with a second name")
		return
	}
	if v.subject == "" {
		l.supersede(now, v, subject)
		v.subject, v.scene = subject, l.stages.get(subject)
		l.takeCredit(v)
		l.note(NoteRegistered, v, "", subject)
		l.enter(v)
	}
	l.send(v, &wire.ServerSessionID{SessionID: l.sessionID()})
	l.activate(now, v)
}

// supersede takes an older socket of the same subject out of its waiting room. A page that has lost
// its line comes back before the relay has noticed: it must not be matched with its own ghost.
func (l *Lobby) supersede(now time.Time, v *visitor, subject string) {
	for _, w := range l.waiting {
		if w == nil {
			continue
		}
		for _, old := range w.players {
			if old.subject == subject && old != v {
				l.stopWaiting(now, old)
				l.send(old, &wire.EndGame{Message: "You have connected once more elsewhere."})
				break
			}
		}
	}
}

// enter gives the credit for what a scene without a game may send.
func (l *Lobby) enter(v *visitor) {
	if len(l.cfg.Scenes[v.scene].Seats) == 0 {
		v.credit[v.scene] = 1
	}
}

func (l *Lobby) activate(now time.Time, v *visitor) {
	s := &l.cfg.Scenes[v.scene]
	l.send(v, &wire.ActivateScene{Scene: s.describe(now, v.sid, sceneActive)})
}

// advance leads to the next scene; behind the last there is none.
func (l *Lobby) advance(now time.Time, v *visitor) {
	if v.scene == len(l.cfg.Scenes)-1 {
		l.note(NoteMisplaced, v, "", "advance_scene in the last scene")
		return
	}
	l.stopWaiting(now, v)
	v.game = nil
	s := &l.cfg.Scenes[v.scene]
	l.send(v, &wire.TerminateScene{Scene: s.describe(now, v.sid, sceneDone)})
	v.scene++
	l.stages.set(v.subject, v.scene)
	l.enter(v)
	l.activate(now, v)
}

// upload keeps what a visitor may send: once for every game it was in, and once for every other
// scene. The scene is looked up, so that nothing of the payload's becomes a name on disk.
func (l *Lobby) upload(v *visitor, u *Upload) {
	for i := range l.cfg.Scenes {
		s := &l.cfg.Scenes[i]
		if s.ID != u.SceneID || (len(s.Seats) > 0) != (u.Game != nil) || v.credit[i] == 0 {
			continue
		}
		v.credit[i]--
		u.SceneID, u.Subject = s.ID, v.subject
		l.out.Store = u
		return
	}
	l.note(NoteUpload, v, "", u.SceneID)
}

// leaveCredit lets what a socket may still upload about its games wait for its subject: a page whose line
// breaks right after a game has its record still to send.
func (l *Lobby) leaveCredit(v *visitor) {
	for i := range l.cfg.Scenes {
		if len(l.cfg.Scenes[i].Seats) == 0 {
			v.credit[i] = 0 // the next socket gets its own
		}
	}
	if v.subject != "" && slices.Max(v.credit) > 0 {
		l.stages.credit[v.subject] = v.credit
		l.stages.set(v.subject, l.stages.get(v.subject))
	}
}

// takeCredit gives it to the subject's next socket.
func (l *Lobby) takeCredit(v *visitor) {
	if credit, ok := l.stages.credit[v.subject]; ok {
		v.credit = credit
		delete(l.stages.credit, v.subject)
	}
}

// stages remembers subjects' scenes, the latest ones, and what uploads of theirs may still come.
type stages struct {
	scene  map[string]int
	credit map[string][]int
	order  []string // a ring of the subjects in scene
	next   int
}

func (s *stages) init(n int) {
	s.scene, s.credit, s.order = map[string]int{}, map[string][]int{}, make([]string, n)
}

// get returns the first scene for a subject that is not known.
func (s *stages) get(subject string) int { return s.scene[subject] }

func (s *stages) set(subject string, scene int) {
	if _, known := s.scene[subject]; !known {
		delete(s.scene, s.order[s.next])
		delete(s.credit, s.order[s.next])
		s.order[s.next] = subject
		s.next = (s.next + 1) % len(s.order)
	}
	s.scene[subject] = scene
}
