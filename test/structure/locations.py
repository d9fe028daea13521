#!/usr/bin/env python3
"""usage: locations.py DUMP.mlir..: every op of a dump ends with a location that says something."""
import re
import sys

failed = False
for path in sys.argv[1:]:
    lines = open(path).read().split("\n")
    unknown = [re.escape(match[1]) for line in lines if (match := re.match(r"(#loc\d*) = loc\(unknown\)$", line))]
    silent = re.compile(rf"loc\((?:{'|'.join(['unknown', *unknown])})\)$")
    found = [f"{path}:{number}: {line.strip()[:100]}" for number, line in enumerate(lines, 1)
             if silent.search(line) and not line.startswith("#loc")]
    located = sum(" loc(" in line for line in lines)
    if located < 10:
        found.append(f"{path}: only {located} locations")
    for line in found[:5]:
        print(line)
    failed |= bool(found)
sys.exit(failed)
