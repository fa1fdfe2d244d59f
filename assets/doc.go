// Package assets holds what the game shows that is not drawn by code: the fonts, and the licences
// that have to travel with a binary. Files lie beside this one and are embedded, so that a binary
// is all there is to install.
//
// Only what is used is here. The web page lies in web; what an environment is drawn with lies beside it
// (see tandem/env/sprite). A file comes with a line in the embed directive and, when it is not our own, a
// text in licences.
package assets
