"""Count the lines of a text, three times over."""


def run(sc, case):
    path = case.file("words.txt")
    with case.section("textcount"):
        return sc.textFile(f"{path},{path},{path}").count()
