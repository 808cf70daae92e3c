#!/usr/bin/env bash
# Spelling of sources and documents; people's and places' names are data, not checked.
exec codespell --ignore-regex '"[^"]*"' --skip 'build,.git,assets,tests/fuzz/corpus,tests/data,*.png' \
    --ignore-words tests/lint/codespell-ignore.txt .
