#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Static analysis: cppcheck over the sources, shellcheck over the scripts, clang-tidy where files are named.
# Works from any folder. `scripts/lint.sh` takes everything, `scripts/lint.sh PATH…` those C files, with clang-tidy too.
# The flags each file is compiled with come from a configuration of its own, build/lint.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/packages.sh

require_packages cppcheck clang-tidy shellcheck jq
database=build/lint
cmake -S . -B "$database" -G Ninja -DTROUPE_TESTS=OFF >/dev/null

if [[ $# -gt 0 ]]; then
    checks='-*,clang-analyzer-*,bugprone-*'
    for noisy in clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling clang-analyzer-valist.Uninitialized \
        bugprone-easily-swappable-parameters bugprone-assignment-in-if-condition bugprone-reserved-identifier \
        bugprone-sizeof-expression bugprone-implicit-widening-of-multiplication-result bugprone-macro-parentheses \
        clang-analyzer-deadcode.DeadStores; do # it does not see what cleanup functions read
        checks+=",-$noisy"
    done
    printf '%s\0' "$@" | xargs -0 -n 1 -P "$(nproc)" clang-tidy -p "$database" --quiet --warnings-as-errors='*' --checks="$checks"
    exit
fi

git ls-files -z --cached --others --exclude-standard -- '*.sh' | xargs -0 -r shellcheck --external-sources --severity=warning --exclude=SC2034
jq 'map(select(.file | test("pb-c|_empty") | not))' "$database/compile_commands.json" >"$database/ours.json"
# suppressed: what macros of ours and of uthash look like to it
cppcheck --project="$database/ours.json" --std=c11 --enable=warning,performance,portability \
    --inline-suppr --quiet --error-exitcode=1 -j "$(nproc)" \
    --suppress='*:*.pb-c.*' --suppress='*:*/build/*' --suppress=nullPointerOutOfMemory \
    --suppress=uninitvar --suppress=syntaxError --suppress=arrayIndexThenCheck --suppress=unknownMacro
