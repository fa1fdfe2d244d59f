package sim

import "tandem/netcode/session"

// packer is nil: the code for zstd would be a large part of what a browser has to load.
var packer session.Packer
