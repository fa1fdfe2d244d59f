#!/usr/bin/env bash
# Builds the web page into build/web and a relay that carries it, build/tandem-relay.
# WEB_QUALITY sets how hard brotli tries (default 11, which takes a minute or two; 10 half of that for
# 4 % more bytes). What is compressed once is kept in build/cache.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/go.sh

mkdir -p build
echo "The program for browsers ..."
# Without the tables for debuggers, which no browser reads.
GOOS=js GOARCH=wasm go build -ldflags="-s -w" -o build/tandem.wasm ./cmd/tandem
exec_js="$(go env GOROOT)/lib/wasm/wasm_exec.js"
echo "Compressing ..."
go run ./assets/web/build -program build/tandem.wasm -exec "$exec_js" -out build/web -cache build/cache -quality "${WEB_QUALITY:-11}"
find assets/web/site -mindepth 1 ! -name .gitignore -delete
cp -R build/web/. assets/web/site/
echo "The relay with the page inside ..."
go build -o build/ ./cmd/tandem-relay
echo "Done: build/tandem-relay -web serves the game at http://HOST:7777"
