"""How long the shelf takes to answer the search set on both databases, and what a search costs beside 24 rows."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote

import psycopg
from flask import Flask

from app.cli import migrate
from app.factory import create_app
from app.trade.catalog.queries import Sort, Wanted
from app.trade.stock import cards
from bench import county as counties
from bench import measure, stocked
from bench.county import County
from bench.limits.cards import card
from bench.load import drive, request
from bench.measure import Contender, Goal
from bench.rounds import COPY_CARDS, LIMITS, Plan
from bench.servers import Server
from config import Settings
from tests.services.postgres import PostgresCluster

PACKS = 100_000
LIMIT_MS = 150
BESIDE_PACKS = 10_000
Filled: TypeAlias = tuple[Flask, dict[str, str], PostgresCluster | None, County]
_EACH = {Sort.BEST: "综合 best match", Sort.CHEAPEST: "价格 cheapest", Sort.PER_JIN: "每斤 by jin"}


def run(packs: int, plan: Plan) -> None:
    """Ask everything in rounds, with the stock of each page, and print the percentiles; then search beside core24."""
    for kind in ("SQLite", "PostgreSQL"):
        with _filled(kind, packs) as (app, _env, _cluster, _county):
            print(f"\n{kind}, {packs:,} packs, {len(list(stocked.queries()))} queries, {plan.rounds} rounds")
            for sort, name in _EACH.items():
                _show(name, _times(app, sort, plan.rounds))
    _beside_core24(plan)


def _times(app: Flask, sort: Sort, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each query in each round, after one that warms up."""
    times: dict[str, list[float]] = {query: [] for query in stocked.queries()}
    for number in range(rounds + 1):
        for query, taken in times.items():
            with app.app_context():
                start = time.perf_counter()
                cards.shelf(Wanted(words=query, sort=sort))
                if number:
                    taken.append(1000 * (time.perf_counter() - start))
    return times


def _show(name: str, times: dict[str, list[float]]) -> None:
    every = sorted(one for taken in times.values() for one in taken)
    half, most = every[len(every) // 2], every[min(len(every) - 1, len(every) * 95 // 100)]
    slowest = max(times, key=lambda query: sorted(times[query])[len(times[query]) // 2])
    verdict = "达到 holds" if most <= LIMIT_MS else "未达到 short"
    print(
        f"{name:<18} p50 {half:6.1f} ms   p95 {most:6.1f} ms (≤ {LIMIT_MS}, {verdict})   "
        f"最慢 slowest: {slowest} {sorted(times[slowest])[len(times[slowest]) // 2]:.0f} ms"
    )


@contextmanager
def _filled(kind: str, packs: int) -> Iterator[Filled]:
    with tempfile.TemporaryDirectory(prefix="liulin-bench-") as folder:
        if kind == "SQLite":
            yield from _made(f"sqlite:///{folder}/county.db", folder, packs, None)
        else:
            with PostgresCluster() as cluster:
                cluster.create_database("county")
                yield from _made(cluster.url("county"), folder, packs, cluster)


def _made(url: str, folder: str, packs: int, cluster: PostgresCluster | None) -> Iterator[Filled]:
    env = {
        "DATABASE_URL": url,
        "INSTANCE_DIR": str(Path(folder) / "instance"),
        "PUBLIC_URL": "http://localhost",
        "LOG_LEVEL": "WARNING",
    }
    migrate(url)
    app = create_app(Settings.from_env(env))
    with app.app_context():
        county = counties.load(packs=0)
        stocked.fill(county, packs)
    yield app, env, cluster, county
    app.extensions["liulin.database"].dispose()


def _beside_core24(plan: Plan) -> None:
    """The search over HTTP, signed in so that no page is handed out ready, beside 24 rows by SQLAlchemy Core."""
    with _filled("PostgreSQL", BESIDE_PACKS) as (app, env, cluster, county):
        assert cluster is not None
        cluster.create_database("limits")
        _make_cards(cluster.url("limits"))
        with app.app_context():
            cookie = counties.Till(app).cookie_of(county.seller_person_id)
        folder = Path(env["INSTANCE_DIR"]).parent
        limits = {"LIMITS_DATABASE_URL": cluster.url("limits")}
        with (
            Server("wsgi:app", folder=folder, env=env) as product,
            Server("bench.limits.core24:app", folder=folder, env=limits) as core24,
        ):
            ours, limit = Contender("shelf, searched"), Contender("core24")
            asked = [f"/shelf?q={quote(query)}" for query in stocked.queries()]
            for _ in range(plan.rounds):
                _take(limit, core24, ["/"], {}, plan.seconds)
                _take(ours, product, asked, {"Cookie": cookie}, plan.seconds)
        measure.show([limit, ours], [Goal("P4", "CPU: search in 10,000 packs", ours, limit, 2.0, of_cpu=True)])


def _take(contender: Contender, server: Server, paths: list[str], headers: dict[str, str], seconds: float) -> None:
    requests = cycle([request("GET", path, port=server.port, headers=headers) for path in paths])
    server.drain()
    before = server.cpu_seconds()
    outcome = drive(requests, port=server.port, seconds=seconds)
    good = outcome.count(200)
    contender.per_second.append(outcome.per_second(200))
    contender.cpu_ms.append(1000 * (server.cpu_seconds() - before) / max(good, 1))
    contender.faults += outcome.count() - good


def _make_cards(url: str) -> None:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute((LIMITS / "schema.sql").read_text())
        with connection.cursor().copy(COPY_CARDS) as copy:
            for number in range(1_000):
                copy.write_row((number, *dataclasses.astuple(card(number))))
