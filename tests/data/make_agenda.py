#!/usr/bin/env python3
"""Writes the demo agenda of IETF 92: assets/ietf92/agenda.json and extra.csv.

usage: make_agenda.py [--check]      (--check: compare with what is there, write nothing)

What is certain comes from published notes (see assets/ietf92/README.md); the rest of the
grid is filler and says so. The same table gives the same bytes.
"""
import csv
import io
import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent.parent / "assets" / "ietf92"
CDT = timezone(timedelta(hours=-5))

ROOMS = ["Royal", "Continental", "Far East", "Oak", "Parisian", "Venetian", "Gold",
         "International"]

# Slots: day of March, start, end.
SLOTS = {
    "mon1": (23, "09:00", "11:30"), "mon2": (23, "13:00", "15:00"),
    "mon3": (23, "15:20", "16:50"),
    "tue1": (24, "09:00", "11:30"), "tue2": (24, "13:00", "15:00"),
    "tue3": (24, "15:20", "17:00"), "tue4": (24, "17:30", "18:30"),
    "wed1": (25, "09:00", "11:30"), "wed2": (25, "13:00", "15:00"),
    "wed3": (25, "15:20", "16:20"),
    "thu1": (26, "09:00", "11:30"), "thu2": (26, "13:00", "15:00"),
    "thu3": (26, "15:20", "17:20"), "thu4": (26, "17:40", "18:40"),
    "fri1": (27, "09:00", "11:30"), "fri2": (27, "11:50", "13:20"),
}

AREAS = {"art": "Applications and Real-Time Area", "gen": "General Area",
         "int": "Internet Area", "irtf": "IRTF",
         "ops": "Operations and Management Area", "rtg": "Routing Area",
         "sec": "Security Area", "tsv": "Transport Area"}

