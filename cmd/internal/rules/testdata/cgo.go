//rules: cgo env/slime/fast_test.go

package slime

import (
	"C" // want
	"math"
)
