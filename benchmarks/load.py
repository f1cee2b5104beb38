"""Many people asking at once: seconds until each has the answer, errors, the server's memory, and who waits for whom.

    python benchmarks/load.py [--index indexes/default] [--people 30] [--questions 500]

The app is served as `clausewise serve` does it, in a process of its own; everybody asks one school, by the HTTP call or as
the page does. At once: all press Enter in the same moment, and again
when all have their answers; a person waits for those before them, so that the first row, one person alone, is the measure
of the others. Steady: each asks again five seconds after an answer. The people are threads on the same machine, and take
their share of it.
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import re
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier, Event

import numpy as np

from clausewise import Assistant
from clausewise.evaluation.cases import load_suite
from clausewise.store import Store
from clausewise.types import Reply
from clausewise.web.server import serve

SUITE = Path(__file__).parents[1] / "evals" / "sample"
SLOW, FAILING = "How slow is this question?", "Does this question fail?"
SLEEP = 10.0  # seconds that the slow question takes
PAUSE = 5.0  # seconds between an answer and the same person's next question, where they ask steadily
HOST = "127.0.0.1"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=Path, default=Path("indexes/default"), help="the sample's index (default: %(default)s)")
    parser.add_argument("--people", type=int, default=30)
    parser.add_argument("--questions", type=int, default=500, help="in each of the four rows (default: %(default)s)")
    args = parser.parse_args()
    with served(args.index) as house:
        load(house, args.people, args.questions)
        trouble(house, args.people, args.people * 10)


def load(house: House, people: int, questions: int) -> None:
    """A row for each way of asking, with the server's memory after it."""
    print("| asked | people | questions | errors | p50, s | p95, s | max, s | a second | p50, times one alone | memory, MiB |")
    print("| --- " * 10 + "|")
    alone = {}
    for way in WAYS:
        found = at_once(house, way, 1, 50)
        alone[way] = found.percentile(50)
        print(f"| {way}, alone | 1 | {found.row(alone[way])} | {house.memory():.0f} |", flush=True)
    memory = [house.memory()]
    for name, mode in (("at once", at_once), ("steadily", steadily)):
        for way in WAYS:
            found = mode(house, way, people, questions)
            memory.append(house.memory())
            print(f"| {way}, {name} | {people} | {found.row(alone[way])} | {memory[-1]:.0f} |", flush=True)
    asked = np.arange(len(memory)) * questions
    print(f"\nMemory grows by {1000 * np.polyfit(asked, memory, 1)[0]:.1f} MiB in 1,000 questions.\n")


def trouble(house: House, people: int, questions: int) -> None:
    """What the others wait while one asks what takes ten seconds, and another what fails."""
    print("| asked at once | p95 of the others, s | beside one slow and one failing, s | times | errors of the others |")
    print("| --- " * 5 + "|")
    for way in WAYS:
        calm, disturbed = at_once(house, way, people, questions), beside_trouble(house, way, people, questions)
        high, higher = calm.percentile(95), disturbed.percentile(95)
        print(f"| {way} | {high:.2f} | {higher:.2f} | {higher / high:.2f} | {disturbed.errors} |", flush=True)


@dataclass(frozen=True, slots=True)
class Measured:
    """`seconds`: of every answer, in no order; `errors`: questions that had none; `took`: seconds of the whole run."""

    seconds: Sequence[float]
    errors: int
    took: float

    def percentile(self, share: float) -> float:
        return float(np.percentile(self.seconds, share)) if self.seconds else float("nan")

    def row(self, alone: float) -> str:
        p50, p95, highest = (self.percentile(share) for share in (50, 95, 100))
        count = len(self.seconds) + self.errors
        return f"{count} | {self.errors} | {p50:.2f} | {p95:.2f} | {highest:.2f} | {count / self.took:.1f} | {p50 / alone:.1f}"


# ways of asking


class NoAnswer(Exception):
    """What came instead of an answer."""


class Person:
    """One browser: a connection, and a cookie of its own."""

    def __init__(self, house: House, number: int) -> None:
        self.house, self.school = house, house.schools[number % len(house.schools)]
        self._connection = HTTPConnection(HOST, house.port, timeout=120)
        self._headers = {"cookie": f"clausewise-browser=person-{number}", "content-type": "application/json"}
        self.session = f"person{number}"

    def send(self, method: str, path: str, body: object = None) -> HTTPResponse:
        self._connection.request(method, path, None if body is None else json.dumps(body), self._headers)
        response = self._connection.getresponse()
        if response.status != 200:
            raise NoAnswer(f"{response.status}: {response.read(200)!r}")
        return response

    def close(self) -> None:
        self._connection.close()


def by_http(person: Person, question: str) -> float:
    """The moment of the answer. Raises NoAnswer."""
    answer = person.send("POST", "/api/v1/ask", {"question": question, "school": person.school})
    found = json.load(answer)
    if not found["answers"]:
        raise NoAnswer(str(found))
    return time.perf_counter()


