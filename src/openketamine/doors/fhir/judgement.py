"""What was judged: findings as Flags, alarms as DetectedIssues, criteria as RiskAssessment, the decision as ClinicalImpression."""

from openketamine.clinic.candidacy.models import Decision
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.monitoring.models import AlarmEvent
from openketamine.clinic.people.models import Finding
from openketamine.clinic.tasks.models import Task
from openketamine.doors.fhir.values import Json, coding, instant, row_id

OWN_FINDING = "urn:openketamine:finding"
OWN_RULE = "urn:openketamine:alarm-rule"
SEVERITY = {"urgent": "high", "warning": "moderate", "info": "low"}


def finding_to_fhir(row: Finding, *, subject: str) -> Json:
    """Write a finding; an open one is active."""
    closed = getattr(row, "closed", None)
    return {
        "resourceType": "Flag", "id": row_id(row), "status": "inactive" if closed else "active", "subject": {"reference": subject},
        "category": [{"text": row.room}], "code": {"coding": [coding(OWN_FINDING, row.code)], "text": row.says},
        "period": {"start": instant(row.opened_at), **({"end": instant(closed.at)} if closed else {})},
        "author": {"display": row.opened_by},
    }  # fmt: skip


def alarm_to_fhir(row: AlarmEvent, *, subject: str) -> Json:
    """Write an alarm that was raised or cleared."""
    return {
        "resourceType": "DetectedIssue", "id": row_id(row), "status": "final", "severity": SEVERITY[row.priority],
        "code": {"coding": [coding(OWN_RULE, row.rule)], "text": f"{row.rule} {row.state}"}, "patient": {"reference": subject},
        "identifiedDateTime": instant(row.at), "detail": row.reason,
    }  # fmt: skip


def decision_to_fhir(row: Decision, *, subject: str) -> list[Json]:
    """Write a signed decision, and the criteria it was taken on."""
    criteria = f"{row_id(row)}-criteria"
    return [
        {
            "resourceType": "ClinicalImpression", "id": row_id(row), "status": "completed", "subject": {"reference": subject},
            "date": instant(row.at), "assessor": {"display": row.by}, "description": row.get_choice_display(),
            **({"summary": row.reason} if row.reason else {}),
        },
        {
            "resourceType": "RiskAssessment", "id": criteria, "status": "final", "subject": {"reference": subject},
            "occurrenceDateTime": instant(row.at), "method": {"text": f"protocol {row.protocol}, SHA-256 {row.protocol_sha256}"},
            "prediction": [
                {"outcome": {"text": f"{rule}: {outcome}"}, **({"rationale": words} if words else {})}
                for rule, outcome, words in row.results
            ],
        },
    ]  # fmt: skip


def answers_to_fhir(row: Answers, *, subject: str) -> Json:
    """Write the answers to a questionnaire as they were given."""
    return {
        "resourceType": "QuestionnaireResponse", "id": row_id(row), "status": "completed", "subject": {"reference": subject},
        "questionnaire": f"urn:openketamine:questionnaire:{row.instrument}|{row.instrument_sha256}", "authored": instant(row.at),
        "author": {"display": row.by},
        "item": [{"linkId": item, "answer": [{"valueInteger": value}]} for item, value in sorted(row.answers.items())],
    }  # fmt: skip


def task_to_fhir(row: Task, *, subject: str) -> Json:
    """Write something that somebody had to do."""
    done = getattr(row, "done", None)
    return {
        "resourceType": "Task", "id": row_id(row), "status": "completed" if done else "requested", "intent": "order",
        "priority": "urgent" if row.urgent else "routine", "description": row.says, "for": {"reference": subject},
        "authoredOn": instant(row.opened_at), "performerType": [{"text": row.owner}],
        "restriction": {"period": {"end": instant(row.due_at)}},
        **({"lastModified": instant(done.at), "note": [{"text": done.note or f"done by {done.by}"}]} if done else {}),
    }  # fmt: skip
