// Package all switches on every environment with its sprites and what there is to notice in it, and every bot: importing it registers them.
package all

import (
	_ "tandem/env/bots"
	_ "tandem/env/magpies"
	_ "tandem/env/magpies/watch"
	_ "tandem/env/overcooked"
	_ "tandem/env/overcooked/sprites"
	_ "tandem/env/overcooked/watch"
	_ "tandem/env/slime"
	_ "tandem/env/slime/watch"
	_ "tandem/env/testenv"
)
