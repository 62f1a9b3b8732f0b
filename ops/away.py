"""Servers and files that a command did not reckon with: each is named in words, cut to its first line."""

import psycopg
from minio.error import MinioException
from pika.exceptions import AMQPError
from sqlalchemy.exc import SQLAlchemyError
from urllib3.exceptions import HTTPError

from deploy.speech import complain
from kernel.base.errors import Unavailable

AWAY = (
    Unavailable,
    SQLAlchemyError,
    psycopg.Error,
    AMQPError,
    MinioException,
    HTTPError,
    OSError,
)


def complain_of(failure: Exception) -> int:
    """Say which server did not answer; the exit code of a command that could not ask."""
    what = (str(getattr(failure, "orig", None) or failure) or type(failure).__name__).splitlines()[0]
    if isinstance(failure, Unavailable):
        complain(failure.code, **failure.facts)
    elif isinstance(failure, (SQLAlchemyError, psycopg.Error)):
        complain("ops_database_away", what=what)
    elif isinstance(failure, AMQPError):
        complain("ops_broker_away")
    elif isinstance(failure, (MinioException, HTTPError)):
        complain("archive_store_away", what=what[:300])
    else:
        complain("ops_could_not", what=what)
    return 2
