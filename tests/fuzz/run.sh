#!/usr/bin/env bash
# One fuzz target for some seconds: run.sh <program> <name> <seconds>.
# What it finds grows build/fuzz/corpus/<name>; a crashing input stays in build/fuzz/.
# The last line says how often it ran and how many edges it reached.
set -euo pipefail
target=$1 name=$2 seconds=$3
log=$(mktemp)
trap 'rm -f "$log"' EXIT
mkdir -p "build/fuzz/corpus/$name"
folders=("build/fuzz/corpus/$name")
[[ ! -d tests/fuzz/corpus/$name ]] || folders+=("tests/fuzz/corpus/$name")
options=()
[[ ! -e tests/fuzz/$name.dict ]] || options+=("-dict=tests/fuzz/$name.dict")
rc=0
"$target" "${options[@]}" -max_total_time="$seconds" -print_final_stats=1 -timeout=10 \
    -rss_limit_mb=2048 -artifact_prefix="build/fuzz/$name-" "${folders[@]}" >"$log" 2>&1 ||
    rc=$?
tail -30 "$log"
runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)
echo "executed ${runs:-0} times in $seconds s, ${edges:-0} edges reached: $name"
exit "$rc"
