#!/usr/bin/env python3
"""Writes functions.ld beside this file: which functions of the agent run, so that the linker puts
them together.

A kernel maps code in windows of 64 kB around what is touched. Where what runs lies between what
does not, nearly all of the program is in memory; put together it is a third of it. The file names
functions without the hashes that every build has of its own, and so holds for other targets and
later versions: what it does not know stays where the linker puts it. Write it anew when much has
changed:

    cross/order/trace.py        (needs valgrind and binutils; builds the agent, takes ten minutes)
"""

import bisect
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Every key of the format, and the one that the day below was written for.
FULL, CLUB = ROOT / "tests/data/programmes/full.toml", ROOT / "tests/data/example/club.toml"
MEMBER = "00000000000000000000000000000001"
CARD = "2000000000015"
ADDRESS = ("127.0.0.1", 8739)
# valgrind is some fifty times slower than the machine.
SECONDS_MAX = 300
UPKEEP_SECONDS = 60


def main():
    binary = Path(sys.argv[1]) if len(sys.argv) > 1 else build()
    started = traced(binary, FULL, lambda: time.sleep(UPKEEP_SECONDS))
    started |= traced(binary, CLUB, lambda: time.sleep(UPKEEP_SECONDS))
    served = traced(binary, CLUB, day)
    write("start", started, "serve", served - started)


