package client_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain fails the tests when goroutines stay behind them. Those that are about to end get the time
// that a busy machine needs, which is more than goleak gives them.
func TestMain(m *testing.M) {
	code := m.Run()
	leak := goleak.Find()
	for until := time.Now().Add(20 * time.Second); leak != nil && time.Now().Before(until); {
		leak = goleak.Find()
	}
	if leak != nil && code == 0 {
		fmt.Fprintln(os.Stderr, leak)
		code = 1
	}
	os.Exit(code)
}
