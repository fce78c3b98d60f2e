"""Two programs use a server at the same time, and neither sees what is the other's."""

import pytest


@pytest.fixture(scope="module")
def server(serve):
    return serve()


ISOLATED = """
    import pathlib
    name = {name!r}
    spark.range(len(name)).createOrReplaceTempView("mine")
    spark.conf.set("spark.sql.session.timeZone", {zone!r})
    spark.udf.register("mine_f", lambda x: f"{{name}}{{x}}", "string")
    here = pathlib.Path(name)
    here.mkdir()
    (here / "sent_module.py").write_text(f"NAME = {{name!r}}")
    (here / "sent_file.txt").write_text(f"text of {{name}}")
    spark.addArtifacts(str(here / "sent_module.py"), pyfile=True)
    spark.addArtifacts(str(here / "sent_file.txt"), file=True)

    @F.udf("string")
    def sent(x):
        import sent_module
        from pyspark import SparkFiles
        with open(SparkFiles.get("sent_file.txt")) as file:
            return sent_module.NAME + ": " + file.read()

    say("ready")
    input()
    for _ in range(3):
        say(
            spark.table("mine").count(),
            spark.conf.get("spark.sql.session.timeZone"),
            spark.sql("select mine_f(1)").first()[0],
            {{row[0] for row in spark.range(8).select(sent("id")).collect()}},
        )
    spark.catalog.dropTempView("mine")
    say(spark.catalog.tableExists("mine"))
"""


def test_views_settings_functions_and_artifacts_are_a_sessions_own(server, program):
    names = {"ann": "Asia/Tokyo", "robert": "America/Lima"}
    clients = [
        program(server.url, ISOLATED.format(name=name, zone=zone)) for name, zone in names.items()
    ]
    assert [client.hears() for client in clients] == ["ready", "ready"]
    for client in clients:
        client.go_on()
    for client, (name, zone) in zip(clients, names.items(), strict=True):
        line = f"{len(name)} {zone} {name}1 {{'{name}: text of {name}'}}"
        assert client.ends() == [line] * 3 + ["False"]


def test_tables_are_everyones(server, program, connect):
    program(server.url, "spark.range(5).write.saveAsTable('shared'); say('saved')").ends()
    assert connect(server.url).table("shared").count() == 5


def test_a_new_session_knows_nothing_of_a_modules_old_text(server, program):
    source = """
        import pathlib
        pathlib.Path("changing.py").write_text("VALUE = {value}")
        spark.addArtifacts("changing.py", pyfile=True)
        def value(x):
            import changing
            return changing.VALUE
        say({{row[0] for row in spark.range(8).select(F.udf(value, "int")("id")).collect()}})
        """
    assert program(server.url, source.format(value=1)).ends() == ["{1}"]
    assert program(server.url, source.format(value=2)).ends() == ["{2}"]


def test_a_session_without_artifacts_has_none(server, program):
    program(
        server.url,
        """
        import pathlib
        pathlib.Path("hidden.py").write_text("VALUE = 1")
        spark.addArtifacts("hidden.py", pyfile=True)
        def value(x):
            import hidden
            return hidden.VALUE
        say(spark.range(4).select(F.udf(value, "int")("id")).collect())
        """,
    ).ends()
    other = """
        def found(x):
            import importlib.util, sys
            return "hidden" in sys.modules or importlib.util.find_spec("hidden") is not None
        say({row[0] for row in spark.range(8).select(F.udf(found, "boolean")("id")).collect()})
        """
    assert program(server.url, other).ends() == ["{False}"]
