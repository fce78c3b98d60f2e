"""``cat | mapper | sort | reducer`` and a streaming job with the same scripts write the same."""

import random
import subprocess
import sys

import pytest

SCRIPTS = {
    "words.py": """
        import re, sys
        for line in sys.stdin:
            for word in re.findall(r"[a-z']+", line.lower()):
                print(word, 1, sep="\\t")
    """,
    "sums.py": """
        import sys
        from itertools import groupby
        pairs = (line.rstrip("\\n").split("\\t") for line in sys.stdin)
        for key, group in groupby(pairs, key=lambda pair: pair[0]):
            print(key, sum(int(value) for _, value in group), sep="\\t")
    """,
    "readings.py": """
        import sys
        for line in sys.stdin:
            year, temperature, quality = line[2:6], line[6:11], line[11:12]
            if temperature != "+9999" and quality in "01459":
                sys.stdout.write(year + "\\t" + temperature + "\\n")
    """,
    "highest.py": """
        import sys
        last, highest = None, None
        for line in sys.stdin:
            key, value = line.strip().split("\\t")
            if last is not None and last != key:
                print("%s\\t%s" % (last, highest))
                highest = None
            last, highest = key, int(value) if highest is None else max(highest, int(value))
        if last is not None:
            print("%s\\t%s" % (last, highest))
    """,
    "sides.py": """
        import sys
        for line in sys.stdin:
            fields = line.rstrip("\\n").split(",")
            side = "A" if len(fields) == 2 else "B"
            print(fields[0], side, *fields[1:], sep="\\t")
    """,
    "joined.py": """
        import sys
        name, of = "?", None
        for line in sys.stdin:
            key, side, *rest = line.rstrip("\\n").split("\\t")
            if side == "A":
                name, of = rest[0], key
            else:
                print(key, name if of == key else "?", *rest, sep="\\t")
    """,
    "index.py": """
        import sys
        for number, line in enumerate(sys.stdin):
            for word in set(line.split()):
                print(f"{word}\\t{len(line):05}")
    """,
    "posting.py": """
        import sys
        from itertools import groupby
        for key, group in groupby(sys.stdin, key=lambda line: line.split("\\t")[0]):
            print(key + "\\t" + " ".join(line.split("\\t")[1].strip() for line in group))
    """,
}

PYTHON = sys.executable

PAIRS = {
    "word count": (f"{PYTHON} words.py", f"{PYTHON} sums.py", "text"),
    "highest temperature": (f"{PYTHON} readings.py", f"{PYTHON} highest.py", "weather"),
    "join": (f"{PYTHON} sides.py", f"{PYTHON} joined.py", "orders"),
    "inverted index": (f"{PYTHON} index.py", f"{PYTHON} posting.py", "text"),
    "awk": (
        "awk '{for (i = 1; i <= NF; i++) print $i \"\\t\" length($0)}'",
        "awk -F '\\t' '{sum[$1] += $2; if (!($1 in at)) {at[$1] = ++n; key[n] = $1}} "
        'END {for (i = 1; i <= n; i++) print key[i] "\\t" sum[key[i]]}\'',
        "text",
    ),
    "sort itself": ("cat", "cat", "pairs"),
    "sed and cut": ("sed -e s/o/0/g", "cut -f 1,2", "pairs"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A directory with the scripts and their inputs."""
    directory = tmp_path_factory.mktemp("pipelines")
    for name, text in SCRIPTS.items():
        lines = text.removeprefix("\n").splitlines()
        (directory / name).write_text("".join(line[8:] + "\n" for line in lines))
    chance = random.Random(5)
    words = ["the", "quick", "brown", "fox", "jumps", "lazy", "don't", "Ünder", "été", "The"]
    inputs = {
        "text": [" ".join(chance.choices(words, k=chance.randrange(12))) for _ in range(3000)],
        "weather": [
            f"00{chance.randrange(1901, 1950)}{chance.choice([-111, 22, 317, 9999]):+05}"
            f"{chance.randrange(10)}"
            for _ in range(3000)
        ],
        "orders": [f"c{n:03},customer {n}" for n in range(0, 200, 2)]
        + [f"c{chance.randrange(200):03},{chance.randrange(99)},{n}" for n in range(2000)],
        "pairs": [f"{chance.choice(words)}\t{chance.randrange(300)}\tx" for _ in range(3000)],
    }
    for name, lines in inputs.items():
        chance.shuffle(lines)
        (directory / name).mkdir()
        half = len(lines) // 2
        for part, some in (("a.txt", lines[:half]), ("b.txt", lines[half:])):
            (directory / name / part).write_text("".join(f"{line}\n" for line in some))
    return directory


@pytest.mark.parametrize("name", PAIRS)
def test_a_job_writes_what_the_pipeline_writes(place, commands, name):
    mapper, reducer, data = PAIRS[name]
    pipeline = f"cat {data}/* | {mapper} | LC_ALL=C sort | {reducer}"
    expected = subprocess.run(pipeline, shell=True, cwd=place, capture_output=True, check=True)
    output = name.replace(" ", "-")
    job = ["-input", data, "-output", output, "-mapper", mapper, "-reducer", reducer]
    files = ["-files", ",".join(SCRIPTS)]
    done = subprocess.run(
        [commands / "hadoop", "jar", "hadoop-streaming.jar", *files, *job],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert (place / output / "part-00000").read_bytes() == expected.stdout
    assert len(expected.stdout.splitlines()) > 5
