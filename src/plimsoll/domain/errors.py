"""The tree of errors, split by blame, each with a title, one plain sentence and a remedy.

    PlimsollError
      KnownError                     the world: shown quietly where it belongs
        WrongUse                     the user asked for something that cannot be
          MappingProblem             a mapping of columns or paths is wrong in some line
        KeyProblem                   the key is missing, refused or of the wrong kind
          WrongKeyKind  KeyRejected  MissingScope  NoKey
        NoAnswer                     no network, no reply in time, a broken connection
        RateLimited                  the provider asks us to wait until an instant
        ProviderDown                 the provider says that it failed (5xx)
        NotOffered                   the provider does not offer this here (400, 404)
        VaultProblem                 the keyring is missing, locked or silent
          VaultMissing  VaultLocked  VaultSilent
        LedgerProblem                the archive cannot be used as it is
          LedgerBusy  LedgerFull  LedgerBroken  LedgerTooNew  LedgerUnreadable
        PriceFileProblem             a file of prices is wrong in some line
        CommandFailed                the user's own command for alerts did not do its work
        ImportProblem                a file to be imported is not what it should be
          CurrencyUnknown            its amounts bear a sign that several currencies share
        Cancelled                    the user stopped the work
      SurprisingAnswer               a provider's answer that is not what it documents
        PageLoop  NotJson  UnexpectedRedirect
        OddValue                     one value in it cannot be right
      OwnMistake                     our bug, where it costs one source only
        FilesLeftUnread              or a few of an agent's files only
    (anything else is our bug)

Catch `KnownError` where a page or a command can go on; let the rest rise to the edge. Only a sync,
in which one source must not cost the others their figures, turns a bug into an `OwnMistake`; it
goes to the edge all the same, when the sync is over.
"""

from __future__ import annotations

from datetime import datetime

from plimsoll.domain.said import say, together


