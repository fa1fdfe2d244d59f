// Package input turns what a person does with keys into the actions of an environment.
//
// Devices (the keyboard, gamepads, the buttons on a touch screen) produce Keys: the set of functional keys
// (env.Key) that are down, and the set of those that went down since the last look. The window
// hands both to a Sampler once per tick; the goroutine that owes the relay an input asks the same
// Sampler for an action whenever one is due. The two run at rates of their own, so the Sampler
// closes the gap between them:
//
//   - a key that was pressed and released between two samples still counts for one sample;
//   - losing the focus releases every key, and so does a window that has stopped reporting;
//   - in Keystroke mode presses wait in a short queue, and a held key repeats at a person's rate.
//
// Which action a set of keys means is decided by Mapping alone, from Spec.Keys; what a key of the keyboard or
// a button of a gamepad means by Bindings. Nothing here reads a clock: the time is handed in.
package input
