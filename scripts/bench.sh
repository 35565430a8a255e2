#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures, each case beside its peer in the same run: scripts/bench.sh [GROUP…] [--quick] [--json].
# Exits 1 when a bar is missed. Works from any folder; let nothing else run beside it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/packages.sh
require_packages "${BUILD_PACKAGES[@]}" "${BENCH_PACKAGES[@]}" >&2
cmake --preset release -DTROUPE_TESTS=ON >/dev/null
build_tree release >&2
exec python3 tests/bench/run.py "$@"
