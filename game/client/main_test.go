package client_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// cleanups remove what the tests of this package share.
var cleanups []func() error

// TestMain fails the tests when goroutines stay behind them.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		for _, f := range cleanups {
			if err := f(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				code = max(code, 1)
			}
		}
		os.Exit(code)
	}))
}
