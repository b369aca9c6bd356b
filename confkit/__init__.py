"""Configuration, feature flags and secrets that can be explained and tested.

Everything public is here, and each name is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from confkit.lazy import names as _names

__version__ = "0.1.0"

if TYPE_CHECKING:
    from confkit.config import Config as Config
    from confkit.errors import BrokenToken as BrokenToken
    from confkit.errors import ConfkitError as ConfkitError
    from confkit.errors import CredentialsExpired as CredentialsExpired
    from confkit.errors import EmptyKey as EmptyKey
    from confkit.errors import ExpiredToken as ExpiredToken
    from confkit.errors import FileChanged as FileChanged
    from confkit.errors import FlagConflict as FlagConflict
    from confkit.errors import FlagError as FlagError
    from confkit.errors import InvalidConfig as InvalidConfig
    from confkit.errors import InvalidFlag as InvalidFlag
    from confkit.errors import InvalidPlan as InvalidPlan
    from confkit.errors import InvalidPopulation as InvalidPopulation
    from confkit.errors import InvalidSource as InvalidSource
    from confkit.errors import MalformedKey as MalformedKey
    from confkit.errors import MissingExtra as MissingExtra
    from confkit.errors import MissingKey as MissingKey
    from confkit.errors import NoSql as NoSql
    from confkit.errors import NotWritable as NotWritable
    from confkit.errors import Problem as Problem
    from confkit.errors import SaveError as SaveError
    from confkit.errors import SchemaError as SchemaError
    from confkit.errors import SecretDeleted as SecretDeleted
    from confkit.errors import SecretDenied as SecretDenied
    from confkit.errors import SecretError as SecretError
    from confkit.errors import SecretGarbled as SecretGarbled
    from confkit.errors import SecretNotFound as SecretNotFound
    from confkit.errors import SecretThrottled as SecretThrottled
    from confkit.errors import SecretUnavailable as SecretUnavailable
    from confkit.errors import Shadowed as Shadowed
    from confkit.errors import StoreBusy as StoreBusy
    from confkit.errors import StoreDenied as StoreDenied
    from confkit.errors import StoreDoubted as StoreDoubted
    from confkit.errors import StoreError as StoreError
    from confkit.errors import StoreFull as StoreFull
    from confkit.errors import StoreReadOnly as StoreReadOnly
    from confkit.errors import StoreUnavailable as StoreUnavailable
    from confkit.errors import UnknownFlag as UnknownFlag
    from confkit.errors import UnknownKey as UnknownKey
    from confkit.errors import WrongKey as WrongKey
    from confkit.flags.aio import AsyncFlags as AsyncFlags
    from confkit.flags.bulk import PartlyWritten as PartlyWritten
    from confkit.flags.cleanup import unused_flags as unused_flags
    from confkit.flags.client import Flags as Flags
    from confkit.flags.redis.aio import AsyncRedisStore as AsyncRedisStore
    from confkit.flags.redis.store import RedisStore as RedisStore
    from confkit.flags.replica.view import FlagsChange as FlagsChange
    from confkit.flags.rules.decision import Decision as Decision
    from confkit.flags.rules.decision import Reason as Reason
    from confkit.flags.rules.model import Flag as Flag
    from confkit.flags.rules.model import Rule as Rule
    from confkit.flags.rules.rollout import Rollout as Rollout
    from confkit.flags.stores.file import FileStore as FileStore
    from confkit.flags.stores.memory import MemoryStore as MemoryStore
    from confkit.flags.urls import open_store as open_store
    from confkit.layers import Entry as Entry
    from confkit.layers import Layer as Layer
    from confkit.layers import Origin as Origin
    from confkit.layers import Source as Source
    from confkit.layers import stack as stack
    from confkit.living.change import Change as Change
    from confkit.living.status import ConfigStatus as ConfigStatus
    from confkit.loading import load as load
    from confkit.loading import resolve as resolve
    from confkit.redaction.logs import LoggingFilter as LoggingFilter
    from confkit.redaction.text import mask_text as mask_text
    from confkit.redaction.values import redact as redact
    from confkit.reports.difference import Diff as Diff
    from confkit.reports.difference import Difference as Difference
    from confkit.reports.difference import diff as diff
    from confkit.reports.explanation import Explanation as Explanation
    from confkit.reports.matrix import Matrix as Matrix
    from confkit.resolution.references import Resolver as Resolver
    from confkit.resolution.snapshot import Resolution as Resolution
    from confkit.resolution.snapshot import Snapshot as Snapshot
    from confkit.schema.markers import REQUIRED as REQUIRED
    from confkit.schema.markers import Alias as Alias
    from confkit.schema.markers import Check as Check
    from confkit.schema.markers import Doc as Doc
    from confkit.schema.markers import Env as Env
    from confkit.schema.markers import Open as Open
    from confkit.schema.markers import Public as Public
    from confkit.schema.markers import Read as Read
    from confkit.schema.markers import RelativePath as RelativePath
    from confkit.schema.markers import Renamed as Renamed
    from confkit.schema.markers import Seconds as Seconds
    from confkit.schema.markers import Sensitive as Sensitive
    from confkit.schema.options import add_arguments as add_arguments
    from confkit.schema.urls import Url as Url
    from confkit.secret import Secret as Secret
    from confkit.secret import SecretBytes as SecretBytes
    from confkit.secrets.front import SecretManager as SecretManager
    from confkit.sources.argv import Argv as Argv
    from confkit.sources.directory import Directory as Directory
    from confkit.sources.dotenv import DotEnv as DotEnv
    from confkit.sources.environ import Environ as Environ
    from confkit.sources.files import File as File
    from confkit.sources.mapping import Values as Values

_HOME = {
    "Alias": "confkit.schema.markers",
    "Argv": "confkit.sources.argv",
    "AsyncFlags": "confkit.flags.aio",
    "AsyncRedisStore": "confkit.flags.redis.aio",
    "BrokenToken": "confkit.errors",
    "Change": "confkit.living.change",
    "Check": "confkit.schema.markers",
    "Config": "confkit.config",
    "ConfigStatus": "confkit.living.status",
    "ConfkitError": "confkit.errors",
    "CredentialsExpired": "confkit.errors",
    "Decision": "confkit.flags.rules.decision",
    "Diff": "confkit.reports.difference",
    "Difference": "confkit.reports.difference",
    "Directory": "confkit.sources.directory",
    "Doc": "confkit.schema.markers",
    "DotEnv": "confkit.sources.dotenv",
    "EmptyKey": "confkit.errors",
    "Entry": "confkit.layers",
    "Env": "confkit.schema.markers",
    "Environ": "confkit.sources.environ",
    "ExpiredToken": "confkit.errors",
    "Explanation": "confkit.reports.explanation",
    "File": "confkit.sources.files",
    "FileChanged": "confkit.errors",
    "FileStore": "confkit.flags.stores.file",
    "Flag": "confkit.flags.rules.model",
    "FlagConflict": "confkit.errors",
    "FlagError": "confkit.errors",
    "Flags": "confkit.flags.client",
    "FlagsChange": "confkit.flags.replica.view",
    "InvalidConfig": "confkit.errors",
    "InvalidFlag": "confkit.errors",
    "InvalidPlan": "confkit.errors",
    "InvalidPopulation": "confkit.errors",
    "InvalidSource": "confkit.errors",
    "Layer": "confkit.layers",
    "LoggingFilter": "confkit.redaction.logs",
    "MalformedKey": "confkit.errors",
    "Matrix": "confkit.reports.matrix",
    "MemoryStore": "confkit.flags.stores.memory",
    "MissingExtra": "confkit.errors",
    "MissingKey": "confkit.errors",
    "NoSql": "confkit.errors",
    "NotWritable": "confkit.errors",
    "Open": "confkit.schema.markers",
    "Origin": "confkit.layers",
    "PartlyWritten": "confkit.flags.bulk",
    "Problem": "confkit.errors",
    "Public": "confkit.schema.markers",
    "REQUIRED": "confkit.schema.markers",
    "Read": "confkit.schema.markers",
    "Reason": "confkit.flags.rules.decision",
    "RedisStore": "confkit.flags.redis.store",
    "RelativePath": "confkit.schema.markers",
    "Renamed": "confkit.schema.markers",
    "Resolution": "confkit.resolution.snapshot",
    "Resolver": "confkit.resolution.references",
    "Rollout": "confkit.flags.rules.rollout",
    "Rule": "confkit.flags.rules.model",
    "SaveError": "confkit.errors",
    "SchemaError": "confkit.errors",
    "Seconds": "confkit.schema.markers",
    "Secret": "confkit.secret",
    "SecretBytes": "confkit.secret",
    "SecretDeleted": "confkit.errors",
    "SecretDenied": "confkit.errors",
    "SecretError": "confkit.errors",
    "SecretGarbled": "confkit.errors",
    "SecretManager": "confkit.secrets.front",
    "SecretNotFound": "confkit.errors",
    "SecretThrottled": "confkit.errors",
    "SecretUnavailable": "confkit.errors",
    "Sensitive": "confkit.schema.markers",
    "Shadowed": "confkit.errors",
    "Snapshot": "confkit.resolution.snapshot",
    "Source": "confkit.layers",
    "StoreBusy": "confkit.errors",
    "StoreDenied": "confkit.errors",
    "StoreDoubted": "confkit.errors",
    "StoreError": "confkit.errors",
    "StoreFull": "confkit.errors",
    "StoreReadOnly": "confkit.errors",
    "StoreUnavailable": "confkit.errors",
    "UnknownFlag": "confkit.errors",
    "UnknownKey": "confkit.errors",
    "Url": "confkit.schema.urls",
    "Values": "confkit.sources.mapping",
    "WrongKey": "confkit.errors",
    "add_arguments": "confkit.schema.options",
    "diff": "confkit.reports.difference",
    "load": "confkit.loading",
    "mask_text": "confkit.redaction.text",
    "open_store": "confkit.flags.urls",
    "redact": "confkit.redaction.values",
    "resolve": "confkit.loading",
    "stack": "confkit.layers",
    "unused_flags": "confkit.flags.cleanup",
}

__all__ = sorted(_HOME)

__getattr__, __dir__ = _names(__name__, _HOME)
