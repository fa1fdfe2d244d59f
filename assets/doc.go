// Package assets holds what the game shows that is not drawn by code: the fonts, and the licences
// that have to travel with a binary. Files lie beside this one and are embedded, so that a binary
// is all there is to install.
//
// Only what is used is here. Sprites of an environment go to sprites/NAME, and the web page to web;
// each comes with a line in the embed directive and, when it is not our own, a text in licences.
package assets
