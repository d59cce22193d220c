"""What `usagebar usage --json` writes, as pydantic models: the definition of its shape and JSON Schema.

The docstrings and descriptions of the models are those of the schema: they speak to its readers. Later versions add
members, and neither rename nor drop any.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

SCHEMA = "usagebar.usage.v1"

# The members that hold rows: a report has one of them.
REPORTS = (
    "daily", "weekly", "monthly", "sessions", "models", "agents", "origins", "tools", "blocks", "projects", "providers",
    "runtimes", "machines",
)  # fmt: skip

Tokens = Annotated[int, Field(ge=0)]
Dollars = Annotated[float, Field(ge=0)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Moment = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$")]


def _described(description: str) -> Any:
    return Field(description=description)


def _optional(description: str) -> Any:
    return Field(default=None, description=description)


class Counts(BaseModel):
    """Sums over turns, each over those of which it is known."""

    input: Tokens = _described("Input tokens outside the cache.")
    output: Tokens = _described("Output tokens, reasoning included.")
    cacheRead: Tokens = _described("Input tokens read from the cache.")  # noqa: N815 - names of the format, as below
    cacheWrite: Tokens = _described("Input tokens written to the cache.")  # noqa: N815
    totalTokens: Tokens = _described("All tokens: input, output, cacheRead and cacheWrite.")  # noqa: N815
    totalCost: Dollars | None = _described(  # noqa: N815
        "US dollars, over the turns that have a cost; null if there are turns and none has one."
    )
    missingCostEntries: Tokens = _described("Turns without a cost.")  # noqa: N815
    turns: Tokens = _described("Turns: calls of a model.")
    reasoning: Tokens = _described("Output tokens spent on reasoning, as far as they are told.")
    missingTokenEntries: Tokens = _described("Turns of which the input or the output is not known.")  # noqa: N815


class OtherCost(BaseModel):
    """What the same tokens would have cost with another model."""

    totalCost: Dollars | None = _described("US dollars; null if it cannot be told of any turn.")  # noqa: N815
    missingCostEntries: Tokens = _described("Turns of which it cannot be told.")  # noqa: N815


class OtherModel(OtherCost):
    """What all turns would have cost with the model of `--as-model`."""

    model: str = _described("The model.")


class Row(Counts):
    """A row of a report; null is unknown. It has what it is of, and what `--by` splits it by."""

    date: Day | None = _optional("Day in the report's time zone; null of turns without a time.")
    week: str | None = _optional("ISO week, such as `2026-W07`.")
    startDate: Day | None = _optional("Monday of the week.")  # noqa: N815
    month: str | None = _optional("Month, such as `2026-02`.")
    session: str | None = _optional("Id of a session.")
    model: str | None = _optional("Model, as the runtime names it.")
    provider: str | None = _optional("Provider of the model.")
    agentId: str | None = _optional("Agent of OpenClaw.")  # noqa: N815
    origin: str | None = _optional("Where turns came from: a channel's id, `cron:<job>`, `hook:<id>` or `user`.")
    tool: str | None = _optional("Name of a tool.")
    project: str | None = _optional("Folder that was worked in.")
    runtime: str | None = _optional("`claude`, `openclaw`, or `api` for what programs recorded.")
    machine: str | None = _optional("Machine on which turns were recorded.")
    asModel: OtherCost = _optional("What another model would have cost, if asked for.")  # noqa: N815


class SessionRow(Row):
    """A session; of several runtimes the same id may be of two."""

    session: str | None = _described("Its id.")
    key: str | None = _described("Its key at the runtime, such as `agent:main:discord:group:1`.")
    title: str | None = _described("Its title.")
    firstActivity: Moment | None = _described("When its first turn was, in UTC.")  # noqa: N815
    lastActivity: Moment | None = _described("When its last turn was, in UTC.")  # noqa: N815
    models: list[str] = _described("The models that answered in it.")


class ToolRow(Row):
    """A tool, and the sums of the turns that called it; a turn that calls several counts for each of them."""

    tool: str | None = _described("Its name.")
    calls: Tokens = _described("How often it was called.")


class BurnRate(BaseModel):
    """How fast a block was used up between its first and its last turn."""

    tokensPerMinute: Dollars = _described("All tokens.")  # noqa: N815
    costPerHour: Dollars | None = _described("US dollars; null if no turn has a cost.")  # noqa: N815


class Projection(BaseModel):
    """What a block comes to at its end if it goes on as before."""

    remainingMinutes: Tokens = _described("Whole minutes to its end.")  # noqa: N815
    totalTokens: Tokens = _described("All tokens.")  # noqa: N815
    totalCost: Dollars | None = _described("US dollars; null if no turn has a cost.")  # noqa: N815


class BlockRow(Row):
    """A five-hour window as the limits of Claude's plans count them, or a gap of more than five hours between two."""

    runtime: str | None = _described("The runtime whose turns it is of; null for those of several.")
    startTime: Moment = _described("Its start, in UTC: the full hour before its first turn.")  # noqa: N815
    endTime: Moment = _described("Its end, in UTC, which is outside.")  # noqa: N815
    firstActivity: Moment | None = _described("When its first turn was; null of a gap.")  # noqa: N815
    lastActivity: Moment | None = _described("When its last turn was; null of a gap.")  # noqa: N815
    isActive: bool = _described("Whether it is the one of now.")  # noqa: N815
    isGap: bool = _described("Whether it is a gap: its counts are 0.")  # noqa: N815
    models: list[str] = _described("The models that answered in it.")
    burnRate: BurnRate | None = _described(  # noqa: N815
        "Of the active block; null of others, and if its turns are of less than a minute."
    )
    projection: Projection | None = _described("Of the active block; null like the burn rate.")


