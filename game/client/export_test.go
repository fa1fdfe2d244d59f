package client

// OtherState hands in another side's state, as an exchange of snapshots does.
func (c *Client) OtherState(frame uint32, of string, state []byte) {
	c.locked(func() { c.otherState(frame, of, state) })
}
