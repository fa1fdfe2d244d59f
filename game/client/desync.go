package client

import (
	"log/slog"
	"sync"

	"tandem/game/sim"
	"tandem/game/words"
	"tandem/netcode/protocol"
	"tandem/netcode/recording"
	"tandem/netcode/session"
	"tandem/netcode/session/replica"
)

const (
	// keptBundles is how many bundles are remembered: a report's, and those stepped while the
	// verdict was on its way.
	keptBundles = 512
	// maxReports is how many desync reports one match leaves. What differs once differs again; the
	// first ones tell the cause.
	maxReports = 3
)

// evidence is what a desync report is made of, besides the states that the executor keeps: the
// bundles that led to them.
type evidence struct {
	final   []byte // state at the end of the match
	bundles [keptBundles]keptBundle
	reports []*recording.DesyncReport
}

type keptBundle struct {
	frame       uint32 // + 1; 0 for none
	actions     [protocol.MaxSeats]uint8
	substituted uint16
}

// reset forgets a match that is over.
func (e *evidence) reset() {
	clear(e.bundles[:])
	e.reports = nil
}

func (e *evidence) step(c *replica.Command) {
	e.bundles[c.Frame%keptBundles] = keptBundle{c.Frame + 1, c.Actions, c.Substituted}
}

// last returns the bundles up to a frame that a report holds.
func (e *evidence) last(frame uint32, seats int) (list []recording.ReportBundle) {
	from := uint32(0)
	if frame >= recording.ReportBundles {
		from = frame + 1 - recording.ReportBundles
	}
	for f := from; f <= frame; f++ {
		b := &e.bundles[f%keptBundles]
		if b.frame != f+1 {
			continue
		}
		r := recording.ReportBundle{Frame: f, Substituted: seatsOf(b.substituted)}
		for _, a := range b.actions[:seats] {
			r.Actions = append(r.Actions, int(a))
		}
		list = append(list, r)
	}
	return list
}

func seatsOf(mask uint16) (seats []int) {
	for i := range protocol.MaxSeats {
		if mask&(1<<i) != 0 {
			seats = append(seats, i)
		}
	}
	return seats
}

// desync makes a report of a verdict that says that states differ, and has it kept.
func (c *Client) desync(v *session.Event) {
	if c.cfg.KeepDesync == nil || c.sequenced == nil || c.match == nil || len(c.evidence.reports) >= maxReports {
		return
	}
	now := c.cfg.Wall().UTC()
	r := &recording.DesyncReport{Header: *sim.Describe(c.sequenced, c.match, c.cfg.Peer.Program, now), Written: now,
		Epoch: c.sequenced.Epoch(), Frame: v.Frame, Differing: seatsOf(v.Mask)}
	own := c.exec.State(v.Frame)
	if frames, _ := c.exec.Final(); c.exec.Finished() && v.Frame == frames && frames > 0 { // the verdict on the end counts frames
		r.Frame, r.Final, own = frames-1, true, c.evidence.final
	}
	seats := len(r.Header.Seats)
	r.Judge = v.Judge.String()
	r.Majority = v.Judge == protocol.JudgeMajority || v.Judge == protocol.JudgeWitness
	r.Own = append([]byte(nil), own...)
	r.Bundles = c.evidence.last(r.Frame, seats)
	sections := c.match.Sections()
	for i := range protocol.MaxHashes {
		if v.Sections&(1<<i) != 0 {
			r.Sections = append(r.Sections, sim.SectionName(sections, i))
		}
	}
	c.evidence.reports = append(c.evidence.reports, r)
	c.completed(r)
}

// judged adds the second verdict on a frame to its report: who was wrong.
func (c *Client) judged(v *session.Event) {
	for _, r := range c.evidence.reports {
		if r.Frame == v.Frame {
			r.Differing, r.Judge = seatsOf(v.Mask), v.Judge.String()
			c.completed(r)
		}
	}
}

// finalDesync makes a report of a match that ends because the final states differ: the end overtakes
// the verdict that says so.
func (c *Client) finalDesync(end *session.Event) {
	if end.Code != protocol.CodeDesync || c.exec == nil || !c.exec.Finished() {
		return
	}
	frames, _ := c.exec.Final()
	for _, r := range c.evidence.reports {
		if r.Final {
			return
		}
	}
	c.desync(&session.Event{Kind: session.EventVerified, Frame: frames, Mask: 1<<len(c.match.Spec().Agents) - 1})
}

// otherState adds another side's state after a frame to the report of that frame, where there is
// one. of says whose it is: "seat 1", "the relay".
func (c *Client) otherState(frame uint32, of string, state []byte) {
	for _, r := range c.evidence.reports {
		if r.Frame == frame && r.Other == nil {
			r.Other, r.OtherOf = append([]byte(nil), state...), of
			c.completed(r)
		}
	}
}

// completed fills in what follows from the rest of a report, and has it kept.
func (c *Client) completed(r *recording.DesyncReport) {
	sections := c.match.Sections()
	if r.Own != nil && r.Other != nil {
		r.Sections = sim.DifferingSections(sections, r.Own, r.Other)
	}
	fields, err := sim.DescribeStates(sections, r.Own, r.Other)
	if err != nil {
		c.cfg.Log.Error("the states of a desync cannot be described", "error", err)
	}
	r.Fields = fields
	r.Words = c.words.Desync(words.Desync{Frame: r.Frame, Differing: r.Differing, Seats: len(r.Header.Seats), Judge: r.Judge, Sections: r.Sections})
	report := *r // it may still grow
	k := &c.keeper
	k.mu.Lock()
	defer k.mu.Unlock()
	k.waiting = append(k.waiting, &report)
	if !k.busy {
		k.busy = true
		c.work.Go(func() { k.run(c.cfg.KeepDesync, c.cfg.Log) })
	}
}

// keeper hands reports to Config.KeepDesync one after the other, in their order, so that a later
// version never gives way to an earlier one. Its goroutine lives while there is something to keep.
type keeper struct {
	mu      sync.Mutex
	waiting []*recording.DesyncReport
	busy    bool
}

func (k *keeper) run(keep func(*recording.DesyncReport) (string, error), log *slog.Logger) {
	for r := k.next(); r != nil; r = k.next() {
		where, err := keep(r)
		if err != nil {
			log.Error("the report of the desync cannot be kept", "error", err)
			continue
		}
		log.Error("the desync is described in "+where, "frame", r.Frame, "read it with", "tandem-replay info")
	}
}

// next takes the report that has waited longest; nil when there is none, and then the caller is done.
func (k *keeper) next() *recording.DesyncReport {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.waiting) == 0 {
		k.busy = false
		return nil
	}
	r := k.waiting[0]
	k.waiting = k.waiting[1:]
	return r
}
