//go:build linux && !android

package sound

import (
	"sync"

	"github.com/ebitengine/purego"
)

// quieten keeps ALSA's library, which the device is reached by where no sound server runs, from writing a
// screenful to the terminal where there is no device: what went wrong comes back as an error, too. The
// library calls its handler with a format and arguments; a function of its own that takes none serves as one
// that ignores them.
var quieten = sync.OnceFunc(func() {
	lib, err := purego.Dlopen("libasound.so.2", purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return // without the library it writes nothing
	}
	set, err := purego.Dlsym(lib, "snd_lib_error_set_handler")
	if err != nil {
		return
	}
	ignore, err := purego.Dlsym(lib, "snd_asoundlib_version")
	if err != nil {
		return
	}
	purego.SyscallN(set, ignore)
})
