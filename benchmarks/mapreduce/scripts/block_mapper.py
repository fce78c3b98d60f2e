"""The mapper of word count for whoever is in a hurry: blocks of lines, and no text decoded."""

import sys

while lines := sys.stdin.buffer.readlines(1 << 20):
    if words := b"".join(lines).split():
        sys.stdout.buffer.write(b"\t1\n".join(words) + b"\t1\n")
