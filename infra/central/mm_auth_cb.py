"""Micetro Central's external-authentication callback, answered by the sign-in function.

Posts the document that Central writes to standard input to the function that mm_auth_cb.json (beside this file) names,
and prints the function's answer. Python 3.8 and newer, standard library only, Linux and Windows; no client credential.
"""
import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SECONDS = 25  # below Central's own limit, so that Central reads a sentence instead of ending the script
MAX_INPUT, MAX_ANSWER = 1024 * 1024, 4 * 1024 * 1024
# http to this machine only. No query: the portal's "Get function URL" has the key in it, and addresses get logged.
ADDRESS = r"(https|http(?=://(?:localhost|127\.0\.0\.1)[:/]))://([A-Za-z\d.-]+)(?::(\d{1,5}))?(/[!\"$->@-~]*)"
HINTS = {401: "\"key\" in mm_auth_cb.json was refused", 403: "see the access restrictions of the function app",
         404: "there is no function at \"url\" of mm_auth_cb.json"}
PRINTING = threading.Lock()


class Failure(Exception):
    def __init__(self, description, kind="MMException"):
        # What `finish` takes. A description quotes nothing of the document, the key, or an answer not understood.
        super().__init__(json.dumps({"error": kind, "description": description}).encode(), 1)


def finish(printed, code):
    PRINTING.acquire()  # never released: either the script prints or its watchdog
    try:
        sys.stdout.buffer.write(printed)  # bytes, for Windows would encode text in its own way
        sys.stdout.buffer.flush()
    finally:
        os._exit(code)  # whatever another thread still waits for


def read_object(raw):
    """The JSON object in these bytes, or None. A byte order mark, as Windows editors write it, is skipped."""
    try:
        value = json.loads(raw.decode("utf-8-sig"), parse_constant=int)  # int() refuses NaN, which is not JSON
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def read_settings():
    try:
        with open(os.path.join(HERE, "mm_auth_cb.json"), "rb") as file:
            settings = read_object(file.read())
    except FileNotFoundError:
        settings = {}  # the environment may say all that is needed
    if settings is None:
        raise Failure("mm_auth_cb.json is not a JSON object (a backslash in a path is written twice).")
    url, key = (os.environ.get("MM_AUTH_CB_" + name.upper()) or settings.get(name, "") for name in ("url", "key"))
    address = re.fullmatch(ADDRESS, url, re.ASCII)
    if not address or not re.fullmatch("[!-~]+", key):
        raise Failure("mm_auth_cb.json needs \"url\" (https://host/path, no question mark) and the \"key\".")
    if not 0 < settings.setdefault("timeout_seconds", SECONDS) <= 120:
        raise Failure("\"timeout_seconds\" in mm_auth_cb.json must be above 0 and at most 120.")
    return {**settings, "address": address.groups(), "key": key}


def exchange(settings, document):
    scheme, host, port, path = settings["address"]
    connection = http.client.HTTPConnection(host, int(port or 80))
    try:
        if scheme == "https":
            import ssl  # here, for a Python that was built without it must answer, too
            trust = ssl.create_default_context()  # verifies chain and name, by the authorities that the system trusts
            trust.minimum_version = ssl.TLSVersion.TLSv1_2
            if settings.get("ca_file"):  # trusted in addition to them
                trust.load_verify_locations(os.path.join(HERE, settings["ca_file"]))
            connection = http.client.HTTPSConnection(host, int(port or 443), context=trust)
        # Only connecting is tried again. Once the request is sent, the function may have redeemed the code, which
        # works once: a second request would be refused as invalid_grant and hide a sign-in that succeeded.
        try:
            connection.connect()
        except OSError:
            time.sleep(0.5)
            connection.connect()
    except OSError as error:
        raise Failure("No safe connection to %s (network, certificate, ca_file): %s." % (host, error.strerror or error))
    try:  # http.client follows no redirect and uses no proxy: the key and the code go to this host only
        connection.request("POST", path, json.dumps(document).encode(), {
            "Content-Type": "application/json", "Accept": "application/json", "x-functions-key": settings["key"],
            "User-Agent": "mm_auth_cb/1.0 (Python %d.%d)" % sys.version_info[:2]})
        response = connection.getresponse()
        return response.status, response.read(MAX_ANSWER)  # an object that is cut off does not parse
    except (OSError, http.client.HTTPException) as error:
        raise Failure("The connection to %s broke (%s). Sign in again." % (host, type(error).__name__))


def judge(status, raw):
    answer = read_object(raw) or {}
    error = answer.get("error")
    is_user = all(isinstance(answer.get(name), str) and answer[name] for name in ("loginName", "externalID"))
    if status == 200 and (error in ("interaction_required", "invalid_grant") or is_user and "error" not in answer):
        return json.dumps(answer, allow_nan=False).encode(), 0
    if error and isinstance(error, str):
        raise Failure(str(answer.get("description", "")), error)
    raise Failure("No answer of the function, but HTTP %d: %s." % (status, HINTS.get(status, "see its log")))


def hand_over(settings, raw):
    """Okta stays with the vendor's script. Its standard error is dropped: a traceback there can quote the code."""
    path = os.path.join(HERE, settings.get("vendor_script") or "mm_auth_cb_vendor.py")
    if not os.path.isfile(path) or os.path.samefile(path, __file__):
        raise Failure("This script signs in with Microsoft only: for Okta, lay the vendor's script beside it.")
    done = subprocess.run([sys.executable, path], input=raw, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          timeout=settings["timeout_seconds"], creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0))
    if read_object(done.stdout.decode("utf-8", "replace").encode()) is None:
        raise Failure("The vendor's script ended without an answer (exit code %d)." % done.returncode)
    return done.stdout, done.returncode


def main():
    # A watchdog, for no socket timeout ends a name look-up, or an answer that comes byte by byte.
    late = Failure("The sign-in took too long: the function did not answer in time. Sign in again.").args
    watchdog = threading.Timer(SECONDS, finish, late)
    watchdog.start()
    raw = sys.stdin.buffer.read(MAX_INPUT)  # what is cut off here does not parse
    while sys.stdin.buffer.read(65536):
        pass  # to its end all the same: Central must not be left writing to a closed pipe
    settings = read_settings()
    document = read_object(raw) or {}
    wanted = (("arguments", str), ("config", dict), ("state", dict))
    if document.get("endpoint") not in ("microsoft", "okta") or not all(
            isinstance(document.get(name), kind) for name, kind in wanted):
        raise Failure("Standard input is not Central's document (endpoint, arguments, config, state).", "InvalidInput")
    watchdog.cancel()
    if document["endpoint"] == "okta":
        return hand_over(settings, raw)  # which has the limit of its own, to end the vendor's script as well
    threading.Timer(settings["timeout_seconds"], finish, late).start()
    document["config"].pop("client_credential", None)  # the function has its own
    return judge(*exchange(settings, document))


if __name__ == "__main__":
    try:
        outcome = main()
    except Failure as failure:
        outcome = failure.args
    except BaseException as error:  # its text and traceback may quote the document: only its name is told
        outcome = Failure("mm_auth_cb.py cannot work (%s): check mm_auth_cb.json." % type(error).__name__).args
    finish(*outcome)
