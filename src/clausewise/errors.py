"""What can go wrong by a user's doing. Each message says what was found, what was expected, and what to do."""


def escaped(text: str) -> str:
    """`text` as it can be written and sent: what is no character, as a byte of a name that is not UTF-8, by its number."""
    return text.encode("utf-8", "backslashreplace").decode()


class ClausewiseError(Exception):
    """Bad input: shown as one line; the command ends with exit code 2."""


class CorpusError(ClausewiseError):
    """The folder of policies, or its schools.toml, cannot be used."""


class ReadError(ClausewiseError):
    """One policy file cannot be read; the others are indexed all the same."""


class MissingIndex(ClausewiseError):
    """There is no index in the folder that was named."""


class DamagedIndex(ClausewiseError):
    """The index's files are not those that its manifest describes, or the system does not let them be read."""


class IndexMismatch(ClausewiseError):
    """The index was made by another format, model or settings than those in force."""


class IndexNotWritten(ClausewiseError):
    """There is no room, or no right, to write the index; the old one, if any, is untouched."""


class IndexInUse(ClausewiseError):
    """Another process is writing the index."""


class NotDrawn(ClausewiseError):
    """A page of a policy cannot be shown as it is printed."""


class UnknownSchool(ClausewiseError):
    """A school was named that the index does not hold."""


class BadQuestion(ClausewiseError):
    """The question is empty, or a question line is not what the contract says."""


class QuoteMismatch(ClausewiseError):
    """A quote is not what its document says at its place; what it stands in is not shown."""


class BadAnswers(ClausewiseError):
    """A line of saved answers is not the JSON form of any."""


class BadSuite(ClausewiseError):
    """An evaluation suite's file breaks its form."""


class BadTopics(ClausewiseError):
    """A file of topics breaks its form, or is not there."""


class BadKinds(ClausewiseError):
    """A file of kinds of policy breaks its form."""


class BadRun(ClausewiseError):
    """A saved evaluation run is missing or damaged."""


class BadFeedback(ClausewiseError):
    """A complaint about an answer is not what the page sends."""


class UnknownFeedback(ClausewiseError):
    """A complaint was named that the store does not hold."""


class UnknownConversation(ClausewiseError):
    """A conversation was named that the user does not have."""


class BadConversation(ClausewiseError):
    """A conversation is full, or a title is not one that it can have."""


class StoreError(ClausewiseError):
    """What is remembered of complaints, silence and conversations cannot be read or written."""


class BadAccount(ClausewiseError):
    """An account cannot be made or changed so."""


class AskingOff(ClausewiseError):
    """An administrator has turned asking off; the message is their note."""

    status = 503


class SignInFault(ClausewiseError):
    """The identity provider cannot be used, or did not say who signs in."""


class ModelError(ClausewiseError):
    """The embedding model cannot be loaded."""


class VectorStoreError(ClausewiseError):
    """The vector store beside the index cannot be reached, or is not the index's."""


class SpreadError(ClausewiseError):
    """The machines that were to embed the texts cannot be used."""


class BadRequest(ClausewiseError):
    """What another program sent is no request that can be read. `status`: HTTP's number for why."""

    def __init__(self, told: str, status: int) -> None:
        super().__init__(told)
        self.status = status


class NotAdded(ClausewiseError):
    """A policy's file that the page was given is not taken in. `status`: HTTP's number for why."""

    def __init__(self, told: str, status: int = 400) -> None:
        super().__init__(told)
        self.status = status
