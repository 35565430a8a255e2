#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the reference's behaviour, kept as data: `scripts/conformance.sh [DIR]` runs every *.json suite of
# DIR (default: tests/conformance). Prints "SUITE passed failed" a line, then what differs; exits 1 where
# anything does. Builds what it needs. Works from any folder.
set -euo pipefail

folder=${1:-}
[[ $# -le 1 ]] || { echo "usage: scripts/conformance.sh [DIR]" >&2 && exit 2; }
[[ -z $folder || -d $folder ]] || { echo "conformance: no folder '$folder'" >&2 && exit 2; }
[[ -z $folder ]] || folder=$(cd "$folder" && pwd)

cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/packages.sh
require_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}"

cmake --preset release -DTROUPE_TESTS=ON >/dev/null # quickstart.sh builds without them
build_tree release conformance_runner >&2
build/release/tests/bin/conformance_runner "${folder:-tests/conformance}"