GROUPS = {
    # acronym: (area, name)
    "6lo": ("int", "IPv6 over Networks of Resource-constrained Nodes"),
    "6man": ("int", "IPv6 Maintenance"),
    "6tisch": ("int", "IPv6 over the TSCH mode of IEEE 802.15.4e"),
    "abfab": ("sec", "Application Bridging for Federated Access Beyond web"),
    "ace": ("sec", "Authentication and Authorization for Constrained Environments"),
    "acme": ("sec", "Automated Certificate Management Environment"),
    "alto": ("tsv", "Application-Layer Traffic Optimization"),
    "anima": ("ops", "Autonomic Networking Integrated Model and Approach"),
    "appsawg": ("art", "Applications Area Working Group"),
    "aqm": ("tsv", "Active Queue Management and Packet Scheduling"),
    "avtcore": ("art", "Audio/Video Transport Core Maintenance"),
    "avtext": ("art", "Audio/Video Transport Extensions"),
    "bess": ("rtg", "BGP Enabled ServiceS"),
    "bfd": ("rtg", "Bidirectional Forwarding Detection"),
    "bier": ("rtg", "Bit Indexed Explicit Replication"),
    "bmwg": ("ops", "Benchmarking Methodology"),
    "ccamp": ("rtg", "Common Control and Measurement Plane"),
    "cdni": ("art", "Content Delivery Networks Interconnection"),
    "cfrg": ("irtf", "Crypto Forum"),
    "clue": ("art", "ControLling mUltiple streams for tElepresence"),
    "core": ("art", "Constrained RESTful Environments"),
    "dane": ("sec", "DNS-based Authentication of Named Entities"),
    "dhc": ("int", "Dynamic Host Configuration"),
    "dime": ("ops", "Diameter Maintenance and Extensions"),
    "dispatch": ("art", "Dispatch"),
    "dmm": ("int", "Distributed Mobility Management"),
    "dnsop": ("ops", "Domain Name System Operations"),
    "dnssd": ("int", "Extensions for Scalable DNS Service Discovery"),
    "dprive": ("int", "DNS PRIVate Exchange"),
    "dtn": ("tsv", "Delay/Disruption Tolerant Networking"),
    "ecrit": ("art", "Emergency Context Resolution with Internet Technologies"),
    "eppext": ("art", "Extensible Provisioning Protocol Extensions"),
    "gaia": ("irtf", "Global Access to the Internet for All"),
    "grow": ("ops", "Global Routing Operations"),
    "homenet": ("int", "Home Networking"),
    "httpauth": ("sec", "Hypertext Transfer Protocol Authentication"),
    "httpbis": ("art", "Hypertext Transfer Protocol"),
    "i2rs": ("rtg", "Interface to the Routing System"),
    "ianaplan": ("gen", "Planning for the IANA/NTIA Transition"),
    "iccrg": ("irtf", "Internet Congestion Control"),
    "icnrg": ("irtf", "Information-Centric Networking"),
    "idr": ("rtg", "Inter-Domain Routing"),
    "intarea": ("int", "Internet Area Working Group"),
    "ippm": ("tsv", "IP Performance Metrics"),
    "ipsecme": ("sec", "IP Security Maintenance and Extensions"),
    "irtfopen": ("irtf", "IRTF Open Meeting"),
    "isis": ("rtg", "IS-IS for IP Internets"),
    "jose": ("sec", "Javascript Object Signing and Encryption"),
    "kitten": ("sec", "Common Authentication Technology Next Generation"),
    "lime": ("ops", "Layer Independent OAM Management in the Multi-Layer Environment"),
    "lisp": ("rtg", "Locator/ID Separation Protocol"),
    "lmap": ("ops", "Large-Scale Measurement of Broadband Performance"),
    "lucid": ("art", "Locale-free Unicode Identifiers"),
    "lwig": ("int", "Light-Weight Implementation Guidance"),
    "manet": ("rtg", "Mobile Ad-hoc Networks"),
    "mboned": ("ops", "MBONE Deployment"),
    "mif": ("int", "Multiple Interfaces"),
    "mile": ("sec", "Managed Incident Lightweight Exchange"),
    "mmusic": ("art", "Multiparty Multimedia Session Control"),
    "mpls": ("rtg", "Multiprotocol Label Switching"),
    "mptcp": ("tsv", "Multipath TCP"),
    "netconf": ("ops", "Network Configuration"),
    "netmod": ("ops", "NETCONF Data Modeling Language"),
    "netvc": ("art", "Internet Video Codec"),
    "nfsv4": ("tsv", "Network File System Version 4"),
    "nfvrg": ("irtf", "Network Function Virtualization"),
    "nmrg": ("irtf", "Network Management"),
    "ntp": ("int", "Network Time Protocol"),
    "nvo3": ("rtg", "Network Virtualization Overlays"),
    "nwcrg": ("irtf", "Network Coding"),
    "oauth": ("sec", "Web Authorization Protocol"),
    "opsarea": ("ops", "Operations and Management Area Open Meeting"),
    "opsawg": ("ops", "Operations and Management Area Working Group"),
    "opsec": ("ops", "Operational Security Capabilities for IP Network Infrastructure"),
    "ospf": ("rtg", "Open Shortest Path First IGP"),
    "pals": ("rtg", "Pseudowire And LDP-enabled Services"),
    "payload": ("art", "Audio/Video Transport Payloads"),
    "pce": ("rtg", "Path Computation Element"),
    "pcp": ("int", "Port Control Protocol"),
    "pim": ("rtg", "Protocol Independent Multicast"),
    "precis": ("art", "Preparation and Comparison of Internationalized Strings"),
    "radext": ("ops", "RADIUS EXTensions"),
    "rmcat": ("tsv", "RTP Media Congestion Avoidance Techniques"),
    "roll": ("rtg", "Routing Over Low power and Lossy networks"),
    "rtcweb": ("art", "Real-Time Communication in WEB-browsers"),
    "rtgarea": ("rtg", "Routing Area Open Meeting"),
    "rtgwg": ("rtg", "Routing Area Working Group"),
    "saag": ("sec", "Security Area Open Meeting"),
    "sacm": ("sec", "Security Automation and Continuous Monitoring"),
    "scim": ("art", "System for Cross-domain Identity Management"),
    "sdnrg": ("irtf", "Software-Defined Networking"),
    "sfc": ("rtg", "Service Function Chaining"),
    "sidr": ("rtg", "Secure Inter-Domain Routing"),
    "sipcore": ("art", "Session Initiation Protocol Core"),
    "softwire": ("int", "Softwires"),
    "spring": ("rtg", "Source Packet Routing in Networking"),
    "spud": ("tsv", "Session Protocol Underneath Datagrams"),
    "stir": ("art", "Secure Telephone Identity Revisited"),
    "stox": ("art", "SIP-TO-XMPP"),
    "sunset4": ("int", "Sunsetting IPv4"),
    "t2trg": ("irtf", "Thing-to-Thing"),
    "taps": ("tsv", "Transport Services"),
    "tcpinc": ("tsv", "TCP Increased Security"),
    "tcpm": ("tsv", "TCP Maintenance and Minor Extensions"),
    "teas": ("rtg", "Traffic Engineering Architecture and Signaling"),
    "tictoc": ("int", "Timing over IP Connection and Transfer of Clock"),
    "tls": ("sec", "Transport Layer Security"),
    "tram": ("tsv", "TURN Revised and Modernized"),
    "trans": ("sec", "Public Notary Transparency"),
    "trill": ("int", "Transparent Interconnection of Lots of Links"),
    "tsvarea": ("tsv", "Transport Area Open Meeting"),
    "tsvwg": ("tsv", "Transport Area Working Group"),
    "tzdist": ("art", "Time Zone Data Distribution Service"),
    "urnbis": ("art", "Uniform Resource Names, Revised"),
    "uta": ("art", "Using TLS in Applications"),
    "v6ops": ("ops", "IPv6 Operations"),
    "webpush": ("art", "Web-Based Push Notifications"),
    "xmpp": ("art", "Extensible Messaging and Presence Protocol"),
    "xrblock": ("art", "Metric Blocks for use with RTCP's Extended Report Framework"),
}
BOFS = {"acme", "lucid", "spud", "netvc"}