def by_page(person: Person, question: str) -> float:
    """The same, of the answer as the page shows it."""
    event = {"question": question, "schools": [person.school], "history": [], "conversation": ""}
    asked = {"data": [], "fn_index": person.house.control, "session_hash": person.session, "event_data": event}
    shown, *_ = json.load(person.send("POST", "/gradio_api/run/predict", asked))["data"]
    if "cw-turn" not in shown or "cw-error" in shown:
        raise NoAnswer(shown[-200:])
    return time.perf_counter()


WAYS = {"by HTTP": by_http, "on the page": by_page}


# who asks when


def at_once(house: House, way: str, people: int, questions: int) -> Measured:
    """All in the same moment, and again when all have their answers, until `questions` or a few more are asked."""
    rounds, together = -(-questions // people), Barrier(people)

    def asking(person: Person, number: int) -> Iterator[str]:
        for turn in range(rounds):
            together.wait()
            yield house.questions[(turn * people + number) % len(house.questions)]

    return run(house, way, people, asking)


def steadily(house: House, way: str, people: int, questions: int) -> Measured:
    """Each again PAUSE seconds after an answer; they begin one after the other."""

    def asking(person: Person, number: int) -> Iterator[str]:
        time.sleep(PAUSE * number / people)
        for turn in range(-(-questions // people)):
            yield house.questions[(turn * people + number) % len(house.questions)]
            time.sleep(PAUSE)

    return run(house, way, people, asking)


def beside_trouble(house: House, way: str, people: int, questions: int) -> Measured:
    """As `at_once`, while two more people ask what is slow and what fails, over and over. Fails where these do not."""
    over = Event()

    def troubled(number: int, question: str) -> int:
        with closing(Person(house, number)) as person:
            refused = 0
            while not over.wait(0.5):
                refused += timed(person, way, question) is None
            return refused

    with ThreadPoolExecutor(2) as pool:
        slow, failing = (pool.submit(troubled, people + i, question) for i, question in enumerate((SLOW, FAILING)))
        try:
            found = at_once(house, way, people, questions)
        finally:
            over.set()
    assert (slow.result(), failing.result() > 0) == (0, True)
    return found


def run(house: House, way: str, people: int, asking: Callable[[Person, int], Iterator[str]]) -> Measured:
    def life(number: int) -> list[float | None]:
        with closing(Person(house, number)) as person:
            return [timed(person, way, question) for question in asking(person, number)]

    start = time.perf_counter()
    with ThreadPoolExecutor(people) as pool:
        every = [seconds for life in pool.map(life, range(people)) for seconds in life]
    answered = [seconds for seconds in every if seconds is not None]
    return Measured(answered, len(every) - len(answered), time.perf_counter() - start)


def timed(person: Person, way: str, question: str) -> float | None:
    """Seconds until the answer; None for none."""
    person.close()  # begin with a new connection, since the server closes one that is idle for as long as PAUSE
    start = time.perf_counter()
    try:
        return WAYS[way](person, question) - start
    except (NoAnswer, OSError):
        return None


# what is asked


class Troubled(Assistant):
    """Takes its time for one question, and fails at another."""

    def ask(self, question: str, schools: Sequence[str] | None = None, history: Sequence[str] = ()) -> Reply:
        if question == SLOW:
            time.sleep(SLEEP)
        if question == FAILING:
            raise RuntimeError(question)
        return super().ask(question, schools, history)


@dataclass(frozen=True, slots=True)
class House:
    """A served page. `control`: Gradio's number of what answers on it. `questions`: what is asked, of any of `schools`."""

    port: int
    process: int
    questions: Sequence[str]
    schools: Sequence[str] = ()
    control: int = 0

    def memory(self) -> float:
        """What the server holds in memory, MiB."""
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.process}/status").read_text())
        assert found
        return int(found[1]) / 1024


@contextmanager
def served(index: Path) -> Iterator[House]:
    """The app in a process of its own, warm, with a folder of its own for what it keeps."""
    with TemporaryDirectory(prefix="clausewise-load-") as data:
        port = free_port()
        process = multiprocessing.get_context("spawn").Process(target=app, args=(index, Path(data), port), daemon=True)
        process.start()
        assert process.pid
        try:
            yield opened(House(port, process.pid, [case.question for case in load_suite(SUITE).cases]))
        finally:
            process.terminate()
            process.join()


def app(index: Path, data: Path, port: int) -> None:
    logging.disable()  # the failing question's tracebacks are wanted
    serve(Troubled(index), Store(data), HOST, port, index=index)


def opened(house: House) -> House:
    """The house when it answers, with its schools and its control."""
    while True:
        try:
            with closing(Person(House(house.port, house.process, (), ("",)), 0)) as visitor:
                schools = [school["id"] for school in json.load(visitor.send("GET", "/api/v1/schools"))["schools"]]
                controls = json.load(visitor.send("GET", "/config"))["dependencies"]
            break
        except ConnectionError:
            time.sleep(0.2)
    control = next(one["id"] for one in controls if one["backend_fn"] and one["targets"][0][1] == "submit")
    ready = House(house.port, house.process, house.questions, schools, control)
    for way in WAYS:
        at_once(ready, way, 1, 3)
    return ready


def free_port() -> int:
    with socket.create_server((HOST, 0)) as held:
        return int(held.getsockname()[1])


if __name__ == "__main__":
    main()
