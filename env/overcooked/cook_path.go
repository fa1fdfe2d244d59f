package overcooked

// far is the distance of what cannot be reached. Kitchens are smaller.
const far = 255

// distances are steps, by cell.
type distances []uint8

// spread fills d with the steps from the nearest of the cells in p.queue. Objects are in the way,
// and so are cooks who do not make room; other cooks are not.
func (p *plan) spread(d distances) {
	for i := range d {
		d[i] = far
	}
	for _, c := range p.queue {
		d[c] = 0
	}
	// Most of a decision's time is spent here, so the loop works on its own variables.
	open, queue, steps := p.open, p.queue, p.env.layout.step
	for at := 0; at < len(queue); at++ {
		c := queue[at]
		next := d[c] + 1
		for _, step := range &steps {
			if n := c + step; open[n] && d[n] == far {
				d[n] = next
				queue = append(queue, n)
			}
		}
	}
	p.queue = queue
}

// reach is how far the agent is from a cell from which it can use target.
func (p *plan) reach(agent, target int) int {
	best := far
	for _, step := range p.env.layout.step {
		best = min(best, int(p.from[agent][target+step]))
	}
	return best
}

// Movement of all cooks at once is planned after Okumura and others, "Priority Inheritance with
// Backtracking for Iterative Multi-agent Path Finding" (2019): by priority, each cook takes the
// free neighbouring cell that is closest to its goal, and one who stands in the way must move
// first, with the priority of who pushes it; if it cannot, the next best cell is tried. The cook
// executes its own part of the plan and supposes that the others do theirs.

// steps plans one move for everyone into p.next.
func (p *plan) steps() {
	e := p.env
	for i := range e.agents {
		p.next[i] = -1
		if p.posts[i] {
			p.next[i] = e.agents[i].cell
		}
	}
	for level := mostUrgent; level >= idle; level-- {
		for i := range e.agents {
			if p.tasks[i].urgency == level && p.next[i] < 0 {
				p.step(i)
			}
		}
	}
}

// step plans the agent's move and reports whether it gets one, be it to stay where it likes to be.
func (p *plan) step(i int) bool {
	e := p.env
	at := e.agents[i].cell
	var choice [5]int
	var cost [5]int
	n := 0
	for k := -1; k < len(e.layout.step); k++ {
		c := at
		if k >= 0 {
			c += e.layout.step[k]
			if !p.open[c] {
				continue
			}
		}
		// Twice the distance, so that among equals an empty cell comes first, and standing still
		// before that.
		v := 2 * int(p.to[i][c])
		if k >= 0 && e.standing(e.agents, c) {
			v++
		}
		j := n
		for ; j > 0 && v < cost[j-1]; j-- {
			choice[j], cost[j] = choice[j-1], cost[j-1]
		}
		choice[j], cost[j] = c, v
		n++
	}
	for _, c := range choice[:n] {
		if !p.allowed(i, c) {
			continue
		}
		p.next[i] = c
		j := p.agentAt(c)
		if j >= 0 && j != i && p.next[j] < 0 && !p.step(j) {
			continue
		}
		return true
	}
	p.next[i] = at
	return false
}

// allowed reports whether the cell is not taken by another's plan, nor left by one who comes here.
func (p *plan) allowed(i, c int) bool {
	at := p.env.agents[i].cell
	for j := range p.env.agents {
		if j == i {
			continue
		}
		if p.next[j] == c || p.next[j] == at && p.env.agents[j].cell == c {
			return false
		}
	}
	return true
}

func (p *plan) agentAt(cell int) int {
	for i := range p.env.agents {
		if p.env.agents[i].cell == cell {
			return i
		}
	}
	return -1
}
