#!/usr/bin/env bash
# The tour: a scripted morning of a hub, a self-service kiosk, two desks and hallway screens
# on the demo event, without a display. Pictures, labels and a summary go to OUT_DIR.
# usage: tour.sh BUILD_DIR OUT_DIR
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
[[ $# == 2 ]] || {
    sed -n '2,4s/^# //p' "$0" >&2
    exit 2
}
exec python3 "$here/tour.py" "$@"
