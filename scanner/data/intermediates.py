#!/usr/bin/env python3
"""Makes intermediates.bin, the intermediates that the scanner knows without asking anybody.

    python3 intermediates.py --date 2026-11-23 --roots roots.pem intermediates.csv

The inputs are files with certificates in PEM, whatever stands around them: a bundle, or the report
"PEM of Intermediate Certificates in Mozilla's CA Program" of the Common CA Database
(https://www.ccadb.org/resources), a CSV. The roots are those of the store that paths should end
at, for instance the bundle of certifi. Needed: Python 3.9 and its package `cryptography`, 42 or
later.

Taken is what an unexpired chain for a TLS server may need: a certificate of an authority that is
not a root, valid on the date, whose extended key usage, if it has one, admits server
authentication, with a signature that leads to one of the roots by way of others taken, and whose
root belongs to an organisation of ORGANISATIONS. If that is more than --most, the organisations
that come first in that list win, and in each the newest. What is dropped is counted by reason, and
listed with --verbose. Revoked certificates are not looked for: the report has none.

The file, numbers in network byte order:

    10 bytes  the date, as in 2026-11-23
     4 bytes  how many certificates
     4 bytes  how many bytes unpacked
        rest  zlib (RFC 1950) of: for each certificate, four bytes of length, and its DER

It is sorted by SHA-256, so that the same input makes the same file. After a change, DATED in
src/pki/intermediates.rs has to be the date; a test there says so.
"""

import argparse
import collections
import datetime
import hashlib
import pathlib
import re
import struct
import sys
import warnings
import zlib

# Parts of the organisation in a root's subject, in lower case; the most important first: those
# that are common in Malaysia and for governments, then the large ones, then the rest.
ORGANISATIONS = (
    "globalsign", "digicert", "sectigo", "comodo", "usertrust",
    "internet security research group", "ssl corporation", "entrust", "affirmtrust",
    "google trust services", "amazon", "microsoft", "godaddy", "starfield", "cloudflare",
    "identrust", "unizeto", "asseco", "actalis", "hellenic academic", "greek universities",
    "swisssign", "buypass", "quovadis", "trustwave", "securetrust", "t-systems",
    "deutsche telekom", "certainly", "secom", "cybertrust japan", "telia", "atos",
    "d-trust", "wisekey", "oiste", "chunghwa", "taiwan-ca", "trustasia",
    "unitrust", "itrus", "guang dong", "naver", "hongkong post", "emudhra",
)

PEM = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")


def read(paths):
    """The certificates of files, each once, and how many could not be read."""
    from cryptography import x509

    found, unreadable = {}, 0
    for path in paths:
        for match in PEM.finditer(pathlib.Path(path).read_text(encoding="utf-8", errors="replace")):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    cert = x509.load_pem_x509_certificate(match[0].encode())
                    cert.subject, cert.issuer, cert.extensions
            except ValueError:
                unreadable += 1
                continue
            found[hashlib.sha256(der(cert)).digest()] = cert
    return found, unreadable


def der(cert):
    from cryptography.hazmat.primitives.serialization import Encoding

    return cert.public_bytes(Encoding.DER)


def fault(cert, when):
    """Why a certificate is no intermediate for TLS at a moment, if so."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID as Usage

    values = {type(extension.value): extension.value for extension in cert.extensions}
    basic = values.get(x509.BasicConstraints)
    usage = values.get(x509.ExtendedKeyUsage)
    if basic is None or not basic.ca:
        return "no authority"
    if cert.subject == cert.issuer:
        return "root"
    if cert.not_valid_after_utc <= when:
        return "expired"
    if cert.not_valid_before_utc > when:
        return "not yet valid"
    if usage is not None and not {Usage.SERVER_AUTH, Usage.ANY_EXTENDED_KEY_USAGE} & set(usage):
        return "not for servers"
    return None


def organisation(cert):
    from cryptography.x509.oid import NameOID

    names = cert.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    names = names or cert.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return " ".join(str(name.value) for name in names).lower()


def rank(cert):
    """The place of a root's organisation in the list; None if it is not there."""
    name = organisation(cert)
    return next((i for i, part in enumerate(ORGANISATIONS) if part in name), None)


