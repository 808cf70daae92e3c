#!/usr/bin/env bash
# Every C file is as clang-format leaves it (`./run format`).
find app sync tests -name '*.[ch]' -exec clang-format --dry-run --Werror {} +
