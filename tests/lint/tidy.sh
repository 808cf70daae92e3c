#!/usr/bin/env bash
# clang-tidy with errors on every source of the dev build; the rules are in .clang-tidy.
python3 - <<'PY' | xargs -r -P "$(nproc)" -n 2 clang-tidy --quiet -p build/dev
import json
for entry in json.load(open("build/dev/compile_commands.json")):
    print(entry["file"])
PY
