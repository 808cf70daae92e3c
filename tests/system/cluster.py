#!/usr/bin/env python3
"""Two hubs on one PostgreSQL log of three nodes, twenty kiosks under load, and what breaks.

usage: cluster.py BUILD_DIR [SEED]
Starts three PostgreSQL nodes with Patroni and three etcd on the loopback, two hubs and twenty
kiosks, all real processes. First with synchronous replication: the primary's node is killed, a
hub is killed, a backup of the database is put back. Then with asynchronous replication: the
primary is killed with commits that no other node has; then primary and both hubs are killed
and the hubs lose their mirrors, so that only kiosks hold what the fail-over lost.

An admission counts as acknowledged when it was seen in a hub's log, as shown when a kiosk
turned green. It prints for each event how long writes stood still and what PostgreSQL lost. In
the end every admission must be in the log, once; facts that only a hub had said and nobody had
pulled are counted and named, as that hub's own status had named them before. Ends non-zero
when anything else is missing or the mirrors and kiosks do not agree.
"""
import atexit
import collections
import glob
import http.client
import json
import os
import pwd
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import kit
import procs

NODES = (1, 2, 3)
TTL_S = 20          # Patroni's: a dead primary is missed after that
FAILOVER_S = 120
REJOIN_S = 120
SETTLE_S = 180
CALM_S = 4          # of load before each event
CHANNELS = procs.CHANNELS


def say(text):
    print(f"cluster: {text}", flush=True)


def children(pid):
    """Of a process: its children's pids and command lines."""
    found = {}
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            stat = Path(path).read_text()
            words = Path(path).with_name("cmdline").read_bytes()
        except OSError:
            continue
        if int(stat.rsplit(")", 1)[1].split()[1]) == pid:
            found[int(path.split("/")[2])] = words.replace(b"\0", b" ").decode(errors="replace")
    return found


