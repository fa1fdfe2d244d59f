package main

import (
	"context"
	"log/slog"

	"tandem/cmd/internal/app"
)

// sitOriginal refuses: a page plays on the relay that it came from, and does without what speaks to another
// system's, which would be a fiftieth of what its visitors load.
func (t *table) sitOriginal(context.Context, *request, *slog.Logger) error {
	return app.Usagef("a page plays on the relay that it came from, not on one of the original system")
}
