"""Which programs there are, what they read, and what is expected of them."""

from dataclasses import dataclass
from pathlib import Path

PROGRAMS_FOLDER = Path(__file__).parent / "programs"


@dataclass(frozen=True)
class Program:
    """A program of ``programs/``.

    Attributes:
        name: The file's name without ``.py``; also that of its main section.
        title: What it does, for the table.
        inputs: The data files it reads.
        target: How many times faster than PySpark it has to be, where something was promised.
        parts: Further sections it measures inside the main one: their names and titles.
        whole: Measured from outside, from the start of its process to the end of the last.
    """

    name: str
    title: str
    inputs: tuple[str, ...] = ()
    target: float | None = None
    parts: tuple[tuple[str, str], ...] = ()
    whole: bool = False

    @property
    def path(self) -> Path:
        """The program's file."""
        return PROGRAMS_FOLDER / f"{self.name}.py"

    @property
    def sections(self) -> dict[str, str]:
        """The titles of everything measured, by the section's name, the main one first."""
        return {self.name: self.title, **dict(self.parts)}


PROGRAMS = (
    Program("wordcount", "Word count, 5M words", ("words.txt",), target=4),
    Program("wordstats", "Word statistics, with the user's own functions", ("words.txt",)),
    Program("textcount", "Count of 1.5M lines of text", ("words.txt",)),
    Program("sort", "sortBy and count, 2M numbers", ("numbers.txt",), target=4),
    Program("stats", "parallelize and stats, 1024 x 5024 numbers", target=8),
    Program("pi", "Pi, 6M darts"),
    Program("collect", "collect of 4M integers"),
    Program("group", "groupByKey, 1.5M pairs", ("edges.txt",)),
    Program("join", "join of 1.5M with 200k rows", ("edges.txt", "nodes.txt")),
    Program("links", "Links of a graph: distinct, groupByKey, cache", ("edges.txt",)),
    Program(
        "pagerank",
        "PageRank, 200k nodes, 1.5M edges, 5 iterations",
        ("edges.txt",),
        target=5,
        parts=(
            ("pagerank, first iteration", "... links and first iteration"),
            ("pagerank, four cached iterations", "... four more, links cached"),
        ),
    ),
    Program("tinyjobs", "10 tiny jobs", target=20),
    Program("thousandtasks", "1,000 tiny tasks in one job"),
    Program("startup", "Start-up: a whole program with a tiny job", target=8, whole=True),
)