def build():
    """The agent as it ships, but with its symbols."""
    command = ["cargo", "build", "--locked", "--profile", "dist", "--no-default-features", "--features", "agent"]
    environment = {**os.environ, "CARGO_PROFILE_DIST_STRIP": "none"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "dist/tillward"


def traced(binary, programme, work):
    """The functions that run where an agent starts in a fresh folder and something is done with it."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "TILLWARD__STORE__DATA_DIR": f"{folder}/data", "XDG_CONFIG_HOME": folder}
        members = Path(folder, "members.jsonl")
        members.write_text(json.dumps({"member": MEMBER, "codes": [CARD], "points": 1000}))
        for command in (["programme", "activate", programme], ["import", "members", members]):
            subprocess.run([binary, *command], env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return functions(binary, run(binary, f"{folder}/trace", environment, work))


def run(binary, trace, environment, work):
    """Runs the agent under callgrind while something is done with it; gives the trace, and where the
    program was loaded."""
    listen = ":".join(map(str, ADDRESS))
    command = ["valgrind", "--tool=callgrind", "--dump-instr=yes", f"--callgrind-out-file={trace}", binary, "run"]
    agent = subprocess.Popen([*command, "--store", "S1", "--listen", listen], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + SECONDS_MAX
        while not ready():
            if agent.poll() is not None or time.monotonic() > deadline:
                sys.exit("the agent did not start")
            time.sleep(1)
        base = loaded_at(agent.pid, binary)
        work()
    finally:
        agent.send_signal(signal.SIGTERM)
        agent.wait(SECONDS_MAX)
    return trace, base


def loaded_at(process, binary):
    """Where the program is in the memory of a process."""
    for line in Path(f"/proc/{process}/maps").read_text().splitlines():
        if line.endswith(str(binary)):
            return int(line.split("-")[0], 16)
    sys.exit("the agent is not in its own memory")


def ready():
    try:
        return ask("GET", "/readyz")[0] == 200
    except OSError:
        return False


def ask(method, path, body=None):
    connection = http.client.HTTPConnection(*ADDRESS, timeout=SECONDS_MAX)
    text = None if body is None else json.dumps(body)
    connection.request(method, path, text, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return answer.status, answer.read()


def day():
    """What tills do all day."""
    now = datetime.now(timezone.utc).isoformat()
    for turn in range(3):
        identified = json.loads(expect(200, ask("POST", "/v1/identify", {"raw": CARD})))
        line = {"line_id": "1", "sku": "milk", "category": "food/dairy", "quantity": "2", "unit_price": 2500, "amount": 5000, "tax_rate": "21"}
        basket = {"till": "1", "currency": "CZK", "lines": [line], "identification_id": identified["identification_id"], "spend_points": 100}
        quoted = json.loads(expect(200, ask("POST", "/v1/quotes", basket)))
        payable = quoted["totals"]["payable"]
        sold = {**basket, "quote_id": quoted["quote_id"], "closed_at": now, "payable": payable, "payments": [{"type": "card", "amount": payable}]}
        receipt = f"/v1/receipts/R{turn}"
        for _ in ("once", "and again"):
            expect(201, ask("PUT", receipt, sold))
        anonymous = {"till": "1", "currency": "CZK", "lines": [line], "closed_at": now, "payable": 5000, "payments": [{"type": "cash", "amount": 5000}]}
        expect(201, ask("PUT", f"/v1/receipts/A{turn}", anonymous))
        expect(200, ask("GET", f"{receipt}?till=1"))
        back = {"till": "1", "return_uid": f"B{turn}", "lines": [{"line_id": "1", "quantity": "1"}]}
        expect(201, ask("POST", f"{receipt}/returns", back))
        expect(201, ask("POST", f"{receipt}/void", {"till": "1", "void_uid": f"V{turn}"}))
        expect(200, ask("GET", f"/v1/members/{MEMBER}"))
        for path in ("/healthz", "/readyz", "/v1/info", "/metrics"):
            expect(200, ask("GET", path))


def expect(status, answer):
    """What was answered; the end where that is not what was expected."""
    if answer[0] != status:
        sys.exit(f"the agent answered {answer[0]}: {answer[1].decode()}")
    return answer[1]


def functions(binary, traced):
    """The functions of the program that ran, without the hashes of their build."""
    listed = subprocess.run(["nm", "--print-size", "--numeric-sort", binary], capture_output=True, text=True, check=True)
    symbols = [line.split() for line in listed.stdout.splitlines()]
    symbols = [(int(at, 16), int(size, 16), name) for at, size, kind, name in (s for s in symbols if len(s) == 4) if kind in "tTwW"]
    starts = [symbol[0] for symbol in symbols]
    found = set()
    for address in executed(str(binary), *traced):
        at, size, name = symbols[bisect.bisect_right(starts, address) - 1]
        if at <= address < at + size:
            found.add(without_hash(name))
    return found


def executed(binary, trace, base):
    """Addresses of the program that ran; callgrind writes most of them as a step from the last. It
    knows the section .text only: what was put together before stands at its place in memory."""
    objects, here, address = {}, None, 0
    with open(trace, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            named = re.match(r"(c?)ob=\((\d+)\)(?: (.*))?$", line)
            if named:
                called, number, name = named.groups()
                if name:
                    objects[number] = name
                here = here if called else number
            elif line[:1] in "0123456789+-*" and line.strip():
                step = line.split()[0]
                if step.startswith("0x"):
                    address = int(step, 16)
                elif step != "*":
                    address += int(step)
                if objects.get(here) == binary:
                    yield address
                elif objects.get(here) == "???":
                    yield address - base


def without_hash(name):
    name = re.sub(r"\.llvm\.\d+$", "", name)
    name = re.sub(r"17h[0-9a-f]{16}E$", "17h*", name)
    # Crates of the standard library are named by the newer mangling.
    return re.sub(r"Cs[0-9A-Za-z]+_", "Cs*_", name)


def section(name):
    """The section of a function; that of one marked as cold is .text.unlikely and its name."""
    return f".text.*{name}" if name.startswith("_") else f".text.{name}"


def write(*groups):
    out = ["/* Written by trace.py beside it. Which functions run at the start, then which while tills are served. */", "SECTIONS", "{"]
    for title, names in zip(groups[::2], groups[1::2]):
        out += [f"  .text.tillward.{title} :", "  {"]
        out += [f"    *({section(name)})" for name in sorted(names)]
        out += ["  }"]
    out += ["}", "INSERT BEFORE .text;", ""]
    (Path(__file__).parent / "functions.ld").write_text("\n".join(out))


main()
