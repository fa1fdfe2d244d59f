//go:build !linux && !js

package server

import (
	"net"
	"time"
)

// loop: elsewhere every connection has a goroutine that reads.
type loop struct{}

func newLoop() *loop                    { return nil }
func (*loop) close()                    {}
func (*loop) adopt(c net.Conn) net.Conn { return c }

type loopConn struct{ net.Conn }

func (*loopConn) park(uint64, func(), func(time.Time)) bool { return false }
func (*loopConn) unpark()                                   {}
func (*loopConn) single() []byte                            { return nil }
func (*loopConn) whole() (uint64, bool)                     { return 0, false }
