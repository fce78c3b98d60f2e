"""Where the tasks of a barrier stage meet."""

from pyrite.core.scheduler.barrier import Barrier, Released


def test_the_last_to_arrive_releases_everyone_in_the_order_of_partitions():
    barrier = Barrier(3)
    assert barrier.arrive(12, 2, "c") == Released()
    assert barrier.arrive(11, 0, "a") == Released()
    assert barrier.arrive(10, 1, "b") == Released((11, 10, 12), ("a", "b", "c"))


def test_tasks_meet_again_and_again():
    barrier = Barrier(2)
    for messages in (("a", "b"), ("c", "d")):
        assert barrier.arrive(0, 0, messages[0]).task_ids == ()
        assert barrier.arrive(1, 1, messages[1]).messages == messages


def test_a_task_alone_does_not_wait():
    assert Barrier(1).arrive(5, 0, "me") == Released((5,), ("me",))


def test_a_task_that_ends_releases_those_that_wait_for_it_and_those_to_come():
    barrier = Barrier(3)
    assert barrier.arrive(10, 0, "a").task_ids == ()
    assert barrier.leave() == Released((10,), broken=True)
    assert barrier.arrive(12, 2, "c") == Released((12,), broken=True)
    assert barrier.leave() == Released(broken=True)
