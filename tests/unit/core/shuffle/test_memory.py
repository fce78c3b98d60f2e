from pyrite.core.shuffle import memory
from pyrite.core.shuffle.memory import MemoryMeter, private_memory


def test_growth_of_this_process_is_seen():
    meter = MemoryMeter(16 << 20)
    assert not meter.exceeded()
    held = b"x" * (64 << 20)
    assert meter.exceeded()
    assert meter.grown >= 60 << 20
    assert len(held) == 64 << 20


def test_growth_is_allowed_further_only_by_what_the_allocator_kept(monkeypatch):
    used = 0
    monkeypatch.setattr(memory, "private_memory", lambda: used)
    meter = MemoryMeter(100)
    used = 100
    assert meter.exceeded()
    used = 98
    meter.released()
    used = 102
    assert not meter.exceeded()
    used = 103
    assert meter.exceeded()
    used = 10
    meter.released()
    used = 100
    assert meter.exceeded()


def test_systems_without_proc_are_measured_too(monkeypatch):
    expected = private_memory()
    monkeypatch.setattr(memory, "_STATM", "/nowhere")
    assert private_memory() >= expected * 0.5
