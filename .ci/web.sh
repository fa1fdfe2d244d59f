#!/usr/bin/env bash
# Builds the web page into build/web and a relay that carries it, build/tandem-relay; what is built
# after that carries the page, too. With a folder, web.sh DIR, both come to lie there, and the tree
# stays as it is.
# WEB_QUALITY sets how hard brotli tries (default 11, which takes a minute or two; 10 half of that for
# 4 % more bytes). What is compressed once is kept in build/cache.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/go.sh

dir="${1:-build}"
mkdir -p build "$dir"
dir="$(cd "$dir" && pwd)"
echo "The program for browsers ..."
# Without the tables for debuggers, which no browser reads.
GOOS=js GOARCH=wasm go build -ldflags="-s -w" -o "$dir/tandem.wasm" ./cmd/tandem
exec_js="$(go env GOROOT)/lib/wasm/wasm_exec.js"
echo "Compressing ..."
go run ./assets/web/build -program "$dir/tandem.wasm" -exec "$exec_js" -out "$dir/web" -cache build/cache -quality "${WEB_QUALITY:-11}"

# overlay tells the go command that the page lies in assets/web/site, where it embeds it from.
overlay() {
	local file comma=
	printf '{"Replace":{'
	while IFS= read -r file; do
		printf '%s\n"%s":"%s"' "$comma" "$PWD/assets/web/site/${file#"$dir/web/"}" "$file"
		comma=,
	done < <(find "$dir/web" -type f)
	printf '}}\n'
}

echo "The relay with the page inside ..."
if [ $# = 0 ]; then
	find assets/web/site -mindepth 1 ! -name .gitignore -delete
	cp -R build/web/. assets/web/site/
	go build -o build/ ./cmd/tandem-relay
	echo "Done: build/tandem-relay -web serves the game at http://HOST:7777"
	exit
fi
overlay >"$dir/overlay.json"
go build -overlay "$dir/overlay.json" -o "$dir/" ./cmd/tandem-relay
