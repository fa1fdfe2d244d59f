package relay

// Front serves another protocol on a relay's port, which a relay in a page does not have.
type Front interface {
	Connections() int
	Close()
}