def signal_all(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


class Node:
    """One PostgreSQL with its Patroni."""

    def __init__(self, cluster, i):
        self.cluster, self.i, self.name = cluster, i, f"n{i}"
        self.port, self.rest = kit.free_port(), kit.free_port()
        self.data = cluster.dir / f"d{i}"
        self.process = None

    def config(self):
        c = self.cluster
        local = f"127.0.0.1:{self.port}"
        hba = [f"host {what} all 127.0.0.1/32 trust" for what in ("all", "replication")]
        return {
            "scope": "foyer", "name": self.name,
            "restapi": {"listen": f"127.0.0.1:{self.rest}",
                        "connect_address": f"127.0.0.1:{self.rest}"},
            "etcd3": {"hosts": ",".join(f"127.0.0.1:{p}" for p, _ in c.etcd_ports)},
            "bootstrap": {
                "dcs": {"ttl": TTL_S, "loop_wait": 5, "retry_timeout": 5,
                        "maximum_lag_on_failover": 64 << 20, "synchronous_mode": True,
                        "postgresql": {"use_pg_rewind": True, "use_slots": True}},
                "initdb": ["data-checksums", {"encoding": "UTF8"}, {"locale": "C.UTF-8"}],
                "pg_hba": hba},
            "postgresql": {
                "listen": local, "connect_address": local, "data_dir": str(self.data),
                "bin_dir": c.bin, "pgpass": str(c.dir / f"pgpass{self.i}"), "pg_hba": hba,
                "authentication": {who: {"username": name} for who, name in (
                    ("superuser", "postgres"), ("replication", "replicator"),
                    ("rewind", "rewinder"))},
                "parameters": {"unix_socket_directories": str(c.dir), "max_connections": 60,
                               "shared_buffers": "32MB"}},
        }

    def launch(self):
        path = self.cluster.dir / f"{self.name}.yml"
        path.write_text(json.dumps(self.config()))  # JSON is YAML
        self.process = self.cluster.work.start(
            self.name, *self.cluster.as_user, "patroni", path, env={"LC_ALL": "C.UTF-8"})

    def ask(self, path, method="GET", body=None):
        """HTTP status of Patroni's REST API; None when it does not answer."""
        try:
            c = http.client.HTTPConnection("127.0.0.1", self.rest, timeout=2)
            c.request(method, path, body and json.dumps(body))
            return c.getresponse().status
        except OSError:
            return None

    def postmaster(self):
        try:
            return int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None

    def kill(self):
        """-9: Patroni first, or it would start the server again."""
        if self.process and self.process.poll() is None:
            self.cluster.work.end(self.process, signal.SIGKILL)
        pid = self.postmaster()
        if pid and self.is_postgres(pid):
            signal_all([pid, *children(pid)], signal.SIGKILL)
            kit.wait_until(lambda: not Path(f"/proc/{pid}").exists() or self.is_zombie(pid),
                           f"{self.name} is dead")

    @staticmethod
    def is_postgres(pid):
        try:
            return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False

    @staticmethod
    def is_zombie(pid):
        try:
            return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
        except OSError:
            return True

    def wal_senders(self):
        return [pid for pid, words in children(self.postmaster()).items()
                if "walsender" in words]


class Cluster:
    """Three nodes, three etcd, as user postgres when we are root."""

    def __init__(self, work):
        self.work = work
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"))
        if not found or not shutil.which("patroni") or not shutil.which("etcd"):
            raise kit.Failed("postgresql, patroni and etcd-server are needed: ./run cluster")
        self.bin = os.path.dirname(found[-1])
        self.dir = Path(tempfile.mkdtemp(prefix="foyer-cluster-"))
        self.as_user = []
        if os.getuid() == 0:
            who = pwd.getpwnam("postgres")
            os.chown(self.dir, who.pw_uid, who.pw_gid)
            self.as_user = ["setpriv", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}",
                            "--clear-groups", "--"]
        self.etcd_ports = [(kit.free_port(), kit.free_port()) for _ in NODES]
        self.nodes = [Node(self, i) for i in NODES]
        atexit.register(self.finish)
        os.chdir(self.dir)

    @property
    def url(self):
        hosts = ",".join(f"127.0.0.1:{n.port}" for n in self.nodes)
        return f"postgresql://foyer@{hosts}/foyer?connect_timeout=2"

    def finish(self):
        for node in self.nodes:
            node.kill()
        if not self.work.keep:
            shutil.rmtree(self.dir, ignore_errors=True)

    def start_etcd(self):
        peers = ",".join(f"e{i}=http://127.0.0.1:{p}"
                         for i, (_, p) in zip(NODES, self.etcd_ports))
        for i, (client, peer) in zip(NODES, self.etcd_ports):
            urls = [f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"]
            self.work.start(
                f"e{i}", *self.as_user, "etcd", "--name", f"e{i}", "--data-dir",
                self.dir / f"e{i}", "--listen-client-urls", urls[0], "--advertise-client-urls",
                urls[0], "--listen-peer-urls", urls[1], "--initial-advertise-peer-urls", urls[1],
                "--initial-cluster", peers, "--heartbeat-interval", "100",
                "--election-timeout", "1000")

    def start(self):
        self.start_etcd()
        for node in self.nodes:
            node.launch()
        kit.wait_until(lambda: all(n.ask("/health") == 200 for n in self.nodes),
                       "all three nodes are up", REJOIN_S)
        self.wait_streaming()
        self.sql("CREATE ROLE foyer LOGIN", base="postgres")
        self.sql("CREATE DATABASE foyer OWNER foyer", base="postgres")
        for node in self.nodes:  # a replica that lacks it would end a client's search
            kit.wait_until(lambda n=node: self.psql(n, "foyer", "SELECT 1", ok=False),
                           f"{node.name} has the database")

    def primary(self):
        for node in self.nodes:
            if node.ask("/primary") == 200:
                return node
        return None

    def psql(self, node, base, text, ok=True):
        return kit.run(f"{self.bin}/psql", "-h", "127.0.0.1", "-p", node.port, "-U", "postgres",
                       "-d", base, "-qAtc", text, ok=ok).strip()

    def sql(self, text, base="foyer", ok=True):
        node = kit.wait_until(self.primary, "there is a primary", FAILOVER_S)
        return self.psql(node, base, text, ok)

    def wait_streaming(self, sync=None):
        """Without its replicas a primary that dies has no successor."""
        want = "2" if sync is None else "2 1" if sync else "2 0"
        ask = "SELECT count(*)" + ("" if sync is None else
                                   " || ' ' || count(*) FILTER (WHERE sync_state = 'sync')")
        kit.wait_until(
            lambda: self.sql(ask + " FROM pg_stat_replication WHERE state = 'streaming'",
                             base="postgres", ok=False) == want,
            f"both replicas stream (synchronous: {sync})", REJOIN_S)

    def set_synchronous(self, is_on):
        node = self.primary()
        if node.ask("/config", "PATCH", {"synchronous_mode": is_on}) != 200:
            raise kit.Failed("Patroni does not take another replication mode")
        self.wait_streaming(sync=is_on)

    def dump(self, path):
        node = self.primary()
        kit.run(f"{self.bin}/pg_dump", "-h", "127.0.0.1", "-p", node.port, "-U", "postgres",
                "--clean", "--if-exists", "-f", path, "foyer")

    def restore(self, path):
        node = self.primary()
        kit.run(f"{self.bin}/psql", "-h", "127.0.0.1", "-p", node.port, "-U", "postgres", "-d",
                "foyer", "-q1", "-v", "ON_ERROR_STOP=1", "-c", "SET lock_timeout = '60s'", "-c",
                # the hubs lock it first as well
                "LOCK TABLE foyer_head IN ACCESS EXCLUSIVE MODE", "-f", path, limit_s=120)


class Watch(threading.Thread):
    """Looks at the hubs all the time: when their log moved, and which admissions are in it."""

    def __init__(self, hubs):
        super().__init__(daemon=True)
        self.hubs = hubs
        self.is_ended = threading.Event()
        self.lock = threading.Lock()
        self.moves = []         # when the log of a hub was another than before
        self.heads = [0] * len(hubs)
        self.acknowledged = set()
        self.after = [0] * len(hubs)
        self.asking = threading.Lock()
        self.down = set()       # hubs not to be asked: a verb would open their directory


    @staticmethod
    def read_head(hub):
        try:
            with urllib.request.urlopen(f"{hub.url}/metrics", timeout=1) as r:
                return int(re.search(rb"^foyer_log_head (\d+)", r.read(), re.M).group(1))
        except (OSError, AttributeError, ValueError, http.client.HTTPException):
            return None

    def read_admissions(self, i):
        """Those that came since, and some before: numbers may have changed."""
        try:
            text = self.hubs[i].verb("dump", "--kind", "admit", "--after", self.after[i],
                                     ok=False, limit_s=10)
        except kit.Failed:
            return
        facts = []
        for line in text.splitlines():
            try:
                facts.append(json.loads(line))
            except ValueError:
                return
        with self.lock:
            self.acknowledged.update(f["fact"] for f in facts)
        if facts:
            self.after[i] = max(0, facts[-1]["seq"] - 300)

    def run(self):
        following = 0
        while not self.is_ended.wait(0.04):
            for i, hub in enumerate(self.hubs):
                head = self.read_head(hub)
                if head is not None and head != self.heads[i]:
                    self.heads[i] = head
                    with self.lock:
                        self.moves.append(time.monotonic())
            if time.monotonic() > following:
                following = time.monotonic() + 0.4
                with self.asking:
                    for i, hub in enumerate(self.hubs):
                        if hub.name not in self.down:
                            self.read_admissions(i)

    def leave(self, *hubs):
        with self.asking:
            self.down.update(h.name for h in hubs)

    def meet(self, *hubs):
        with self.asking:
            self.down.difference_update(h.name for h in hubs)

    def count(self):
        with self.lock:
            return len(self.acknowledged)

    def longest_rest(self, since):
        """The longest time from `since` on in which no hub's log moved."""
        with self.lock:
            times = [since, *(t for t in self.moves if t >= since), time.monotonic()]
        return max(b - a for a, b in zip(times, times[1:]))

    def wait_moves(self, since, seconds, what):
        """Until the log has moved again for so long without a pause."""
        def is_calm():
            with self.lock:
                recent = [t for t in self.moves if t > time.monotonic() - seconds]
            gaps = [b - a for a, b in zip(recent, recent[1:])]
            return time.monotonic() - since > seconds and len(recent) > 3 and max(gaps) < 1.5
        kit.wait_until(is_calm, what, FAILOVER_S)


class Fleet:
    def __init__(self, work, cluster):
        self.work, self.cluster = work, cluster
        self.hubs = [kit.Hub(work, now=procs.EVENING, name=f"hub{i}") for i in (1, 2)]
        one, two = self.hubs
        one.verb("init", "--log", cluster.url)
        one.import_demo()
        two.dir.mkdir()
        self.join(two)
        self.kiosks = []
        for role, gate, n in procs.PLACES:
            for i in range(n):
                self.add(f"{gate} {i + 1}", role, gate)
        self.is_named_alone = collections.Counter()

    def join(self, hub):
        """What an operator does: the first hub's keys, and init."""
        keys = self.work.dir / "keys"
        if not keys.exists():
            keys.mkdir()
            for name in ("root.key", "ticket.key", "import.secret"):
                shutil.copy(self.hubs[0].dir / name, keys)
        for path in keys.iterdir():
            shutil.copy(path, hub.dir)
        kit.wait_until(  # a new primary may not take writes at once
            lambda: "joined" in hub.verb("init", "--log", self.cluster.url, ok=False),
            f"{hub.name} joins", FAILOVER_S)

    def add(self, title, role, gate):
        at = len(self.kiosks) % 2
        kiosk = kit.Kiosk(self.work, title, role, self.hubs[at], gate=gate, now=procs.EVENING,
                          size="800x480")
        kiosk.green = self.work.dir / f"{kiosk.name}-green"
        kiosk.options = ["--hub", f"{self.hubs[at].url},{self.hubs[1 - at].url}", "--green-log",
                         kiosk.green]
        self.kiosks.append(kiosk)

    def start(self):
        for hub in self.hubs:
            hub.start()
        for kiosk in self.kiosks:
            kiosk.enrol()
            kiosk.launch()
        for kiosk in self.kiosks:
            kit.wait_until(kiosk.is_up, f"{kiosk.name} takes commands", 90)
            kiosk.do("wait people 600 90000", "wait sent 90000", limit_s=190)

    def cuts(self):
        """For each hub, by how many facts the database had less than it, each time."""
        found = []
        for hub in self.hubs:
            text = (self.work.dir / f"{hub.name}.log").read_text("utf-8", "replace")
            found.append([int(b) - int(a) for a, b in re.findall(
                r"parts from it after (\d+) of (\d+)", text)])
        return found


class Run:
    def __init__(self, work, seed):
        self.work = work
        self.cluster = Cluster(work)
        say("starting three PostgreSQL nodes, three etcd")
        began = time.monotonic()
        self.cluster.start()
        say(f"both replicas stream after {time.monotonic() - began:.1f} s")
        self.fleet = Fleet(work, self.cluster)
        self.fleet.start()
        self.watch = Watch(self.fleet.hubs)
        self.watch.start()
        crowd = procs.Crowd(random.Random(seed), 240)
        self.scanners = [procs.Scanner(k, crowd, seed + i)
                         for i, k in enumerate(self.fleet.kiosks)]
        for scanner in self.scanners:
            scanner.start()
        say("two hubs, twenty kiosks, people come")
        self.alone = collections.Counter()  # what a hub's status named before it was lost

    def calm(self):
        self.watch.wait_moves(time.monotonic(), CALM_S, "writes go on")

    def event(self, name, what, after=None):
        """Something happens; returns when writes go on, and says what it cost."""
        self.calm()
        known, cuts = self.watch.count(), self.fleet.cuts()
        began = time.monotonic()
        what()
        self.watch.wait_moves(began, CALM_S, f"{name}: writes go on")
        stood = self.watch.longest_rest(began)
        lost = [n for now, was in zip(self.fleet.cuts(), cuts) for n in now[len(was):]]
        say(f"{name}: {known} admissions acknowledged before; writes stood still {stood:.1f} s"
            + (f"; the database came back with {max(lost)} facts less than a hub had" if lost
               else ""))
        if after:
            after()

    # ---- events -------------------------------------------------------------------------

    def kill_primary(self):
        self.dead = self.cluster.primary()
        self.dead.kill()
        kit.wait_until(self.cluster.primary, "another node is the primary", FAILOVER_S)

    def kill_primary_ahead(self):
        """Nothing reaches the replicas any more, commits go on, then it dies."""
        node = self.cluster.primary()
        before = self.watch.count()
        signal_all(node.wal_senders(), signal.SIGSTOP)
        kit.wait_until(lambda: self.watch.count() >= before + 20,
                       "commits go on that only the primary has", 60)
        self.kill_primary()

    def kill_replica(self):
        """The one that commits wait for."""
        name = self.cluster.sql("SELECT application_name FROM pg_stat_replication WHERE"
                                " sync_state = 'sync'", base="postgres")
        self.dead = next(n for n in self.cluster.nodes if n.name == name)
        self.dead.kill()

    def revive_node(self):
        self.dead.launch()
        self.cluster.wait_streaming()

    def kill_hub(self):
        hub = self.fleet.hubs[0]
        self.watch.leave(hub)
        self.work.end(hub.process, signal.SIGKILL)

    def revive_hub(self):
        self.fleet.hubs[0].start()
        self.watch.meet(self.fleet.hubs[0])

    def take_backup(self):
        self.backup = self.work.dir / "foyer.sql"
        self.cluster.dump(self.backup)

    def put_backup_back(self):
        self.cluster.restore(self.backup)

    def kill_machine_room(self):
        """The primary and both hubs with their mirrors, at once. Two notices were said in the
        last moment, when no kiosk and no other hub could take them."""
        one, two = self.fleet.hubs
        node = self.cluster.primary()
        before = self.watch.count()
        signal_all(node.wal_senders(), signal.SIGSTOP)
        kit.wait_until(lambda: self.watch.count() >= before + 20,
                       "commits go on that only the primary has", 60)
        kiosks = [k.process.pid for k in self.fleet.kiosks]
        self.watch.leave(one, two)
        signal_all([*kiosks, two.process.pid], signal.SIGSTOP)
        self.last_words(one)
        self.work.end(one.process, signal.SIGKILL)
        self.work.end(two.process, signal.SIGKILL)
        for hub in (one, two):
            for path in hub.dir.glob("store.db*"):
                path.unlink()
        self.kill_primary()
        for hub in (one, two):
            self.fleet.join(hub)
            hub.start()
        gone = self.watch.acknowledged - set(self.read_log(two))
        say(f"the hubs are back from the database: {len(gone)} acknowledged admissions are gone,"
            " only kiosks have them")
        if not gone:
            raise kit.Failed("nothing was lost, so there is nothing to heal")
        signal_all(kiosks, signal.SIGCONT)
        self.watch.meet(one, two)

    @staticmethod
    def read_log(hub):
        """Every admission in a hub's log, how often."""
        held, after = collections.Counter(), 0
        while True:
            lines = hub.verb("dump", "--kind", "admit", "--after", after).splitlines()
            if not lines:
                return held
            facts = [json.loads(line) for line in lines]
            held.update(f["fact"] for f in facts)
            after = facts[-1]["seq"]

    def last_words(self, hub):
        for text in ("Lost one", "Lost two"):
            hub.verb("announce", text)
        text = hub.verb("status")
        line = re.search(r"(\d+) facts saved, not yet replicated: (.*)", text)
        if not line:
            raise kit.Failed(f"status does not name what only it holds: {text}")
        self.alone.update({k: int(n) for k, n in
                           re.findall(r"(\S+) (\d+)(?:,|$)", line.group(2))})
        say("status of that hub: saved, not yet replicated: " +
            ", ".join(f"{k} {n}" for k, n in sorted(self.alone.items())))

    # ---- the end ------------------------------------------------------------------------

    def settle(self):
        """All is well: all is sent, everybody holds the same."""
        for scanner in self.scanners:
            scanner.is_ended.set()
        for kiosk in self.fleet.kiosks:
            kiosk.do(f"wait sent {SETTLE_S}000", limit_s=SETTLE_S + 10)
        def agree():
            heads = [{c: h.verify()[c] for c in CHANNELS} for h in self.fleet.hubs]
            if heads[0] != heads[1]:
                return False
            for kiosk in self.fleet.kiosks:
                if not kiosk.verify().items() >= heads[0].items():
                    return False
            return heads[0]
        return kit.wait_until(agree, "two hubs and twenty kiosks hold the same", SETTLE_S)

    def judge(self):
        held = self.read_log(self.fleet.hubs[1])
        shown = {line.split()[0] for k in self.fleet.kiosks for line in kit.whole_lines(k.green)}
        acknowledged = self.watch.acknowledged
        lost = {"acknowledged": acknowledged - set(held), "shown": shown - set(held)}
        doubled = [ref for ref, n in held.items() if n > 1]
        notices = self.fleet.hubs[1].verb("dump", "--kind", "notice")
        missing = 2 - sum(text in notices for text in ("Lost one", "Lost two"))
        say(f"{len(acknowledged)} admissions acknowledged, {len(shown)} shown green, "
            f"{len(held)} in the log; lost: {len(lost['acknowledged'])} acknowledged, "
            f"{len(lost['shown'])} shown; {len(doubled)} doubled")
        say(f"said by a hub and pulled by nobody, gone with it: {missing} notices; its status "
            f"had named {self.alone['notice']}")
        wrong = [f"lost, {k}: {sorted(v)[:5]}" for k, v in lost.items() if v]
        if doubled:
            wrong.append(f"twice in the log: {doubled[:5]}")
        if missing > self.alone["notice"]:
            wrong.append("more notices are gone than the status had named")
        if len(acknowledged) < 100:
            wrong.append("too few admissions to say anything")
        return wrong

    def run(self):
        say("---- synchronous replication")
        self.cluster.wait_streaming(sync=True)
        self.event("primary's node killed", self.kill_primary, self.revive_node)
        self.event("synchronous replica killed", self.kill_replica, self.revive_node)
        self.event("hub killed", self.kill_hub, self.revive_hub)
        self.calm()
        self.take_backup()
        self.event("backup of the database put back", self.put_backup_back)
        say("---- asynchronous replication")
        self.cluster.set_synchronous(False)
        self.event("primary's node killed ahead of its replicas", self.kill_primary_ahead,
                   self.revive_node)
        self.event("primary and both hubs killed, mirrors gone", self.kill_machine_room)
        head = self.settle()
        say("two hubs and twenty kiosks verify to the same: " +
            ", ".join(f"{c} {n} facts {h}" for c, (n, h) in head.items()))
        return self.judge()

    def stop(self):
        self.watch.is_ended.set()
        self.watch.join()
        for kiosk in self.fleet.kiosks:
            kiosk.stop()
        for hub in self.fleet.hubs:
            hub.stop()


def main():
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 32)
    say(f"seed {seed}")
    began = time.monotonic()
    run = Run(kit.Work(Path(sys.argv[1]).resolve(), keep="FOYER_KEEP" in os.environ), seed)
    wrong = run.run()
    run.stop()
    say(f"{time.monotonic() - began:.0f} s")
    if wrong:
        sys.exit(f"cluster: seed {seed}: " + "; ".join(wrong))


if __name__ == "__main__":
    try:
        main()
    except kit.Failed as e:
        sys.exit(f"cluster: {e}")
