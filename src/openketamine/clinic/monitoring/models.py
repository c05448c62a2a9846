"""Chairs, the devices accepted onto them, who is watched on which chair, readings, alarm events and their answers."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.audit.models import AppendOnly, AppendOnlyQuerySet, ImmutableError, MayBeLate
from openketamine.clinic.monitoring.asked import AskedBefore
from openketamine.clinic.monitoring.clinic_rows import ClinicLimits, Place, SoundPlaces, ToneHeard
from openketamine.clinic.monitoring.one_value import SHIFTED, OneValue, Source
from openketamine.clinic.people.models import Patient

__all__ = (
    "AskedBefore",
    "ClinicLimits",
    "Place",
    "SoundPlaces",
    "Source",
    "ToneHeard",
)  # Django looks for the rows of a room in this module


class Chair(models.Model):
    """A place where one person is treated."""

    name = models.CharField(_("name"), max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ("position", "name")

    def __str__(self) -> str:
        return self.name


class Device(models.Model):
    """A machine that has sent us a message. Unknown ones chart nothing until a nurse accepts them onto a chair.

    `cuff` is the pressure that it last sent without saying when it measured it: the same again is no new measurement.
    `clock` is what is known of its clock (`core.monitoring.device_clock`); empty for one that is right.
    """

    identity = models.CharField(_("identity"), max_length=200, unique=True)
    first_seen_at = models.DateTimeField(_("first seen"))
    cuff = models.JSONField(null=True)
    cuff_sent_at = models.DateTimeField(null=True)
    clock = models.JSONField(null=True)

    def __str__(self) -> str:
        return self.identity


class DeviceOnChair(AppendOnly):
    """A device was accepted onto a chair, or taken off all chairs (`chair` empty), `at` an instant; `recorded_at` is empty in older rows."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="moves")
    chair = models.ForeignKey(Chair, on_delete=models.PROTECT, null=True, related_name="moves")
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)
    recorded_at = models.DateTimeField(_("recorded at"), null=True)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.device} on {self.chair}"


