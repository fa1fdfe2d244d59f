// Package render turns pictures that are data into pixels.
//
// Interpolate is a pure function between two display lists. Painter paints a display list
// letterboxed into a rectangle of an image, with colours from a Palette. Canvas is the layer below:
// anti-aliased shapes and text in pixels, which the screens of the game use as well.
//
// Sprites are pictures too, of shapes alone, that environments bring with them (tandem/env/sprite): each
// is drawn at the size it is shown, in the colour of the item's role where that matters, and kept for
// the frames to come.
//
// Every shape is built as triangles at the size it is shown, with a rim one pixel wide that fades
// out. So edges are smooth and crisp at any scale, nothing is drawn small and enlarged, and a whole
// picture is one or two draw calls. Ebitengine's vector package would rasterise each shape eight
// times into a stencil for the same edge, which software renderers (a browser without a graphics
// card, a test machine) feel; it is used for the one thing triangle fans cannot do, polygons with
// a dent.
package render
