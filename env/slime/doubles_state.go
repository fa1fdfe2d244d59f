package slime

import (
	"encoding/binary"
	"fmt"

	"tandem/env"
)

// Indices into doublesSections.
const (
	doublesBallSection  = 1
	doublesFirstSection = 2 // of the slimes
)

// AppendState appends the complete state.
func (e *Doubles) AppendState(buf []byte) []byte {
	c := &e.court
	le := binary.LittleEndian

	buf, mark := env.BeginSection(buf)
	buf = le.AppendUint32(buf, c.frame)
	buf = append(buf, c.hold)
	buf = env.EndSection(buf, mark)

	buf = c.ball.append(buf)
	for seat := range c.bodies {
		buf, mark = env.BeginSection(buf)
		buf = c.bodies[seat].append(buf)
		buf = env.EndSection(buf, mark)
	}

	buf, mark = env.BeginSection(buf)
	buf = le.AppendUint32(buf, uint32(c.lives[0]))
	buf = le.AppendUint32(buf, uint32(c.lives[1]))
	buf = append(buf, uint8(c.toucher+1), c.since)
	buf = env.EndSection(buf, mark)

	buf, mark = env.BeginSection(buf)
	buf = c.rng.AppendState(buf)
	return env.EndSection(buf, mark)
}

// SetState replaces the state. What AppendState cannot have written for an environment of the same
// Spec is refused, and leaves this one as it was.
func (e *Doubles) SetState(data []byte) error {
	if err := e.spec.CheckState(data); err != nil {
		return err
	}
	var c doublesCourt
	rest := data
	for i, sec := range doublesSections {
		payload, r, _ := env.NextSection(rest)
		rest = r
		if what := e.readSection(&c, i, payload); what != "" {
			return fmt.Errorf("state of %s: section %q: %s", e.spec.Name, sec.Name, what)
		}
	}
	switch {
	case c.hold > 0 && !c.ball.served():
		return fmt.Errorf("state of %s: section %q: a ball that has moved while it hangs", e.spec.Name, "ball")
	case c.hold > 0 && c.toucher != nobody:
		return fmt.Errorf("state of %s: section %q: a touch of a ball that hangs", e.spec.Name, "score")
	}
	e.court = c
	return nil
}

// readSection fills a section's part of c and returns what is wrong with it, or "".
func (e *Doubles) readSection(c *doublesCourt, section int, payload []byte) string {
	rd := env.NewReader(payload)
	seat := section - doublesFirstSection
	switch {
	case section == 0:
		c.frame, c.hold = rd.U32(), rd.U8()
		if c.frame > maxFrame || c.hold > holdFrames {
			return "a frame or a hold that play does not reach"
		}
		return ""
	case section == doublesBallSection:
		return readBall(&c.ball, &rd, false)
	case seat < doublesSeats:
		c.bodies[seat] = readBody(&rd)
		return c.bodies[seat].wrong(direction(seat))
	case seat == doublesSeats:
		c.lives = [2]int32{rd.I32(), rd.I32()}
		c.toucher, c.since = int(rd.U8())-1, rd.U8()
		switch {
		case max(c.lives[0], c.lives[1]) > e.lives || min(c.lives[0], c.lives[1]) < minLives:
			return "more lives than a side starts with, or too few"
		case c.toucher >= doublesSeats:
			return "a touch by a seat that there is not"
		case c.since > sameTouch || c.toucher == nobody && c.since != 0:
			return "a time since the last touch that there is not"
		}
		return ""
	default:
		return readGenerator(&c.rng, payload)
	}
}