# One row for each slot, one group for each room in the order of ROOMS; "-" is an empty room.
GRID = {
    "mon1": "i2rs netmod dprive ipsecme avtcore tcpm core 6man",
    "mon2": "radext 6tisch sidr dane rtcweb ippm bess v6ops",
    "mon3": "lwig trans xmpp abfab mmusic iccrg isis nvo3",
    "tue1": "pce netmod homenet kitten appsawg sfc gaia mpls",
    "tue2": "anima ospf ace lmap clue tsvwg httpbis 6lo",
    "tue3": "mboned spring dnsop jose payload cdni nfvrg idr",
    "tue4": "bmwg lime precis httpauth avtext dtn urnbis softwire",
    "wed1": "dime mpls rmcat spud rtcweb dispatch tictoc rtgarea",
    "wed2": "trill netconf roll acme scim tls taps v6ops",
    "wed3": "grow bfd mile lucid netvc pcp icnrg nvo3",
    "thu1": "dhc ccamp tram oauth core idr ianaplan tsvarea",
    "thu2": "6tisch rtgwg sacm stir nmrg opsawg saag intarea",
    "thu3": "opsec alto uta aqm cfrg teas sipcore irtfopen",
    "thu4": "sunset4 lisp tcpinc eppext xrblock stox dnssd pals",
    "fri1": "pim dmm webpush nfsv4 ecrit mptcp ntp manet",
    "fri2": "anima opsarea tzdist nwcrg bier mif sdnrg xrblock",
}
ROOM_OF = {  # (slot, group): the row above gives the order only; these are held in place
    ("wed1", "spud"): "Parisian", ("wed2", "acme"): "Parisian", ("wed3", "lucid"): "Parisian",
}

CERTAIN = "certain"
KNOWN = {  # (slot, group): what is known of it; all others are filler
    ("mon1", "netmod"): "certain, room assumed", ("mon1", "6man"): "time derived, room assumed",
    ("mon2", "radext"): "half-day known, slot and room assumed",
    ("mon2", "6tisch"): "day known, slot and room assumed",
    ("mon3", "nvo3"): CERTAIN,
    ("tue1", "netmod"): "certain, room assumed", ("tue2", "httpbis"): "certain, room assumed",
    ("tue3", "dnsop"): "half-day known, slot and room assumed",
    ("tue2", "anima"): "day and length known, slot and room assumed",
    ("tue4", "lime"): "start known, end and room assumed",
    ("wed1", "dime"): "time derived, room assumed",
    ("wed2", "trill"): "start derived, room assumed",
    ("wed3", "nvo3"): CERTAIN, ("wed3", "grow"): "half-day known, slot and room assumed",
    ("wed3", "bfd"): "day known, slot and room assumed",
    ("wed2", "acme"): "day announced, slot and room assumed",
    ("wed3", "lucid"): "day announced, slot and room assumed",
    ("wed1", "spud"): "day announced, slot and room assumed",
    ("thu3", "alto"): "start and room certain, end assumed",
    ("thu1", "dhc"): "day known, slot and room assumed",
    ("thu4", "sunset4"): "day known, slot and room assumed",
    ("thu2", "6tisch"): "day known, slot and room assumed",
    ("fri2", "anima"): "day, length and last slot known, room assumed",
}
# The whole row is as published: time and place, so it is no filler.
IS_FACT = {("mon3", "nvo3"), ("wed3", "nvo3"), ("thu3", "alto")}

