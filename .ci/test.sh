#!/usr/bin/env bash
# Runs everything that must hold before a change lands, stage by stage, and stops at the first
# stage that fails. Usage: test.sh [STAGE...]; "list" names the stages. Every stage runs alone, too;
# "quick" is for people between two changes, and no part of the whole.
# FUZZTIME sets the time per fuzz target (default 5s).
set -euo pipefail
cd "$(dirname "$0")/.."

all="packages format modules vet staticcheck page race session arm64 386 amd64v3 wasm fused browser builds fuzz quick"

# The whole, in its order. Stages of one word joined by + go on beside each other, those joined by commas
# one after another. Only what one processor does, and no time can change, goes on beside something else:
# compressing the page, and the session's tests, which are in virtual time.
whole="packages format modules vet,staticcheck+page race session+arm64,386,amd64v3,wasm,fused browser builds fuzz"

about() {
	case "$1" in
	packages) echo "install what the stages need and the machine lacks" ;;
	format) echo "gofmt would change nothing" ;;
	modules) echo "go.mod and go.sum are complete, and the modules are the ones they name" ;;
	vet) echo "go vet, for every system we build for" ;;
	staticcheck) echo "staticcheck, errcheck, and what go vet leaves out" ;;
	race) echo "all tests under the race detector, drawing on a virtual screen" ;;
	session) echo "the session's and queue mode's virtual-time matches in full number (under the race detector there are fewer)" ;;
	arm64) echo "the environments, bit for bit, on arm64" ;;
	386) echo "the environments, bit for bit, on 386" ;;
	amd64v3) echo "the environments, bit for bit, with the instructions of amd64 v3" ;;
	wasm) echo "the environments, bit for bit, in WebAssembly" ;;
	page) echo "the web page, and what a visitor loads" ;;
	browser) echo "the web page in Chromium, with native players" ;;
	fused) echo "no fused multiply-add in the environments" ;;
	builds) echo "the programs, for every system" ;;
	fuzz) echo "every fuzz target for ${FUZZTIME:-5s}" ;;
	quick) echo "format, vet, and the short tests without the race detector: two minutes at most, once built" ;;
	esac
}

# on_screen runs a command that draws. A virtual screen is taken even where there is a real one:
# windows that pop up and take the keyboard disturb both the person and the tests.
on_screen() {
	if command -v xvfb-run >/dev/null; then
		xvfb-run -a -s "-screen 0 1024x768x24" "$@"
	else
		"$@"
	fi
}

# patience is how long the tests of one package may take, for a machine many times slower than a
# developer's: Go's own ten minutes would judge the machine, and not the tests.
patience="-timeout=60m"

# skipped says what a stage leaves out; the summary repeats it, so that nobody takes it for tested.
skipped() { echo "skipped: $1" | tee -a "$tmp/skipped"; }

stage_packages() { bash .ci/packages.sh test; }

stage_format() {
	local files
	files="$(gofmt -l assets cmd env game netcode)"
	if [ -n "$files" ]; then
		echo "These files are not formatted; \`make fmt\` does it:"
		echo "$files"
		return 1
	fi
}

stage_modules() {
	go mod verify
	go mod tidy -diff
}

stage_vet() {
	local target
	for target in "" windows/amd64 darwin/arm64 js/wasm; do
		echo "go vet ./... ${target:-here}"
		GOOS="${target%/*}" GOARCH="${target#*/}" go vet ./...
	done
}

# Which checks: staticcheck.conf, .ci/errcheck.txt and cmd/internal/lint. A test that drops an error fails by
# what it then finds.
stage_staticcheck() {
	go tool staticcheck ./...
	go tool errcheck -ignoretests -exclude .ci/errcheck.txt ./...
	go build -o "$tmp/lint" ./cmd/internal/lint
	go vet -vettool="$tmp/lint" ./...
}

