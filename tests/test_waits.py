"""After failures the next try waits, longer each time."""

from __future__ import annotations

import pytest

from clausewise.web.waits import FORGOTTEN, FREE, HELD, LONGEST, Waits, whom

JANE = whom("jane", "10.0.0.7")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_wait_begins_with_the_fifth_failure_and_doubles() -> None:
    clock = Clock()
    waits = Waits(clock)
    assert [(waits.tried(JANE), waits.left(JANE)) for _ in range(5)] == [(0, 0)] * 4 + [(0, 30)]
    found = []
    for _ in range(7):
        assert waits.tried(JANE) == waits.left(JANE)
        clock.now += waits.left(JANE)
        assert waits.tried(JANE) == 0
        found.append(waits.left(JANE))
    assert found == [60, 120, 240, 480, LONGEST, LONGEST, LONGEST]
    assert waits.left(whom("sam", "10.0.0.7")) == 0
    clock.now += LONGEST + FORGOTTEN
    assert (waits.tried(JANE), waits.left(JANE)) == (0, 0)


def test_who_guesses_at_a_name_keeps_its_owner_out_from_nowhere_else() -> None:
    clock = Clock()
    waits = Waits(clock)
    for _ in range(3 * 24 * 4):  # three days of a try every quarter of an hour
        waits.tried(JANE)
        clock.now += LONGEST
    assert waits.left(JANE[1:2]) == waits.left(whom("jane", "10.0.0.8")) == 0


def test_many_addresses_at_work_together_make_a_name_wait() -> None:
    waits = Waits(Clock())
    for number in range(FREE["name"]):
        assert waits.tried(whom("jane", f"10.0.1.{number}")) == 0
    assert waits.tried(whom("jane", "10.0.2.1")) == 30


def test_an_address_that_guesses_at_many_names_waits_too() -> None:
    waits = Waits(Clock())
    for number in range(20):
        assert waits.tried(whom(str(number), "10.0.0.7")) == 0
    assert waits.tried(whom("another", "10.0.0.7")) == 30
    assert waits.tried(whom("another", "10.0.0.8")) == 0


@pytest.mark.parametrize(("one", "other", "same"), [("2001:db8::1", "2001:db8::ffff:2", True), ("2001:db8::1", "2001:db8:0:1::1", False), ("10.0.0.1", "10.0.0.2", False), ("", "", True), ("unix", "unix", True)])
def test_of_a_long_address_the_network_counts(one: str, other: str, same: bool) -> None:
    assert (whom("jane", one) == whom("jane", other)) is same


def test_a_success_forgives_the_name_there_and_no_guesses_at_others() -> None:
    waits = Waits(Clock())
    for number in range(19):
        waits.tried(whom(str(number), "10.0.0.7"))
    assert waits.tried(JANE) == 0
    assert waits.left(JANE) == 30
    waits.succeeded(JANE)
    assert waits.left(JANE) == 0
    other = whom("x", "10.0.0.7")
    assert (waits.tried(other), waits.left(other)) == (0, 30)


def test_no_more_is_held_than_there_is_room_for() -> None:
    waits = Waits(Clock())
    for number in range(HELD + 10):
        waits.tried(whom(str(number), f"10.0.{number % 250}.1"))
    assert len(waits._failures) == HELD