class PricesUsed(BaseModel):
    """Whose prices costs are by."""

    source: str = _described("`reported` for costs that the runtime told, else the list that estimates are by.")
    date: Day | None = _described("The day that the prices are of, if their list tells.")
    turns: Tokens = _described("Turns priced by it.")


class Tier(BaseModel):
    """A tier of prices for long contexts, which holds for the whole of a request."""

    threshold: Tokens = _described("Prompt tokens above which it holds.")
    turns: Tokens = _described("Turns that were priced by it.")


class Unpriced(BaseModel):
    """A model of which turns have no cost."""

    model: str | None = _described("The model, as the runtime names it.")
    turns: Tokens = _described("Its turns without a cost.")


class BudgetUse(BaseModel):
    """How far a budget is spent."""

    name: str = _described("Its name, else what it limits.")
    period: Literal["daily", "monthly"] = _described("What it holds for: today, or this month.")
    agentId: str | None = _described("The agent that it is for; null for all.")  # noqa: N815
    model: str | None = _described("The model that it is for; null for all.")
    limitUsd: Dollars = _described("Its limit in US dollars.")  # noqa: N815
    spentUsd: Dollars = _described("What was spent in the period so far.")  # noqa: N815
    pct: Dollars = _described("What was spent, in percent of the limit.")
    isSpent: bool = _described("Whether the limit is reached.")  # noqa: N815
    isPartial: bool = _described("Whether turns without a price are left out: more was spent.")  # noqa: N815
    note: str | None = _described("What else is to be said of it: that no turn is of its agent or model; mostly null.")


class UsageReport(BaseModel):
    """A report of `usagebar usage --json`: its rows under its name, and what is said of all of them."""

    schema_: Literal["usagebar.usage.v1"] = Field(alias="schema", description="The name of this format.")
    daily: list[Row] = _optional("A row for each day that has turns, the latest last.")
    weekly: list[Row] = _optional("A row for each ISO week, the latest last.")
    monthly: list[Row] = _optional("A row for each month, the latest last.")
    sessions: list[SessionRow] = _optional("A row for each session, the most recently active last.")
    models: list[Row] = _optional("A row for each model of a provider, the most expensive first.")
    agents: list[Row] = _optional("A row for each agent, the most expensive first.")
    origins: list[Row] = _optional("A row for each channel, cron job or hook, the most expensive first.")
    tools: list[ToolRow] = _optional("A row for each tool, the most expensive first.")
    blocks: list[BlockRow] = _optional("Five-hour windows and gaps between them, the latest last.")
    projects: list[Row] = _optional("A row for each project, the most expensive first.")
    providers: list[Row] = _optional("A row for each provider, the most expensive first.")
    runtimes: list[Row] = _optional("A row for each runtime, the most expensive first.")
    machines: list[Row] = _optional("A row for each machine, the most expensive first.")
    totals: Counts = _described("Sums over all turns that were asked for; of blocks over those in its rows.")
    asModel: OtherModel = _optional("What another model would have cost, if asked for.")  # noqa: N815
    prices: list[PricesUsed] = _described("Whose prices the costs are by, that of the most turns first.")
    longContext: list[Tier] = _described("The tiers for long contexts that were used.")  # noqa: N815
    unpriced: list[Unpriced] = _described("The models of turns without a cost.")
    timezone: str = _described(
        "The time zone of the days: its name, its offset such as `UTC+0200`, or the system's as its `TZ` or `local`."
    )
    since: Day | None = _described("First day that was asked for; null for no bound.")
    until: Day | None = _described("Last day that was asked for; null for no bound.")
    notes: list[str] = _described("Sentences on what could not be read or stored, or is in no row.")
    budgets: list[BudgetUse] = _optional("How far budgets are spent, with `--check-budget`.")
