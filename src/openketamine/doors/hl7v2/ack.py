"""Acknowledgements: original mode (AA AE AR), or enhanced mode (CA CE CR) where MSH-15 or MSH-16 is filled."""

from dataclasses import dataclass

from openketamine.doors.hl7v2.message import Message

READ_TYPES = frozenset({("ORU", trigger) for trigger in ("R01", "R30", "R31", "R32", "R40", "R42", "")})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What we answer: `code` None when no answer is owed, `later` where the sender asked for both kinds of answer.

    `outcome` is accept, error or reject; `reason` says why.
    """

    code: str | None
    outcome: str
    reason: str
    later: str | None = None

    @property
    def accepted(self) -> bool:
        """Whether the message may be read."""
        return self.outcome == "accept"


def verdict(message: Message) -> Verdict:
    """Decide on a parsed message."""
    outcome, reason = _outcome(message)
    answers = _codes(message, outcome)
    return Verdict(answers[0] if answers else None, outcome, reason, answers[1] if len(answers) > 1 else None)


def malformed(reason: str) -> Verdict:
    """Return the verdict on bytes that are no message."""
    return Verdict("AE", "error", reason)


def text(message: Message | None, verdict: Verdict, at: str, control_id: str, code: str | None = None) -> bytes:
    """Return one acknowledgement in HL7 text; `at` is an HL7 time and `control_id` our own message number."""
    marks = message.header.separators if message else "|^~\\&"
    bar = marks[0]
    header = message.header if message else None
    sender = header.field(3) if header else ""
    facility = header.field(4) if header else ""
    version = (header.component(12) if header else "") or "2.6"
    mode = (header.component(11) if header else "") or "P"
    original = header.field(10) if header else ""
    msh = bar.join(
        [
            f"MSH{bar}{marks[1:]}",
            "OPENKETAMINE",
            "",
            sender,
            facility,
            at,
            "",
            f"ACK{marks[1]}{_trigger(message)}",
            control_id,
            mode,
            version,
        ]
    )
    msa = bar.join(["MSA", code or verdict.code or "AA", original, _plain(verdict.reason, marks)]).rstrip(bar)
    return f"{msh}\r{msa}\r".encode()


def _outcome(message: Message) -> tuple[str, str]:
    kind, trigger = message.type
    version = message.header.component(12).strip()
    if (kind, trigger) not in READ_TYPES:
        return "reject", f"message type {kind}^{trigger} is not read here"
    if version and version.split(".")[0] != "2":
        return "reject", f"version {version} is not read here"
    if not message.header.component(10):
        return "error", "MSH-10 (control id) is empty"
    if not message.named("OBX") and not message.named("OBR"):
        return "error", "no OBR and no OBX segment"
    return "accept", ""


def _codes(message: Message, outcome: str) -> list[str]:
    """Return the answers owed: one in original mode; in enhanced mode the accept answer, the application answer, both or none."""
    accept, application = (message.header.component(n).strip().upper() for n in (15, 16))
    letter = {"accept": "A", "error": "E", "reject": "R"}[outcome]
    if not accept and not application:
        return [f"A{letter}"]
    owed = (("C", accept), ("A", application))
    return [f"{kind}{letter}" for kind, condition in owed if _owed(condition, outcome)]


def _owed(condition: str, outcome: str) -> bool:
    good = outcome == "accept"
    return {"AL": True, "NE": False, "ER": not good, "SU": good}.get(condition, False)


def _trigger(message: Message | None) -> str:
    return message.type[1] if message else ""


def _plain(reason: str, marks: str) -> str:
    return "".join(" " if mark in marks or mark in "\r\n" else mark for mark in reason)
