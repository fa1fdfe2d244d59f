package assets

import (
	"embed"
	"io/fs"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/goregular"
)

// The Go fonts as TrueType data. They come as Go packages, so they need no file here. They cover
// Latin, Greek and Cyrillic.
var (
	FontRegular = goregular.TTF
	FontBold    = gobold.TTF
	FontMono    = gomonobold.TTF // for room codes: every letter is told apart from every other
)

//go:embed licences
var files embed.FS

// Licences returns the texts that must be shown or shipped with the game, one file per work.
func Licences() fs.FS {
	sub, err := fs.Sub(files, "licences")
	if err != nil {
		panic(err) // the name is a constant: it cannot be invalid
	}
	return sub
}
