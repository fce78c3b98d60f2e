"""Distributed stochastic gradient descent: scikit-learn on each partition, weights averaged.

pyrite submit examples/sgd_sklearn.py [rounds]
"""

import sys
from collections.abc import Iterator

import numpy as np
from pyspark import SparkContext
from sklearn.datasets import make_classification
from sklearn.linear_model import SGDClassifier

PARTITIONS = 4
CLASSES = np.array([0, 1])


def classifier(weights: np.ndarray, intercept: np.ndarray) -> SGDClassifier:
    model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=0.01, random_state=0)
    model.coef_, model.intercept_, model.classes_ = weights.copy(), intercept.copy(), CLASSES
    return model


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    features, labels = make_classification(
        n_samples=2400, n_features=12, n_informative=8, class_sep=1.5, random_state=7
    )
    train, test = slice(0, 2000), slice(2000, None)
    weights, intercept = np.zeros((1, features.shape[1])), np.zeros(1)

    with SparkContext(appName="SGD") as sc:
        points = list(zip(features[train], labels[train], strict=True))
        samples = sc.parallelize(points, PARTITIONS).cache()
        for number in range(1, rounds + 1):
            start = sc.broadcast((weights, intercept))

            def descend(part: Iterator, start=start) -> Iterator:
                x, y = map(np.array, zip(*part, strict=True))
                model = classifier(*start.value).partial_fit(x, y, classes=CLASSES)
                yield model.coef_, model.intercept_, 1

            weights_sum, intercept_sum, models = samples.mapPartitions(descend).reduce(
                lambda a, b: (a[0] + b[0], a[1] + b[1], a[2] + b[2])
            )
            weights, intercept = weights_sum / models, intercept_sum / models
            accuracy = classifier(weights, intercept).score(features[test], labels[test])
            print(f"round {number}: {models} models averaged, accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
