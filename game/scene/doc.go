// Package scene is the window of the game: the menu and the screens of a match.
//
// Game is an ebiten.Game. It drives nothing of the simulation. Update reads the devices, feeds the
// match's input.Sampler and moves the focus of whatever form is shown; Draw asks the match for a
// client.View of this moment and paints it. When the window is minimised or its page hidden,
// Ebitengine stops calling both and the match goes on without them.
//
// What is shown follows from the state alone:
//
//	no match             the menu; a choice goes to Options.Start, which answers a match
//	Connecting, Waiting  a panel over an evening court, or over the game's picture if there is one
//	Countdown            the game with its score line, and 3, 2, 1
//	Playing              the game; between two episodes a banner that says whose point it was
//	Paused               the game, dimmed, and why
//	Finished, Closed     who won, or what ended the match, and a button to go on
//
// Every state is told in words. They are the View's Headline and Detail where it gives any, and
// the screen's own otherwise. Esc asks whether to leave, and stops the match meanwhile where
// it is played alone, as looking elsewhere does; F11 or Alt+Enter toggles full screen (in a page they are the
// browser's own keys); F3 shows the numbers behind the match.
//
// In a page the picture has a mirror of real elements, so that telephones type, Tab and screen readers
// find their way, and the invitation is a link; see Screen.
//
// All sizes are multiples of one unit, which grows with the window, and every panel is laid out as
// a stack that shrinks as a whole until it fits; see ui and stack. A form (buttons, text fields,
// choices) is a list with a focus, used by the menu and by the questions of a match. DECISIONS.md says why it
// is our own.
package scene
