//go:build !js

package scene

// canQuit says whether the menu offers to end the program.
const canQuit = true