NOTES = {("tue3", "nfvrg"): "Joint with SDNRG", ("wed1", "mpls"): "Second session",
         ("tue2", "httpbis"): "Bring your HTTP/2 interop notes",
         ("thu1", "tsvarea"): "Short talks on SEMI, SPUD and HOPS"}
CANCELED = {("thu4", "stox")}
MOVED = {("thu4", "xrblock")}  # what stays at the old place, as the datatracker does it


def instant(day, clock):
    h, m = map(int, clock.split(":"))
    return datetime(2015, 3, day, h, m, tzinfo=CDT).astimezone(timezone.utc)


def duration(start, end):
    minutes = int((end - start).total_seconds()) // 60
    return f"{minutes // 60}:{minutes % 60:02d}:00"


class Agenda:
    def __init__(self):
        self.entries = []
        self.number = 92000

    def add(self, day, start, end, room, group, certainty, **more):
        self.number += 1
        area, name = GROUPS.get(group, ("", more.pop("group_name", "")))
        begin, finish = instant(day, start), instant(day, end)
        kind = more.pop("group_type", "rg" if area == "irtf" else "wg")
        entry = {
            "objtype": "session", "id": self.number + 100000, "session_id": self.number,
            "session_res_uri": f"/api/v1/meeting/session/{self.number}/",
            "name": more.pop("name", name),
            "group": {"acronym": group, "name": name, "type": kind, "state": "active"},
            "is_bof": group in BOFS, "start": begin.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "duration": duration(begin, finish), "location": room, "status": "sched",
            "modified": "2015-03-20T12:00:00Z", "certainty": certainty,
        }
        if area:
            entry["group"]["parent"] = area
        if group in BOFS:
            entry["group"]["state"] = "bof"
        entry.update(more)
        self.entries.append(entry)

    def add_grid(self):
        for slot, row in GRID.items():
            groups = row.split()
            held = {g: ROOM_OF[(slot, g)] for g in groups if (slot, g) in ROOM_OF}
            free = [r for r in ROOMS if r not in held.values()]
            placed = dict(held)
            for room, group in zip(ROOMS, groups):  # keep one's own room where one can
                if group not in placed and room in free:
                    placed[group] = room
                    free.remove(room)
            for group in groups:
                if group not in placed:
                    placed[group] = free.pop(0)
            for group in sorted(placed, key=lambda g: ROOMS.index(placed[g])):
                self.add_slot(slot, group, placed[group])

    def add_slot(self, slot, group, room):
        key = (slot, group)
        more = {}
        if key not in IS_FACT:
            more["filler"] = True
        if key in NOTES:
            more["agenda_note"] = NOTES[key]
        if key in CANCELED:
            more["status"] = "canceled"
        if key in MOVED:
            more["status"] = "resched"
        day, start, end = SLOTS[slot]
        self.add(day, start, end, room, group, KNOWN.get(key, "filler"), **more)


def make_agenda():
    a = Agenda()
    # As published, kept though the public never sees them.
    a.add(20, "13:00", "21:00", "Brasserie", "secretariat", "certain (off-agenda)",
          type="offagenda", name="Hackathon: Setup", group_type="ietf")
    a.add(21, "09:30", "18:00", "Brasserie", "tools", "announced", name="Code Sprint",
          group_name="The Tools Team", group_type="team")
    a.add(21, "09:00", "18:00", "Far East", "t2trg", "days announced, times and room assumed",
          filler=True)
    a.add(22, "09:00", "15:00", "Far East", "t2trg", "days announced, times and room assumed",
          filler=True)
    a.add(22, "09:00", "17:00", "Royal", "icnrg", "certain (off-agenda)", type="offagenda")
    a.add(22, "10:00", "12:00", "Gold", "iepg", "filler", name="IEPG Meeting",
          group_name="IEPG", group_type="ietf", filler=True)
    a.add(23, "18:50", "19:50", "Royal", "secretariat", "certain (off-agenda)",
          type="offagenda", name="Captive Portal Bar BOF", group_type="ietf")
    a.add_grid()
    entries = a.entries + [{"objtype": "parent", "id": n + 1, "name": k, "description": v,
                            "modified": "2015-03-20T12:00:00Z"}
                           for n, (k, v) in enumerate(sorted(AREAS.items()))]
    return json.dumps({"92": entries}, indent=1, sort_keys=True) + "\n"


