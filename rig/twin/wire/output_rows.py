"""Rows of a command table for supplies whose commands end with a channel list, or have one output and no list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rig.twin.wire.output import Output
from rig.twin.wire.scpi_args import Argument, Span, Wanted, boolean, choice, wanted
from rig.twin.wire.scpi_instrument import Command

Form = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Rows:
    """`listed` reads the channel list; None: one output, number 1, and no list."""

    outputs: Mapping[int, Output]
    listed: Argument | None = None

    @property
    def _asks(self) -> tuple[Argument, ...]:
        return () if self.listed is None else (self.listed,)

    def _picked(self, lists: Sequence[Sequence[int]]) -> list[Output]:
        return [self.outputs[channel] for channel in (lists[0] if lists else (1,))]

    def number(
        self, header: str, name: str, unit: str, form: Form, *, unless: Callable[..., None] | None = None
    ) -> Command:
        """A setting by its name in Settings and Spans; `unless` may refuse (output, value)."""

        def get(*lists: Sequence[int]) -> str:
            return ",".join(form(getattr(output.settings, name)) for output in self._picked(lists))

        def put(value: Wanted, *lists: Sequence[int]) -> None:
            taken = [(output, value(_span(output, name))) for output in self._picked(lists)]
            for output, number in taken:
                if unless is not None:
                    unless(output, number)
                output.set(name, number)

        def bounds(word: str, *lists: Sequence[int]) -> str:
            return ",".join(form(_span(output, name).named(word)) for output in self._picked(lists))

        return Command(header, get, put, (wanted(unit), *self._asks), asks=self._asks, bounds=bounds)

    def flag(self, header: str, name: str, words: tuple[str, str] = ("1", "0")) -> Command:
        """A switch among the settings; `words` are what a query answers for on and off."""

        def put(on: bool, *lists: Sequence[int]) -> None:
            for output in self._picked(lists):
                output.set(name, on)

        get = self.text(header, lambda output: words[0] if getattr(output.settings, name) else words[1]).get
        return Command(header, get, put, (boolean, *self._asks), asks=self._asks)

    def word(self, header: str, name: str, on: str, off: str) -> Command:
        """A switch among the settings that is spelled in words of its own, as manuals print them."""

        def put(text: str, *lists: Sequence[int]) -> None:
            for output in self._picked(lists):
                output.set(name, text == _short(on))

        get = self.text(header, lambda output: _short(on if getattr(output.settings, name) else off)).get
        return Command(header, get, put, (choice(on, off), *self._asks), asks=self._asks)

    def switch(self, header: str, shown: Callable[[Output], bool], words: tuple[str, str] = ("1", "0")) -> Command:
        """The output itself; `shown` is the state that a query answers."""

        def put(on: bool, *lists: Sequence[int]) -> None:
            for output in self._picked(lists):
                output.switch(on)

        get = self.text(header, lambda output: words[0] if shown(output) else words[1]).get
        return Command(header, get, put, (boolean, *self._asks), asks=self._asks)

    def text(self, header: str, show: Callable[[Output], str]) -> Command:
        """Something that can only be asked."""

        def get(*lists: Sequence[int]) -> str:
            return ",".join(show(output) for output in self._picked(lists))

        return Command(header, get, asks=self._asks)

    def action(self, header: str, act: Callable[[Output], None]) -> Command:
        def put(*lists: Sequence[int]) -> None:
            for output in self._picked(lists):
                act(output)

        return Command(header, None, put, self._asks)

    def measured(self, header: str, index: int, form: Form) -> Command:
        """0: volts, 1: amperes."""
        return self.text(header, lambda output: form(output.measure()[index]))


def _span(output: Output, name: str) -> Span:
    span: Span = getattr(output.spans, name)
    return span


def _short(word: str) -> str:
    return "".join(letter for letter in word if not letter.islower())
