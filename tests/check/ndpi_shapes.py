#!/usr/bin/env python3
"""Every shape of nDPI that is known configures and compiles without a warning, whichever is installed; one that is not
known is refused by configure, with its version.

The shapes are in tests/stubs/ndpi/ndpi_api.h: headers without a library, so only classify_ndpi*.c are compiled.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

STUBS = os.path.join(dztest.SOURCE, "tests", "stubs", "ndpi")
# Its number in the header, its version, switches of configure, and what configure finds of it.
SHAPES = [
    (402, "4.2.0", [], ["NDPI_INIT_PREFS", "NDPI_PROCESS_5", "NDPI_GIVEUP_GUESS", "NDPI_MATCH_BY_IP"]),
    (404, "4.4.0", [], ["NDPI_PROCESS_6", "NDPI_UNIDIRECTIONAL"]),
    (406, "4.6.0", [], ["NDPI_FTPS"]),
    (408, "4.8.0", [], ["NDPI_PREFS_ACK_HEURISTIC"]),
    (410, "4.10.0", [], ["NDPI_INIT_CONTEXT", "NDPI_SET_CONFIG", "NDPI_GIVEUP_3"]),
    (411, "4.11.0", [], ["NDPI_RESULT_NESTED"]),
    (500, "5.0.0", [], ["NDPI_GIVEUP_2", "NDPI_ENCRYPTED_PAIR", "NDPI_RESULT_STATE", "NDPI_SET_ALLOCATOR_8"]),
    (600, "6.0.0", [], ["NDPI_INIT_LICENCE", "NDPI_FINALIZE_RESULT"]),
    (600, "6.0.0", ["--with-ndpi-licence=for-profit"], ["NDPI_LICENCE_FOR_PROFIT"]),
]


def install(folder, number, version):
    """A prefix with the header of that shape."""
    prefix = os.path.join(folder, "ndpi-%d" % number)
    os.makedirs(os.path.join(prefix, "lib", "pkgconfig"), exist_ok=True)
    os.makedirs(os.path.join(prefix, "include"), exist_ok=True)
    # A copy of its own: what is included by an absolute path of the source would be seen as distribooze's.
    shutil.copy(os.path.join(STUBS, "ndpi_api.h"), os.path.join(prefix, "include"))
    with open(os.path.join(prefix, "lib", "pkgconfig", "libndpi.pc"), "w", encoding="utf-8") as f:
        f.write("libdir=%s/lib\nName: libndpi\nDescription: a header\nVersion: %s\nLibs: -lndpi\nCflags: -I%s/include -DNDPI_STUB=%d\n"
                % (prefix, version, prefix, number))
    return prefix


def configure(folder, prefix, number, switches):
    build = os.path.join(folder, "build-%d%s" % (number, "".join(switches)))
    os.mkdir(build)
    # What is not nDPI's is asked for once.
    done = subprocess.run([os.path.join(dztest.SOURCE, "configure"), "--with-ndpi=" + prefix, "--enable-werror",
                           "--cache-file=" + os.path.join(folder, "cache"), *switches], cwd=build, capture_output=True, text=True, check=False)
    return build, done


def main():
    if not os.access(os.path.join(dztest.SOURCE, "configure"), os.X_OK):
        dztest.skip("there is no configure script")
    report = dztest.Report()
    with tempfile.TemporaryDirectory() as folder:
        for number, version, switches, found in SHAPES:
            what = "nDPI %s %s" % (version, " ".join(switches))
            cache = os.path.join(folder, "cache")
            build, done = configure(folder, install(folder, number, version), number, switches)
            # Answers about nDPI and its paths are this shape's own.
            if os.path.exists(cache):
                with open(cache, encoding="utf-8") as f:
                    kept = re.sub(r"(?m)^.*(NDPI|ndpi).*\n", "", f.read())
                with open(cache, "w", encoding="utf-8") as f:
                    f.write(kept)
            if not report.check(done.returncode == 0, "%s: configure: %s", what, done.stderr[-600:]):
                continue
            with open(os.path.join(build, "config.h"), encoding="utf-8") as f:
                config = f.read()
            for macro in found:
                report.check("#define %s 1" % macro in config, "%s: configure does not find %s", what, macro)
            made = subprocess.run(["make", "-s", "src/classify/classify_ndpi.o", "src/classify/classify_ndpi_detail.o"], cwd=build, capture_output=True, text=True, check=False,
                                  env={k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")})
            report.check(made.returncode == 0 and "warning" not in made.stderr, "%s: it does not compile: %s", what, made.stderr[-1500:])
        _, done = configure(folder, install(folder, 900, "9.9.0"), 900, [])
        report.check(done.returncode != 0 and "nDPI 9.9.0: the initialisation call has a shape that is not known" in done.stderr,
                     "an unknown shape: configure says %d, %s", done.returncode, done.stderr[-600:])
        _, done = configure(folder, install(folder, 600, "6.0.0"), 601, ["--with-ndpi-licence=none"])
        report.check(done.returncode != 0 and "--with-ndpi-licence wants" in done.stderr, "an unknown licence is taken")
    report.finish("%d shapes of nDPI" % len(SHAPES))


if __name__ == "__main__":
    main()