class Watch(models.Model):
    """One person from start to end, on one chair at a time: the assignment that readings belong to, and its alarm state.

    `chair` is where the person sits now; where else, and since when, the rows of `ChairMove` say (`seats`). `alarm_state` is written under the lock of this row, in the transaction that writes the events: its holder is the one who
    evaluates, and the database takes the lock back from a process that dies.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="watches")
    chair = models.ForeignKey(Chair, on_delete=models.PROTECT, related_name="watches")
    limits = models.CharField(_("alarm limits"), max_length=60)
    limits_sha256 = models.CharField(max_length=64)
    required = models.JSONField(_("required signals"), default=list)
    baseline = models.JSONField(_("values before the start"), default=dict)
    due_every_s = models.JSONField(_("seconds between two checks of a signal"), null=True)
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    alarm_state = models.JSONField(default=dict)
    alarm_tick_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["chair"], condition=models.Q(ended_at=None), name="one_watch_per_chair"),
            models.UniqueConstraint(fields=["patient"], condition=models.Q(ended_at=None), name="one_watch_per_person"),
        )

    def __str__(self) -> str:
        return f"{self.chair} from {self.started_at:%H:%M}"


class ChairMove(AppendOnly):
    """The person of a watch left one chair for another `at` an instant. Of two rows the later written one says it from its instant on."""

    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, related_name="chair_moves")
    left = models.ForeignKey(Chair, on_delete=models.PROTECT, related_name="left_by")
    chair = models.ForeignKey(Chair, on_delete=models.PROTECT, related_name="taken_by")
    at = models.DateTimeField(_("at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.left} → {self.chair}"


class StoredReading(OneValue):
    """A row of its own for one value of one signal, or for why there is none: typed values, cuffs, what was not charted.

    What monitors stream lies in `StreamReading`; read both through `Reading`.
    """

    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, null=True, related_name="stored_readings")

    class Meta:
        db_table = "monitoring_reading"
        ordering = ("observed_at", "pk")
        indexes = (
            models.Index(fields=["watch", "signal", "observed_at"], name="reading_of_watch"),
            models.Index(fields=["device", "observed_at"], name="reading_of_device"),
            models.Index(fields=["device", "said_at"], name="reading_as_said", condition=SHIFTED),
        )
        constraints = (models.UniqueConstraint(fields=["seq", "obx"], name="one_reading_per_obx"),)

    def __str__(self) -> str:
        return f"{self.signal} {self.value}"

    def columns(self) -> dict[str, Any]:
        """Return everything but the key."""
        names = [field.attname for field in self._meta.concrete_fields if not field.primary_key]
        return {name: getattr(self, name) for name in names}


class ReadingTakenBack(AppendOnly):
    """A typed value of a scale was a slip and was taken back at once: its row stays, and no reader counts it any more."""

    reading = models.OneToOneField(StoredReading, on_delete=models.PROTECT, related_name="taken_back")
    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, null=True, related_name="readings_taken_back")
    signal = models.CharField(_("signal"), max_length=30)
    value = models.FloatField(_("value"), null=True)
    observed_at = models.DateTimeField(_("observed at"))
    at = models.DateTimeField(_("taken back at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.signal} {self.value} taken back by {self.by}"


class StreamReading(AppendOnly):
    """The continuous signals of one stored message, all of one instant: a column for each signal, in the signal's own unit.

    One row a second in place of eight. `places` says which OBX each value came from, six bits for each signal in the order of
    `every_reading.STREAMED`; read the values one by one through `Reading`.
    """

    seq = models.BigIntegerField(primary_key=True)
    watch = models.ForeignKey(
        Watch, on_delete=models.PROTECT, null=True, related_name="stream_readings", db_index=False
    )
    device = models.ForeignKey(Device, on_delete=models.PROTECT, db_index=False)
    observed_at = models.DateTimeField(_("observed at"))
    received_at = models.DateTimeField(_("received at"))
    places = models.BigIntegerField()
    heart_rate = models.FloatField(null=True)
    pulse_rate = models.FloatField(null=True)
    spo2 = models.FloatField(null=True)
    respiratory_rate = models.FloatField(null=True)
    etco2 = models.FloatField(null=True)
    temperature = models.FloatField(null=True)
    abp_systolic = models.FloatField(null=True)
    abp_diastolic = models.FloatField(null=True)
    abp_mean = models.FloatField(null=True)
    said_at = models.DateTimeField(_("observed at, by the device's clock"), null=True)

    class Meta:
        ordering = ("observed_at", "pk")
        indexes = (
            models.Index(fields=["watch", "observed_at"], name="stream_of_watch"),
            models.Index(fields=["device", "said_at"], name="stream_as_said", condition=SHIFTED),
        )

    def __str__(self) -> str:
        return f"message {self.seq}"


class ReadingQuerySet(AppendOnlyQuerySet):
    """Readings read from the view; new ones are rows of their own."""

    def bulk_create(self, objs: Iterable[Any], *_args: Any, **_kwargs: Any) -> list[Any]:
        """Insert a row of its own for each reading."""
        return list(StoredReading.objects.bulk_create([one.as_stored() for one in objs]))


class Reading(OneValue):
    """One value of one signal, wherever it is stored.

    A view over `StoredReading` and `StreamReading` (`every_reading`). Of one instant the highest key is what was said last.
    Saving one writes a row of its own.
    """

    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, null=True, related_name="readings")

    objects: ClassVar[Any] = ReadingQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "monitoring_every_reading"
        ordering = ("observed_at", "pk")

    def __str__(self) -> str:
        return f"{self.signal} {self.value}"

    def as_stored(self) -> StoredReading:
        """Return the row of its own that holds this reading."""
        names = [field.attname for field in self._meta.concrete_fields if not field.primary_key]
        return StoredReading(**{name: getattr(self, name) for name in names})

    def save(self, *_args: Any, **_kwargs: Any) -> None:
        """Insert a row of its own; raises ImmutableError when the reading exists."""
        if not self._state.adding:
            raise ImmutableError(f"Reading {self.pk} is never edited; add a correcting row")
        row = self.as_stored()
        row.save()
        self.pk, self._state.adding = row.pk, False


class AlarmEvent(AppendOnly):
    """A rule was raised or cleared. Numbered per rule, so that two workers can never write the same transition twice."""

    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, related_name="alarm_events")
    rule = models.CharField(_("rule"), max_length=60)
    number = models.PositiveIntegerField()
    signal = models.CharField(_("signal"), max_length=30, blank=True)
    kind = models.CharField(_("kind"), max_length=15)
    priority = models.CharField(_("priority"), max_length=10)
    state = models.CharField(_("state"), max_length=10)
    value = models.FloatField(_("value"), null=True)
    reason = models.CharField(_("reason"), max_length=300)
    at = models.DateTimeField(_("at"))

    class Meta:
        ordering = ("at", "pk")
        constraints = (models.UniqueConstraint(fields=["watch", "rule", "number"], name="one_row_per_transition"),)

    def __str__(self) -> str:
        return f"{self.rule} {self.state}"


class AlarmAnswer(MayBeLate):
    """Somebody acknowledged an alarm, or snoozed one direction of one signal until a time."""

    event = models.ForeignKey(AlarmEvent, on_delete=models.PROTECT, related_name="answers")
    kind = models.CharField(_("kind"), max_length=15)
    until = models.DateTimeField(_("until"), null=True)

    def __str__(self) -> str:
        return f"{self.kind} by {self.by}"


class PumpStatement(AppendOnly):
    """What a pump says of itself; shown beside the record, never taken for it."""

    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, null=True, related_name="pump_statements")
    device = models.ForeignKey(Device, on_delete=models.PROTECT)
    status = models.CharField(_("status"), max_length=60, blank=True)
    rate_ml_per_h = models.FloatField(_("rate"), null=True)
    delivered_ml = models.FloatField(_("delivered"), null=True)
    remaining_ml = models.FloatField(_("remaining"), null=True)
    drug = models.CharField(_("drug"), max_length=120, blank=True)
    at = models.DateTimeField(_("at"))
    seq = models.BigIntegerField()

    class Meta:
        ordering = ("at", "pk")


class DeviceAlarm(AppendOnly):
    """An alarm that a device itself reports."""

    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, null=True, related_name="device_alarms")
    device = models.ForeignKey(Device, on_delete=models.PROTECT)
    phase = models.CharField(_("phase"), max_length=40, blank=True)
    state = models.CharField(_("state"), max_length=40, blank=True)
    priority = models.CharField(_("priority"), max_length=40, blank=True)
    text = models.CharField(_("text"), max_length=200, blank=True)
    at = models.DateTimeField(_("at"))
    seq = models.BigIntegerField()

    class Meta:
        ordering = ("at", "pk")


class Rebound(AppendOnly):
    """A row that a device sent belongs elsewhere than was known when it was charted: it went from one watch `to` another, or to nobody.

    The row itself stays and is read by nobody any more; what it says stands anew where it belongs.
    """

    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, null=True, related_name="rows_gone")
    to = models.ForeignKey(Watch, on_delete=models.PROTECT, null=True, related_name="rows_come")
    reading = models.OneToOneField(StoredReading, on_delete=models.PROTECT, null=True, related_name="rebound")
    stream = models.OneToOneField(StreamReading, on_delete=models.PROTECT, null=True, related_name="rebound")
    pump = models.OneToOneField(PumpStatement, on_delete=models.PROTECT, null=True, related_name="rebound")
    alarm = models.OneToOneField(DeviceAlarm, on_delete=models.PROTECT, null=True, related_name="rebound")
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)


WORDS = {
    "unknown": _("a device that nobody has accepted onto a chair"),
    "name": _("the device carries another patient's name: compare the person, the chair and the monitor"),
    "clock": _(
        "the device's clock is not ours, or all it says comes late: its values are shown by our clock as they come; set its clock"
    ),
    "unreadable": _("message %(seq)s could not be charted: tell who looks after the devices"),
    "let go": _(
        "message %(seq)s is not charted here and its bytes are no longer kept (clinic's policy): was an older copy of the database put back?"
    ),
}
"""What a notice says on a screen by its code; one of another code says what was written down."""


class DeviceNotice(AppendOnly):
    """Something about a device or a message that a person has to know; opened once for each code and device."""

    device = models.CharField(_("device"), max_length=200)
    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, null=True, related_name="notices")
    code = models.CharField(_("code"), max_length=40)
    says = models.CharField(_("notice"), max_length=300)
    at = models.DateTimeField(_("at"))
    seq = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("at", "pk")

    @property
    def words(self) -> str:
        """What it says in the reader's language; the reason why a message was not taken is kept as the door gave it."""
        return str(WORDS[self.code]) % {"seq": self.seq} if self.code in WORDS else self.says


class NotCharted(AppendOnly):
    """An accepted message that could not be charted: its bytes are kept, whatever their age."""

    seq = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return f"message {self.seq}"


class Pulse(models.Model):
    """One row: when alarms were last evaluated and the last message processed. The heartbeat carries it to every page."""

    tick_at = models.DateTimeField(null=True)
    inbox_seq = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"tick {self.tick_at}, inbox {self.inbox_seq}"
