"""What a thread says of the jobs it submits."""

import threading

import pytest

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.core.events.local_properties import TAGS, job_tags
from pyrite.core.scheduler.job_properties import JobProperties


def in_a_thread(function):
    results = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]


def test_a_property_is_text_and_none_removes_it():
    properties = JobProperties()
    properties.set("n", 3)
    assert properties.get("n") == "3"
    properties.set("n", None)
    properties.set("n", None)
    assert properties.get("n") is None


def test_each_thread_has_its_own():
    properties = JobProperties()
    properties.set("k", "mine")
    assert in_a_thread(lambda: properties.get("k")) is None


def test_a_thread_can_take_anothers_without_sharing_them():
    properties = JobProperties()
    properties.set("k", "mine")
    values = properties.snapshot()

    def child():
        properties.inherit(values)
        properties.set("k", "changed")
        return properties.get("k")

    assert in_a_thread(child) == "changed"
    assert properties.get("k") == values["k"] == "mine"


def test_tags_are_a_set():
    properties = JobProperties()
    for tag in ("b", "a", "b"):
        properties.add_tag(tag)
    assert job_tags(properties.snapshot()) == {"a", "b"}
    properties.remove_tag("b")
    properties.remove_tag("unknown")
    assert job_tags(properties.snapshot()) == {"a"}
    properties.remove_tag("a")
    assert properties.get(TAGS) is None
    assert job_tags({}) == set()


@pytest.mark.parametrize(("tag", "said"), [("", "empty string"), ("a,b", "contain ','")])
def test_a_tag_that_cannot_be_stored_is_refused(tag, said):
    properties = JobProperties()
    for change in (properties.add_tag, properties.remove_tag):
        with pytest.raises(SparkIllegalArgumentException, match=said):
            change(tag)
