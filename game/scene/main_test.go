package scene

import (
	"testing"

	"tandem/game/render/rendertest"
)

func TestMain(m *testing.M) { rendertest.Main(m) }
