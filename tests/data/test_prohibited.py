"""Names that may not be inputs of a credit model: whole words, and no false alarms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.prohibited import find_notes, find_prohibited, split_words


@pytest.mark.parametrize(
    ("name", "basis"),
    [
        ("race", "race"), ("applicant_race-1", "race"), ("RaceCode", "race"), ("derived_ethnicity", "race"),
        ("tract_minority_population_percent", "race"), ("SEX", "sex"), ("applicantGender", "sex"), ("is_female", "sex"),
        ("MARRIAGE", "marital status"), ("marital_status", "marital status"), ("religion", "religion"),
        ("national_origin", "national origin"), ("countryOfBirth", "national origin"), ("color", "colour"),
        ("skin_colour", "colour"), ("public_assistance_income", "public assistance"), ("welfare", "public assistance"),
    ],
)  # fmt: skip
def test_a_name_that_points_to_a_prohibited_basis_is_found(name: str, basis: str) -> None:
    assert [found.basis for found in find_prohibited([name])] == [basis]


@pytest.mark.parametrize(
    "name",
    ["percentage", "mortgage", "usage", "sextile", "race_condition", "trace_id", "embrace", "vehicle_color", "age",
     "grace_period", "malemployment", "essex_branch", "genderless", "married_x".replace("married", "carried"),
     "average_balance", "debt_to_income", "months_since_oldest_account"],
)  # fmt: skip
def test_names_that_only_contain_the_letters_raise_no_alarm(name: str) -> None:
    assert find_prohibited([name]) == []


def test_the_cards_own_list_is_compared_as_whole_names() -> None:
    found = find_prohibited(["zip_code", "zip", "income"], ["ZIP"])
    assert [(f.name, f.basis) for f in found] == [("zip", "on this card's own list")]


def test_age_is_noted_when_it_is_a_persons_age() -> None:
    names = ["age", "AGE", "applicant_age", "age_years", "date_of_birth", "vehicle_age", "account_age_months", "usage"]
    assert [n.name for n in find_notes(names)] == names[:5]
    assert [n.basis for n in find_notes(["disability_income", "open_disputes"])] == ["disability", "disputes"]


@given(st.lists(st.from_regex(r"[a-z]{2,8}", fullmatch=True), min_size=1, max_size=4))
def test_snake_kebab_and_camel_names_split_into_the_same_words(words: list[str]) -> None:
    camel = words[0] + "".join(word.capitalize() for word in words[1:])
    assert split_words("_".join(words)) == split_words("-".join(words)) == split_words(camel) == tuple(words)
