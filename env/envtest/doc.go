// Package envtest is what the tests of several environments share. Only tests import it.
package envtest
