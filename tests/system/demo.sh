#!/usr/bin/env bash
# The demo for people with a display: a hub and one kiosk window on the demo event, Monday
# 09:10. Ends when the window is closed; what it made stays in build/demo-run/.
# usage: demo.sh BUILD_DIR [ROLE]     checkin (default), desk, room or agenda
set -euo pipefail
[[ $# == 1 || $# == 2 ]] || {
    sed -n '2,4s/^# //p' "$0" >&2
    exit 2
}
build=$(readlink -f "$1")
role=${2:-checkin}
source=$(readlink -f "$(dirname "$(readlink -f "$0")")/../..")
event=$source/assets/ietf92
run=$source/build/demo-run
now=2015-03-23T09:10:00-05:00
port=8092
pids=()

# The kiosk first, then its hub.
finish() {
    for pid in "${pids[@]}"; do
        kill "$pid" && wait "$pid" || true
    done 2>/dev/null
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

hub() {
    "$build/foyer-hub" "$1" --dir "$run/hub" --now "$now" "${@:2}"
}

# A free port, so that two demos on one machine do not meet.
while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    port=$((port + 1))
done

rm -rf "$run"
mkdir -p "$run"
hub init >"$run/hub.log"
hub import "$event"/{event.json,rooms.csv,agenda.json,extra.csv,people.csv} >>"$run/hub.log"
"$build/foyer-hub" serve --dir "$run/hub" --now "$now" --listen "127.0.0.1:$port" \
    >>"$run/hub.log" 2>&1 &
pids=($!)
until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    kill -0 "${pids[0]}" 2>/dev/null || {
        tail -5 "$run/hub.log" >&2
        exit 1
    }
    sleep 0.05
done

code=$(hub enrol --name "Kiosk 1" --role "$role" --room Continental | sed -n 's/^code //p')
"$build/foyer" enrol --dir "$run/kiosk" --hub "http://127.0.0.1:$port" --code "$code" --now "$now"
ticket=$(hub ticket --person VD2CH1HSZ2PZV762)

cat <<TEXT

Foyer on the Monday morning of IETF 92; everybody in it is invented.

  a guest     type a part of a name, for example: mull
  a scan      echo '$ticket' >$run/scan
  no labels   echo out-of-labels >$run/labels/state   (and: echo ready)
  a change    $build/foyer-hub move trans --room "Regency Ballroom" --dir $run/hub
  a notice    $build/foyer-hub announce "Coffee is served" --dir $run/hub
  badges      $run/labels/

Close the window to end.
TEXT
"$build/foyer" --dir "$run/kiosk" --now "$now" --scanner "fifo:$run/scan" \
    --printer "file:$run/labels,delay=1200" --allow-script &
# Waited for, not run in front: so that a signal ends both at once.
pids=($! "${pids[@]}")
wait "${pids[0]}"
