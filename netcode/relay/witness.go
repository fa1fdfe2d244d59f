package relay

import (
	"fmt"

	"tandem/netcode/session"
)

// addWitness gives the room the relay's own simulation, where there is one.
func (r *room) addWitness() {
	if r.server.opts.Witness == nil {
		return
	}
	x, err := r.server.opts.Witness(r.state.Config())
	if err != nil {
		r.log.Warn("the room has no witness", "error", err)
		return
	}
	r.witness = x
	r.state.WithWitness()
}

// testify lets the witness do what the room has ordered; it reports whether there is an answer that
// should not wait. A fault of the environment costs the room its witness, not its match.
func (r *room) testify(out *session.RoomOut) (answers bool) {
	if r.witness == nil {
		return false
	}
	defer func() {
		if v := recover(); v != nil {
			r.log.Error("the witness failed", "panic", fmt.Sprint(v))
			r.state.DropWitness()
			r.witness, answers = nil, false
		}
	}()
	for i := range out.Commands {
		answers = r.witness.Execute(&out.Commands[i]) || answers
	}
	return answers
}

// testimony is what the witness has to say to the next Update.
func (r *room) testimony(in *session.RoomIn) {
	if r.witness != nil {
		in.Answers = r.witness.Answers()
	}
}
