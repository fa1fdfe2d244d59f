#!/usr/bin/env bash
# Opens the game's window, with a bot as the other player. Flags are passed on
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
case " $* " in
*" -env"*) ;;
*) run+=(-env-opt lives=9) ;; # nobody holds the keys and the bot scores: the match is to last that long
esac
xvfb-run -a -s "-screen 0 1280x800x24" "${run[@]}" -screenshot build/play.png -after 20 -report build/play.json
cat build/play.json
echo
echo "The last picture is build/play.png."
