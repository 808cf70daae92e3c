#!/usr/bin/env bash
# Measures against the budgets: bench.sh <build folder> [<people>]. Its files lie under
# build/bench, on the disk that is measured. Ratios hold on any machine, times do not.
set -euo pipefail
build=$1 people=${2:-100000}
folder=build/bench
rm -rf "$folder"
mkdir -p "$folder"
printf '%s, %s cores, load %s; files on %s\n\n' \
    "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)" "$(nproc)" \
    "$(cut -d' ' -f1 /proc/loadavg)" "$(df --output=fstype,source "$folder" | tail -1 | xargs)"
printf '%-46s %-38s %-16s\n' "what, with $people people" measured budget
"$build/tests/bench_store" "$folder" "$people"
"$build/tests/bench_store" "$folder" 1500 make
if [[ -x $build/foyer && $people == 100000 ]]; then
    python3 tests/bench/bench_kiosk.py "$build" "$folder"
fi
rm -rf "$folder"