LOUNGE, DESK = "Regency Ballroom", "Regency Foyer"
EXTRA = [
    # date, start, end, room, acronym, type, description, note, filler
    (21, "0900", "1900", LOUNGE, "hackathon", "other", "Hackathon", "Sponsored by Cisco", "yes"),
    (22, "0900", "1600", LOUNGE, "hackathon", "other", "Hackathon", "Sponsored by Cisco", "yes"),
    (22, "1100", "1900", DESK, "", "reg", "IETF Registration", "", "yes"),
    (22, "1230", "1420", "Parisian", "edu", "TEAM", "Newcomers' Tutorial",
     "Open to everyone", "yes"),
    (22, "1230", "1420", "Venetian", "edu", "TEAM", "YANG Advice and Editing Session", "", "yes"),
    (22, "1500", "1650", "Venetian", "edu", "TEAM", "Tools for Creating Internet-Drafts Tutorial",
     "", "yes"),
    (22, "1500", "1650", "Gold", "edu", "TEAM", "Introduction to the Constrained Web Tutorial",
     "", "yes"),
    (22, "1600", "1700", "Garden Terrace Level", "edu", "TEAM", "Newcomers' Meet and Greet",
     "Newcomers and working group chairs", "yes"),
    (22, "1700", "1900", LOUNGE, "", "other", "Welcome Reception", "", "yes"),
]
for d in range(23, 28):
    close = "1100" if d == 27 else "1800" if d < 26 else "1700"
    EXTRA += [(d, "0800", close, DESK, "", "reg", "IETF Registration", "", "yes"),
              (d, "0800", "0900", LOUNGE, "", "break", "Beverages and Continental Breakfast", "",
               "yes")]
    if d < 27:
        EXTRA += [(d, "1130", "1300", LOUNGE, "", "break", "Lunch Break", "On your own", "yes"),
                  (d, "1500", "1520", LOUNGE, "", "break", "Beverage and Snack Break", "", "yes")]
    else:
        EXTRA += [(d, "1130", "1150", LOUNGE, "", "break", "Beverage Break", "", "yes")]
EXTRA += [
    (23, "1710", "1840", "International", "iab", "plenary", "Technical Plenary",
     "Smart objects and the Internet of Things", "yes"),
    (24, "1900", "2230", "", "", "other", "Social Event", "Reunion Tower, with a ticket", "yes"),
    (25, "1640", "1910", "International", "iesg", "plenary",
     "IETF Operations and Administration Plenary", "With a CodeMatch update and demo", "yes"),
    (26, "1900", "2100", LOUNGE, "", "other", "Bits-n-Bites",
     "With Huawei, Comcast, Verisign and A10 Networks", "yes"),
]


def make_extra():
    out = io.StringIO()
    w = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    w.writerow(["Date", "Start", "End", "Session", "Room", "Area", "Acronym", "Type",
                "Description", "Session ID", "Status", "Expected attendees", "Note", "Filler"])
    for day, start, end, room, acronym, kind, name, note, filler in sorted(EXTRA):
        letter = {"reg": "r", "break": "b", "plenary": "p"}.get(kind, "x")
        place = room[:1].lower() if kind == "TEAM" else ""  # tutorials run side by side
        w.writerow([f"2015-03-{day}", start, end, name, room, "", acronym, kind, name,
                    f"{letter}{day}{start}{place}", "sched", "", note, filler])
    return out.getvalue()


def main():
    is_check = sys.argv[1:] == ["--check"]
    stale = 0
    for name, text in (("agenda.json", make_agenda()), ("extra.csv", make_extra())):
        path = OUT / name
        if not is_check:
            path.write_text(text, encoding="utf-8", newline="")
        elif not path.exists() or path.read_bytes() != text.encode():
            print(f"{path}: differs from what tests/data/make_agenda.py makes")
            stale = 1
    sys.exit(stale)


main()
