// Package all switches on every environment with its sprites, and every bot: importing it registers them.
package all

import (
	_ "tandem/env/bots"
	_ "tandem/env/magpies"
	_ "tandem/env/overcooked"
	_ "tandem/env/overcooked/sprites"
	_ "tandem/env/slime"
	_ "tandem/env/testenv"
)
