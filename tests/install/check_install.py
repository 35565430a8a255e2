# SPDX-License-Identifier: Apache-2.0
"""Installs libactor into a new prefix and uses it as an outsider does: a C and a C++ program are built with
pkg-config, with the CMake package, and against the static library, and run; so are the examples, with their tests.

    check_install.py SOURCE BUILD VERSION
"""
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

COMPONENTS = ["libactor", "libactor-dev", "libactor-doc"]


def run(*arguments, **more):
    result = subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True, timeout=500, **more)
    if result.returncode != 0:
        raise SystemExit(f"{shlex.join(map(str, arguments))}: status {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


class Outsider:
    def __init__(self, source, build, version, scratch):
        self.version, self.scratch, self.prefix = version, scratch, scratch / "prefix"
        self.here = pathlib.Path(__file__).parent / "outside"
        self.programs = {"c": (source / "docs/examples/first_actor.c", "the total is 5050\n"),
                         "cpp": (source / "libactor/examples/counter.cc", "be: 2\n")}
        for component in COMPONENTS:
            run("cmake", "--install", build, "--prefix", self.prefix, "--component", component)
        for page in ("man/man3/actor_send.3", "doc/libactor/html/index.html"):
            if not (self.prefix / "share" / page).exists():
                raise SystemExit(f"not installed: share/{page}")
        self.libraries = next(self.prefix.rglob("libactor.pc")).parent.parent
        self.environment = {**os.environ, "PKG_CONFIG_PATH": str(self.libraries / "pkgconfig"),
                            "LD_LIBRARY_PATH": str(self.libraries)}

    def pkg_config(self, *arguments):
        return run("pkg-config", *arguments, env=self.environment).split()

    def check(self, language, program, shared):
        """It prints what it should, and takes the shared library or has the static one inside."""
        said = run(program, env=self.environment)
        if said != self.programs[language][1]:
            raise SystemExit(f"{program} says {said!r}")
        if ("libactor.so" in run("readelf", "-d", program)) != shared:
            raise SystemExit(f"{program}: {'does not need' if shared else 'needs'} the shared library")

    def with_pkg_config(self):
        compilers = {"c": ["cc", "-std=c11"], "cpp": ["c++", "-std=c++17"]}
        for language, (source, _) in self.programs.items():
            for package in ("libactor", "libactor-static"):
                program = self.scratch / f"{language}_{package}"
                run(*compilers[language], "-o", program, source, *self.pkg_config("--cflags", "--libs", package))
                self.check(language, program, package == "libactor")

    def with_cmake(self):
        build = self.scratch / "build"
        sources = [f"-D{language.upper()}_SOURCE={source}" for language, (source, _) in self.programs.items()]
        configure = ["cmake", "-G", "Ninja", "-S", self.here, "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}", *sources]
        if subprocess.run([*configure, "-DWANTED_VERSION=1000.0"], capture_output=True, timeout=500).returncode == 0:
            raise SystemExit("find_package(actor 1000.0) is content with another version")
        run(*configure, f"-DWANTED_VERSION={self.version}")
        run("cmake", "--build", build)
        for language in self.programs:
            self.check(language, build / f"{language}_actor", True)
            self.check(language, build / f"{language}_actor_static", False)

    def build_examples(self, examples):
        build = self.scratch / "examples"
        run("cmake", "-G", "Ninja", "-S", examples, "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run("cmake", "--build", build)
        run("ctest", "--test-dir", build, "--output-on-failure", "--no-tests=error")


def main():
    source, build, version = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    with tempfile.TemporaryDirectory() as scratch:
        outsider = Outsider(source, build, version, pathlib.Path(scratch))
        if (told := outsider.pkg_config("--modversion", "libactor")) != [version]:
            raise SystemExit(f"pkg-config tells version {told}, not {version}")
        outsider.with_pkg_config()
        outsider.with_cmake()
        outsider.build_examples(source / "libactor/examples")
    print(f"libactor {version}: installed, and used from C and C++ with pkg-config, CMake and statically")


if __name__ == "__main__":
    main()
