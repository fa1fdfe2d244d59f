#!/usr/bin/env bash
# Opens the game: a relay inside the client, a bot as partner, and the window. Flags are passed on
# to tandem. On a Linux machine without a screen it plays 20 seconds on a virtual one instead, saves
# the last picture as build/play.png and prints the session's report.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/go.sh

headless=no
if [ "$(uname -s)" = Linux ] && [ -z "${DISPLAY:-}" ] && [ -z "${WAYLAND_DISPLAY:-}" ]; then
	headless=yes
fi

if [ $headless = yes ]; then
	bash .ci/packages.sh play screenless
else
	bash .ci/packages.sh play
fi

mkdir -p build
go build -o build/ ./cmd/tandem
run=(build/tandem -bot baseline "$@")
if [ $headless = no ]; then
	exec "${run[@]}"
fi

echo "This machine has no screen: playing 20 seconds on a virtual one."
rm -f build/play.png build/play.json
# Nobody holds the keys, so the bot scores; with nine lives the match is still on when the picture is taken.
xvfb-run -a -s "-screen 0 1280x800x24" "${run[@]}" -env-opt lives=9 -screenshot build/play.png -after 20 -report build/play.json
cat build/play.json
echo
echo "The last picture is build/play.png."
