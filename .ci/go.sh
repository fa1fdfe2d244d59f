# shellcheck shell=bash
# Sourced by the other scripts, from the top of the repository.
#
# One set of build flags everywhere: the build cache keeps separate entries for every set, and a
# stage that brings its own compiles everything once more. -trimpath keeps the builder's paths out
# of the programs. Tandem needs no C compiler; only the race detector (stage "race") does.

if ! command -v go >/dev/null; then
	echo "Tandem is built with Go, which is not on the PATH: install the version that go.mod names, or a newer one." >&2
	exit 1
fi
GOFLAGS="$(go env GOFLAGS)"
case " $GOFLAGS " in
*" -trimpath "*) ;;
*) GOFLAGS="${GOFLAGS:+$GOFLAGS }-trimpath" ;;
esac
# A tree that git refuses to read (another owner's, or no git at all) still builds, without the
# revision stamped into the programs.
if ! git rev-parse --quiet --verify HEAD >/dev/null 2>&1; then
	case " $GOFLAGS " in
	*" -buildvcs="*) ;;
	*) GOFLAGS="$GOFLAGS -buildvcs=false" ;;
	esac
fi
export GOFLAGS
export CGO_ENABLED=0