def issued(issuer, cert):
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        cert.verify_directly_issued_by(issuer)
        return True
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False


def choose(candidates, roots, when, most):
    """The ids of those taken, and a reason for each that is dropped."""
    dropped, open_, ranks = {}, {}, {}
    for id_, cert in candidates.items():
        reason = "root" if id_ in roots else fault(cert, when)
        if reason:
            dropped[id_] = reason
        else:
            open_[id_] = cert
    # From the roots downward; a certificate has the best rank of the roots it leads to.
    by_issuer = collections.defaultdict(list)
    for id_, cert in open_.items():
        by_issuer[cert.issuer].append((id_, cert))
    queue = collections.deque((cert, rank(cert)) for cert in roots.values())
    worst = len(ORGANISATIONS)
    while queue:
        issuer, place = queue.popleft()
        place = worst if place is None else place
        for id_, cert in by_issuer[issuer.subject]:
            if ranks.get(id_, worst + 1) > place and issued(issuer, cert):
                ranks[id_] = place
                queue.append((cert, place))
    taken = []
    for id_, cert in open_.items():
        if id_ not in ranks:
            dropped[id_] = "no path to a root"
        elif ranks[id_] == worst:
            dropped[id_] = "other organisation"
        else:
            taken.append(id_)
    taken.sort(key=lambda id_: (ranks[id_], -open_[id_].not_valid_before_utc.timestamp(), id_))
    dropped.update((id_, "too many") for id_ in taken[most:])
    return sorted(taken[:most]), dropped


def pack(date, certificates):
    """The file, from certificates in DER."""
    plain = b"".join(struct.pack(">I", len(cert)) + cert for cert in certificates)
    head = date.encode("ascii") + struct.pack(">II", len(certificates), len(plain))
    return head + zlib.compress(plain, 9)


def main():
    parser = argparse.ArgumentParser(description="Makes intermediates.bin.")
    parser.add_argument("inputs", nargs="*", help="files with certificates in PEM")
    parser.add_argument("--roots", action="append", default=[], help="files with roots in PEM")
    parser.add_argument("--date", type=datetime.date.fromisoformat, required=True)
    parser.add_argument("--most", type=int, default=600, help="certificates at most")
    parser.add_argument("--empty", action="store_true", help="an empty file is no mistake")
    parser.add_argument("--verbose", action="store_true", help="list what was taken and dropped")
    parser.add_argument("--output", type=pathlib.Path,
                        default=pathlib.Path(__file__).with_name("intermediates.bin"))
    arguments = parser.parse_args()

    when = datetime.datetime.combine(arguments.date, datetime.time(), datetime.timezone.utc)
    candidates, unreadable = read(arguments.inputs) if arguments.inputs else ({}, 0)
    roots, _ = read(arguments.roots) if arguments.roots else ({}, 0)
    taken, dropped = choose(candidates, roots, when, arguments.most)
    if arguments.verbose:
        for id_ in taken:
            print(f"taken\t{id_.hex()}\t{candidates[id_].subject.rfc4514_string()}")
        for id_, reason in sorted(dropped.items()):
            print(f"{reason}\t{id_.hex()}\t{candidates[id_].subject.rfc4514_string()}")
    counts = collections.Counter(dropped.values())
    counts["unreadable"] += unreadable
    if not taken and not arguments.empty:
        sys.exit(f"nothing to take; dropped: {dict(+counts)}")
    file = pack(arguments.date.isoformat(), [der(candidates[id_]) for id_ in taken])
    arguments.output.write_bytes(file)
    print(f"{len(candidates)} certificates read, {len(roots)} roots")
    for reason, count in (+counts).most_common():
        print(f"dropped {count}: {reason}")
    print(f"took {len(taken)}: {len(file)} bytes in {arguments.output}")


if __name__ == "__main__":
    main()
