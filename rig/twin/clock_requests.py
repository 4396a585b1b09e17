"""What may be asked on the clock socket, and a sentence for everything else."""

from collections.abc import Collection, Mapping
from typing import Any, TypeGuard

OPERATIONS = ("hello", "claim", "now", "sleep", "log", "cost", "holders", "revoke")
LONGEST_SLEEP_NS = 10**15  # 11.6 days: beyond it a request is a mistake of units


def mistake(message: Mapping[str, Any], links: Collection[str], claimed: Collection[str]) -> str | None:
    """A sentence on what is wrong with a request, or None. `links` are all of the bench, `claimed` the sender's."""
    operation, ns, owner, name = (message.get(key) for key in ("op", "ns", "owner", "name"))
    if operation not in OPERATIONS:
        return f"unknown op {operation!r}; write one of {', '.join(OPERATIONS)}"
    if operation == "sleep" and not (_is_count(ns) and ns <= LONGEST_SLEEP_NS):
        return f'"ns" must be a whole number from 0 to {LONGEST_SLEEP_NS}, not {ns!r}'
    if owner is not None and not isinstance(owner, bool):
        return f'"owner" must be true or false, not {owner!r}'
    if name is not None and not (isinstance(name, str) and name.isprintable() and len(name) <= 80):
        return f'"name" must be a line of at most 80 characters, not {name!r}'
    return _in_partners(message) or _in_ports(message) or _in_counts(message.get("sent") or {}, links, claimed)


def _in_partners(message: Mapping[str, Any]) -> str | None:
    partners = message.get("with")
    if partners is None:
        return None
    if not isinstance(partners, list) or not all(isinstance(name, str) and name for name in partners):
        return f'"with" must be a list of names of participants, not {partners!r}'
    if message.get("owner") is False:
        return 'an observer holds time for nobody: leave "with" away or say "owner": true'
    return None


def _in_ports(message: Mapping[str, Any]) -> str | None:
    ports = message.get("ports")
    if message["op"] == "claim" and not (isinstance(ports, list) and all(_is_count(port) for port in ports)):
        return f'"ports" must be a list of the local TCP ports of your links, not {ports!r}'
    names = message.get("links")
    if message["op"] == "claim" and names is not None and not _are_names(names, len(ports or [])):
        return f'"links" must be a list with the name of the link of each port, not {names!r}'
    return None


def _are_names(names: object, count: int) -> bool:
    return isinstance(names, list) and len(names) == count and all(isinstance(name, str) for name in names)


def _in_counts(sent: object, links: Collection[str], claimed: Collection[str]) -> str | None:
    if not isinstance(sent, dict):
        return '"sent" must be an object of byte counts by link'
    for link, total in sent.items():
        if link not in links:
            return f'unknown link {link!r} in "sent"; the twin serves {", ".join(links)}'
        if link not in claimed:
            return f'link {link!r} in "sent" is not yours; claim your local port of it first'
        if not _is_count(total):
            return f"the byte count of link {link!r} must be a whole number, not {total!r}"
    return None


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
