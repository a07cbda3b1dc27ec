"""Given: what is to be estimated, read from a text, files, a folder, or a chat in JSON."""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from plimsoll.domain.errors import Cancelled, KnownError
from plimsoll.domain.said import say
from plimsoll.services.chat import chats_of

MOST_BYTES = 200_000_000
MOST_FILES = 20_000

_LOOKED_AT = 8192
_MESSAGE, _NAME, _ANSWER = 3, 1, 3
"""Tokens that a chat adds: for each message, for each name, and for the answer that it opens.
Source: OpenAI, "How to count tokens with tiktoken" (cookbook).
"""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # which begins as the mark of UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""What a text may begin with that tells its encoding."""

_A_PART = say("No model takes that much at once; give a part of it.")


class NotCounted(KnownError):
    """Something is no text that can be counted."""

    title = say("Not counted")


@dataclass(frozen=True, slots=True)
class Given:
    """What is to be estimated: its text in parts, and how much of what was given they are.

    `messages`, `names` and `tools` are those of chats, and `left_out` their parts that are no text;
    `skipped` are files of a folder that are none. Each chat is one of `requests`; all else is one.
    """

    title: str
    texts: tuple[str, ...]
    files: int = 1
    skipped: int = 0
    messages: int = 0
    names: int = 0
    tools: int = 0
    left_out: int = 0
    requests: int = 1

    @property
    def characters(self) -> int:
        """How many characters it has."""
        return sum(map(len, self.texts))

    @property
    def framing(self) -> int:
        """The tokens that a chat adds around its texts."""
        if not self.messages:
            return 0
        return self.messages * _MESSAGE + self.names * _NAME + self.requests * _ANSWER

    @property
    def is_whole(self) -> bool:
        """Whether all that a model would read can be counted: pictures cannot, and tools are told
        to models in a form that no provider documents.
        """
        return not self.tools and not self.left_out


def _never() -> bool:
    return False


def read_given(path: Path, *, cancelled: Callable[[], bool] = _never) -> Given:
    """A file or a folder of files. Raises `NotCounted` with a sentence for what cannot be, and
    `Cancelled`.
    """
    if path.is_dir():
        return _folder(path, cancelled)
    try:
        status = path.stat()
    except OSError as error:
        _refuse(path, error)
    if not stat.S_ISREG(status.st_mode):
        raise NotCounted(
            say("{file} is a pipe or a device, which may never end.", file=path.name),
            remedy=say("Send what it gives to standard input: plimsoll estimate -"),
        )
    if status.st_size > MOST_BYTES:
        raise _too_large(path, status.st_size)
    text = _text(path)
    if text is None:
        raise NotCounted(
            say(
                "{file} is not text in UTF-8 or UTF-16, so its tokens cannot be counted.",
                file=path.name,
            ),
            remedy=say(
                "Save a text as UTF-8. Pictures, sound and archives are priced by other rules."
            ),
        )
    return of_text(text, title=path.name)


def of_text(text: str, *, title: str) -> Given:
    """A text; chats in JSON, one or one on each line, are taken apart into their messages."""
    chats = chats_of(text)
    if not chats:
        return Given(title, (text,))
    return Given(
        title,
        tuple(told for chat in chats for told in chat.texts),
        messages=sum(chat.messages for chat in chats),
        names=sum(chat.names for chat in chats),
        tools=sum(chat.tools for chat in chats),
        left_out=sum(chat.left_out for chat in chats),
        requests=len(chats),
    )


def read_all(paths: Sequence[Path], *, cancelled: Callable[[], bool] = _never) -> Given:
    """Several files and folders as one: the first that cannot be counted stops all of it, so that
    no sum is told that lacks a part. Raises `NotCounted`, and `Cancelled`.
    """
    parts = [read_given(path, cancelled=cancelled) for path in paths]
    if len(parts) == 1:
        return parts[0]
    whole = Given(
        title=", ".join(part.title for part in parts),
        texts=tuple(text for part in parts for text in part.texts),
        files=sum(part.files for part in parts),
        skipped=sum(part.skipped for part in parts),
        messages=sum(part.messages for part in parts),
        names=sum(part.names for part in parts),
        tools=sum(part.tools for part in parts),
        left_out=sum(part.left_out for part in parts),
        requests=sum(part.requests for part in parts if part.messages) or 1,
    )
    if whole.characters > MOST_BYTES:
        raise NotCounted(
            say(
                "The {count} files hold more than {most} MB together.",
                count=len(parts),
                most=MOST_BYTES // 10**6,
            ),
            remedy=_A_PART,
        )
    return whole


def _refuse(path: Path, error: OSError) -> NoReturn:
    raise NotCounted(
        say(
            "{name} cannot be read: {reason}.", name=path.name, reason=error.strerror or str(error)
        ),
        remedy=say("Nothing was counted."),
    ) from None


def _too_large(path: Path, size: int) -> NotCounted:
    return NotCounted(
        say(
            "{file} has {size} MB, and more than {most} MB are not counted in one go.",
            file=path.name,
            size=f"{size / 1e6:,.0f}",
            most=MOST_BYTES // 10**6,
        ),
        remedy=_A_PART,
    )


def _folder(path: Path, cancelled: Callable[[], bool]) -> Given:
    """The text files below a folder, hidden ones and links left out."""
    texts: list[str] = []
    skipped = size = 0
    for file in _files(path):
        if cancelled():
            raise Cancelled(say("The count was stopped; nothing is kept of it."))
        text = _text(file)
        if text is None:
            skipped += 1
        else:
            texts.append(text)
            size += len(text)
        if len(texts) + skipped > MOST_FILES or size > MOST_BYTES:
            raise NotCounted(
                say(
                    "The folder {folder} holds more than {files} files or {most} MB of text.",
                    folder=path.name,
                    files=f"{MOST_FILES:,}",
                    most=MOST_BYTES // 10**6,
                ),
                remedy=say("Give a folder below it."),
            )
    if not texts:
        raise NotCounted(say("There is no text in the folder {folder}.", folder=path.name))
    name = path.name or path.resolve().name  # a folder may be given as a dot
    return Given(name, tuple(texts), files=len(texts), skipped=skipped)


def _files(path: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> NoReturn:
        _refuse(Path(error.filename), error)

    for folder, folders, names in os.walk(path, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if not name.startswith(".") and file.is_file() and not file.is_symlink():
                yield file


def _text(path: Path) -> str | None:
    """The text of a file in UTF-8 or, by its mark, another encoding of Unicode; None where it is
    something else. Of a file that is none, hardly more is read than is needed to tell.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_LOOKED_AT)
            encoding = next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
            if encoding == "utf-8" and b"\0" in head:
                return None
            data = head + file.read(MOST_BYTES + 1 - len(head))
    except OSError as error:
        _refuse(path, error)
    if len(data) > MOST_BYTES:
        raise _too_large(path, len(data))
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
