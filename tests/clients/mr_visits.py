"""The pages that each visitor saw, in order: sorted values, a file, counters and a status."""

from mrjob.job import MRJob


class Visits(MRJob):
    SORT_VALUES = True

    def configure_args(self):
        super().configure_args()
        self.add_file_arg("--robots")

    def mapper_init(self):
        with open(self.options.robots) as file:
            self.robots = set(file.read().split())

    def mapper(self, _, line):
        who, when, page = line.split()
        if who in self.robots:
            self.increment_counter("visits", "of robots")
        else:
            self.increment_counter("visits", "of people, 1st class", 2)
            yield who, (when, page)

    def reducer(self, who, visits):
        self.set_status(f"at {who}")
        yield who, [page for _, page in visits]


if __name__ == "__main__":
    Visits.run()
