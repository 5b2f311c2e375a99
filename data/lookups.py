"""Finding single applications by their number, in a viewer's scope; numbers are masked where the policy says so."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache

from data.access import Viewer
from data.errors import CandorError, NotFoundForViewer
from data.masks import Masks
from data.records import ApplicationRecord
from data.scoped import ScopedDatabase, to_records

KINDS = {
    "declined": "decision = 'declined'",
    "approved": "decision = 'approved'",
    "any": "true",
    "near the cut-off": "stage = 'model' AND near_cutoff",
}
REMEMBERED = 256
"""Applications kept in memory for the viewers of one scope."""
KEY_ROWS = 4096
"""Applications whose numbers and exact scores make the key of masks."""
MASKED_HELP = "Numbers are masked in your view and begin with M-. Check the number, or pick one."
"""What to do in a view that knows masked numbers only; the same for every number."""


class Lookups:
    """The applications one viewer can ask for.

    Parameters
    ----------
    database : ScopedDatabase
        The snapshot's database in the viewer's scope.
    viewer : Viewer
        Who is looking.
    """

    def __init__(self, database: ScopedDatabase, viewer: Viewer) -> None:
        self._database = database
        self._masked = viewer.policy.masked_numbers
        self._found = lru_cache(maxsize=REMEMBERED)(self._find)

    def find(self, number: str) -> ApplicationRecord:
        """Return one application as stored, its number masked where numbers are.

        The last ones are remembered: a page asks for the same application several times.

        Raises
        ------
        NotFoundForViewer
            There is none with this number that this viewer may see. The sentence is the same
            whether the number exists elsewhere or not.
        """
        return self._found(number)

    def _find(self, number: str) -> ApplicationRecord:
        asked = self._masks.unmask(number) if self._masked else number.strip()
        condition = "row_no = $asked" if self._masked else "application_id = $asked"
        found = self._database.frame(
            "SELECT row_no, application_id, partner, application_date, outcome, recorded_decision, raw_score,"  # noqa: S608
            f" estimate, cutoff, decision, stage, rule_no, group_no FROM seen WHERE {condition}",
            {"asked": asked},
        )
        if found.empty:
            raise NotFoundForViewer(
                "No application with this number",
                "None of the applications you can see has it.",
                MASKED_HELP if self._masked else "Check the number, or pick one.",
            )
        row = to_records(found)[0]
        return ApplicationRecord(**{**row, "application_id": self._shown(row["row_no"], row["application_id"])})

    def pick(self, kind: str, draw: float) -> str:
        """Return the number of one application of a kind, masked where numbers are."""
        chosen = self._database.frame(
            "SELECT row_no, application_id FROM (SELECT row_no, application_id,"  # noqa: S608
            " row_number() OVER (ORDER BY row_no) - 1 AS place, count(*) OVER () AS total"
            f" FROM seen WHERE {KINDS[kind]}) WHERE place = floor(total * $draw)",
            {"draw": draw},
        )
        if chosen.empty:
            raise NotFoundForViewer(
                f"There is no application that is {kind}",
                "None of the applications you can see is.",
                "Choose another kind.",
            )
        return self._shown(int(chosen["row_no"].iloc[0]), str(chosen["application_id"].iloc[0]))

    def reveal(self, number: str, reason: str) -> str:
        """Return the lender's own number behind a masked one, for a reason given."""
        if not reason.strip():
            raise CandorError(
                "A reason is needed",
                "Numbers stay masked until somebody says why one is needed; no reason was given.",
                "Write the reason. It is kept with your name.",
            )
        row_no = self.find(number).row_no
        found = self._database.frame("SELECT application_id FROM seen WHERE row_no = $row_no", {"row_no": row_no})
        return str(found["application_id"].iloc[0])

    def number_in(self, number: str, other: Lookups) -> str | None:
        """Return the number under which another snapshot shows the same application; None where it does not.

        Numbers repeat between lenders, so the same application is one with the same number through the same partner.
        """
        row_no = self.find(number).row_no
        own = self._database.frame("SELECT application_id, partner FROM seen WHERE row_no = $row", {"row": row_no})
        there = other._database.frame(
            "SELECT row_no, application_id FROM seen WHERE application_id = $id AND partner = $partner",
            {"id": str(own["application_id"].iloc[0]), "partner": str(own["partner"].iloc[0])},
        )
        return None if there.empty else other._shown(int(there["row_no"].iloc[0]), str(there["application_id"].iloc[0]))

    def numbers(self, row_nos: Sequence[int]) -> list[str]:
        """Return the numbers of some applications in scope, masked where numbers are, in the order asked for."""
        found = self._database.frame(
            "SELECT row_no, application_id FROM seen WHERE list_contains($rows, row_no)",
            {"rows": [int(row) for row in row_nos]},
        )
        ids = {int(row): str(number) for row, number in zip(found["row_no"], found["application_id"], strict=True)}
        return [self._shown(int(row), ids[int(row)]) for row in row_nos if int(row) in ids]

    def _shown(self, row_no: int, number: str) -> str:
        return self._masks.mask(row_no) if self._masked else number

    @cached_property
    def _masks(self) -> Masks:
        """Return the masks of this snapshot.

        The key is made of numbers and exact scores in the order of the numbers: no viewer whose numbers are
        masked can know that order, and every replica that has the snapshot comes to the same key.
        """
        digest = self._database.frame(
            "SELECT sha256(string_agg(concat_ws('|', application_id, raw_score, residual), '/' ORDER BY row_no)) AS key"
            " FROM seen WHERE row_no < $rows",
            {"rows": KEY_ROWS},
        )["key"].iloc[0]
        return Masks(bytes.fromhex(str(digest)))
