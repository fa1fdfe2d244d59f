#!/usr/bin/env bash
# Installs what the machine lacks. Usage: packages.sh play|screenless|test ...
#
#   play        the libraries that a window needs on Linux
#   screenless  a screen without a monitor (Xvfb)
#   test        all of that and the tools of `make test`
#
# Asks for the thing itself (a library, a program), not for a package, so that what came from
# elsewhere counts. Where nothing is missing it is done in a few milliseconds. Debian and its
# relatives install by apt, as root or through sudo; elsewhere one sentence says what is missing.
set -euo pipefail

case "$(uname -s)" in
Linux) linux=yes ;;
*) linux=no ;; # macOS and Windows open windows with what they have
esac

missing=()  # what is missing, in words
packages=() # the Debian packages that bring it

need() { # need WHAT PACKAGE...: notes that WHAT is missing
	missing+=("$1")
	shift
	local package
	for package in "$@"; do
		case " ${packages[*]-} " in
		*" $package "*) ;;
		*) packages+=("$package") ;;
		esac
	done
}

program() { # program NAME PACKAGE...
	command -v "$1" >/dev/null || need "$@"
}

libraries=
library() { # library SONAME PACKAGE...
	if [ -z "$libraries" ]; then
		libraries="$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null || true)"
	fi
	case "$libraries" in
	*"$1"*) ;;
	*) need "$@" ;;
	esac
}

window() {
	[ $linux = yes ] || return 0
	# The two that Ebitengine cannot do without; libgl1 brings the drivers.
	library libX11.so.6 libx11-6
	library libGL.so.1 libgl1
	# What it uses when it is there: cursors, raw mouse motion, monitors. Not worth asking for root
	# on a machine that can already open a window.
	if [ ${#missing[@]} -gt 0 ]; then
		packages+=(libxcursor1 libxi6 libxrandr2 libxinerama1)
	fi
}

screenless() {
	[ $linux = yes ] || return 0
	program Xvfb xvfb
	program xauth xauth
	program xvfb-run xvfb
}

compiler() { # the race detector links against the C library
	if ! echo '#include <stdlib.h>' | ${CC:-cc} -E - >/dev/null 2>&1; then
		need "a C compiler" gcc libc6-dev
	fi
}

for kind in "$@"; do
	case "$kind" in
	play) window ;;
	screenless) screenless ;;
	test)
		window
		screenless
		compiler
		program node nodejs
		program npm npm # Debian's node comes without it
		program python3 python3
		# Another python3 than the system's may come first and lack it.
		if ! python3 -c 'import numpy' 2>/dev/null && ! /usr/bin/python3 -c 'import numpy' 2>/dev/null; then
			need "numpy for Python" python3 python3-numpy
		fi
		[ -x /usr/sbin/nginx ] || program nginx nginx-light
		# Chromium goes by other names elsewhere.
		command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || program chromium chromium
		if [ $linux = yes ]; then
			program qemu-aarch64 qemu-user
			program ip iproute2
			program openbox openbox # a window manager, for a window that is minimised
			program xdotool xdotool
		fi
		;;
	*)
		echo "packages.sh: there is no kind \"$kind\" (play, screenless, test)" >&2
		exit 2
		;;
	esac
done

[ ${#missing[@]} -gt 0 ] || exit 0

list="$(printf '%s, ' "${missing[@]}")"
list="${list%, }"
if ! command -v apt-get >/dev/null; then
	echo "Missing on this machine: $list. Please install with your system's package manager (on Debian: ${packages[*]})." >&2
	exit 1
fi
root=()
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
		echo "Missing on this machine: $list. Please run: sudo apt-get install ${packages[*]}" >&2
		exit 1
	fi
	root=(sudo -n)
fi

echo "Missing on this machine: $list. Installing ${packages[*]} ..."
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
apt() {
	"${root[@]+"${root[@]}"}" env DEBIAN_FRONTEND=noninteractive \
		apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" </dev/null >>"$log" 2>&1
}
# An update that fails for one of several sources does not matter if the packages can be had.
apt update || true
if ! apt install --no-install-recommends "${packages[@]}"; then
	# One package that cannot be had must not keep the others away.
	failed=
	for package in "${packages[@]}"; do
		apt install --no-install-recommends "$package" || failed="$failed $package"
	done
	[ -n "$failed" ] || exit 0
	cat "$log" >&2
	echo "Missing on this machine: $list. apt-get could not install$failed: its own words are above." >&2
	exit 1
fi
