"""k-means: moves each centre to the mean of its points until none moves.

pyrite submit examples/kmeans.py [points per cluster]
"""

import math
import random
import sys

from pyspark import RDD, SparkContext

TRUE_CENTRES = [(0.0, 0.0), (8.0, 1.0), (3.0, 9.0)]
Point = tuple[float, float]


def points_around(centre: Point, count: int) -> list[Point]:
    numbers = random.Random(str(centre))
    return [(numbers.gauss(centre[0], 1.0), numbers.gauss(centre[1], 1.0)) for _ in range(count)]


def nearest(point: Point, centres: list[Point]) -> int:
    return min(range(len(centres)), key=lambda index: math.dist(point, centres[index]))


def means_of_clusters(points: RDD[Point], centres: list[Point]) -> list[Point]:
    """One step: the mean of the points that are nearest to each centre."""
    sums = (
        points.map(lambda p: (nearest(p, centres), (p[0], p[1], 1)))
        .reduceByKey(lambda a, b: (a[0] + b[0], a[1] + b[1], a[2] + b[2]))
        .collect()
    )
    return [(x / size, y / size) for _, (x, y, size) in sorted(sums)]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    data = [point for centre in TRUE_CENTRES for point in points_around(centre, count)]
    with SparkContext(appName="k-means") as sc:
        points = sc.parallelize(data, 4).cache()
        # Start from the points farthest from each other, chosen one by one.
        centres = [points.first()]
        while len(centres) < len(TRUE_CENTRES):
            far = points.max(lambda p: min(math.dist(p, centre) for centre in centres))
            centres.append(far)

        moved, rounds = math.inf, 0
        while moved > 1e-6:
            means = means_of_clusters(points, centres)
            moved = sum(map(math.dist, centres, means))
            centres, rounds = means, rounds + 1
        sizes = points.map(lambda p: nearest(p, centres)).countByValue()

    print(f"{rounds} rounds")
    for index, (x, y) in sorted(enumerate(centres), key=lambda entry: entry[1]):
        print(f"centre ({x:6.2f}, {y:6.2f}) with {sizes[index]} points")


if __name__ == "__main__":
    main()
