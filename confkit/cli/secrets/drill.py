"""``confkit secrets drill``."""

from __future__ import annotations

from dataclasses import asdict

import click

from confkit.cli.numbers import Seconds
from confkit.cli.output import OK, PROBLEMS, json_option, print_json
from confkit.secrets.aws_client import SecretsManagerClient
from confkit.secrets.drill import drill as rehearse


@click.command()
@click.argument("name")
@click.option("--write", is_flag=True, help="Make a secret of this name, and write that one.")
@click.option("--rotations", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--readers", type=click.IntRange(min=1, max=64), default=4, show_default=True)
@click.option("--ttl", type=Seconds(min=0.1), default=1.0, show_default=True)
@click.option("--region", metavar="REGION", help="Default: what boto3 finds.")
@json_option
def drill(
    name: str,
    write: bool,
    rotations: int,
    readers: int,
    ttl: float,
    region: str | None,
    as_json: bool,
) -> int:
    """Rehearse the rotation of a secret in AWS while readers run; report what they saw.

    A label of our own, CONFKIT_DRILL, is moved between the current and the previous version, so
    that nothing changes for others. With --write a secret is made for it and deleted at the end.
    Exit code 1 when a read failed, mixed two versions, or was more than TTL + 1 second behind.

    \b
    Examples:
      confkit secrets drill myapp/database
      confkit secrets drill drill-1 --write --rotations 1000
    """
    client = SecretsManagerClient(region=region).connected(name)
    report = rehearse(client, name, write=write, rotations=rotations, readers=readers, ttl=ttl)
    if as_json:
        print_json({**asdict(report), "ok": report.ok})
    else:
        click.echo(str(report))
    return OK if report.ok else PROBLEMS
