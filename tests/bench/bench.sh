#!/usr/bin/env bash
# Measures against the budgets: bench.sh <build folder> [<people>]. Its files lie under
# build/bench, on the disk that is measured. Ratios hold on any machine, times do not.
set -euo pipefail
build=$1 people=${2:-100000}
folder=build/bench
rm -rf "$folder"
mkdir -p "$folder"
cluster=

# The hub's log in a PostgreSQL of its own with its usual durability, on the same disk.
postgres() {
    local bin as=()
    bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -1) || {
        echo "hub ingest on PostgreSQL: not measured, there is no PostgreSQL here"
        return 0
    }
    cluster=$(mktemp -d /var/tmp/foyer-bench-XXXXXX)
    trap 'stop_postgres' EXIT
    if [[ $(id -u) == 0 ]]; then
        as=(setpriv --reuid postgres --regid postgres --clear-groups)
        chown postgres "$cluster"
    fi
    (cd / && "${as[@]}" "$bin/initdb" -D "$cluster/data" -U foyer -A trust >/dev/null &&
        "${as[@]}" "$bin/pg_ctl" -D "$cluster/data" -l "$cluster/log" -w start -o \
            "-c listen_addresses='' -c unix_socket_directories=$cluster" >/dev/null)
    "$bin/psql" -h "$cluster" -U foyer -d postgres -qc 'CREATE DATABASE bench'
    mkdir "$folder/shared"
    "$build/tests/bench_hub" "$folder/shared" 2000 "postgresql:///bench?host=$cluster&user=foyer"
    stop_postgres
}

stop_postgres() {
    [[ -n $cluster ]] || return 0
    kill -QUIT "$(head -1 "$cluster/data/postmaster.pid")" 2>/dev/null || true
    rm -rf "$cluster"
    cluster=
}

printf '%s, %s cores, load %s; files on %s\n\n' \
    "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)" "$(nproc)" \
    "$(cut -d' ' -f1 /proc/loadavg)" "$(df --output=fstype,source "$folder" | tail -1 | xargs)"
printf '%-46s %-38s %-16s\n' "what, with $people people" measured budget
"$build/tests/bench_store" "$folder" "$people"
"$build/tests/bench_store" "$folder" 1500 make
"$build/tests/bench_label" .
if [[ -x $build/foyer && $people == 100000 ]]; then
    python3 tests/bench/bench_kiosk.py "$build" "$folder"
fi
mkdir "$folder/ingest" "$folder/fleet"
"$build/tests/bench_hub" "$folder/ingest" $((people < 20000 ? people : 20000))
postgres
"$build/tests/bench_fleet" "$folder/fleet" "$people"
rm -rf "$folder"
