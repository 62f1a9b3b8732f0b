"""The servers: up, their users let in, and the object store's promise tried out."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pika
import psycopg
from minio.commonconfig import GOVERNANCE
from minio.error import MinioException, S3Error
from minio.retention import Retention
from urllib3.exceptions import HTTPError

from deploy.platform import answering, bucket, databases
from deploy.platform.names import BROKER_USERS, SERVICES, STORE_USERS
from deploy.platform.platform import Platform
from ops.doctor.finding import Finding, well, wrong
from ops.queues import UNREACHABLE

CANARY_SECONDS = 30


def findings(platform: Platform) -> Iterator[Finding]:
    """Servers first; a server's own checks only where it answers."""
    databases_are_up = answering.postgres_answers(platform.postgres_url("ops", SERVICES[0]))
    yield from _of("PostgreSQL", databases_are_up, _roles, platform)
    yield from _of("RabbitMQ", answering.broker_answers(platform.amqp_uri("ops")), _users, platform)
    store_is_up = answering.store_answers(platform.s3_endpoint)
    yield from _of("Ceph RGW", store_is_up, _lock, platform)
    if store_is_up:
        yield _store_users(platform)


def _of(name: str, is_up: bool, more: Callable[[Platform], Finding], platform: Platform) -> Iterator[Finding]:
    if not is_up:
        yield wrong("ops_server_down", server=name, instance=platform.name)
        return
    yield well("ops_server", server=name)
    yield more(platform)


def _roles(platform: Platform) -> Finding:
    """Every role of the databases signs in with its password, and into nothing that is not its own."""
    addresses = {f"{service}_app": platform.database_url(service) for service in SERVICES}
    addresses |= {f"{service}_owner": platform.owner_url(service) for service in SERVICES}
    addresses |= {f"ops@{service}": platform.ops_url(service) for service in SERVICES}
    refused = [name for name, address in addresses.items() if not _lets_in(address)]
    if refused:
        return wrong("ops_roles_refused", roles=", ".join(refused))
    if too_far := databases.reach_too_far(platform):
        return wrong("ops_roles_reach_too_far", databases=", ".join(too_far), first=too_far[0])
    return well("ops_roles", count=str(len(addresses)))


def _lets_in(address: str) -> bool:
    try:
        psycopg.connect(address.replace("+psycopg", ""), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _users(platform: Platform) -> Finding:
    """Every user of the broker signs in with its password, and has no more rights than this release gives."""
    refused = [user for user in BROKER_USERS if not _is_user(platform, user)]
    if refused:
        return wrong("ops_users_refused", users=", ".join(refused))
    if lacking := answering.lacking(platform.amqp_uri("ops")):
        return wrong("ops_broker_lacks", exchanges=", ".join(lacking))
    if too_much := answering.oversteps(platform):
        return wrong("ops_rights_too_wide", users=", ".join(too_much))
    return well("ops_users", count=str(len(BROKER_USERS)))


def _is_user(platform: Platform, user: str) -> bool:
    parameters = pika.URLParameters(platform.amqp_uri(user))
    parameters.connection_attempts, parameters.socket_timeout = 1, 5
    try:
        pika.BlockingConnection(parameters).close()
    except UNREACHABLE:
        return False
    return True


def _store_users(platform: Platform) -> Finding:
    """Every user of the store signs in with its key; where they were not made, all use the owner's."""
    if not platform.has_store_users:
        return wrong("ops_store_one_key", instance=platform.name)
    refused = [user for user in STORE_USERS if not _knows(platform, user)]
    if refused:
        return wrong("ops_store_users_refused", users=", ".join(refused), instance=platform.name)
    return well("ops_store_users", count=str(len(STORE_USERS)))


def _knows(platform: Platform, user: str) -> bool:
    """Nobody but the owner may read the policy: a known user is refused for that reason."""
    try:
        bucket.client(platform, user).get_bucket_policy(platform.s3_bucket)
    except S3Error as refusal:
        return str(refusal.code) == "AccessDenied"
    except (MinioException, HTTPError):
        return False
    return True


def _lock(platform: Platform) -> Finding:
    """Put a locked canary and try to delete that very version. Some stores take the lock, say yes when
    asked about it, and delete all the same; only the attempt shows it.
    """
    store, name = bucket.client(platform), f"doctor/{uuid4()}"
    until = datetime.now(UTC) + timedelta(seconds=CANARY_SECONDS)
    content = io.BytesIO(b"canary")
    lock = Retention(GOVERNANCE, until)
    try:
        kept = store.put_object(platform.s3_bucket, name, content, 6, retention=lock)
    except (MinioException, HTTPError) as failure:
        return wrong("ops_store_refused", what=str(failure)[:200])
    try:
        store.remove_object(platform.s3_bucket, name, version_id=kept.version_id)
    except MinioException:
        return well("ops_lock")
    return wrong("ops_lock_ignored")
