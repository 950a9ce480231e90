#!/usr/bin/env python3
"""Writes the reference fixtures of the compute core: see README.md beside this script.

    scripts/reference/make-fixtures.py            all cases
    scripts/reference/make-fixtures.py clip-gelu  the named ones
    scripts/reference/make-fixtures.py --check    writes nothing, fails where a file differs
"""
import pathlib
import sys

import torch

import cases_blip2
import cases_clip
import cases_lsa
import cases_siglip
from fixture import run, text

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Tests/TrainingCoreTests/Fixtures"
LARGEST = 400_000  # bytes
MODULES = (cases_clip, cases_lsa, cases_blip2, cases_siglip)


def main(arguments):
    torch.set_num_threads(1)
    check = "--check" in arguments
    wanted = [a for a in arguments if not a.startswith("--")]
    differing = []
    known = [case for module in MODULES for case in module.cases()]
    unknown = set(wanted) - {case.name for case in known}
    if unknown:
        sys.exit(f"no case {', '.join(sorted(unknown))}; there are: "
                 + ", ".join(case.name for case in known))
    FOLDER.mkdir(exist_ok=True)
    for case in known:
        if wanted and case.name not in wanted:
            continue
        document, line = run(case)
        content = text(document)
        if len(content) > LARGEST:
            sys.exit(f"{case.name}: {len(content)} bytes, more than {LARGEST}")
        path = FOLDER / f"{case.name}.json"
        if not check:
            path.write_text(content)
        elif not path.exists() or path.read_text() != content:
            differing.append(case.name)
        print(f"{line}, {len(content)} bytes")
    if differing:
        sys.exit("differ: " + ", ".join(differing))


if __name__ == "__main__":
    main(sys.argv[1:])
