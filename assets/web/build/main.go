// Command build packs the web page: it gives every file a name with a hash of what is in it, so that
// browsers may keep it for ever, and stores it compressed. `make web` runs it; see assets/web.
//
//	index.html.br .gz                what is asked for first; it names all the others
//	a/tandem.3f0a….wasm.br .gz       files with a hash
//	a/icon.77c1….png                 what does not become smaller stays as it is
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	var o options
	flag.StringVar(&o.page, "page", "assets/web/page", "`folder` of the page's sources")
	flag.StringVar(&o.program, "program", "", "the program, a wasm `file`")
	flag.StringVar(&o.exec, "exec", "", "Go's wasm_exec.js, the `file` from the toolchain that built the program")
	flag.StringVar(&o.out, "out", "build/web", "`folder` to write; what is in it goes")
	flag.StringVar(&o.cache, "cache", "", "`folder` that keeps compressed files from one time to the next")
	flag.IntVar(&o.quality, "quality", 11, "brotli's `quality`, 0 to 11")
	flag.Parse()
	list, err := pack(&o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
	fmt.Printf("%-36s %10s %10s %10s\n", "bytes", "plain", "gzip", "brotli")
	var sum [3]int
	for _, f := range list {
		sizes := [3]int{len(f.data), f.size(f.gzip), f.size(f.brotli)}
		for i, n := range sizes {
			sum[i] += n
		}
		fmt.Printf("%-36s %10d %10d %10d\n", f.name, sizes[0], sizes[1], sizes[2])
	}
	fmt.Printf("%-36s %10d %10d %10d\n", "all together", sum[0], sum[1], sum[2])
}
