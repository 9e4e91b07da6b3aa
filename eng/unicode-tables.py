#!/usr/bin/env python3
"""Writes src/Portcullis.Trust/Passwords/Unicode.bin: what NFKC needs (UAX #15), from the Unicode Character Database.

    eng/unicode-tables.py DIRECTORY

DIRECTORY holds UnicodeData.txt and DerivedNormalizationProps.txt (Debian: /usr/share/unicode of the package unicode-data). The same input gives
the same output. All numbers are little-endian, 32 bits:

    accepted ranges      count, then (first, last): assigned, and neither control nor surrogate
    combining classes    count, then (code point, class), ascending
    decompositions       count, then (code point, offset, length) into the pool, ascending; full NFKD, without Hangul syllables
    pool                 count, then code points
    compositions         count, then (first, second, composed), ascending; without exclusions and Hangul syllables
"""
import re
import struct
import sys
from pathlib import Path

OUTPUT = Path(__file__).resolve().parent.parent / "src" / "Portcullis.Trust" / "Passwords" / "Unicode.bin"


def main(directory):
    accepted, classes, mappings = [], {}, {}
    first = None
    for line in (directory / "UnicodeData.txt").read_text("ascii").splitlines():
        fields = line.split(";")
        point, name, category = int(fields[0], 16), fields[1], fields[2]
        if name.endswith(", First>"):
            first = point
            continue
        start, first = (first, None) if name.endswith(", Last>") else (point, None)
        if category not in ("Cc", "Cs"):
            if accepted and accepted[-1][1] == start - 1:
                accepted[-1][1] = point
            else:
                accepted.append([start, point])
        if fields[3] != "0":
            classes[point] = int(fields[3])
        if fields[5]:
            words = fields[5].split()
            compatible = words[0].startswith("<")
            mappings[point] = (compatible, [int(word, 16) for word in words[compatible:]])

    excluded = set()
    for line in (directory / "DerivedNormalizationProps.txt").read_text("utf-8").splitlines():
        match = re.match(r"([0-9A-F]+)(?:\.\.([0-9A-F]+))?\s*;\s*Full_Composition_Exclusion\b", line)
        if match:
            excluded.update(range(int(match[1], 16), int(match[2] or match[1], 16) + 1))

    def decompose(point):
        if point not in mappings:
            return [point]
        return [inner for part in mappings[point][1] for inner in decompose(part)]

    pool, decompositions = [], []
    for point in sorted(mappings):
        full = decompose(point)
        decompositions.append((point, len(pool), len(full)))
        pool.extend(full)
    compositions = sorted((*parts, point) for point, (compatible, parts) in mappings.items() if not compatible and len(parts) == 2 and point not in excluded)

    def table(rows):
        flat = [value for row in rows for value in row]
        return struct.pack("<I", len(rows)) + struct.pack(f"<{len(flat)}I", *flat)

    OUTPUT.write_bytes(table(accepted) + table(sorted(classes.items())) + table(decompositions) + table([(point,) for point in pool]) + table(compositions))


if len(sys.argv) != 2:
    sys.exit(__doc__)
main(Path(sys.argv[1]))
