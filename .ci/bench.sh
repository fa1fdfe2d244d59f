#!/usr/bin/env bash
# Measures what runs in every frame: stepping, encoding and hashing a state, messages, the session; then
# the seed's system with and without each of its optimisations, beside sequenced play.
# Usage: bench.sh [REGEXP]. BENCHTIME sets the time per benchmark (default 1s); "baseline" prints the
# table alone.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/go.sh

baseline() { go run ./cmd/internal/baseline; }
if [ "${1:-}" = baseline ]; then
	baseline
	exit
fi

packages=(./env/... ./netcode/...)
if [ -n "$(ls game/sim/*_test.go 2>/dev/null)" ]; then
	packages+=(./game/sim)
fi
go test -vet=off -run '^$' -bench "${1:-.}" -benchmem -benchtime "${BENCHTIME:-1s}" "${packages[@]}" |
	awk '
	/^cpu: / && !cpu { cpu = 1; print; printf "%-22s %-34s %14s %12s %12s\n", "package", "benchmark", "ns/op", "B/op", "allocs/op" }
	/^pkg: / { pkg = $2; sub(/^tandem\//, "", pkg) }
	/^Benchmark/ && NF > 3 {
		name = $1; sub(/^Benchmark/, "", name); sub(/-[0-9]+$/, "", name)
		ns = bytes = allocs = more = ""
		for (i = 3; i < NF; i += 2) {
			if ($(i+1) == "ns/op") ns = $i
			else if ($(i+1) == "B/op") bytes = $i
			else if ($(i+1) == "allocs/op") allocs = $i
			else more = more "  " $i " " $(i+1)
		}
		printf "%-22s %-34s %14s %12s %12s%s\n", pkg, name, ns, bytes, allocs, more
		next
	}
	/FAIL|panic|^---|_test\.go:/ { print }
	'
if [ -z "${1:-}" ]; then
	echo
	baseline
fi
