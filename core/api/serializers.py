"""Serializers that read every body and query: tolerant of how a value is written, exact about what it may be."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar

from django.core.validators import ProhibitNullCharactersValidator
from django.utils.datastructures import MultiValueDict
from rest_framework import serializers
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from core.api.exceptions import from_validation
from core.api.fields import NEEDED, PLAIN, WORDS, PlainField, is_clean, one_line
from core.api.framework_words import said_by
from core.errors import invalid
from core.money import MAX_DIGITS

# The most unused serializers that a class keeps: about as many requests run at once.
MOST_SPARE = 8


def speak_plainly() -> None:
    """Gives the framework's own fields the texts of core/api/fields.py, which name the remedy. Runs once, before any reading."""
    for name, words in WORDS.items():
        getattr(serializers, name).default_error_messages |= words
    for validator in (ProhibitNullCharactersValidator, ProhibitSurrogateCharactersValidator):
        validator.message = PLAIN


class TolerantSerializer(serializers.Serializer[Any]):
    """`""` and null mean not given; unknown fields are ignored; no body at all is an empty one."""

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(given(data))

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation({} if data is None else data)

    # Serializers that are not in use, with their copies of the fields: copying twenty fields takes as long as validating them.
    spare: ClassVar[deque[Any]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.spare = deque(maxlen=MOST_SPARE)

    @classmethod
    def read(cls, data: Any, **context: Any) -> dict[str, Any]:
        """The validated fields. Raises `invalid` naming each wrong one."""
        try:
            serializer = cls.spare.pop()
        except IndexError:
            serializer = cls()
        serializer._context = context
        try:
            validated: dict[str, Any] = serializer.run_validation(data)
        except serializers.ValidationError as error:
            raise from_validation(error.detail) from None
        finally:
            serializer._context = {}
            cls.spare.append(serializer)
        return validated


class PlainSerializer(TolerantSerializer):
    """Flat fields that are all `PlainField`s; what was not given is left out of what `read` answers.

    It reads field by field: the framework copies all fields and walks their tree for each reading, which costs a third of a
    command.
    """

    @classmethod
    def read(cls, data: Any, **context: Any) -> dict[str, Any]:
        values: dict[str, Any] = {}
        errors: dict[str, list[str]] = {}
        for name, target, read, required in _readers(cls):
            value = data.get(name)
            if value is None or value == "":
                if required:
                    errors[name] = [NEEDED]
                continue
            try:
                values[target] = read(value)
            except serializers.ValidationError as error:
                errors[name] = [said_by(text) for text in error.detail]
            except serializers.SkipField:
                continue
        if errors:
            raise invalid(**errors)
        return values

    @classmethod
    def schemas(cls) -> dict[str, dict[str, Any]]:
        """name → the JSON Schema of its field."""
        declared = cls._declared_fields.items()
        return {name: field.schema() for name, field in declared if isinstance(field, PlainField)}

    @classmethod
    def needed(cls) -> dict[str, bool]:
        """name → whether it has to be given."""
        return {name: field.required for name, field in cls._declared_fields.items()}


@cache
def _readers(kind: type[PlainSerializer]) -> tuple[tuple[str, str, Callable[[Any], Any], bool], ...]:
    """For each field: its name, the name of its value in what `read` returns, its reader, and whether it has to be given."""
    declared = kind._declared_fields.items()
    return tuple((name, field.source or name, field.to_internal_value, field.required) for name, field in declared)


def given(data: Any) -> Any:
    """The mapping without fields that were not given; a repeated query field has all its values."""
    if isinstance(data, MultiValueDict):
        data = {name: values if len(values) > 1 else values[0] for name, values in data.lists() if values}
    if isinstance(data, Mapping):
        return {name: value for name, value in data.items() if value is not None and value != ""}
    return data


def several(child: TolerantSerializer, most: int, **kwargs: Any) -> serializers.ListSerializer[Any]:
    """A list of at most `most` such objects."""
    return serializers.ListSerializer(child=child, max_length=most, **kwargs)


class AmountField(serializers.DecimalField):
    """Money, two decimals, plain digits: no exponent, no NaN. `least` in the currency's units."""

    def __init__(self, *, least: str = "0.01", most: str = "9999999999.99", **kwargs: Any) -> None:
        limits = {"min_value": Decimal(least), "max_value": Decimal(most)}
        super().__init__(max_digits=MAX_DIGITS, decimal_places=2, **limits, **kwargs)  # type: ignore[arg-type]  # limits may be Decimals

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or (isinstance(data, str) and not data.strip().replace(".", "", 1).isdecimal()):
            self.fail("invalid")
        return super().to_internal_value(data)


class LineField(serializers.CharField):
    """A text of one line; other text is made one (`one_line`)."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        # Validators refuse what can't be stored.
        line = one_line(text) if is_clean(text) else text
        if not line and not self.allow_blank:
            self.fail("blank")
        return line


class ChoiceWord(serializers.ChoiceField):
    """One of some words, whatever their case; the answer is the word as listed."""

    def __init__(self, choices: Any, **kwargs: Any) -> None:
        super().__init__(choices, **kwargs)
        self.error_messages["invalid_choice"] = f"Choose one of: {', '.join(map(str, self.choices))}."

    def to_internal_value(self, data: Any) -> Any:
        known = {str(key).casefold(): key for key in self.choices}
        return super().to_internal_value(known.get(data.strip().casefold(), data) if isinstance(data, str) else data)
