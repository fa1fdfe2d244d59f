#!/usr/bin/env bash
# Builds the programs into build/. GOOS and GOARCH select another system, GOOS=js GOARCH=wasm the
# browser's client.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/go.sh

mkdir -p build
if [ "$(go env GOOS)" = js ]; then
	go build -o build/tandem.wasm ./cmd/tandem
else
	go build -o build/ ./cmd/...
fi
ls -l build
