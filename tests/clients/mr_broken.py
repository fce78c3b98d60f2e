"""A job whose second step fails."""

from mrjob.job import MRJob
from mrjob.step import MRStep


class Broken(MRJob):
    def mapper(self, _, line):
        yield len(line), line

    def steps(self):
        return [MRStep(mapper=self.mapper), MRStep(reducer=self.fail)]

    def fail(self, size, lines):
        raise ValueError(f"no line may have {size} characters")


if __name__ == "__main__":
    Broken.run()