# A developer's go test skips what it lacks a tool for; here that is a failure. The stage "packages"
# brings the tools. What only a registry gives (see netcode/original/stock) may be missing.
stage_race() {
	export TANDEM_NEED_PYTHON=1 TANDEM_NEED_NGINX=1
	if ! command -v npm >/dev/null || npm view socket.io version --fetch-retries=1 --fetch-timeout=30000 >/dev/null 2>&1; then
		export TANDEM_NEED_NODE=1
	else
		skipped "npm's registry does not answer: nothing plays against the stock Socket.IO packages, unless npm has kept them"
	fi
	CGO_ENABLED=1 on_screen go test -vet=off "$patience" -race ./...
}

stage_session() { go test -vet=off "$patience" ./netcode/session/... ./netcode/original/peer; }

# machine tells what processor this is, in Go's words.
machine() { go env GOHOSTARCH; }

# env_tests runs the environments' tests as built for GOARCH=$1, by the emulator $2 if the machine
# itself cannot run them.
env_tests() {
	local arch="$1" emulator="${2:-}"
	if [ -n "$emulator" ] && ! command -v "${emulator%% *}" >/dev/null; then
		skipped "this machine has no ${emulator%% *} to run $arch with"
		return 0
	fi
	# Emulated, the bots play fewer games; nothing else is left out.
	GOARCH="$arch" go test -vet=off "$patience" ${emulator:+-short -exec "$emulator"} ./env/...
}

stage_arm64() {
	case "$(machine)" in
	arm64) env_tests arm64 ;;
	*) env_tests arm64 qemu-aarch64 ;;
	esac
}

