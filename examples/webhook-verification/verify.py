import base64
import hashlib
import hmac
import json
import time


class VerificationError(Exception):
    """The message is not from the holder of the secret, or not of now: answer 400."""


def verify(body, headers, secrets, now=None):
    """Returns the event, if one of the secrets signed it within the last five minutes.

    body     the bytes as they came, before anything parsed them
    headers  a mapping of their names, in any case
    secrets  whsec_...: one, or during a rotation the old and the new
    """
    values = {name.lower(): value for name, value in headers.items()}
    try:
        message_id = values["webhook-id"]
        timestamp = values["webhook-timestamp"]
        signatures = values["webhook-signature"].split(" ")
        age = abs(int(time.time() if now is None else now) - int(timestamp))
    except (KeyError, ValueError):
        raise VerificationError("a header is missing or is not as it should be") from None
    if age > 5 * 60:
        raise VerificationError("the time of the message is not about now")

    signed = f"{message_id}.{timestamp}.".encode() + body
    for secret in secrets:
        key = base64.b64decode(secret[len("whsec_"):], validate=True)
        if not secret.startswith("whsec_") or len(key) < 24:
            raise ValueError("a secret is whsec_ and at least 24 bytes in base64")
        digest = hmac.new(key, signed, hashlib.sha256).digest()
        expected = b"v1," + base64.b64encode(digest)
        for signature in signatures:
            if hmac.compare_digest(expected, signature.encode("utf-8", "replace")):
                return json.loads(body)
    raise VerificationError("no signature is of a known secret")
