# SPDX-License-Identifier: Apache-2.0
"""Every public header, included alone, compiles without a warning as C11 and as C++17, with gcc and with clang; so do
the macros they offer (outside/macros.c).

    check_headers.py SOURCE
"""
import pathlib
import shutil
import subprocess
import sys

import public_names

WARNINGS = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]
COMPILERS = [("gcc", "c", "c11"), ("clang", "c", "c11"), ("g++", "c++", "c++17"), ("clang++", "c++", "c++17")]
MACROS = pathlib.Path(__file__).parent / "outside/macros.c"


def complaints(source, name, text):
    for compiler, language, standard in COMPILERS:
        result = subprocess.run([compiler, f"-std={standard}", *WARNINGS, f"-I{source}/libactor/include", "-x", language, "-"],
                                input=text, capture_output=True, text=True, timeout=500)
        if result.returncode != 0:
            yield f"{name}, {compiler} -std={standard}:\n{result.stderr}"


def units(source):
    """Each header twice, as programs include it through others; and a declaration, since an empty unit is no ISO C."""
    for header in public_names.headers(source):
        include = f"#include <actor/{header.name}>\n"
        yield header.name, f"{include}{include}extern int unit_is_not_empty;\n"
    yield MACROS.name, MACROS.read_text(encoding="utf-8")


def main():
    if missing := [compiler for compiler, _, _ in COMPILERS if not shutil.which(compiler)]:
        raise SystemExit(f"not installed: {', '.join(missing)}")
    source, checked = sys.argv[1], list(units(sys.argv[1]))
    found = [problem for name, text in checked for problem in complaints(source, name, text)]
    print("\n".join(found) or f"{len(checked)} units, {len(COMPILERS)} compilers")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
