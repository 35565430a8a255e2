#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Formats the C files of the tree with clang-format (.clang-format). Works from any folder.
# `scripts/format.sh --check` changes nothing and fails if something would change; `scripts/format.sh PATH…` takes only those.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode=(-i)
if [[ "${1:-}" == --check ]]; then
    mode=(--dry-run --Werror)
    shift
fi
if ! command -v clang-format >/dev/null; then
    echo "scripts/format.sh needs clang-format: apt-get install clang-format" >&2
    exit 2
fi
git ls-files -z --cached --others --exclude-standard -- "${@:-.}" |
    grep -z -E '\.([ch]|cc)$' | grep -z -v -E '\.pb-c\.' | xargs -0 -r clang-format --style=file "${mode[@]}"
