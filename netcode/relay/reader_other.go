//go:build !linux && !js

package relay

import "io"

// newReader: elsewhere connections are read as they are.
func newReader(any) io.Reader { return nil }
