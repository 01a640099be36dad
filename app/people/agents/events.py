"""What others may hear about agents and mandates."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Fact


@dataclass(frozen=True)
class AgentNamed(Fact):
    """A township has named an agent."""

    agent_id: int


@dataclass(frozen=True)
class AgentEnded(Fact):
    """Somebody is an agent no more; his mandates ended with it."""

    agent_id: int


@dataclass(frozen=True)
class MandateAsked(Fact):
    """An agent asks a grower for a mandate; the grower's phone shall get the code that gives it."""

    mandate_id: int


@dataclass(frozen=True)
class MandateOnPaper(Fact):
    """A signed mandate waits for the township to look at it."""

    mandate_id: int


@dataclass(frozen=True)
class MandateGiven(Fact):
    """The agent may act for the grower from now on."""

    mandate_id: int


@dataclass(frozen=True)
class MandateRefused(Fact):
    """What was asked, or written on paper, gives no right."""

    mandate_id: int


@dataclass(frozen=True)
class MandateEnded(Fact):
    """The agent may no longer act for the grower."""

    mandate_id: int


@dataclass(frozen=True)
class ActObjected(Fact):
    """A grower, or his township for him, objects to something that was done in his name."""

    objection_id: int


@dataclass(frozen=True)
class ActAnswered(Fact):
    """The township has looked into an objection."""

    objection_id: int
