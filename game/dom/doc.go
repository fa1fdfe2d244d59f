// Package dom is the game's way to the browser's page.
//
// Programs in WebAssembly cannot catch what a property throws while it is read: js.Value.Get ends the
// program. Browsers have such properties, as sessionStorage where the site's data are blocked. They are
// read with Get of this package, and what may throw while it is called runs inside Try. A rule
// (cmd/internal/rules) finds those that are read without.
//
// Outside a browser the package is empty.
package dom
