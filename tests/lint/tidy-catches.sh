#!/usr/bin/env bash
# Shows that clang-tidy refuses what the house refuses: a function of more than 70 lines,
# six parameters, four levels of nesting. Each is tried alone, beside one that is fine.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cp .clang-tidy "$dir"
{
    echo 'int f(int x) {'
    for _ in $(seq 75); do echo '    x += 1;'; done
    printf '    return x;\n}\n'
} >"$dir/long.c"
echo 'int f(int a, int b, int c, int d, int e, int g) { return a + b + c + d + e + g; }' \
    >"$dir/parameters.c"
cat >"$dir/nesting.c" <<'C'
int f(int x) {
    if (x > 1) {
        for (int i = 0; i < x; i++) {
            if (i > 2) {
                while (x > i) {
                    if (x > 3) {
                        x--;
                    }
                    x--;
                }
            }
        }
    }
    return x;
}
C
echo 'int f(int x) { return x; }' >"$dir/fine.c"
for file in long parameters nesting fine; do
    verdict=accepted
    clang-tidy --quiet "$dir/$file.c" -- -std=c11 >"$dir/log" 2>&1 || verdict=refused
    grep -h 'function-size' "$dir/log" | sed "s|$dir/||" || true
    expected=refused
    [[ $file != fine ]] || expected=accepted
    if [[ $verdict != "$expected" ]]; then
        echo "$file.c was $verdict, expected: $expected"
        exit 1
    fi
done
