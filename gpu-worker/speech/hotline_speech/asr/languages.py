"""Spoken languages: ISO 639-1 codes, their names, and how requests write them."""

from __future__ import annotations

from collections.abc import Sequence

from hotline_speech.errors import ApiError, invalid

_TABLE = """
af=afrikaans am=amharic ar=arabic as=assamese az=azerbaijani ba=bashkir be=belarusian bg=bulgarian bn=bengali
bo=tibetan br=breton bs=bosnian ca=catalan cs=czech cy=welsh da=danish de=german el=greek en=english es=spanish
et=estonian eu=basque fa=persian fi=finnish fo=faroese fr=french gl=galician gu=gujarati ha=hausa he=hebrew hi=hindi
hr=croatian ht=haitian hu=hungarian hy=armenian id=indonesian is=icelandic it=italian ja=japanese jv=javanese
ka=georgian kk=kazakh km=khmer kn=kannada ko=korean la=latin lb=luxembourgish ln=lingala lo=lao lt=lithuanian
lv=latvian mg=malagasy mi=maori mk=macedonian ml=malayalam mn=mongolian mr=marathi ms=malay mt=maltese my=myanmar
ne=nepali nl=dutch nn=nynorsk no=norwegian oc=occitan pa=punjabi pl=polish ps=pashto pt=portuguese ro=romanian
ru=russian sa=sanskrit sd=sindhi si=sinhala sk=slovak sl=slovenian sn=shona so=somali sq=albanian sr=serbian
su=sundanese sv=swedish sw=swahili ta=tamil te=telugu tg=tajik th=thai tk=turkmen tl=tagalog tr=turkish tt=tatar
uk=ukrainian ur=urdu uz=uzbek vi=vietnamese yi=yiddish yo=yoruba zh=chinese
"""

NAMES: dict[str, str] = {code: name for code, _, name in (pair.partition("=") for pair in _TABLE.split())}
"""Those that Whisper was trained for and that have a code of two letters, by that code."""

_ALIASES = {"nb": "no", "iw": "he", "in": "id", "ji": "yi"}
"""Bokmål, and the codes that ISO has withdrawn."""

_DENSE = frozenset(
    "af az bs ca cs cy da de en es et eu fi fr gl hr hu id is it ms nl nn no pl pt ro sk sl sv tl tr".split()
)
"""Languages that Whisper's vocabulary writes in few tokens."""


def primary_code(language: str) -> str:
    """'de' for 'de', 'DE', 'de-AT' and 'de_AT'; what is no language at all comes back in lower case."""
    code = language.strip().lower().replace("_", "-").partition("-")[0]
    return _ALIASES.get(code, code)


def unsupported_language(language: str, known: Sequence[str], param: str) -> ApiError:
    """400: nothing here understands it; the message names what is understood."""
    return invalid(
        param,
        f"The language {language[:40]!r} is not understood here. Known (ISO 639-1): {', '.join(known)}.",
        "unsupported_language",
    )


def tokens_per_second(language: str | None) -> int:
    """More tokens than fast speech needs, so that a decoder that loops is stopped early."""
    if language == "en":
        return 8
    return 12 if language in _DENSE else 24
