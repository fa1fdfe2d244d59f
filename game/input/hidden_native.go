//go:build !js

package input

// OnHidden does nothing outside a browser: a window that is covered or minimised keeps its Update,
// and Devices.Read sees that the focus is gone.
func OnHidden(func(hidden bool)) (stop func()) { return func() {} }

// OnUnload does nothing outside a browser: a window that is closed says so itself.
func OnUnload(func(unloads bool)) (stop func()) { return func() {} }
