package sim

import "tandem/netcode/session/replica"

// packer is nil: the code for zstd would be a large part of what a browser has to load.
var packer replica.Packer
