"""What a column's name says: its label in words, its unit and its family. Guesses for a draft only."""

from __future__ import annotations

import re

from data.card_match import ColumnProfile
from data.prohibited import split_words

_LONG: dict[str, str] = {
    "acct": "account", "accts": "accounts", "addr": "address", "amt": "amount", "amts": "amounts", "ann": "annual",
    "apps": "applications", "app": "application", "appl": "application", "auto": "car", "avail": "available",
    "avg": "average", "bal": "balance", "bals": "balances", "bc": "bank card", "bk": "bankruptcy",
    "bkcy": "bankruptcy", "bur": "bureau", "chg": "change", "cnt": "number of", "coll": "collection",
    "cr": "credit", "cur": "current", "curr": "current", "del": "late payment", "delinq": "late payments",
    "delq": "late payments", "dep": "deposit", "dti": "debt compared with income", "emp": "employment",
    "empl": "employment", "freq": "frequency", "hist": "history", "hh": "household", "inc": "income",
    "ind": "indicator", "inq": "inquiries", "inqs": "inquiries", "inst": "instalment", "int": "interest",
    "lim": "limit", "ln": "loan", "ltv": "loan compared with collateral value", "max": "largest", "mean": "average",
    "min": "smallest", "mo": "months", "mos": "months", "mth": "months", "mths": "months", "mnth": "months",
    "mtg": "mortgage", "nbr": "number of", "no": "number of", "num": "number of", "oblig": "obligations",
    "opn": "open", "orig": "original", "pct": "percent", "perc": "percent", "pmt": "payment", "pmts": "payments",
    "pymt": "payment", "prop": "property", "pub": "public", "rec": "record", "recs": "records", "res": "residence",
    "rev": "revolving", "sat": "satisfactory", "sav": "savings", "std": "spread of", "tl": "account",
    "tls": "accounts", "tot": "total", "trd": "account", "trds": "accounts", "util": "share of credit limits used",
    "utilization": "share of credit limits used", "utilisation": "share of credit limits used", "val": "value",
    "veh": "vehicle", "ver": "verified", "verif": "verification", "wks": "weeks", "yr": "years", "yrs": "years",
}  # fmt: skip

FAMILIES: dict[str, str] = {
    "debt": "Debt compared with income",
    "income": "Income",
    "utilisation": "Use of credit limits",
    "delinquency": "Late payments",
    "inquiries": "Recent applications for credit",
    "public-records": "Bankruptcies and other public records",
    "history-length": "Length of credit history",
    "employment": "Employment",
    "collateral": "Collateral",
    "housing": "Housing and address",
    "cash-flow": "Bank account activity",
    "loan-terms": "Amount, term and purpose asked for",
    "accounts": "Credit accounts",
    "payments": "Payments made",
    "balances": "Balances owed",
    "other-signals": "Other signals",
}
"""Labels of the families a draft can use, and the order is the order of their stems below."""

_STEMS: tuple[tuple[str, str], ...] = (
    ("debt", "dti debt debts obligation obligations oblig indebtedness"),
    ("delinquency", "delinq delq del delinquency delinquencies delinquent late past due dpd derog derogatory arrears "
                    "chargeoff chargeoffs collection collections coll default defaults"),
    ("public-records", "bankruptcy bankruptcies bk bkcy judgment judgments judgement liens foreclosure "
                       "repossession garnishment public pub"),
    ("inquiries", "inq inqs inquiry inquiries enquiry enquiries"),
    ("utilisation", "util utilization utilisation limit limits lim revolving rev"),
    ("history-length", "oldest newest history hist tenure vintage since"),
    ("employment", "employment employed employer emp empl job jobs occupation work"),
    ("collateral", "collateral ltv vehicle veh car property prop appraisal appraised mileage lien value"),
    ("housing", "housing house home residence residential res rent address addr dwelling occupancy own homeowner"),
    ("income", "income inc salary wage wages earnings"),
    ("cash-flow", "cash cashflow deposit deposits overdraft overdrafts nsf checking savings sav bank"),
    ("loan-terms", "loan ln amount term purpose apr rate price points interest requested tenor product down"),
    ("accounts", "account accounts acct accts trade trades tradelines trd trds tl tls card cards credits lines"),
    ("payments", "payment payments pmt pmts pymt pay paid repayment"),
    ("balances", "balance balances bal bals bill owed outstanding"),
)  # fmt: skip

_MONEY = frozenset(
    {"income", "inc", "salary", "wage", "wages", "earnings", "amount", "amt", "amts", "balance", "balances", "bal"}
    | {"bals", "limit", "limits", "lim", "debt", "payment", "payments", "pmt", "pmts", "pymt", "price", "cost", "costs"}
    | {"fees", "fee", "bill", "value", "deposit", "deposits", "savings", "owed", "spend", "dollars", "usd"}
)
_COUNT = frozenset(
    {"num", "nbr", "cnt", "count", "number", "n", "no", "inquiries", "inq", "inqs", "dependents", "units", "times"}
)
_FLAGS = frozenset({"is", "has", "flag", "ind", "indicator", "had", "was", "yn"})
_TIMES = (
    ("days", {"days", "day", "dpd"}),
    ("months", {"months", "month", "mths", "mth", "mnth", "mos", "mo"}),
    ("years", {"years", "year", "yrs", "yr", "age"}),
)
_PERCENT = frozenset({"pct", "percent", "percentage", "perc", "apr"})
_RATIO = frozenset({"ratio", "dti", "ltv", "util", "utilization", "utilisation"})
_LAST_WINDOW = re.compile(
    r"\b(?:in|last|past|l|p|within)? ?\d+ ?(?:m|mo|mos|mths|mth|months|month|d|days|y|yrs|years)\b"
)


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a column's name, lower case."""
    return split_words(name)


def label_of(name: str) -> str:
    """Return a name in words: "revolvingUtil_pct" becomes "Revolving share of credit limits used percent"."""
    words = [_LONG.get(word, word) for word in words_of(name)]
    label = " ".join(words)
    return (label[:1].upper() + label[1:])[:200] or "Unnamed signal"


def family_of(name: str) -> str:
    """Return the slug of the family that a word of the name points to, else "other-signals".

    Names that share only a first word, such as bureau_1 … bureau_900, form a family of that word.
    """
    words = words_of(name)
    for family, stems in _STEMS:
        if set(words) & set(stems.split()):
            return family
    first = next((word for word in words if word.isascii() and word.isalpha() and len(word) >= 4), "")
    numbered = bool(first) and any(word.isdecimal() for word in words)
    return first[:64] if numbered and first not in {"column", "feature", "signal", "field"} else "other-signals"


def unit_of(name: str, profile: ColumnProfile | None, *, categorical: bool) -> str:
    """Return the unit a name and a column type suggest, "none" when nothing does."""
    words = words_of(name)
    if categorical or (profile is not None and profile.type == "text"):
        return "category"
    if (profile is not None and profile.type == "boolean") or _FLAGS & set(words):
        return "yes or no"
    # "inquiries_last_6_months" counts inquiries: the window is not its unit
    kept = set(_LAST_WINDOW.sub(" ", " ".join(words)).split())
    if _PERCENT & kept:
        return "percent"
    if _RATIO & kept:
        return "ratio"
    time = next((unit for unit, stems in _TIMES if stems & kept), None)
    if _COUNT & kept and not (time and "since" in kept):
        return "count"
    if time is not None:
        return time
    return "dollars" if _MONEY & kept else "share" if "share" in kept else "none"
