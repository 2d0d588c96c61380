"""A tool as it is declared, and one call of it while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mcp.types import Tool as ListedTool
from mcp.types import ToolAnnotations
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from accounts.selectors.mandates import AgentIdentity
from core.live.base_url import absolute_under
from negotiation.mcp.schemas import Schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call: the machine and its arguments. `gone` returns when the client has hung up."""

    agent: AgentIdentity
    arguments: Mapping[str, Any]
    base: str
    gone: Callable[[], Awaitable[None]]

    def absolute(self, path: str) -> str:
        """The full address of a path, under the address that the client came by."""
        return absolute_under(self.base, path)


class Untitled(GenerateJsonSchema):
    """Makes schemas without titles that repeat each name: machines pay for every word of the list."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Fields get no titles."""
        return False

    def model_schema(self, schema: Any) -> JsonSchemaValue:
        """The schema of an object without its class's name; a later version may add fields to it."""
        made = super().model_schema(schema)
        made.pop("title", None)
        made.pop("additionalProperties", None)
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool. `output` is the model of its answer; `moves` is whether it changes anything."""

    name: str
    title: str
    description: str
    input: Schema
    output: type[BaseModel]
    run: Callable[[Call], Awaitable[BaseModel]]
    moves: bool = False
    binding: bool = False
    output_schema: Schema = field(init=False)

    def __post_init__(self) -> None:
        made = self.output.model_json_schema(mode="serialization", schema_generator=Untitled)
        object.__setattr__(self, "output_schema", made)

    def listed(self) -> ListedTool:
        """As `tools/list` names it."""
        hints = ToolAnnotations(
            read_only_hint=not self.moves,
            destructive_hint=self.binding,
            idempotent_hint=True,
            open_world_hint=True,
        )
        return ListedTool(
            name=self.name,
            title=self.title,
            description=self.description,
            input_schema=self.input,
            output_schema=self.output_schema,
            annotations=hints,
        )


async def never() -> None:
    """The `gone` of a caller that can't hang up."""
    await asyncio.get_running_loop().create_future()