stage_386() {
	case "$(go env GOHOSTOS)/$(machine)" in
	linux/amd64 | linux/386)
		# Some kernels run 64-bit programs only, though the processor could do both.
		printf 'package main\nfunc main() {}\n' >"$tmp/main.go"
		GOARCH=386 go build -o "$tmp/main386" "$tmp/main.go"
		if "$tmp/main386" 2>/dev/null; then
			env_tests 386
			return
		fi
		;;
	windows/*)
		env_tests 386
		return
		;;
	esac
	# Go's preemption by signals crashes under this emulator.
	GODEBUG=asyncpreemptoff=1 GOOS=linux env_tests 386 qemu-i386
}

stage_amd64v3() {
	export GOAMD64=v3
	case "$(machine)" in
	amd64)
		# A processor from before 2013 lacks these instructions; the emulator has them.
		if [ ! -e /proc/cpuinfo ] || { grep -qw avx2 /proc/cpuinfo && grep -qw fma /proc/cpuinfo; }; then
			env_tests amd64
		else
			env_tests amd64 "qemu-x86_64 -cpu max"
		fi
		;;
	*) GOOS=linux env_tests amd64 "qemu-x86_64 -cpu max" ;;
	esac
}

stage_wasm() {
	# A program in WebAssembly has room for a few KiB of environment: give it only what it needs.
	local node
	node="$(go env GOROOT)/lib/wasm/go_js_wasm_exec"
	GOOS=js GOARCH=wasm go test -vet=off "$patience" -short \
		-exec "env -i \"PATH=$PATH\" \"HOME=$HOME\" \"GOLDEN_DIR=${GOLDEN_DIR:-}\" \"$node\"" ./env/... ./game/dom ./game/sound
	# The connections of a browser, against a native relay; not under -race, which js lacks.
	if ! command -v node >/dev/null || node --experimental-websocket -e 'new WebSocket("ws://127.0.0.1:1").onerror = () => {}' 2>/dev/null; then
		export TANDEM_NEED_NODE=1
	else # Debian 12 has node 18
		skipped "node $(node --version) has no WebSocket, as 20.10 and later have: a browser's connections are tested in Chromium alone"
	fi
	go test -vet=off "$patience" -run 'TestInNode' ./netcode/transport
}

# The page and the relay as `make web` builds them, outside of the tree, but with brotli's second-best
# quality, which takes half the time and makes 4 % more bytes: 3,600,000 of these are 3,460,000 as a
# visitor loads them, of 3,500,000 allowed.
stage_page() {
	local site="$tmp/web" bytes
	WEB_QUALITY="${WEB_QUALITY:-10}" bash .ci/web.sh "$tmp"
	bytes="$(cat "$site"/*.br "$site"/a/*.br "$site"/a/*.png | wc -c)"
	echo "a first visit loads $bytes bytes (at brotli's quality ${WEB_QUALITY:-10})"
	if [ "$bytes" -gt 3600000 ] && [ "${WEB_QUALITY:-10}" -ge 10 ]; then
		echo "that is more than 3,600,000: find out what came in (go list -deps with GOOS=js GOARCH=wasm)"
		return 1
	fi
}

stage_browser() {
	if [ ! -x "$tmp/tandem-relay" ]; then # this stage runs alone
		stage_page
	fi
	# The tests themselves say how many may run at a time.
	TANDEM_NEED_NGINX=1 TANDEM_SITE="$tmp/web" TANDEM_RELAY="$tmp/tandem-relay" go test -vet=off "$patience" -count=1 -parallel 100 ./cmd/internal/browser
}

# Go may join x*y+z into one instruction that rounds once, and another processor rounds twice: the
# same game would then go different ways on two machines. The compiler's own listing shows whether
# it did, for the two processors where it does. Sprites and watchers may: nothing of them reaches a game.
fused='[[:space:]](V?FN?M(ADD|SUB)(132|213|231)?[DS][DS]?)[[:space:]]'

stage_fused() {
	local dir="$tmp" arch listing
	# First, that the search finds one where there is one.
	printf 'package p\nfunc F(x, y, z float64) float64 { return x*y + z }\n' >"$dir/p.go"
	for arch in arm64 amd64; do
		listing="$dir/$arch.txt"
		(cd "$dir" && GOARCH=$arch GOAMD64=v3 go tool compile -S -p p -o "$dir/p.o" p.go >"$listing" 2>&1)
		if ! grep -qE "$fused" "$listing"; then
			echo "the search does not find the fused instruction of x*y + z on $arch any more: adapt it"
			return 1
		fi
		# shellcheck disable=SC2046 # the names of packages have no spaces
		if ! GOARCH=$arch GOAMD64=v3 go build -gcflags=-S $(go list ./env/... | grep -vE '/(sprites?|watch)$') >"$listing" 2>&1; then
			grep -v '^	' "$listing" || true
			return 1
		fi
		if ! grep -q STEXT "$listing"; then
			echo "the compiler listed no function of ./env/... for $arch"
			return 1
		fi
		if grep -E "$fused" "$listing"; then
			echo "fused multiply-add on $arch, at the lines above: write float64(x*y) + z"
			return 1
		fi
		echo "$arch: none in $(grep -c STEXT "$listing") functions"
	done
}

stage_builds() {
	local target
	for target in linux/amd64 linux/arm64 windows/amd64 darwin/arm64 darwin/amd64; do
		echo "go build ./cmd/... $target"
		GOOS="${target%/*}" GOARCH="${target#*/}" go build -o /dev/null ./cmd/...
	done
	echo "go build ./cmd/tandem js/wasm"
	GOOS=js GOARCH=wasm go build -o /dev/null ./cmd/tandem
}

