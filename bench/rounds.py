"""The product beside the limit programs, in rounds A B A B, on one durable PostgreSQL."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import psycopg

from app.cli import migrate, run_checks
from app.factory import create_app
from app.kernel.db import session
from bench import county as counties
from bench import measure, wrk
from bench.county import Till, Visit
from bench.limits.cards import Card, card
from bench.load import CONNECTIONS, Outcome, again_and_again, drive, request
from bench.measure import Contender, Goal
from bench.servers import ROOT, Server, cpu_seconds
from config import Settings
from tests.services.postgres import SUPERUSER, PostgresCluster

RESULTS = Path(__file__).parent / "results"
LIMITS = Path(__file__).parent / "limits"
PACKS = 60
PLENTY = 1_000_000
LAST_UNITS = 200
COPY_CARDS = f"COPY cards (id, {', '.join(field.name for field in dataclasses.fields(Card))}) FROM STDIN"
PGBENCH_CLIENTS = 8
# So many orders a second are made ready for the first round; later rounds go by what the one before took.
FIRST_GUESS = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """How many rounds, and how long each contender is measured in each."""

    rounds: int
    seconds: float

    @classmethod
    def of(cls, *, quick: bool, rounds: int | None, seconds: float | None) -> Plan:
        """As asked for on the command line."""
        return cls(rounds or (2 if quick else 5), seconds or (2.0 if quick else 5.0))


class Stage:
    """Everything that runs during the measurements: PostgreSQL, the product, the limit programs."""

    def __init__(self) -> None:
        self._until_the_end = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._raise()
        except BaseException:
            self._until_the_end.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._until_the_end.close()

    def _raise(self) -> None:
        keep = self._until_the_end.enter_context
        self.folder = Path(keep(tempfile.TemporaryDirectory(prefix="liulin-bench-")))
        self.cluster = keep(PostgresCluster())
        for name in ("county", "limits"):
            self.cluster.create_database(name)
        self._make_limits()
        env = {
            "DATABASE_URL": self.cluster.url("county"),
            "INSTANCE_DIR": str(self.folder / "instance"),
            "PUBLIC_URL": "http://localhost",
            "LOG_LEVEL": "WARNING",
        }
        migrate(env["DATABASE_URL"])
        self.app = create_app(Settings.from_env(env))
        self._until_the_end.callback(self.app.extensions["liulin.database"].dispose)
        with self.app.app_context():
            self.county = counties.load(packs=PACKS)
            self.hot, self.scarce = counties.more_packs(self.county, 2, pieces=PLENTY)
            self.gone, self.last = counties.more_packs(self.county, 2, pieces=LAST_UNITS)
        self.product = keep(Server("wsgi:app", folder=self.folder, env=env))
        limits = {"LIMITS_DATABASE_URL": self.cluster.url("limits")}
        self.limits = {
            name: keep(Server(f"bench.limits.{name}:app", folder=self.folder, env=limits))
            for name in ("hello", "mem24", "core24", "order_cte")
        }

    def _make_limits(self) -> None:
        rows = [card(number) for number in range(1_000)]
        with psycopg.connect(self.cluster.url("limits").replace("+psycopg", "")) as connection:
            connection.execute((LIMITS / "schema.sql").read_text())
            with connection.cursor().copy(COPY_CARDS) as copy:
                for number, one in enumerate(rows):
                    copy.write_row((number, *dataclasses.astuple(one)))

    def take(self, contender: Contender, server: Server, act: Callable[[], Outcome], *good: int) -> Outcome:
        """One stretch of one contender: its rate of good answers, and CPU of web server and database for each."""
        server.drain()
        web, database = server.cpu_seconds(), cpu_seconds(self.cluster.pid)
        outcome = act()
        count = outcome.count(*good)
        contender.per_second.append(outcome.per_second(*good))
        contender.cpu_ms.append(1000 * (server.cpu_seconds() - web) / max(count, 1))
        contender.database_ms.append(1000 * (cpu_seconds(self.cluster.pid) - database) / max(count, 1))
        contender.faults += outcome.count() - count
        return outcome


def run(plan: Plan, *, pages: bool, orders: bool) -> None:
    """Measure, print the tables, and keep all figures in `bench/results/`."""
    if not wrk.is_there():
        print(f"没有 wrk，用自带的压测客户端（数字会偏低）；装它：{wrk.INSTALL} · our own client instead of wrk")
    print(f"{plan.rounds} × {plan.seconds:g} s, {CONNECTIONS} connections, load average {os.getloadavg()[0]:.1f}")
    contenders: list[Contender] = []
    goals: list[Goal] = []
    facts: dict[str, object] = {}
    with Stage() as stage:
        if pages:
            _measure_pages(stage, plan, contenders, goals)
        if orders:
            _measure_orders(stage, plan, contenders, goals)
            facts = _prove(stage)
        measure.show(contenders, goals)
    for name, value in facts.items():
        print(f"{name}: {value}")
    print(f"\n{_keep(plan, contenders, goals, facts)}")


def _measure_pages(stage: Stage, plan: Plan, contenders: list[Contender], goals: list[Goal]) -> None:
    till = Till(stage.app)
    with stage.app.app_context():
        visit = till.visits(1, stage.hot)[0]
    signed_in = {"Cookie": visit.cookie}
    pack = f"/packs/{stage.county.packs[0]}"
    filters = "/shelf?sort=cheapest&low=1&high=500"
    tasks: list[tuple[str, Server, str, Mapping[str, str]]] = [
        *((name, stage.limits[name], "/", {}) for name in ("hello", "mem24", "core24")),
        ("shelf", stage.product, "/shelf", {}),
        ("shelf, gzip", stage.product, "/shelf", {"Accept-Encoding": "gzip"}),
        ("shelf, signed in, filters", stage.product, filters, signed_in),
        ("pack page", stage.product, pack, {}),
    ]
    by_name = {name: Contender(name) for name, *_rest in tasks}
    for _name, server, path, headers in tasks:
        wrk.get(path, port=server.port, seconds=1, headers=headers)
    for number in range(plan.rounds):
        for name, server, path, headers in tasks:
            _say(number, name)
            stage.take(
                by_name[name],
                server,
                lambda path=path, server=server, headers=headers: wrk.get(  # type: ignore[misc]
                    path, port=server.port, seconds=plan.seconds, headers=headers
                ),
                200,
            )
    contenders += by_name.values()
    goals += [
        Goal("P1", "shelf, anonymous, beside mem24", by_name["shelf"], by_name["mem24"], 1.0),
        Goal(
            "P2",
            "CPU: shelf, signed in, filters, beside core24",
            by_name["shelf, signed in, filters"],
            by_name["core24"],
            1.35,
            of_cpu=True,
        ),
    ]


def _measure_orders(stage: Stage, plan: Plan, contenders: list[Contender], goals: list[Goal]) -> None:
    limit, hello, ours = Contender("order_cte"), Contender("hello, our client"), Contender("orders, one hot pack")
    refused, hot, wide = Contender("sold-out answers"), Contender("pgbench hot_cte"), Contender("pgbench wide_cte")
    till = Till(stage.app)
    cte = stage.limits["order_cte"]
    _sell_out(stage, till)
    with stage.app.app_context():
        losers = till.visits(CONNECTIONS, stage.gone)
    # Opens every worker's connections, as a warm shop has them.
    _order(stage, till, stage.scarce, seconds=2.0, count=600)
    guess = FIRST_GUESS
    for number in range(plan.rounds):
        _say(number, limit.name)
        stage.take(
            limit,
            cte,
            lambda: drive(
                again_and_again(request("POST", "/orders/1", port=cte.port, body="")),
                port=cte.port,
                seconds=plan.seconds,
            ),
            201,
        )
        _say(number, ours.name)
        requests = _checkouts(stage, till, stage.hot, int(plan.seconds * guess) + 2 * CONNECTIONS)
        stage.take(ours, stage.product, lambda requests=requests: _send(stage, requests, plan.seconds), 303)  # type: ignore[misc]
        guess = int(1.5 * ours.per_second[-1]) + 20
        _say(number, refused.name)
        stage.take(refused, stage.product, lambda: _ask_for_nothing(stage, losers, plan.seconds), 409)
        _say(number, hello.name)
        port = stage.limits["hello"].port
        one = request("GET", "/", port=port)
        stage.take(
            hello,
            stage.limits["hello"],
            lambda port=port, one=one: drive(again_and_again(one), port=port, seconds=plan.seconds),  # type: ignore[misc]
            200,
        )
        for contender, script in ((hot, "hot_cte"), (wide, "wide_cte")):
            _say(number, contender.name)
            contender.per_second.append(_pgbench(stage, script, seconds=plan.seconds))
    contenders += [limit, ours, hello, refused, hot, wide]
    goals += [
        Goal("C1", "orders/s, one hot pack, beside order_cte", ours, limit, 0.7),
        Goal("C1", "orders/s, one hot pack, beside pgbench hot_cte", ours, hot, 0.35),
        Goal("C5", "sold-out answers/s beside hello", refused, hello, 0.5),
    ]


def _checkouts(stage: Stage, till: Till, slug: str, count: int) -> list[bytes]:
    """So many orders ready to be sent, each of another buyer."""
    with stage.app.app_context():
        return [_as_request(stage, visit) for visit in till.visits(count, slug)]


def _as_request(stage: Stage, visit: Visit) -> bytes:
    return request("POST", "/checkout", port=stage.product.port, headers={"Cookie": visit.cookie}, body=visit.form)


def _send(stage: Stage, requests: Sequence[bytes], seconds: float) -> Outcome:
    return drive(requests, port=stage.product.port, seconds=seconds)


def _order(stage: Stage, till: Till, slug: str, *, seconds: float, count: int) -> Outcome:
    return _send(stage, _checkouts(stage, till, slug, count), seconds)


def _ask_for_nothing(stage: Stage, losers: Sequence[Visit], seconds: float) -> Outcome:
    requests = [_as_request(stage, visit) for visit in losers]
    return drive((requests[n % len(requests)] for n in range(10**9)), port=stage.product.port, seconds=seconds)


def _sell_out(stage: Stage, till: Till) -> None:
    """Sixteen buyers at a time want more than the last units of a pack; afterwards there are none."""
    outcome = _order(stage, till, stage.gone, seconds=60.0, count=LAST_UNITS + 100)
    if outcome.count(303) != LAST_UNITS:
        raise WrongCount(f"{LAST_UNITS} pieces, {dict(outcome.statuses)}")


class WrongCount(RuntimeError):
    """Not as many orders were placed as there were pieces."""


def _pgbench(stage: Stage, script: str, *, seconds: float) -> float:
    command = [str(stage.cluster.bin / "pgbench"), "-n", "-M", "prepared", "-c", str(PGBENCH_CLIENTS), "-j", "2"]
    command += ["-T", str(max(1, round(seconds))), "-f", str(LIMITS / f"{script}.sql")]
    home = stage.cluster.url("limits").partition("?host=")[2]
    try:
        said = subprocess.run(
            [*command, "-h", home, "-U", SUPERUSER, "limits"], capture_output=True, text=True, check=True
        ).stdout
    except FileNotFoundError:
        return 0.0
    found = re.search(r"tps = ([\d.]+)", said)
    return float(found[1]) if found else 0.0


def _prove(stage: Stage) -> dict[str, object]:
    """The last units again, then: nothing was sold twice, and every check holds."""
    till = Till(stage.app)
    outcome = _order(stage, till, stage.last, seconds=60.0, count=2 * LAST_UNITS)
    facts: dict[str, object] = {"最后 200 件 · last units": dict(outcome.statuses)}
    with stage.app.app_context():
        over = 0
        for slug in (stage.hot, stage.scarce, stage.gone, stage.last):
            one = counties.sold(slug)
            over += max(0, one.held - one.packed) + abs(one.held - one.ordered)
        facts["超卖或对不上的件数 · oversold or astray"] = over
        session().rollback()
        findings = {code: len(found) for code, found in run_checks().items() if found}
        facts["flask check"] = findings or "全部成立 · all hold"
    return facts


def _say(number: int, name: str) -> None:
    print(f"\r第 {number + 1} 轮 round {number + 1}: {name:<40}", end="", flush=True)


def _keep(plan: Plan, contenders: Sequence[Contender], goals: Sequence[Goal], facts: Mapping[str, object]) -> Path:
    RESULTS.mkdir(exist_ok=True)
    moment = datetime.now(UTC)
    file = RESULTS / f"{moment:%Y%m%dT%H%M%SZ}.json"
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    content = {
        "at": moment.isoformat(),
        "commit": commit.stdout.strip(),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg(),
        "rounds": plan.rounds,
        "seconds": plan.seconds,
        "client": "wrk" if wrk.is_there() else "bench.load",
        "contenders": [one.as_json() for one in contenders],
        "goals": [
            {"code": one.code, "words": one.words, "ratio": one.ratio, "wanted": one.wanted, "verdict": one.verdict}
            for one in goals
        ],
        "facts": {name: str(value) for name, value in facts.items()},
    }
    file.write_text(json.dumps(content, ensure_ascii=False, indent=1))
    return file
