"""The names of an operation's jobs."""

from pyspark.sql.connect import proto

from pyrite.connect.job_names import job_properties, statement_of


def sql(text: str) -> proto.Relation:
    return proto.Relation(sql=proto.SQL(query=text))


def test_a_statement_is_found_below_what_shows_it() -> None:
    shown = proto.Relation(show_string=proto.ShowString(input=sql("SELECT 1")))
    assert statement_of(proto.Plan(root=shown)) == "SELECT 1"
    command = proto.Command(sql_command=proto.SqlCommand(input=sql("DROP TABLE t")))
    assert statement_of(proto.Plan(command=command)) == "DROP TABLE t"
    limited = proto.Relation(limit=proto.Limit(input=sql("SELECT 1"), limit=1))
    assert statement_of(proto.Plan(root=limited)) is None


def test_jobs_belong_to_their_operation_and_keep_what_the_program_said() -> None:
    request = proto.ExecutePlanRequest(session_id="s", tags=["nightly"])
    request.user_context.user_id = "ann"
    request.plan.root.CopyFrom(sql("SELECT 1"))
    given = {"spark.jobGroup.id": "g", "spark.job.tags": "mine"}
    properties = job_properties(given, request, "o", "collect at app.py:1")
    assert properties == {
        "callSite.short": "collect at app.py:1",
        "spark.job.description": "SELECT 1",
        "spark.jobGroup.id": "g",
        "spark.job.tags": (
            "SparkConnect_OperationTag_User_ann_Session_s_Operation_o,"
            "SparkConnect_SessionTag_User_ann_Session_s_Tag_nightly,mine"
        ),
    }
    assert (
        job_properties({"spark.job.description": "d"}, request, "o", None)["spark.job.description"]
        == "d"
    )


def test_a_plan_from_elsewhere_is_called_by_what_it_is() -> None:
    request = proto.ExecutePlanRequest(session_id="s")
    request.plan.root.limit.limit = 1
    assert job_properties({}, request, "o", None)["spark.job.description"] == "limit"
