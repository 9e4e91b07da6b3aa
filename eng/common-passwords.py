#!/usr/bin/env python3
"""Writes src/Portcullis.Trust/Passwords/Common.bin: which passwords are commonly used, as sorted hashes.

    eng/common-passwords.py PASSWORDS_JSON

PASSWORDS_JSON is package/src/passwords.json of the npm package @zxcvbn-ts/language-common (4.1.3), a list by frequency out of published breaches. Entries
of four letters and more are taken, in lower case. Each becomes the first four octets of its SHA-256, big-endian; equal ones are merged, all are
sorted. The chance that a password which is not on the list is taken for one is the number of entries over 2^32: about one in 90,000 a look-up.
"""
import hashlib
import json
import sys
from pathlib import Path

OUTPUT = Path(__file__).resolve().parent.parent / "src" / "Portcullis.Trust" / "Passwords" / "Common.bin"

if len(sys.argv) != 2:
    sys.exit(__doc__)
words = {word.lower() for word in json.loads(Path(sys.argv[1]).read_text("utf-8"))}
hashes = {hashlib.sha256(word.encode()).digest()[:4] for word in words if len(word) >= 4}
OUTPUT.write_bytes(b"".join(sorted(hashes)))
