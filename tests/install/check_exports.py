# SPDX-License-Identifier: Apache-2.0
"""The shared library exports what the public headers declare, and nothing else; the installed static one likewise.

    check_exports.py SOURCE SHARED_LIBRARY STATIC_LIBRARY
"""
import subprocess
import sys

import public_names


def symbols(arguments):
    lines = subprocess.run(["nm", "--defined-only", "--format=posix", *arguments], capture_output=True, text=True,
                           check=True).stdout.splitlines()
    return {line.split()[0].split("@")[0] for line in lines if len(line.split()) > 1}


def soname(library):
    lines = subprocess.run(["readelf", "-d", library], capture_output=True, text=True, check=True).stdout.splitlines()
    return next((line.split("[")[1].rstrip("]") for line in lines if "(SONAME)" in line), "none")


def problems(source, shared, static):
    declared = {name for header in public_names.headers(source) for name in public_names.names(header)}
    if len(declared) < 100:
        yield f"only {len(declared)} names found in the headers"
    for library, arguments in ((shared, ["--dynamic", shared]), (static, ["--extern-only", static])):
        found = symbols(arguments)
        yield from (f"{library}: exports {name}, which no public header declares" for name in sorted(found - declared))
        yield from (f"{library}: lacks {name}" for name in sorted(declared - found))
    if not soname(shared).startswith("libactor.so."):
        yield f"{shared}: the SONAME is {soname(shared)}"


def main():
    found = list(problems(*sys.argv[1:]))
    print("\n".join(found) or "the libraries export what the headers declare")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
