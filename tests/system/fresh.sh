#!/usr/bin/env bash
# Shows that a clone on a fresh Debian needs nothing installed by hand: fresh.sh [12|13]...
# For each release: a minimal root made with mmdebstrap, the committed HEAD cloned inside
# it, `./run demo` and then `./run test` there as root, without a display, without systemd.
# Logs and the tour's pictures stay in build/fresh/; KEEP=1 keeps the whole root.
set -euo pipefail

die() {
    echo "$*" >&2
    exit 1
}

[[ $(id -u) == 0 ]] || die "./run fresh makes system roots: run it as root (sudo ./run fresh)."

# The archive and the way to it are this machine's own.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' \
    2>/dev/null | grep -m1 '/debian/*$' || true)
mirror=${mirror:-http://deb.debian.org/debian}

apt_settings() {
    apt-config dump Acquire | grep -E '^Acquire::(http|https|ftp|Check|Retries|ForceIPv)' || true
}

make_root() {
    local suite=$1 root=$2
    rm -rf "$root"
    mmdebstrap --quiet --variant=minbase --include=git,ca-certificates "$suite" "$root" \
        "deb $mirror $suite main" "deb $mirror $suite-updates main" \
        "deb ${mirror%/}-security $suite-security main"
    apt_settings >"$root/etc/apt/apt.conf.d/90host"
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    echo "127.0.0.1 localhost" >"$root/etc/hosts"
    git bundle create -q "$root/root/foyer.bundle" HEAD $(git symbolic-ref -q HEAD)
}

# Runs inside its own mount and process namespace: what it mounts vanishes with it.
enter() {
    local root=$1 node
    mount -t proc proc "$root/proc"
    mount -t tmpfs -o mode=755 tmpfs "$root/dev"
    mkdir "$root/dev/shm" "$root/dev/pts"
    mount -t tmpfs tmpfs "$root/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
    ln -s pts/ptmx "$root/dev/ptmx"
    for node in null zero full random urandom tty; do
        touch "$root/dev/$node"
        mount --bind "/dev/$node" "$root/dev/$node"
    done
    ln -s /proc/self/fd "$root/dev/fd"
    ln -s /proc/self/fd/0 "$root/dev/stdin"
    ln -s /proc/self/fd/1 "$root/dev/stdout"
    ln -s /proc/self/fd/2 "$root/dev/stderr"
    shift
    chroot "$root" env -i HOME=/root TERM=dumb PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" \
        bash -c "$1" </dev/null
}

# inside <root> <log> <commands>
inside() {
    local rc=0
    export -f enter
    unshare --mount --pid --fork --kill-child --propagation private \
        bash -euc 'enter "$@"' enter "$1" "$3" >>"$2" 2>&1 || rc=$?
    return "$rc"
}

failed=0

# verdict <release> <what> <log> <root> <commands>
verdict() {
    local start=$SECONDS word=ok
    inside "$4" "$3" "$5" || word=FAIL
    [[ $word == ok ]] || failed=$((failed + 1))
    printf '%-4s  Debian %s: %s (%d min %02d s)\n' "$word" "$1" "$2" \
        $(((SECONDS - start) / 60)) $(((SECONDS - start) % 60))
    [[ $word == ok ]] || tail -30 "$3"
}

for release in "${@:-12 13}"; do
    for number in $release; do
        case $number in
        12) suite=bookworm ;;
        13) suite=trixie ;;
        *) die "Debian $number is not one of 12, 13." ;;
        esac
        root=$PWD/build/fresh/$suite
        log=$PWD/build/fresh/$suite.log
        mkdir -p build/fresh
        : >"$log"
        make_root "$suite" "$root" >>"$log" 2>&1 || {
            tail -5 "$log"
            die "mmdebstrap could not make a Debian $number root; see $log"
        }
        commit=$(git rev-parse --short HEAD)
        verdict "$number" "git clone ($commit)" "$log" "$root" \
            "cd && git clone -q foyer.bundle foyer && cd foyer && git log --oneline -1"
        verdict "$number" "./run demo" "$log" "$root" "cd ~/foyer && ./run demo"
        verdict "$number" "./run test" "$log" "$root" "cd ~/foyer && ./run test"
        grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -1 || true
        rm -rf "build/fresh/$suite-demo" "build/fresh/$suite-test"
        cp -r "$root/root/foyer/build/demo" "build/fresh/$suite-demo" 2>/dev/null || true
        cp -r "$root/root/foyer/build/test" "build/fresh/$suite-test" 2>/dev/null || true
        [[ -n ${KEEP:-} ]] || rm -rf "$root"
    done
done
exit $((failed > 0))
