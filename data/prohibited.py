"""Names of columns that may not be inputs of a credit model, and names that deserve a note.

Matching is by whole words of snake_case, kebab-case and camelCase names, so that "percentage",
"trace" or "mortgage" raise no alarm. It is a net for mistakes, not proof that no proxy is used.

References
----------
Regulation B, 12 CFR 1002.2(z) (prohibited bases), 1002.6(b)(2) (age), 1002.6(b)(5) (income from
public assistance). Fair Housing Act, 42 U.S.C. 3605 (familial status, disability).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")

_BASES: dict[str, str] = {
    "race": "race, races, racial, ethnicity, ethnicities, ethnic, hispanic, latino, latina, latinx, minority",
    "colour": "skin color, skin colour, skin tone, complexion",
    "religion": "religion, religions, religious, creed, denomination",
    "national origin": "national origin, nationality, country of birth, birth country, country of origin, ancestry",
    "sex": "sex, sexes, gender, genders, female, females, male, males, woman, women, sexual",
    "marital status": "marital, marriage, married, unmarried, divorced, divorce, widow, widowed, widower, maiden",
    "public assistance": "public assistance, welfare, food stamps, tanf, afdc, snap benefits, snap benefit, "
    "ssi benefits, receives assistance",
    "use of consumer credit rights": "consumer credit protection, ccpa rights, ccpa claim",
}
_FALSE_FRIENDS = ("race condition", "race track")
_WHOLE_NAME = {"color": "colour", "colour": "colour", "applicant color": "colour", "applicant colour": "colour"}

_NOTES: dict[str, str] = {
    "familial status": "familial, pregnant, pregnancy, maternity, childbearing",
    "disability": "disability, disabilities, disabled, handicap, handicapped",
    "disputes": "dispute, disputes, disputed",
}
_AGE_WORDS = frozenset({"age", "dob", "birthdate", "birthday", "elderly"})
_PERSON_WORDS = frozenset(
    {"applicant", "applicants", "app", "borrower", "coborrower", "coapplicant", "customer", "client", "consumer"}
    | {"person", "primary", "secondary", "co", "joint", "main", "member", "year", "years", "yr", "yrs", "in", "at"}
    | {"of", "the", "group", "band", "bucket", "bin", "range", "class", "derived", "above", "below", "over", "under"}
    | {"application", "origination", "is", "flag", "code", "num", "value"}
)


@dataclass(frozen=True)
class SensitiveName:
    """A name that points to a person's protected trait."""

    name: str
    """The column's name as it stands."""
    basis: str
    """Which basis it points to, such as "sex", or "on this card's own list"."""


def split_words(name: str) -> tuple[str, ...]:
    """Split a column's name into lower-case words: "applicantSex-1" gives ("applicant", "sex", "1")."""
    return tuple(word.lower() for word in _WORD.findall(name))


def find_prohibited(names: Iterable[str], extra: Iterable[str] = ()) -> list[SensitiveName]:
    """Return the names that may not be model inputs, in the order given.

    Parameters
    ----------
    names : iterable of str
        Names of model inputs.
    extra : iterable of str
        The card's own list of prohibited columns, compared as whole names without regard to case.
    """
    own = {name.casefold() for name in extra}
    found = []
    for name in names:
        basis = "on this card's own list" if name.casefold() in own else prohibited_basis(name)
        if basis is not None:
            found.append(SensitiveName(name, basis))
    return found


def prohibited_basis(text: str) -> str | None:
    """Return the prohibited basis that a name or a sentence points to, or None."""
    words = f" {' '.join(split_words(text))} "
    if words.strip() in _WHOLE_NAME:
        return _WHOLE_NAME[words.strip()]
    for friend in _FALSE_FRIENDS:
        words = words.replace(f" {friend} ", " ")
    return _basis_in(words, _BASES)


def find_notes(names: Iterable[str]) -> list[SensitiveName]:
    """Return names that are allowed as model inputs but need care: age, familial status, disability, disputes.

    Age may be scored in an empirically derived system if no one aged 62 or older is worse off for it.
    """
    found = []
    for name in names:
        words = split_words(name)
        if _is_age_of_a_person(words):
            found.append(SensitiveName(name, "age"))
        elif (basis := _basis_in(f" {' '.join(words)} ", _NOTES)) is not None:
            found.append(SensitiveName(name, basis))
    return found


def _basis_in(words: str, bases: dict[str, str]) -> str | None:
    for basis, phrases in bases.items():
        if any(f" {phrase} " in words for phrase in phrases.split(", ")):
            return basis
    return None


def _is_age_of_a_person(words: tuple[str, ...]) -> bool:
    if ("birth" in words and {"date", "year"} & set(words)) or {"dob", "birthdate", "elderly"} & set(words):
        return True
    rest = [word for word in words if word not in _AGE_WORDS and not word.isdecimal()]
    # "vehicle_age" and "age_of_oldest_account" hold a word for a thing, so they are not a person's age
    return bool(_AGE_WORDS & set(words)) and all(word in _PERSON_WORDS for word in rest)
