"""Currencies: the codes that there are, and how many decimals each is written with."""

from __future__ import annotations

_LISTED = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD
KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP
SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES
VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""

CODES = frozenset(_LISTED.split())
"""The circulating currencies of ISO 4217 (list one; no funds, metals or testing codes)."""

USUAL = ("USD", "CNY", "EUR", "GBP", "JPY", "HKD")
"""Those that stand first where one is chosen."""

_WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_WITH_THREE = "BHD IQD JOD KWD LYD OMR TND"
_DECIMALS = {**dict.fromkeys(_WITHOUT_DECIMALS.split(), 0), **dict.fromkeys(_WITH_THREE.split(), 3)}


def decimals_of(code: str) -> int:
    """With how many decimals amounts of a currency are written (ISO 4217, minor units)."""
    return _DECIMALS.get(code, 2)


def in_order(*, first: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Codes to choose from: those named `first`, then the usual ones, then all by the alphabet."""
    return tuple(dict.fromkeys((*first, *USUAL, *sorted(CODES))))
