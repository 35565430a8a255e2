#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Static analysis: cppcheck over the sources, shellcheck over the scripts, clang-tidy where files are named.
# Works from any folder. `scripts/lint.sh` takes everything, `scripts/lint.sh PATH…` those C files, with clang-tidy too.
# Needs a configured build (build/release/compile_commands.json) for the flags each file is compiled with.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/packages.sh

require_packages cppcheck clang-tidy shellcheck
database=build/release
[[ -f $database/compile_commands.json ]] || cmake --preset release >/dev/null

if [[ $# -gt 0 ]]; then
    clang-tidy -p "$database" --quiet --warnings-as-errors='*' \
        --checks='-*,clang-analyzer-*,bugprone-*,-bugprone-easily-swappable-parameters,-bugprone-assignment-in-if-condition,-bugprone-reserved-identifier,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling' \
        "$@"
    exit
fi

git ls-files -z --cached --others --exclude-standard -- '*.sh' | xargs -0 -r shellcheck --external-sources
cppcheck --project="$database/compile_commands.json" --std=c11 --enable=warning,performance,portability \
    --inline-suppr --quiet --error-exitcode=1 -j "$(nproc)" \
    --suppress='*:*.pb-c.*' --suppress='*:*/build/*' --suppress=nullPointerOutOfMemory
