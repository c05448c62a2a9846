"""The drug book: vials received, and every milligram that moved. Balances are computed, never stored."""

from django.db import models
from django.utils.translation import gettext as _say
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.audit.models import AppendOnly
from openketamine.clinic.people.models import Patient
from openketamine.clinic.plan.models import Order
from openketamine.core.infusion.balance import shown
from openketamine.core.infusion.drug_book import Account, Transfer


class Vial(AppendOnly):
    """One vial received: lot, strength in mg/mL, content in mg of free base."""

    lot = models.CharField(_("lot"), max_length=40)
    strength_mg_per_ml = models.DecimalField(_("strength, mg/mL"), max_digits=6, decimal_places=2)
    content_mg = models.DecimalField(_("content, mg"), max_digits=8, decimal_places=2)
    expires_on = models.DateField(_("expires on"))
    received_at = models.DateTimeField(_("received at"))
    by = models.CharField(_("by"), max_length=100)
    key = models.CharField(max_length=40, blank=True, default="", editable=False)

    class Meta:
        ordering = ("expires_on", "pk")
        constraints = (
            models.UniqueConstraint(fields=["key"], condition=~models.Q(key=""), name="one_vial_for_a_form"),
        )

    def __str__(self) -> str:
        return f"{self.lot}: {self.content_mg} mg at {self.strength_mg_per_ml} mg/mL"


class SessionAccount(AppendOnly):
    """Whose session a reference is, and which order the drug is drawn for."""

    session = models.CharField(max_length=20, unique=True)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="drug_accounts")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="drug_accounts")
    at = models.DateTimeField(_("opened at"))
    by = models.CharField(_("by"), max_length=100)

    def __str__(self) -> str:
        return self.session


class Kind(models.TextChoices):
    """What happened to the drug."""

    DRAWN = "drawn", _("drawn")
    GIVEN = "given", _("given")
    WASTED = "wasted", _("wasted")
    DISCARDED = "discarded", _("rest of a vial wasted")
    SHORT = "short", _("count: less than the book says")
    OVER = "over", _("count: more than the book says")


MOVES = {
    Kind.DRAWN: (Account.STOCK, Account.SYRINGE), Kind.GIVEN: (Account.SYRINGE, Account.PATIENT),
    Kind.WASTED: (Account.SYRINGE, Account.WASTE), Kind.DISCARDED: (Account.STOCK, Account.WASTE),
    Kind.SHORT: (Account.STOCK, Account.VARIANCE), Kind.OVER: (Account.VARIANCE, Account.STOCK),
}  # fmt: skip
BY_PEOPLE = frozenset({Kind.DRAWN, Kind.WASTED, Kind.DISCARDED})
"""What two people write down, and can put right; what was given is computed, and a count is counted again."""


class Row(AppendOnly):
    """Milligrams that moved. `second` is who checked a draw or witnessed a waste or a count; never the same person as `by`.

    A row that `replaces` another stands instead of it. `key` is made by the page, so that a form sent twice counts once.
    """

    session = models.CharField(max_length=20, db_index=True, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    mg = models.DecimalField(_("milligrams"), max_digits=8, decimal_places=2)
    vial = models.ForeignKey(Vial, on_delete=models.PROTECT, null=True, related_name="rows")
    basis = models.CharField(_("basis"), max_length=200, blank=True)
    by = models.CharField(_("by"), max_length=100)
    second = models.CharField(_("second person"), max_length=100, blank=True)
    at = models.DateTimeField(_("at"))
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    key = models.CharField(max_length=40, blank=True, default="", editable=False)

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.UniqueConstraint(fields=["replaces"], name="one_row_instead_of_another"),
            models.UniqueConstraint(fields=["key"], condition=~models.Q(key=""), name="one_row_for_a_form"),
        )

    @property
    def can_be_put_right(self) -> bool:
        """Whether two people wrote it down, and nothing stands instead of it yet."""
        return self.kind in BY_PEOPLE and not self.replaced_by.exists()

    @property
    def told(self) -> str:
        """Its basis, after the milligrams that it stands instead of where those were others."""
        old = self.replaces
        before = _say("instead of %(mg)s mg") % {"mg": shown(old.mg)} if old and old.mg != self.mg else ""
        return "; ".join(filter(None, [before, self.basis]))

    def transfer(self) -> Transfer:
        """Return the row as a transfer between two accounts."""
        return Transfer(*MOVES[Kind(self.kind)], self.mg)


class Count(AppendOnly):
    """A vial counted by two people: what they found, and what the book said at that moment."""

    vial = models.ForeignKey(Vial, on_delete=models.PROTECT, related_name="counts")
    counted_mg = models.DecimalField(_("counted, mg"), max_digits=8, decimal_places=2)
    expected_mg = models.DecimalField(_("by the book, mg"), max_digits=8, decimal_places=2)
    reason = models.CharField(_("explanation"), max_length=200, blank=True)
    by = models.CharField(_("by"), max_length=100)
    second = models.CharField(_("second person"), max_length=100)
    at = models.DateTimeField(_("at"))
    key = models.CharField(max_length=40, blank=True, default="", editable=False)

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=["key"], condition=~models.Q(key=""), name="one_count_for_a_form"),
        )
