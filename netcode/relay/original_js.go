package relay

// OriginalOptions are for relays that clients can reach over a network, which one in a page is not.
type OriginalOptions struct{}

type originals struct{}

func (*originals) count() (conns, waiting, games int) { return 0, 0, 0 }
func (*originals) close()                             {}
