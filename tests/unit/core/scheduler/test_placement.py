"""How long applications wait for a first executor."""

from pyrite.core.scheduler.placement import PlacementWatch, Verdict


def verdicts(watch, times, missing=True, room=0):
    return [watch.look(now, missing, lambda: room) for now in times]


def test_people_are_told_every_15_seconds():
    said = verdicts(PlacementWatch(100.0, False), [0, 14, 15, 16, 29, 30], room=1)
    told = Verdict(hopeless=False, seconds=15, fits=True)
    assert said == [None, None, told, None, None, Verdict(False, 30, True)]


def test_executors_that_fit_nowhere_are_given_up():
    watch = PlacementWatch(20.0, False)
    assert [v and v.hopeless for v in verdicts(watch, [0, 15, 30])] == [None, False, True]
    assert verdicts(watch, [31, 45]) == [None, None]  # a job that comes later waits anew
    assert "No machine of the cluster has that much" in Verdict(True, 30, False).text("4 CPU")


def test_a_short_patience_is_short():
    (_, verdict) = verdicts(PlacementWatch(2.0, False), [0, 2])
    assert verdict.hopeless


def test_executors_that_others_keep_out_are_waited_for():
    watch = PlacementWatch(20.0, False)
    assert not any(v and v.hopeless for v in verdicts(watch, range(0, 1000, 15), room=1))
    assert "Others use what it needs" in Verdict(False, 30, True).text("4 CPU")


def test_a_cluster_that_grows_has_longer():
    watch = PlacementWatch(20.0, True)
    assert not any(v and v.hopeless for v in verdicts(watch, range(0, 600, 15)))
    assert watch.look(600, True, lambda: 0).hopeless


def test_nothing_is_said_while_there_are_executors():
    watch = PlacementWatch(20.0, False)
    assert verdicts(watch, [0, 15], missing=False) == [None, None]
