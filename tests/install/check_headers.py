# SPDX-License-Identifier: Apache-2.0
"""Every public header, included alone, compiles without a warning as C11 and as C++17, with gcc and with clang.

    check_headers.py SOURCE
"""
import shutil
import subprocess
import sys

import public_names

WARNINGS = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]
COMPILERS = [("gcc", "c", "c11"), ("clang", "c", "c11"), ("g++", "c++", "c++17"), ("clang++", "c++", "c++17")]


def complaints(source, header):
    """Included twice, as programs do through others; and one declaration, since an empty unit is no ISO C."""
    text = f"#include <actor/{header.name}>\n#include <actor/{header.name}>\nextern int unit_is_not_empty;\n"
    for compiler, language, standard in COMPILERS:
        result = subprocess.run([compiler, f"-std={standard}", *WARNINGS, f"-I{source}/libactor/include", "-x", language, "-"],
                                input=text, capture_output=True, text=True, timeout=60)
        if result.returncode != 0:
            yield f"{header.name}, {compiler} -std={standard}:\n{result.stderr}"


def main():
    if missing := [compiler for compiler, _, _ in COMPILERS if not shutil.which(compiler)]:
        raise SystemExit(f"not installed: {', '.join(missing)}")
    found = [problem for header in public_names.headers(sys.argv[1]) for problem in complaints(sys.argv[1], header)]
    print("\n".join(found) or f"{len(public_names.headers(sys.argv[1]))} headers, {len(COMPILERS)} compilers")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
