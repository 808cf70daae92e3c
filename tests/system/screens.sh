#!/usr/bin/env bash
# Draws every screen in every state and several sizes, a picture each, to be looked at.
# usage: screens.sh BUILD_DIR FOLDER [PART_OF_A_NAME [WIDTHxHEIGHT]]
set -euo pipefail
[[ $# -ge 2 && $# -le 4 ]] || {
    sed -n '3s/^# //p' "$0" >&2
    exit 2
}
[[ -x $1/tests/screens/gallery ]] || {
    echo "$1/tests/screens/gallery is not there: ./run build makes it." >&2
    exit 1
}
mkdir -p "$2"
rm -f "$2"/*.png
"$1/tests/screens/gallery" "$2" "${@:3}"
echo "$(find "$2" -name '*.png' | wc -l) pictures are in $2/"
