"""What is refused because it would wait too long, and what never is."""

from orderdock.writer.pace import Paces


def test_nobody_is_late_while_nothing_is_known() -> None:
    assert not Paces(1).is_late(1, 1_000_000, 1)


def test_small_groups_say_nothing() -> None:
    paces = Paces(1)
    paces.learn(1, 15, 100.0)
    assert not paces.is_late(1, 1_000_000, 1)


def test_who_would_wait_longer_than_allowed_is_late() -> None:
    paces = Paces(1)
    paces.learn(1, 100, 0.1)  # 1 ms an item
    assert (paces.is_late(1, 999, 1), paces.is_late(1, 1_001, 1)) == (False, True)
    assert not paces.is_late(2, 1_001, 1), "another account has a pace of its own"


def test_what_is_believed_follows_what_is_seen() -> None:
    paces = Paces(1)
    paces.learn(1, 100, 0.1)
    for _ in range(20):
        paces.learn(1, 100, 0.01)
    assert not paces.is_late(1, 9_000, 1)
    assert paces.is_late(1, 11_000, 1)


def test_a_stall_is_soon_forgotten() -> None:
    paces = Paces(0.1)
    paces.learn(1, 100, 5.0)  # 50 ms an item
    for _ in range(4):
        paces.learn(1, 100, 0.02)
    assert not paces.is_late(1, 100, 1)
    paces.learn(1, 100, 0.1)
    assert not paces.is_late(1, 100, 1), "and one slower group says little"


def test_a_quiet_account_begins_anew() -> None:
    paces = Paces(1)
    paces.learn(1, 100, 100.0)
    assert paces.is_late(1, 100, 1)
    paces.forget(1)
    assert not paces.is_late(1, 1_000_000, 1)


def test_a_small_crowd_may_always_wait() -> None:
    paces = Paces(1)
    paces.learn(1, 100, 1_000.0)  # 10 s an item
    assert (paces.is_late(1, 63, 1), paces.is_late(1, 64, 1)) == (False, True)


def test_a_large_request_may_wait_many_times_its_own_length() -> None:
    paces = Paces(1)
    paces.learn(1, 500, 1.0)  # 2 ms an item
    assert not paces.is_late(1, 15_999, 500)
    assert paces.is_late(1, 16_000, 500)
    assert paces.is_late(1, 501, 1)