class PlimsollError(Exception):
    """An error that a person can read: what happened, what it means, what to do."""

    title: str = say("Something went wrong")

    def __init__(self, sentence: str, *, remedy: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.remedy = remedy

    def __str__(self) -> str:
        return str(self.words)

    @property
    def words(self) -> str:
        """What happened and what to do, as one text."""
        return together([self.sentence, self.remedy])


class KnownError(PlimsollError):
    """The world is not as we need it; nobody's program is wrong."""


class WrongUse(KnownError):
    """What was asked cannot be done as it was asked."""

    title = say("Cannot do that")


class MappingProblem(WrongUse):
    """A mapping says something that cannot be; `line` is where, counted from 1, None where it is
    wrong as a whole.
    """

    title = say("Mapping not usable")

    def __init__(self, sentence: str, *, line: int | None = None, remedy: str = "") -> None:
        super().__init__(sentence, remedy=remedy)
        self.line = line


class KeyProblem(KnownError):
    """A key cannot be used for what it was given for."""

    title = say("Key not usable")


class WrongKeyKind(KeyProblem):
    """The key's looks say that it is another kind of key; nothing was sent."""

    title = say("Wrong kind of key")


class KeyRejected(KeyProblem):
    """The provider answered 401."""

    title = say("Key refused")


class MissingScope(KeyProblem):
    """The provider answered 403: the key is real, but may not read this."""

    title = say("Permission missing")


class NoKey(KeyProblem):
    """Neither the keyring nor the environment holds a key for this source."""

    title = say("No key")


class NoAnswer(KnownError):
    """No network, no reply within the time allowed, or a connection that broke."""

    title = say("No answer")


class RateLimited(KnownError):
    """The provider asks us to wait.

    `until` is the UTC instant before which it must not be asked again.
    """

    title = say("Rate limited")

    def __init__(self, sentence: str, *, until: datetime, remedy: str = "") -> None:
        super().__init__(sentence, remedy=remedy)
        self.until = until


class ProviderDown(KnownError):
    """The provider answered with a server error."""

    title = say("Provider not working")


class NotOffered(KnownError):
    """The provider does not offer this endpoint or grouping to this account.

    `status` is the HTTP status (400, 404, 405 or 410).
    """

    title = say("Not offered")

    def __init__(self, sentence: str, *, status: int, remedy: str = "") -> None:
        super().__init__(sentence, remedy=remedy)
        self.status = status


class VaultProblem(KnownError):
    """The system keyring cannot be used now."""

    title = say("Keyring not usable")


class VaultMissing(VaultProblem):
    """There is no keyring on this machine."""

    title = say("No keyring")


class VaultLocked(VaultProblem):
    """The keyring is locked, or the prompt to unlock it was dismissed."""

    title = say("Keyring locked")


class VaultSilent(VaultProblem):
    """The keyring did not answer in time."""

    title = say("Keyring does not answer")


class LedgerProblem(KnownError):
    """The archive cannot be used as it is; it was left untouched."""

    title = say("Archive not usable")


class LedgerBusy(LedgerProblem):
    """Another process is writing."""

    title = say("Archive in use")


class LedgerFull(LedgerProblem):
    """The disk has no room; nothing was changed."""

    title = say("Disk full")


class LedgerBroken(LedgerProblem):
    """The file is damaged or is not an archive."""

    title = say("Archive damaged")


class LedgerTooNew(LedgerProblem):
    """The file was made by a newer Plimsoll."""

    title = say("Archive is newer than this program")


class LedgerUnreadable(LedgerProblem):
    """The file or its folder cannot be read or written."""

    title = say("Archive not readable")


class PriceFileProblem(KnownError):
    """A file of prices cannot be used; nothing of it is.

    `line` is the line of the file at which it is wrong, counted from 1.
    """

    title = say("Price file not usable")

    def __init__(self, sentence: str, *, line: int, remedy: str = "") -> None:
        super().__init__(sentence, remedy=remedy)
        self.line = line


class CommandFailed(KnownError):
    """The user's own command for alerts could not be started, failed, or took too long."""

    title = say("Command failed")


class ImportProblem(KnownError):
    """A file that was to be imported is unknown, or wrong in some line; nothing of it was taken.

    `line` is the line of the file, counted from 1; None where it is wrong as a whole.
    """

    title = say("File not usable")

    def __init__(self, sentence: str, *, line: int | None = None, remedy: str = "") -> None:
        super().__init__(sentence, remedy=remedy)
        self.line = line


class CurrencyUnknown(ImportProblem):
    """The file's amounts bear a sign that several currencies share; the user knows which it is."""

    title = say("Currency not told")


class Cancelled(KnownError):
    """The user stopped the work; what came before is kept."""

    title = say("Stopped")


REFUSED = (MissingScope, NotOffered)
"""The key may not read it, or the account has no such thing: what is optional is left out then."""


class SurprisingAnswer(PlimsollError):
    """A provider's answer that differs from what it documents.

    `answer` is a redacted beginning of it, for the user to copy.
    """

    title = say("Unexpected answer")

    def __init__(self, sentence: str, *, remedy: str = "", answer: str = "") -> None:
        super().__init__(sentence, remedy=remedy)
        self.answer = answer


class PageLoop(SurprisingAnswer):
    """A cursor came back, or pages never end."""

    title = say("Endless pages")


class NotJson(SurprisingAnswer):
    """The answer is a web page or something else that is not JSON."""

    title = say("Not the provider's answer")


class UnexpectedRedirect(SurprisingAnswer):
    """The server sent us elsewhere; the key was not sent there."""

    title = say("Redirected")


class OddValue(SurprisingAnswer):
    """An answer of the right form with a value that cannot be right: nothing of it is used, and a
    narrower question may do without that value.
    """


class OwnMistake(PlimsollError):
    """A part of this program broke on what one source told it.

    Where it broke is its cause or, from another process, its note: for our eyes, not for the
    user's screen.
    """

    title = say("Plimsoll made a mistake")


class FilesLeftUnread(OwnMistake):
    """A reader broke on some of an agent's files: they are tried again, all others were read."""

    title = say("Read in part")
