//go:build !unix

package app

// CheckPrivate finds nothing: here permissions are lists, which a folder's files inherit.
func CheckPrivate(string) error { return nil }
