"""After failures the next try waits, longer each time."""

from __future__ import annotations

from clausewise.web.waits import FORGOTTEN, HELD, LONGEST, Waits

JANE, HERE, THERE = ("name", "jane"), ("address", "10.0.0.7"), ("address", "10.0.0.8")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_wait_begins_with_the_fifth_failure_and_doubles() -> None:
    clock = Clock()
    waits = Waits(clock)
    assert [(waits.tried((JANE, HERE)), waits.left((JANE, HERE))) for _ in range(5)] == [(0, 0)] * 4 + [(0, 30)]
    found = []
    for _ in range(7):
        assert waits.tried((JANE, THERE)) == waits.left((JANE,)), "the name waits, whatever the address"
        clock.now += waits.left((JANE,))
        assert waits.tried((JANE, HERE)) == 0
        found.append(waits.left((JANE,)))
    assert found == [60, 120, 240, 480, LONGEST, LONGEST, LONGEST]
    assert waits.left((("name", "sam"), HERE)) == 0
    clock.now += LONGEST + FORGOTTEN
    assert (waits.tried((JANE, HERE)), waits.left((JANE,))) == (0, 0)


def test_an_address_that_guesses_at_many_names_waits_too() -> None:
    waits = Waits(Clock())
    for number in range(20):
        assert waits.tried((("name", str(number)), HERE)) == 0
    assert waits.tried((("name", "another"), HERE)) == 30
    assert waits.tried((("name", "another"), THERE)) == 0


def test_a_success_forgives_the_name_and_no_guesses_at_others() -> None:
    waits = Waits(Clock())
    for number in range(19):
        waits.tried((("name", str(number)), HERE))
    for _ in range(4):
        waits.tried((JANE, THERE))
    assert waits.tried((JANE, HERE)) == 0
    assert waits.left((JANE, HERE)) == 30
    waits.succeeded(JANE, HERE)
    assert waits.left((JANE, HERE)) == 0
    assert (waits.tried((("name", "x"), HERE)), waits.left((HERE,))) == (0, 30)


def test_no_more_is_held_than_there_is_room_for() -> None:
    waits = Waits(Clock())
    for number in range(HELD + 10):
        waits.tried((("name", str(number)), HERE)) or waits.succeeded(("name", "?"), HERE)
    assert len(waits._failures) == HELD