# One program per package, built once for all of its targets. None of them draws.
stage_fuzz() {
	local found=0 dir name package log="$tmp/fuzz.txt" bin="$tmp/fuzz.test"
	while IFS= read -r dir; do
		package="$(go list "$dir")"
		go test -vet=off -c -fuzz=. -o "$bin" "$dir"
		while IFS= read -r name; do
			found=$((found + 1))
			echo "$name in $dir"
			if fuzz_one "$name" "$dir" "$package"; then
				continue
			fi
			# Go's fuzzer sometimes reports its own deadline as a failure, without an input that fails.
			if grep -q 'context deadline exceeded' "$log" && ! grep -q 'Failing input' "$log"; then
				fuzz_one "$name" "$dir" "$package" && continue
			fi
			cat "$log"
			return 1
		done < <(grep -hE '^func Fuzz[A-Z]' "$dir"/*_test.go | sed 's/^func //; s/(.*//' | sort)
	done < <(grep -rlE --include='*_test.go' --exclude-dir=testdata '^func Fuzz[A-Z]' ./assets ./cmd ./env ./game ./netcode | xargs -n1 dirname | sort -u)
	if [ $found = 0 ]; then
		echo "no fuzz target was found"
		return 1
	fi
	echo "$found targets"
}

# fuzz_one runs target $1 of the package $3 in folder $2 as go test would. It tries few times to make a new input
# smaller: a minute of that, which is Go's measure, would leave none for trying others.
fuzz_one() {
	(cd "$2" && "$bin" -test.run '^$' -test.fuzz "^$1\$" -test.fuzztime "${FUZZTIME:-5s}" -test.fuzzminimizetime 50x -test.paniconexit0 \
		-test.fuzzcachedir "$(go env GOCACHE)/fuzz/$3") >"$log" 2>&1 </dev/null
}

# What is left out takes long (real processes, many games) and belongs to the whole.
slow='/(cmd/internal/(baseline|browser|programs))$'

stage_quick() {
	stage_format
	go vet ./...
	# shellcheck disable=SC2046 # the names of packages have no spaces
	on_screen go test -vet=off -short $(go list ./... | grep -vE "$slow")
}

# shellcheck disable=SC2086 # the names of stages have no spaces
[ $# -gt 0 ] || set -- $whole
for stage in $(tr '+,' '  ' <<<"$*"); do
	if [ "$stage" = list ]; then
		for s in $all; do printf '%-12s %s\n' "$s" "$(about "$s")"; done
		exit 0
	fi
	if [ -z "$(about "$stage")" ]; then
		echo "There is no stage \"$stage\". The stages are: $all." >&2
		exit 2
	fi
done

. .ci/go.sh

tmp="$(mktemp -d)"
trap 'rm -rf "$tmp"' EXIT

failed=0

# run_stage runs one stage and notes how long it took, or that it failed. Neither it nor what calls it may
# stand in a condition: bash then ignores failures in all that is called, whatever set -e says.
run_stage() {
	local stage="$1" start=$SECONDS status
	printf '\n=== %s: %s\n' "$stage" "$(about "$stage")"
	set +e
	(
		set -e
		"stage_$stage"
	)
	status=$?
	set -e
	if [ $status != 0 ]; then
		printf '\n=== %s FAILED after %d s. To run it alone: make test STAGE=%s\n' "$stage" $((SECONDS - start)) "$stage"
		failed=1
		return 0
	fi
	printf -- '--- %s took %d s\n' "$stage" $((SECONDS - start))
	printf '%-12s %4d s\n' "$stage" $((SECONDS - start)) >>"$tmp/summary"
}

# run_lane runs stages one after another until one fails.
run_lane() {
	local stage
	for stage in ${1//,/ }; do
		run_stage "$stage"
		[ $failed = 0 ] || break
	done
}

# beside runs lanes at the same time. What the first says is seen at once, what the others say once they
# are done.
beside() {
	local lane i=0 lanes pids=()
	read -ra lanes <<<"${1//+/ }"
	for lane in "${lanes[@]:1}"; do
		i=$((i + 1))
		(
			run_lane "$lane"
			exit $failed
		) >"$tmp/lane$i" 2>&1 &
		pids+=($!)
	done
	run_lane "${lanes[0]}"
	for i in "${!pids[@]}"; do
		wait "${pids[$i]}" || failed=1
		cat "$tmp/lane$((i + 1))"
	done
}

for stages in "$@"; do
	beside "$stages"
	[ $failed = 0 ] || exit 1
done
if [ -s "$tmp/skipped" ]; then
	printf '\n'
	cat "$tmp/skipped"
fi
printf '\n'
cat "$tmp/summary"
printf '%-12s %4d s\n' total "$SECONDS"
echo "tests passed"
