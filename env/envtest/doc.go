// Package envtest is what the tests of several environments share: recordings and damage to them, traces, and
// what every state has to promise. Only tests import it.
package envtest
