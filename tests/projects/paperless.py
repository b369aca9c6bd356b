"""The settings of Paperless-ngx, a document archive, as its documentation has them.

https://docs.paperless-ngx.com/configuration/, written for these tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from confkit import REQUIRED, Check, Env, Read, Secret, Url


class OcrMode(StrEnum):
    SKIP = "skip"
    REDO = "redo"
    FORCE = "force"


def languages(text: str) -> tuple[str, ...]:
    """``deu+eng``, as the OCR engine writes several languages."""
    codes = tuple(text.split("+"))
    if not all(code.replace("_", "").isalpha() for code in codes):
        raise ValueError("languages are parted by +")
    return codes


def dates(text: str) -> tuple[date, ...]:
    return tuple(date.fromisoformat(one.strip()) for one in text.split(",") if one.strip())


@dataclass(frozen=True)
class Settings:
    redis: Annotated[Secret, Url("redis", "unix")] = Secret("redis://localhost:6379")
    dbengine: Literal["postgresql", "mariadb", "sqlite"] = "sqlite"
    dbhost: str | None = None
    dbport: Annotated[int, Check(min=1, max=65535)] | None = None
    dbpass: Annotated[Secret, Env("DBPASS")] = Secret("paperless")
    secret_key: Secret = REQUIRED
    url: Annotated[str | None, Url("https", "http")] = None
    allowed_hosts: tuple[str, ...] = ("*",)
    time_zone: ZoneInfo = ZoneInfo("UTC")
    consumption_dir: Path = Path("../consume")
    data_dir: Path = Path("../data")
    consumer_polling: Annotated[int, Check(min=0)] = 0
    consumer_recursive: bool = False
    consumer_ignore_patterns: tuple[str, ...] = (".DS_STORE/*", "._*")
    ocr_language: Annotated[tuple[str, ...], Read(languages)] = ("eng",)
    ocr_mode: OcrMode = OcrMode.SKIP
    ocr_user_args: dict[str, Any] | None = None
    ignore_dates: Annotated[tuple[date, ...], Read(dates)] = ()
    date_order: Literal["DMY", "MDY", "YMD"] = "DMY"
    task_workers: Annotated[int, Check(min=1)] = 1
    filename_format: str | None = None
    trusted_proxies: tuple[str, ...] = ()
