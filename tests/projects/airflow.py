"""Some of the settings of Airflow, a scheduler of workflows, as its documentation has them.

https://airflow.apache.org/docs/apache-airflow/stable/configurations-ref.html, written for these
tests: names in two parts with two underscores, ``AIRFLOW__CORE__PARALLELISM``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from confkit import Check, Seconds, Secret, Url


@dataclass(frozen=True)
class Core:
    dags_folder: Path = Path("/opt/airflow/dags")
    executor: str = "LocalExecutor"
    parallelism: Annotated[int, Check(min=0)] = 32
    load_examples: bool = True
    default_timezone: str = "utc"
    fernet_key: Secret = Secret("")
    dagbag_import_timeout: Annotated[timedelta, Seconds()] = timedelta(seconds=30)
    default_task_retries: Annotated[int, Check(min=0)] = 0


@dataclass(frozen=True)
class Database:
    sql_alchemy_conn: Annotated[Secret, Url("postgresql", "mysql", "sqlite")] = Secret(
        "sqlite:////opt/airflow/airflow.db"
    )
    sql_alchemy_pool_size: int = 5
    sql_alchemy_connect_args: dict[str, Any] | None = None


@dataclass(frozen=True)
class Logging:
    logging_level: Literal["CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG"] = "INFO"
    base_log_folder: Path = Path("/opt/airflow/logs")
    remote_logging: bool = False


@dataclass(frozen=True)
class Settings:
    core: Core = field(default_factory=Core)
    database: Database = field(default_factory=Database)
    logging: Logging = field(default_factory=Logging)
